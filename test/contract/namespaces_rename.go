package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

func namespaceRename(t *testing.T, s Storage) {
	from := s.place("org_from")
	to := after(from, "org_to")
	documents := makeDocuments(1, 3)
	identity := s.ensure(t, firstOwner, from, documents...)
	for range 3 {
		must(t, "Rename", s.Namespaces.Rename(t.Context(), identity, from, to))
		s.wantNothing(t, from)
		s.wantSame(t, identity, to, documents...)
	}

	// One that has the name already is done, and so is one that stays.
	must(t, "Rename onto itself", s.Namespaces.Rename(t.Context(), identity, to, to))
	s.wantSame(t, identity, to, documents...)

	// Documents can be written under the new name, and none appear under the old.
	more := makeDocuments(4, 2)
	s.Probe.Insert(t, to, more)
	s.wantSame(t, identity, to, append(documents, more...)...)
	s.wantNothing(t, from)

	// The next rename goes back; the registry forbids it, the storage doesn't.
	must(t, "Rename back", s.Namespaces.Rename(t.Context(), identity, to, after(to, from.Namespace)))
	s.wantSame(t, identity, from, append(documents, more...)...)

	// An empty one can be renamed.
	empty, moved := s.place("org_empty"), after(s.place("org_empty"), "org_empty_moved")
	identity = s.ensure(t, secondOwner, empty)
	must(t, "Rename of an empty one", s.Namespaces.Rename(t.Context(), identity, empty, moved))
	s.wantNothing(t, empty)
	s.wantSame(t, identity, moved)
}

func namespaceRenameMany(t *testing.T, s Storage) {
	from := s.place("org_from")
	to := after(from, "org_to")
	documents := makeDocuments(1, manyDocuments)
	identity := s.ensure(t, firstOwner, from, documents...)
	s.Probe.AddIndex(t, from)
	if !s.Probe.IndexServes(t, from) {
		t.Fatal("the index doesn't serve before the rename")
	}
	must(t, "Rename", s.Namespaces.Rename(t.Context(), identity, from, to))
	s.wantNothing(t, from)
	s.wantSame(t, identity, to, documents...)
	if !s.Probe.IndexServes(t, to) {
		t.Error("the index doesn't serve after the rename")
	}
	must(t, "Drop", s.Namespaces.Drop(t.Context(), to))
	s.wantNothing(t, to)
}

// namespaceRenameLate repeats a rename when the namespace has been renamed once
// more since, as a caller does that was frozen in between: it must leave the
// namespace where it is.
func namespaceRenameLate(t *testing.T, s Storage) {
	from := s.place("org_from")
	documents := makeDocuments(1, 3)
	identity := s.ensure(t, firstOwner, from, documents...)
	to, next := after(from, "org_to"), after(from, "org_next")
	must(t, "Rename", s.Namespaces.Rename(t.Context(), identity, from, to))
	must(t, "Rename once more", s.Namespaces.Rename(t.Context(), identity, to, next))
	wantError(t, "Late rename", s.Namespaces.Rename(t.Context(), identity, from, to), domain.ErrNamespaceMissing)
	s.wantNothing(t, from)
	s.wantNothing(t, to)
	s.wantSame(t, identity, next, documents...)
}

func namespaceRenameOccupied(t *testing.T, s Storage) {
	from, full, empty := s.place("org_from"), s.place("org_full"), s.place("org_empty")
	documents, others := makeDocuments(1, 3), makeDocuments(100, 3)
	identity := s.ensure(t, firstOwner, from, documents...)
	ofFull := s.ensure(t, secondOwner, full, others...)
	ofEmpty := s.ensure(t, secondOwner, after(empty, empty.Namespace))
	for range 2 {
		for _, occupied := range []domain.Placement{full, empty} {
			wantError(t, "Rename onto "+occupied.Namespace,
				s.Namespaces.Rename(t.Context(), identity, from, after(from, occupied.Namespace)), domain.ErrNamespaceOccupied)
		}
		s.wantSame(t, identity, from, documents...)
		s.wantSame(t, ofFull, full, others...)
		s.wantSame(t, ofEmpty, empty)
	}
}

