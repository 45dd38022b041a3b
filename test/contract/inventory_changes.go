package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// merge calls Merge and fails t unless it copies just as many.
func (s Storage) merge(t *testing.T, from, to domain.Placement, want int64) {
	t.Helper()
	what := fmt.Sprintf("Merge(%s, %s)", from.Namespace, to.Namespace)
	got, err := s.Inventory.Merge(t.Context(), from, to)
	must(t, what, err)
	if got != want {
		t.Errorf("%s: got %d, want %d", what, got, want)
	}
}

// quarantine calls Quarantine and returns where it has led.
func (s Storage) quarantine(t *testing.T, p domain.Placement) domain.Placement {
	t.Helper()
	name, err := s.Inventory.Quarantine(t.Context(), p)
	must(t, fmt.Sprintf("Quarantine(%s)", p.Namespace), err)
	if !strings.HasPrefix(name, "quarantine_") {
		t.Fatalf("Quarantine(%s): got the name %q", p.Namespace, name)
	}
	return s.place(name)
}

// wantQuarantined is wantSame for what is in quarantine.
func (s Storage) wantQuarantined(t *testing.T, identity string, at domain.Placement, documents ...Document) {
	t.Helper()
	if s.Fixed {
		s.wantThere(t, at, documents...)
		return
	}
	s.wantSame(t, identity, at, documents...)
}

// inventoryMerge has documents that are in one, in the other, and in both.
func inventoryMerge(t *testing.T, s Storage) {
	home, stray := s.place("org_home"), s.place("org_stray")
	kept, strays := makeDocuments(1, 10), makeDocuments(6, 10)
	for i := range strays {
		strays[i].Text = "stray"
	}
	homeID, strayID := s.ensure(t, firstOwner, home, kept...), s.ensure(t, firstOwner, stray, strays...)
	s.merge(t, stray, home, 5)
	all := append(slices.Clone(kept), strays[5:]...)
	s.wantSame(t, homeID, home, all...)
	s.wantSame(t, strayID, stray, strays...)

	// And back: what is there wins.
	s.merge(t, home, stray, 5)
	s.wantSame(t, homeID, home, all...)
	s.wantSame(t, strayID, stray, append(slices.Clone(kept[:5]), strays...)...)
}

func inventoryMergeTwice(t *testing.T, s Storage) {
	home, stray, empty := s.place("org_home"), s.place("org_stray"), s.place("org_empty")
	kept, strays := makeDocuments(1, 3), makeDocuments(100, 30)
	homeID := s.ensure(t, firstOwner, home, kept...)
	s.ensure(t, firstOwner, stray, strays...)
	s.ensure(t, firstOwner, empty)
	s.merge(t, stray, home, 30)
	all := append(slices.Clone(kept), strays...)
	s.wantSame(t, homeID, home, all...)
	s.merge(t, stray, home, 0)
	s.wantSame(t, homeID, home, all...)

	// A document that comes later is copied alone.
	late := makeDocuments(500, 1)
	s.Probe.Insert(t, stray, late)
	s.merge(t, stray, home, 1)
	s.wantSame(t, homeID, home, append(all, late...)...)

	s.merge(t, empty, stray, 0)
	s.merge(t, stray, empty, 31)
	s.wantThere(t, empty, append(strays, late...)...)
	s.merge(t, stray, stray, 0)
	s.wantThere(t, stray, append(slices.Clone(strays), late...)...)
}

func inventoryMergeMany(t *testing.T, s Storage) {
	home, stray := s.place("org_home"), s.place("org_stray")
	documents := makeDocuments(1, manyDocuments)
	var kept []Document
	for i, d := range documents {
		if i%3 == 0 {
			kept = append(kept, d)
		}
	}
	identity := s.ensure(t, firstOwner, home, kept...)
	s.ensure(t, firstOwner, stray, documents...)
	s.Probe.AddIndex(t, home)
	s.merge(t, stray, home, int64(manyDocuments-len(kept)))
	s.wantSame(t, identity, home, documents...)
	s.merge(t, stray, home, 0)
}

func inventoryMergeMissing(t *testing.T, s Storage) {
	there, missing := s.place("org_there"), s.place("org_missing")
	documents := makeDocuments(1, 3)
	identity := s.ensure(t, firstOwner, there, documents...)
	for _, c := range [][2]domain.Placement{{there, missing}, {missing, there}, {missing, s.place("org_also")}, {missing, missing}} {
		n, err := s.Inventory.Merge(t.Context(), c[0], c[1])
		wantError(t, fmt.Sprintf("Merge(%s, %s)", c[0].Namespace, c[1].Namespace), err, domain.ErrNamespaceMissing)
		if n != 0 {
			t.Errorf("Merge of nothing: got %d copied", n)
		}
	}
	s.wantNothing(t, missing)
	s.wantNothing(t, s.place("org_also"))
	s.wantSame(t, identity, there, documents...)
}

