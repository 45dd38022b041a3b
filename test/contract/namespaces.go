package contract

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
)

var namespaceChecks = []check[Storage]{
	{"StatOfNothing", namespaceStatOfNothing},
	{"Ensure", namespaceEnsure},
	{"EnsureOnDocuments", namespaceEnsureOccupied},
	{"EnsureOnAForeignObject", namespaceEnsureForeign},
	{"EnsureAtOnce", namespaceEnsureAtOnce},
	{"OwnersOfAllKinds", namespaceOwners},
	{"Drop", namespaceDrop},
	{"DropAtOnce", namespaceDropAtOnce},
	{"ANewOneIsAnother", namespaceNewIdentity},
	{"RenameOfAFixedOne", namespaceRenameFixed},
	{"Isolation", namespaceIsolation},
	{"ContextEnds", namespaceContextEnds},
}

// renameChecks are left out where namespaces are fixed.
var renameChecks = []check[Storage]{
	{"Rename", namespaceRename},
	{"RenameOfManyDocuments", namespaceRenameMany},
	{"LateRename", namespaceRenameLate},
	{"RenameOntoSomething", namespaceRenameOccupied},
	{"RenameOntoAForeignObject", namespaceRenameForeign},
	{"RenameOfNothing", namespaceRenameMissing},
	{"RenameWithAStray", namespaceRenameStray},
	{"RenameToTheLongestName", namespaceLongestName},
	{"RenameAtOnce", namespaceRenameAtOnce},
	{"RenamesToOneName", namespaceRenamesToOneName},
}

// manyDocuments is how many documents a big namespace of the suite holds.
const manyDocuments = 10_000

// The owners that most checks have.
const (
	firstOwner  domain.OrganizationID = "0195d3c8-4b00-7abc-8def-000000000001"
	secondOwner domain.OrganizationID = "0195d3c8-4b00-7abc-8def-000000000002"
)

// place returns the first placement of an organization under that name.
func (s Storage) place(namespace string) domain.Placement {
	return domain.Placement{
		Strategy:   cmp.Or(s.Strategy, domain.StrategyCollection),
		Database:   s.Database,
		Namespace:  namespace,
		Generation: 1,
		State:      domain.PlacementOpen,
	}
}

// after returns the placement that follows p, under that name.
func after(p domain.Placement, namespace string) domain.Placement {
	p.Namespace = namespace
	p.Generation++
	return p
}

// ensure makes a namespace, fills it and returns its identity.
func (s Storage) ensure(t *testing.T, owner domain.OrganizationID, p domain.Placement, documents ...Document) string {
	t.Helper()
	must(t, fmt.Sprintf("Ensure(%s)", p.Namespace), s.Namespaces.Ensure(t.Context(), owner, p))
	if len(documents) > 0 {
		s.Probe.Insert(t, p, documents)
	}
	return s.wantThere(t, p, documents...)
}

// wantThere fails t unless a namespace with just these documents stands under
// p's name. It returns its identity.
func (s Storage) wantThere(t *testing.T, p domain.Placement, documents ...Document) string {
	t.Helper()
	what := fmt.Sprintf("Stat(%s)", p.Namespace)
	info, err := s.Namespaces.Stat(t.Context(), p)
	must(t, what, err)
	if !info.Exists || info.Identity == "" {
		t.Fatalf("%s: got %+v, want one that exists and has an identity", what, info)
	}
	if info.Empty != (len(documents) == 0) {
		t.Errorf("%s: got Empty %v with %d documents", what, info.Empty, len(documents))
	}
	got := s.Probe.Documents(t, p)
	if diff := gocmp.Diff(append([]Document{}, documents...), append([]Document{}, got...)); diff != "" {
		t.Errorf("documents of %s: (-want +got):\n%.2000s", p.Namespace, diff)
	}
	return info.Identity
}

// wantSame is wantThere for a namespace whose identity is known.
func (s Storage) wantSame(t *testing.T, identity string, p domain.Placement, documents ...Document) {
	t.Helper()
	if got := s.wantThere(t, p, documents...); got != identity {
		t.Errorf("Stat(%s): got identity %q, want %q", p.Namespace, got, identity)
	}
}

// wantNothing fails t when something stands under p's name.
func (s Storage) wantNothing(t *testing.T, p domain.Placement) {
	t.Helper()
	info, err := s.Namespaces.Stat(t.Context(), p)
	must(t, fmt.Sprintf("Stat(%s)", p.Namespace), err)
	if info.Exists || info.Identity != "" || !info.Empty {
		t.Errorf("Stat(%s): got %+v, want one that doesn't exist, without identity, empty", p.Namespace, info)
	}
}

func namespaceStatOfNothing(t *testing.T, s Storage) {
	s.wantNothing(t, s.place("org_nothing"))
	s.ensure(t, firstOwner, s.place("org_something"))
	for _, other := range []string{"org_nothing", "org_some", "org_something_", "org_SOMETHING", "org_somethin.", "something"} {
		s.wantNothing(t, s.place(other))
	}
}

func namespaceEnsure(t *testing.T, s Storage) {
	p := s.place("org_one")
	identity := s.ensure(t, firstOwner, p)
	for range 2 {
		must(t, "Ensure again", s.Namespaces.Ensure(t.Context(), firstOwner, p))
		s.wantSame(t, identity, p)
	}
}