func namespaceRenameForeign(t *testing.T, s Storage) {
	if s.Foreign == nil {
		t.Log("the engine knows no foreign objects")
		return
	}
	from, to := s.place("org_from"), s.place("org_foreign")
	documents := makeDocuments(1, 3)
	identity := s.ensure(t, firstOwner, from, documents...)
	s.Foreign(t, to)
	for range 2 {
		wantError(t, "Rename onto a foreign object",
			s.Namespaces.Rename(t.Context(), identity, from, after(from, to.Namespace)), domain.ErrNamespaceOccupied)
		s.wantSame(t, identity, from, documents...)
	}
}

func namespaceRenameMissing(t *testing.T, s Storage) {
	from, to := s.place("org_from"), s.place("org_to")
	gone := s.ensure(t, firstOwner, from, makeDocuments(1, 3)...)
	must(t, "Drop", s.Namespaces.Drop(t.Context(), from))
	other := s.place("org_other")
	documents := makeDocuments(10, 3)
	identity := s.ensure(t, secondOwner, other, documents...)
	for _, lost := range []string{gone, "", "no identity", "00000000-0000-0000-0000-000000000000"} {
		for _, name := range []domain.Placement{from, other} {
			wantError(t, fmt.Sprintf("Rename of the identity %q", lost),
				s.Namespaces.Rename(t.Context(), lost, name, after(from, to.Namespace)), domain.ErrNamespaceMissing)
		}
	}
	s.wantNothing(t, from)
	s.wantNothing(t, to)
	s.wantSame(t, identity, other, documents...)
}

// namespaceRenameStray makes the old name anew after a rename, as an application
// does that still writes there. A rename that comes late leaves it alone.
func namespaceRenameStray(t *testing.T, s Storage) {
	from := s.place("org_from")
	to := after(from, "org_to")
	documents, strays := makeDocuments(1, 3), makeDocuments(50, 2)
	identity := s.ensure(t, firstOwner, from, documents...)
	must(t, "Rename", s.Namespaces.Rename(t.Context(), identity, from, to))
	stray := s.ensure(t, secondOwner, from, strays...)
	if stray == identity {
		t.Fatalf("two namespaces have the identity %q", stray)
	}
	for range 2 {
		must(t, "Rename beside a stray", s.Namespaces.Rename(t.Context(), identity, from, to))
		s.wantSame(t, identity, to, documents...)
		s.wantSame(t, stray, from, strays...)
	}
	next := after(to, "org_next")
	must(t, "Rename past a stray", s.Namespaces.Rename(t.Context(), identity, to, next))
	s.wantSame(t, identity, next, documents...)
	s.wantSame(t, stray, from, strays...)
	s.wantNothing(t, to)
}

func namespaceRenameAtOnce(t *testing.T, s Storage) {
	from := s.place("org_from")
	to := after(from, "org_to")
	documents := makeDocuments(1, 100)
	identity := s.ensure(t, firstOwner, from, documents...)
	wantAllWin(t, "Rename at once", race(func(int) error {
		return s.Namespaces.Rename(t.Context(), identity, from, to)
	}))
	s.wantNothing(t, from)
	s.wantSame(t, identity, to, documents...)
}