// inventoryMergeRefused merges into a namespace that doesn't take one of the
// documents. That is told: the caller would otherwise believe that all are there.
func inventoryMergeRefused(t *testing.T, s Storage) {
	if s.AddUnique == nil {
		t.Log("the engine knows no unique indexes on documents")
		return
	}
	home, stray := s.place("org_home"), s.place("org_stray")
	kept := []Document{{Number: 1, Group: 1, Text: "kept"}}
	// The same _id and the same group: it is there already. The same group alone: refused.
	strays := []Document{{Number: 1, Group: 1, Text: "stray"}, {Number: 2, Group: 1, Text: "refused"}, {Number: 3, Group: 3, Text: "copied"}}
	homeID, strayID := s.ensure(t, firstOwner, home, kept...), s.ensure(t, firstOwner, stray, strays...)
	s.AddUnique(t, home)
	for range 2 {
		_, err := s.Inventory.Merge(t.Context(), stray, home)
		if err == nil || errors.Is(err, domain.ErrStoreUnavailable) {
			t.Errorf("Merge of a document that an index refuses: got error %v, want one that says so", describe(err))
		}
		s.wantSame(t, strayID, stray, strays...)
	}
	got := s.Probe.Documents(t, home)
	if slices.Contains(got, strays[1]) || !slices.Contains(got, kept[0]) {
		t.Errorf("Merge of a document that an index refuses: got %+v", got)
	}
	// Without the one that is in the way it goes on.
	s.merge(t, home, s.ensured(t, "org_copy"), int64(len(got)))
	if info, err := s.Namespaces.Stat(t.Context(), home); err != nil || info.Identity != homeID {
		t.Errorf("Stat: got %+v, %v", info, err)
	}
}

// ensured makes an empty namespace and returns its placement.
func (s Storage) ensured(t *testing.T, name string) domain.Placement {
	t.Helper()
	p := s.place(name)
	s.ensure(t, firstOwner, p)
	return p
}

func inventoryMergeAtOnce(t *testing.T, s Storage) {
	home, stray := s.place("org_home"), s.place("org_stray")
	documents := makeDocuments(1, 200)
	identity := s.ensure(t, firstOwner, home, documents[:50]...)
	s.ensure(t, firstOwner, stray, documents...)
	var copied atomic.Int64
	wantAllWin(t, "Merge at once", race(func(int) error {
		n, err := s.Inventory.Merge(t.Context(), stray, home)
		copied.Add(n)
		return err
	}))
	if copied.Load() != 150 {
		t.Errorf("Merge at once: %d were told to be copied, want 150", copied.Load())
	}
	s.wantSame(t, identity, home, documents...)
}

func inventoryQuarantine(t *testing.T, s Storage) {
	p, beside := s.place("org_stray"), s.place("org_stray_2")
	documents := makeDocuments(1, 30)
	identity, other := s.ensure(t, firstOwner, p, documents...), s.ensure(t, secondOwner, beside, documents[:2]...)
	s.Probe.AddIndex(t, p)
	to := s.quarantine(t, p)
	s.wantNothing(t, p)
	s.wantQuarantined(t, identity, to, documents...)
	if !s.Probe.IndexServes(t, to) {
		t.Error("the index is gone")
	}
	s.wantSame(t, other, beside, documents[:2]...)
	s.wantNames(t, to.Namespace, beside.Namespace)
	if !strings.Contains(to.Namespace, p.Namespace) {
		t.Errorf("Quarantine(%s): the name %q doesn't tell what it was", p.Namespace, to.Namespace)
	}
}

// inventoryQuarantineAgain quarantines what a stray writer makes again and again
// under one name, and at last what is quarantined.
func inventoryQuarantineAgain(t *testing.T, s Storage) {
	p := s.place("org_stray")
	kept := map[string][]Document{}
	for i := range 5 {
		documents := makeDocuments(100*i+1, i)
		s.ensure(t, firstOwner, p, documents...)
		to := s.quarantine(t, p)
		if _, twice := kept[to.Namespace]; twice {
			t.Fatalf("Quarantine: got the name %q twice", to.Namespace)
		}
		kept[to.Namespace] = documents
		for name, all := range kept {
			s.wantThere(t, s.place(name), all...)
		}
	}
	for name, all := range kept {
		s.wantThere(t, s.quarantine(t, s.place(name)), all...)
		s.wantNothing(t, s.place(name))
		break
	}
}

func inventoryQuarantineLong(t *testing.T, s Storage) {
	p := s.place("")
	tenancy := domain.Tenancy{Database: s.Database, Names: domain.NamesByName}
	p.Namespace = tenancy.Draw(p, firstOwner, mustName(t, strings.Repeat("a", 57)), func(int) int { return 0 })
	documents := makeDocuments(1, 3)
	for range 5 {
		identity := s.ensure(t, firstOwner, p, documents...)
		at := p
		for range 5 {
			at = s.quarantine(t, at)
			s.wantQuarantined(t, identity, at, documents...)
		}
	}
}

func inventoryQuarantineMissing(t *testing.T, s Storage) {
	p := s.place("org_missing")
	s.ensure(t, firstOwner, s.place("org_there"))
	for range 2 {
		name, err := s.Inventory.Quarantine(t.Context(), p)
		wantError(t, "Quarantine of nothing", err, domain.ErrNamespaceMissing)
		if name != "" {
			t.Errorf("Quarantine of nothing: got the name %q", name)
		}
	}
	s.wantNames(t, "org_there")
}

func inventoryQuarantineAtOnce(t *testing.T, s Storage) {
	p := s.place("org_stray")
	documents := makeDocuments(1, 10)
	identity := s.ensure(t, firstOwner, p, documents...)
	names := make([]string, racers)
	results := race(func(i int) (err error) {
		names[i], err = s.Inventory.Quarantine(t.Context(), p)
		return err
	})
	if winner := wantOneWinner(t, results, domain.ErrNamespaceMissing); winner >= 0 {
		s.wantQuarantined(t, identity, s.place(names[winner]), documents...)
		s.wantNames(t, names[winner])
	}
}
