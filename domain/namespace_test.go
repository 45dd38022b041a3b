package domain

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lastOf picks the last of n, so that a random suffix is "99999999".
func lastOf(n int) int { return n - 1 }

var (
	byName     = Tenancy{Strategy: StrategyCollection, Database: "tenants", Names: NamesByName}
	collection = Placement{Strategy: StrategyCollection, Database: "tenants"}
)

func TestNamespaceName(t *testing.T) {
	for _, c := range []struct{ name, want, random string }{
		{"Acme Corp", "org_acme_corp", "org_acme_corp_99999999"},
		{"Acme Corp!", "org_acme_corp", "org_acme_corp_99999999"},
		{"ACME", "org_acme", "org_acme_99999999"},
		{"ＡＣＭＥ", "org_acme", "org_acme_99999999"},
		{"Café Größe", "org_cafe_groe", "org_cafe_groe_99999999"},
		{"İstanbul", "org_istanbul", "org_istanbul_99999999"},
		{"ﬁre №5 ½", "org_fire_no5_12", "org_fire_no5_12_99999999"},
		{"a-b_c", "org_a-b_c", "org_a-b_c_99999999"},
		{"- -", "org_-_-", "org_-_-_99999999"},
		{"system.users", "org_systemusers", "org_systemusers_99999999"},
		{"$where", "org_where", "org_where_99999999"},
		{"株式会社", "org_99999999", "org_99999999"},
		{"!!!", "org_99999999", "org_99999999"},
		{"Æon", "org_on", "org_on_99999999"},
		{strings.Repeat("a", 100), "org_" + strings.Repeat("a", 48), "org_" + strings.Repeat("a", 48) + "_99999999"},
		{strings.Repeat("a", 47) + " b", "org_" + strings.Repeat("a", 47) + "_", "org_" + strings.Repeat("a", 47) + "__99999999"},
		{strings.Repeat("é", 48) + "z", "org_" + strings.Repeat("e", 48), "org_" + strings.Repeat("e", 48) + "_99999999"},
	} {
		n := parseName(t, c.name)
		if got := byName.Choose(collection, "id", n, lastOf); got != c.want {
			t.Errorf("Choose(%q): got %q, want %q", c.name, got, c.want)
		}
		if got := byName.Draw(collection, "id", n, lastOf); got != c.random {
			t.Errorf("Draw(%q): got %q, want %q", c.name, got, c.random)
		}
	}
}

func TestDrawUsesAllOfItsAlphabet(t *testing.T) {
	next := 0
	seen := map[byte]bool{}
	for range 36 {
		name := byName.Draw(collection, "id", parseName(t, "株式会社"), func(n int) int {
			if n != 36 {
				t.Fatalf("random is asked for one of %d, want 36", n)
			}
			next++
			return next % n
		})
		for i := len("org_"); i < len(name); i++ {
			seen[name[i]] = true
		}
	}
	if len(seen) != 36 {
		t.Errorf("%d characters are used, want 36", len(seen))
	}
}

func TestSameSlug(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Acme Corp", "ACME  corp!", true},
		{"株式会社", "有限会社", true},
		{"Acme", "Acme Corp", false},
		{"株式会社", "Acme", false},
		{strings.Repeat("a", 48) + "b", strings.Repeat("a", 48) + "c", true},
	} {
		a, b := parseName(t, c.a), parseName(t, c.b)
		if SameSlug(a, b) != c.want || SameSlug(b, a) != c.want {
			t.Errorf("SameSlug(%q, %q): want %v", c.a, c.b, c.want)
		}
	}
}

// checkNamespace fails t unless namespace is the name of a MongoDB collection.
// https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions
func checkNamespace(t reporter, namespace string) {
	const database = 63
	switch {
	case namespace == "",
		strings.ContainsAny(namespace, "$\x00."),
		strings.HasPrefix(namespace, "system."),
		database+len(".")+len(namespace) > 255,
		!strings.HasPrefix(namespace, "org_") || len(namespace) < 5 || len(namespace) > 61,
		strings.ContainsFunc(namespace, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-'
		}):
		t.Errorf("%+q is no namespace", namespace)
	}
}

// checkNamespaces checks both choices for a name, stored unchecked as an older
// service may have it.
func checkNamespaces(t reporter, display string, random func(n int) int) {
	n := StoredName(display, "")
	drawn := byName.Draw(collection, "id", n, random)
	checkNamespace(t, drawn)
	first := byName.Choose(collection, "id", n, random)
	if slug(display, slugMaxBytes) == "" {
		if len(first) != len(drawn) || len(drawn) != len("org_12345678") {
			t.Errorf("the namespaces of %+q are %q and %q", display, first, drawn)
		}
		return
	}
	checkNamespace(t, first)
	if !strings.HasPrefix(drawn, first+"_") || len(drawn) != len(first)+9 {
		t.Errorf("the namespaces of %+q are %q and %q", display, first, drawn)
	}
	if again := slug(slug(display, slugMaxBytes), slugMaxBytes); again != slug(display, slugMaxBytes) {
		t.Errorf("the slug of %+q is %q, and of that %q", display, slug(display, slugMaxBytes), again)
	}
}

func TestNamespaceOfEveryCharacter(t *testing.T) {
	t.Parallel()
	for _, r := range assigned() {
		if slug(string(r), slugMaxBytes) == "" && slug("a"+string(r)+"1", slugMaxBytes) == "a1" && uniform(r) {
			continue // It is dropped.
		}
		checkNamespaces(t, string(r), lastOf)
		checkNamespaces(t, "Acme "+string(r)+"1", lastOf)
	}
}

func TestNamespaceOfStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkNamespaces(t, texts.Draw(t, "name"), func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "random") })
	})
}

// TestReservationsDiffer checks that no two placements that differ in where they
// are have one reservation, also if a database's name had a dot.
func TestReservationsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := func(label string) Placement {
			return Placement{
				Strategy:   StrategyCollection,
				Database:   rapid.OneOf(rapid.StringMatching(`[a-c.:]{1,4}`), rapid.StringMatching(`(org_)?[a-z0-9_.-]{1,63}`)).Draw(t, label+" database"),
				Namespace:  rapid.OneOf(rapid.StringMatching(`[a-c]{1,4}`), rapid.StringMatching(`org_[a-z0-9_-]{1,57}`)).Draw(t, label+" namespace"),
				Generation: rapid.Int64Range(1, 3).Draw(t, label+" generation"),
			}
		}
		a, b := place("a"), place("b")
		same := a.Database == b.Database && a.Namespace == b.Namespace
		if (a.Reservation() == b.Reservation()) != same {
			t.Errorf("the reservations of %+v and %+v are %q and %q", a, b, a.Reservation(), b.Reservation())
		}
	})
}

func TestReservation(t *testing.T) {
	p := Placement{Strategy: StrategyCollection, Database: "tenants", Namespace: "org_acme", Generation: 3, State: PlacementOpen}
	if got := p.Reservation(); got != "c:tenants.org_acme" {
		t.Errorf("got %q", got)
	}
	if p.IsZero() || !(Placement{}).IsZero() {
		t.Error("IsZero")
	}
	moved := Organization{Placement: p}.NextPlacement("org_next")
	want := p
	want.Namespace, want.Generation = "org_next", 4
	if moved != want {
		t.Errorf("NextPlacement: got %+v, want %+v", moved, want)
	}
}