func namespaceEnsureOccupied(t *testing.T, s Storage) {
	p := s.place("org_one")
	documents := makeDocuments(1, 1)
	identity := s.ensure(t, firstOwner, p, documents...)
	for _, owner := range []domain.OrganizationID{firstOwner, secondOwner} {
		for range 2 {
			wantError(t, "Ensure on documents", s.Namespaces.Ensure(t.Context(), owner, p), domain.ErrNamespaceOccupied)
			s.wantSame(t, identity, p, documents...)
		}
	}
}

func namespaceEnsureForeign(t *testing.T, s Storage) {
	if s.Foreign == nil {
		t.Log("the engine knows no foreign objects")
		return
	}
	p := s.place("org_foreign")
	s.Foreign(t, p)
	before, err := s.Namespaces.Stat(t.Context(), p)
	must(t, "Stat of a foreign object", err)
	if !before.Exists {
		t.Error("Stat of a foreign object: got none")
	}
	for range 2 {
		wantError(t, "Ensure on a foreign object", s.Namespaces.Ensure(t.Context(), firstOwner, p), domain.ErrNamespaceOccupied)
	}
	now, err := s.Namespaces.Stat(t.Context(), p)
	must(t, "Stat of a foreign object", err)
	if now != before {
		t.Errorf("Stat of a foreign object: got %+v, and %+v before", now, before)
	}
}

func namespaceEnsureAtOnce(t *testing.T, s Storage) {
	p := s.place("org_one")
	wantAllWin(t, "Ensure at once", race(func(int) error { return s.Namespaces.Ensure(t.Context(), firstOwner, p) }))
	s.wantThere(t, p)
}

// namespaceOwners checks that the namespaces of owners whose IDs an engine might
// take for one, or can't use in a name, are kept apart; so are two of one owner.
func namespaceOwners(t *testing.T, s Storage) {
	type kept struct {
		p         domain.Placement
		documents []Document
		identity  string
	}
	var all []kept
	identities := map[string]bool{}
	keep := func(owner domain.OrganizationID, p domain.Placement) {
		documents := makeDocuments(100*len(all), 3)
		k := kept{p, documents, s.ensure(t, owner, p, documents...)}
		if identities[k.identity] {
			t.Errorf("two namespaces have the identity %q", k.identity)
		}
		identities[k.identity] = true
		all = append(all, k)
	}
	for i, id := range opaqueIDs {
		p := s.place(fmt.Sprintf("org_owner_%d", i))
		keep(domain.OrganizationID(id), p)
		keep(domain.OrganizationID(id), after(p, p.Namespace+"_next"))
	}
	keep(domain.OrganizationID(strings.Repeat("long-", 40)), s.place("org_owner_long_1"))
	keep(domain.OrganizationID(strings.Repeat("long-", 40)+"2"), s.place("org_owner_long_2"))
	for _, k := range all {
		s.wantSame(t, k.identity, k.p, k.documents...)
	}
}

func namespaceLongestName(t *testing.T, s Storage) {
	slug := strings.Repeat("abcd_ef-", 6)
	random := func(n int) int { return n - 1 }
	name := mustName(t, slug)
	tenancy := domain.Tenancy{Database: s.Database, Names: domain.NamesByName}
	first, second := s.place(""), after(s.place(""), "")
	first.Namespace = tenancy.Choose(first, firstOwner, name, random)
	second.Namespace = tenancy.Draw(second, firstOwner, name, random)
	if s.Strategy == domain.StrategyShared { // It is called by the ID.
		second.Namespace = "org_" + strings.Repeat("a", 57)
	}
	documents := makeDocuments(1, 10)
	identity := s.ensure(t, firstOwner, first, documents...)
	must(t, "Rename to the longest name", s.Namespaces.Rename(t.Context(), identity, first, second))
	s.wantNothing(t, first)
	s.wantSame(t, identity, second, documents...)
	must(t, "Drop", s.Namespaces.Drop(t.Context(), second))
	s.wantNothing(t, second)
}

func namespaceDrop(t *testing.T, s Storage) {
	p := s.place("org_one")
	for range 2 {
		must(t, "Drop of nothing", s.Namespaces.Drop(t.Context(), p))
		s.wantNothing(t, p)
	}
	s.ensure(t, firstOwner, p, makeDocuments(1, 100)...)
	s.Probe.AddIndex(t, p)
	for range 2 {
		must(t, "Drop", s.Namespaces.Drop(t.Context(), p))
		s.wantNothing(t, p)
	}
	empty := s.place("org_empty")
	s.ensure(t, firstOwner, empty)
	must(t, "Drop of an empty one", s.Namespaces.Drop(t.Context(), empty))
	s.wantNothing(t, empty)
}

func namespaceDropAtOnce(t *testing.T, s Storage) {
	p := s.place("org_one")
	s.ensure(t, firstOwner, p, makeDocuments(1, 100)...)
	wantAllWin(t, "Drop at once", race(func(int) error { return s.Namespaces.Drop(t.Context(), p) }))
	s.wantNothing(t, p)
}

func namespaceNewIdentity(t *testing.T, s Storage) {
	p := s.place("org_one")
	old := s.ensure(t, firstOwner, p, makeDocuments(1, 3)...)
	must(t, "Drop", s.Namespaces.Drop(t.Context(), p))
	for range 3 {
		identity := s.ensure(t, firstOwner, p)
		if identity == old {
			t.Errorf("a namespace made anew has the identity %q of the one before", identity)
		}
		if !s.Fixed {
			wantError(t, "Rename of a dropped one", s.Namespaces.Rename(t.Context(), old, p, after(p, "org_two")), domain.ErrNamespaceMissing)
		}
		s.wantSame(t, identity, p)
		must(t, "Drop", s.Namespaces.Drop(t.Context(), p))
		old = identity
	}
}
