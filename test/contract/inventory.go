package contract

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
)

var inventoryChecks = []check[Storage]{
	{"ListOfNothing", inventoryListNothing},
	{"List", inventoryList},
	{"ListOfAForeignObject", inventoryListForeign},
	{"MeasureNothing", inventoryMeasureNothing},
	{"Measure", inventoryMeasure},
	{"Merge", inventoryMerge},
	{"MergeTwice", inventoryMergeTwice},
	{"MergeManyDocuments", inventoryMergeMany},
	{"MergeNothing", inventoryMergeMissing},
	{"MergeAgainstAnIndex", inventoryMergeRefused},
	{"MergeAtOnce", inventoryMergeAtOnce},
	{"Quarantine", inventoryQuarantine},
	{"QuarantineOfTheSameName", inventoryQuarantineAgain},
	{"QuarantineOfTheLongestName", inventoryQuarantineLong},
	{"QuarantineNothing", inventoryQuarantineMissing},
	{"QuarantineAtOnce", inventoryQuarantineAtOnce},
	{"Isolation", inventoryIsolation},
	{"ContextEnds", inventoryContextEnds},
}

// names returns all that List tells, in pages of the limit.
func (s Storage) names(t *testing.T, limit int) []string {
	t.Helper()
	all, after := []string{}, ""
	for range 10_000 {
		page, err := s.Inventory.List(t.Context(), s.Database, after, limit)
		must(t, fmt.Sprintf("List after %q", after), err)
		if len(page) > limit {
			t.Fatalf("List: got %d, want %d at most", len(page), limit)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		after = page[len(page)-1]
	}
	t.Fatal("List: the walk has no end")
	return nil
}

// wantNames fails t unless just these stand in the database.
func (s Storage) wantNames(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(want)
	for _, limit := range []int{1, 2, 3, 1000} {
		if diff := cmp.Diff(append([]string{}, want...), s.names(t, limit)); diff != "" {
			t.Errorf("List in pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

// wantUsage fails t unless the namespace holds so many documents. It returns their
// size.
func (s Storage) wantUsage(t *testing.T, p domain.Placement, documents int64) int64 {
	t.Helper()
	usage, err := s.Inventory.Measure(t.Context(), p)
	must(t, fmt.Sprintf("Measure(%s)", p.Namespace), err)
	if usage.Documents != documents || (usage.Bytes > 0) != (documents > 0) {
		t.Errorf("Measure(%s): got %+v, want %d documents, and bytes if there are any", p.Namespace, usage, documents)
	}
	return usage.Bytes
}

func inventoryListNothing(t *testing.T, s Storage) {
	s.wantNames(t)
	s.ensure(t, firstOwner, s.place("org_one"))
	names, err := s.Inventory.List(t.Context(), s.Database, "", 0)
	must(t, "List", err)
	if len(names) != 0 {
		t.Errorf("List with the limit 0: got %v, want none", names)
	}
	names, err = s.Inventory.List(t.Context(), s.Database+"_another", "", 10)
	must(t, "List of another database", err)
	if len(names) != 0 {
		t.Errorf("List of another database: got %v, want none", names)
	}
}

func inventoryList(t *testing.T, s Storage) {
	want := []string{"org-1", "org_", "org_1", "org_10", "org_2", "org_a", "org_a-", "org_a_b", "quarantine_org_1_x", "z"}
	for i, name := range want {
		s.ensure(t, firstOwner, s.place(name), makeDocuments(100*i+1, i%2)...)
	}
	s.wantNames(t, want...)
	for i, name := range want {
		got, err := s.Inventory.List(t.Context(), s.Database, name, 1000)
		must(t, "List", err)
		if diff := cmp.Diff(append([]string{}, want[i+1:]...), append([]string{}, got...)); diff != "" {
			t.Errorf("List after %q (-want +got):\n%s", name, diff)
		}
	}
	for after, first := range map[string]string{"o": "org-1", "org_0": "org_1", "org_1!": "org_10", "org_b": "quarantine_org_1_x"} {
		got, err := s.Inventory.List(t.Context(), s.Database, after, 1)
		must(t, "List", err)
		if !slices.Equal(got, []string{first}) {
			t.Errorf("List after %q: got %v, want %s", after, got, first)
		}
	}
	must(t, "Drop", s.Namespaces.Drop(t.Context(), s.place("org_10")))
	s.wantNames(t, slices.DeleteFunc(slices.Clone(want), func(name string) bool { return name == "org_10" })...)
}

func inventoryListForeign(t *testing.T, s Storage) {
	if s.Foreign == nil {
		t.Log("the engine knows no foreign objects")
		return
	}
	s.ensure(t, firstOwner, s.place("org_one"))
	s.Foreign(t, s.place("org_foreign"))
	s.wantNames(t, "org_foreign", "org_one")
	_, err := s.Inventory.Measure(t.Context(), s.place("org_foreign"))
	must(t, "Measure of a foreign object", err)
}

func inventoryMeasureNothing(t *testing.T, s Storage) {
	s.wantUsage(t, s.place("org_nothing"), 0)
	s.wantNothing(t, s.place("org_nothing"))
	s.ensure(t, firstOwner, s.place("org_empty"))
	s.wantUsage(t, s.place("org_empty"), 0)
}

func inventoryMeasure(t *testing.T, s Storage) {
	few, many := s.place("org_few"), s.place("org_many")
	documents := makeDocuments(1, manyDocuments)
	s.ensure(t, firstOwner, few, documents[:3]...)
	identity := s.ensure(t, secondOwner, many, documents...)
	s.wantUsage(t, few, 3)
	size, text := s.wantUsage(t, many, manyDocuments), int64(0)
	for _, d := range documents {
		text += int64(len(d.Text))
	}
	if size < text {
		t.Errorf("Measure: got %d bytes for documents with %d bytes of text", size, text)
	}

	// Indexes don't count, nor does it change anything.
	s.Probe.AddIndex(t, many)
	if with := s.wantUsage(t, many, manyDocuments); with != size {
		t.Errorf("Measure: got %d bytes with an index, and %d without", with, size)
	}
	s.wantSame(t, identity, many, documents...)
	s.Probe.Insert(t, few, makeDocuments(100, 100))
	s.wantUsage(t, few, 103)
	s.wantUsage(t, many, manyDocuments)
}

// inventoryIsolation merges and quarantines the strays of one organization beside
// another, that doesn't notice, and then with the roles swapped.
func inventoryIsolation(t *testing.T, s Storage) {
	homes := []domain.Placement{s.place("org_first"), s.place("org_second")}
	documents := [][]Document{makeDocuments(1, 5), makeDocuments(1, 7)}
	owners := []domain.OrganizationID{firstOwner, secondOwner}
	identities := make([]string, 2)
	for i, home := range homes {
		for n := range documents[i] {
			documents[i][n].Text = "of " + home.Namespace
		}
		identities[i] = s.ensure(t, owners[i], home, documents[i]...)
	}
	for i := range homes {
		left := s.place(homes[i].Namespace + "_left")
		strays := makeDocuments(1, 20)
		s.ensure(t, owners[i], left, strays...)
		s.merge(t, left, homes[i], int64(20-len(documents[i])))
		documents[i] = append(documents[i], strays[len(documents[i]):]...)
		s.wantSame(t, identities[i], homes[i], documents[i]...)
		s.wantSame(t, identities[1-i], homes[1-i], documents[1-i]...)
		s.quarantine(t, left)
		s.wantNothing(t, left)
		s.wantSame(t, identities[i], homes[i], documents[i]...)
		s.wantSame(t, identities[1-i], homes[1-i], documents[1-i]...)
	}
}

func inventoryContextEnds(t *testing.T, s Storage) {
	one, two := s.place("org_one"), s.place("org_two")
	documents := makeDocuments(1, 10)
	s.ensure(t, firstOwner, one, documents...)
	s.ensure(t, secondOwner, two)
	wantUnavailable(t, []call{
		{"List", func(ctx context.Context) error { _, err := s.Inventory.List(ctx, s.Database, "", 10); return err }},
		{"Measure", func(ctx context.Context) error { _, err := s.Inventory.Measure(ctx, one); return err }},
		{"Merge", func(ctx context.Context) error { _, err := s.Inventory.Merge(ctx, one, two); return err }},
		{"Quarantine", func(ctx context.Context) error { _, err := s.Inventory.Quarantine(ctx, one); return err }},
	})
	s.wantThere(t, one, documents...)
	s.wantThere(t, two)
}
