package explore

import (
	"maps"
	"slices"
)

// pairs returns a scenario for every two roles, at each beginning that one of them
// needs and that makes sense for both.
func pairs() (all []scenario) {
	names := slices.Sorted(maps.Keys(roles))
	for i, a := range names {
		for _, b := range names[i:] {
			if a == "move" && b == "stray" { // On SQLite nobody writes past the store.
				continue
			}
			for _, beginning := range shared(roles[a], roles[b]) {
				all = append(all, scenario{beginning, []string{a, b}})
			}
		}
	}
	return all
}

// shared returns the beginnings for two roles: who creates does it anywhere, who acts
// on the second organization can do it beside those who act on the first.
func shared(a, b role) (all []string) {
	for _, beginning := range slices.Concat(a.needs, b.needs) {
		if beginning == "empty" && !(only(a, "empty") && only(b, "empty")) ||
			beginning == "live" && (slices.Contains(a.needs, "two") || slices.Contains(b.needs, "two")) ||
			slices.Contains(all, beginning) {
			continue
		}
		all = append(all, beginning)
	}
	if slices.Contains([]string{a.name, b.name}, "reconcile") && slices.Contains(all, "kept") {
		all = append(all, "due")
	}
	return all
}

// only reports whether the role needs nothing else.
func only(r role, beginning string) bool {
	return len(r.needs) == 0 || len(r.needs) == 1 && r.needs[0] == beginning
}

// triples returns the scenarios of three that matter.
func triples() (all []scenario) {
	for _, text := range []string{
		"empty: create, create, reconcile",
		"empty: create, create-slug, abort",
		"empty: create, abort, reconcile",
		"empty: create-keyed, create-keyed, reconcile",
		"live: update, create-target, reconcile",
		"live: update, abort, reconcile",
		"live: update, delete, create",
		"live: update, retire, restore",
		"live: delete, retire, restore",
		"live: rename, rename-else, reconcile",
		"live: rename, stray, reconcile",
		"live: update, reconcile, reconcile",
		"live: update, suspend, reconcile",
		"live: update-email, login, reconcile",
		"live: update-email, create, abort",
		"live: delete, create, reconcile",
		"live: delete, create, create-email",
		"live: delete, create, stray",
		"live: retire, restore, create",
		"live: retire, restore, purge",
		"live: retire, hold, purge",
		"live: move, put, reconcile",
		"live: move, abort, put",
		"live: move, abort, reconcile",
		"kept: restore, purge, create",
		"kept: restore-as, purge, create-target",
		"kept: purge, create, reconcile",
		"due: restore, reconcile, reconcile",
		"due: restore, hold, reconcile",
		"two: update, vacate, reconcile",
		"two: update, delete-second, reconcile",
		"two: rename, vacate, create-target",
	} {
		s, err := parseScenario(text)
		if err != nil {
			panic(err)
		}
		all = append(all, s)
	}
	return all
}