// namespaceRenamesToOneName lets all take one name: one gets it, the others stay
// as they are.
func namespaceRenamesToOneName(t *testing.T, s Storage) {
	type racer struct {
		from      domain.Placement
		identity  string
		documents []Document
	}
	all := make([]racer, racers)
	for i := range all {
		from := s.place(fmt.Sprintf("org_from_%d", i))
		documents := makeDocuments(10*i, 2)
		owner := domain.OrganizationID(fmt.Sprintf("organization-%d", i))
		all[i] = racer{from, s.ensure(t, owner, from, documents...), documents}
	}
	results := race(func(i int) error {
		return s.Namespaces.Rename(t.Context(), all[i].identity, all[i].from, after(all[i].from, "org_to"))
	})
	winner := wantOneWinner(t, results, domain.ErrNamespaceOccupied)
	for i, r := range all {
		at := r.from
		if i == winner {
			s.wantNothing(t, at)
			at = after(at, "org_to")
		}
		s.wantSame(t, r.identity, at, r.documents...)
	}
}

func namespaceRenameFixed(t *testing.T, s Storage) {
	if !s.Fixed {
		t.Log("these namespaces can be renamed")
		return
	}
	from, to := s.place("org_from"), s.place("org_to")
	documents := makeDocuments(1, 3)
	identity := s.ensure(t, firstOwner, from, documents...)
	wantError(t, "Rename", s.Namespaces.Rename(t.Context(), identity, from, to), errors.ErrUnsupported)
	s.wantSame(t, identity, from, documents...)
	s.wantNothing(t, to)
}

// namespaceIsolation plays a namespace's life beside another that must not
// notice, and then with the roles swapped.
func namespaceIsolation(t *testing.T, s Storage) {
	type side struct {
		p         domain.Placement
		identity  string
		documents []Document
	}
	// The names begin alike, and the documents have the same keys.
	one, two := s.place("org_acme"), s.place("org_acme_2")
	sides := [2]side{
		{one, s.ensure(t, firstOwner, one, makeDocuments(1, 5)...), makeDocuments(1, 5)},
		{two, s.ensure(t, secondOwner, two, makeDocuments(3, 9)...), makeDocuments(3, 9)},
	}
	check := func() {
		t.Helper()
		for _, side := range sides {
			s.wantSame(t, side.identity, side.p, side.documents...)
		}
	}
	check()
	for i := range sides {
		subject := &sides[i]
		more := makeDocuments(1000, 2)
		s.Probe.Insert(t, subject.p, more)
		subject.documents = append(subject.documents, more...)
		check()
		if s.Fixed {
			continue
		}
		to := after(subject.p, subject.p.Namespace+"_renamed")
		must(t, "Rename", s.Namespaces.Rename(t.Context(), subject.identity, subject.p, to))
		s.wantNothing(t, subject.p)
		subject.p = to
		check()
	}
	owners := [2]domain.OrganizationID{firstOwner, secondOwner}
	for i := range sides {
		subject := &sides[i]
		must(t, "Drop", s.Namespaces.Drop(t.Context(), subject.p))
		s.wantNothing(t, subject.p)
		s.wantSame(t, sides[1-i].identity, sides[1-i].p, sides[1-i].documents...)
		next := after(subject.p, fmt.Sprintf("org_new_%d", i))
		*subject = side{next, s.ensure(t, owners[i], next, makeDocuments(7, 1)...), makeDocuments(7, 1)}
		check()
	}
}

func namespaceContextEnds(t *testing.T, s Storage) {
	p, other := s.place("org_one"), s.place("org_other")
	documents := makeDocuments(1, 3)
	identity := s.ensure(t, firstOwner, p, documents...)
	calls := []call{
		{"Ensure", func(ctx context.Context) error { return s.Namespaces.Ensure(ctx, secondOwner, other) }},
		{"Drop", func(ctx context.Context) error { return s.Namespaces.Drop(ctx, p) }},
		{"Stat", func(ctx context.Context) error { _, err := s.Namespaces.Stat(ctx, p); return err }},
	}
	if !s.Fixed {
		calls = append(calls, call{"Rename", func(ctx context.Context) error {
			return s.Namespaces.Rename(ctx, identity, p, after(p, "org_to"))
		}})
	}
	wantUnavailable(t, calls)
	s.wantSame(t, identity, p, documents...)
	s.ensure(t, secondOwner, other)
}
