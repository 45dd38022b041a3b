package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/ports"
)

// Structure is what RunStructure tests: the port, and ways to damage its store
// behind its back. The store is sound when the factory returns it.
type Structure struct {
	Structure ports.Structure
	// Missing takes things away that Mend makes again. Each leaves the rest as it is.
	Missing []Damage
	// Wrong makes what Mend leaves as it is, such as something else in a needed
	// thing's place, or records that break a rule. What it writes into records
	// has StructureMarker in it.
	Wrong []Damage
}

// Damage is one way to damage a store.
type Damage struct {
	Name string
	Do   func(t *testing.T)
}

// StructureMarker is what records have in them that the suite must see nowhere.
const StructureMarker = "marker@example.com"

var structureChecks = []check[Structure]{
	{"Sound", structureSound},
	{"Missing", structureMissing},
	{"MissingAtOnce", structureMissingAtOnce},
	{"Wrong", structureWrong},
	{"ContextEnds", structureContextEnds},
}

// RunStructure runs the suite of ports.Structure.
func RunStructure(t *testing.T, open func(t *testing.T) Structure) {
	t.Helper()
	runAll(t, open, structureChecks)
}

// faults returns what Faults tells, and fails t when it isn't sentences.
func (s Structure) faults(t *testing.T) []string {
	t.Helper()
	faults, err := s.Structure.Faults(t.Context())
	must(t, "Faults", err)
	seen := map[string]bool{}
	for _, f := range faults {
		if !strings.Contains(f, " ") || strings.Contains(f, StructureMarker) || seen[f] {
			t.Errorf("Faults: got %q, want sentences without records' values, each once", faults)
		}
		seen[f] = true
	}
	return faults
}

// wantFaults fails t unless there are so many faults.
func (s Structure) wantFaults(t *testing.T, when string, want int) {
	t.Helper()
	if got := s.faults(t); len(got) != want {
		t.Errorf("Faults %s: got %q, want %d", when, got, want)
	}
}

func structureSound(t *testing.T, s Structure) {
	for range 2 {
		s.wantFaults(t, "of a sound store", 0)
		must(t, "Mend", s.Structure.Mend(t.Context()))
	}
}

func structureMissing(t *testing.T, s Structure) {
	for _, damage := range s.Missing {
		damage.Do(t)
		for range 2 {
			s.wantFaults(t, "with "+damage.Name, 1)
		}
		must(t, "Mend", s.Structure.Mend(t.Context()))
		s.wantFaults(t, "after Mend of "+damage.Name, 0)
	}
}

func structureMissingAtOnce(t *testing.T, s Structure) {
	for i, damage := range s.Missing {
		damage.Do(t)
		s.wantFaults(t, "with "+damage.Name+" and those before", i+1)
	}
	wantAllWin(t, "Mend at once", race(func(int) error { return s.Structure.Mend(t.Context()) }))
	s.wantFaults(t, "after Mend", 0)
}

// structureWrong adds one damage after the other. None goes away by Mend, which may
// say so by an error.
func structureWrong(t *testing.T, s Structure) {
	before := 0
	for _, damage := range s.Wrong {
		damage.Do(t)
		faults := s.faults(t)
		if len(faults) <= before {
			t.Errorf("Faults with %s: got %q, want more than %d", damage.Name, faults, before)
		}
		if err := s.Structure.Mend(t.Context()); err != nil && strings.Contains(describe(err), StructureMarker) {
			t.Errorf("Mend: the error shows a record's value")
		}
		s.wantFaults(t, "after Mend of "+damage.Name, len(faults))
		before = len(faults)
	}
}

func structureContextEnds(t *testing.T, s Structure) {
	wantUnavailable(t, []call{
		{"Faults", func(ctx context.Context) error { _, err := s.Structure.Faults(ctx); return err }},
		{"Mend", func(ctx context.Context) error { return s.Structure.Mend(ctx) }},
	})
	s.wantFaults(t, "afterwards", 0)
}
