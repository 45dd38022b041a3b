package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// newShare makes a share and returns its place.
func newShare(t *testing.T, s *Store, owner domain.OrganizationID, namespace string) ports.Place {
	t.Helper()
	return newPlaceIn(t, s, domain.StrategyShared, owner, namespace)
}

// statements are all that a table of documents makes, with arguments.
func statements(t documentTable, before any) map[string]struct {
	query string
	args  []any
} {
	filter := []domain.Equal{{Field: "n", Value: int64(1)}, {Field: "text", Value: "x"}}
	whole, values := t.selectFiltered(false, filter)
	bounded, _ := t.selectFiltered(true, filter)
	first, firstArgs := t.selectStretch(beginning(""))
	middle, middleArgs := t.selectStretch(beginning(">a").until("z"))
	rest, restArgs := t.selectStretch(beginning(">a"))
	return map[string]struct {
		query string
		args  []any
	}{
		"get":           {newShares(nil).selectAt(t), t.args("a", "b", "c", "d", "e")},
		"read":          {t.selectDocument(), t.args("a")},
		"update":        {t.updateDocument(), append([]any{"{}"}, t.args("a")...)},
		"delete":        {t.deleteDocument(), t.args("a")},
		"page":          {t.selectPage(), t.args("a")},
		"end of a scan": {t.selectScanEnd(), t.args("a", 10)},
		"filter":        {whole, t.args(append([]any{"a"}, values...)...)},
		"filter before": {bounded, t.args(append([]any{"a", "b"}, values...)...)},
		"count":         {t.countDocuments(), t.args()},
		"is empty":      {t.selectEmpty(), t.args()},
		"drop":          {t.deleteBatch(), t.args(t.args(10)...)},
		"measure":       {t.measureDocuments(), t.args(before, 10)},
		"end of merge":  {t.mergeEnd(), t.args(before, 10, 10)},
		"batch":         {t.selectBatch(""), t.args(before, "z")},
		"merge":         {t.mergeDocuments(t), t.args(t.args(before, "z")...)},
		"record merge":  {changesOf("shares", 1).insertChanges(t), append([]any{"shares", 1}, t.args(before, "z")...)},
		"move first":    {first, firstArgs},
		"move middle":   {middle, middleArgs},
		"move rest":     {rest, restArgs},
	}
}

// Whatever is asked of the table for all, the engine goes to the rows of one share by the
// primary key and reads no other row.
func TestStatementsOnTenantsStayInAShare(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	for name, statement := range statements(shareOf("acme", 1), "") {
		plan := explain(t, s.data.writer, statement.query, statement.args...)
		steps := 0
		for step := range strings.Lines(plan) {
			if !strings.Contains(step, sharedTable) {
				continue
			}
			steps++
			if !strings.HasPrefix(step, "SEARCH tenants USING ") || !strings.Contains(step, "(organization_id=? AND share=?") {
				t.Errorf("%s reads beyond the share:\n%s", name, plan)
			}
		}
		if steps == 0 && name != "put" {
			t.Errorf("%s has no step on tenants:\n%s", name, plan)
		}
		if strings.Contains(plan, "ORDER BY") {
			t.Errorf("%s sorts:\n%s", name, plan)
		}
	}
}

// sourceNames are the words by which a statement names the table for all.
var sourceNames = []string{`"tenants"`, " tenants ", "FROM tenants", "INTO tenants", "UPDATE tenants"}

// No statement names the table but those that documentTable makes.
func TestTenantsAreNamedInOnePlace(t *testing.T) {
	for file, source := range sources(t) {
		for _, name := range sourceNames {
			if file != "document_table.go" && strings.Contains(source, name) {
				t.Errorf("%s names the table by %q", file, name)
			}
		}
	}
}

// The engine itself refuses a document in a share of another organization, or in none,
// and a share's end while there are documents in it.
func TestTenantsBelongToAShare(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newShare(t, s, "acme", "org_acme")
	newShare(t, s, "globex", "org_globex")
	putDocuments(t, s, at, domain.Document{ID: "a", Body: domain.BodyOf(`{}`)})
	for _, statement := range []string{
		"INSERT INTO tenants VALUES ('acme', 2, 'b', '{}')", "INSERT INTO tenants VALUES ('globex', 1, 'b', '{}')",
		"INSERT INTO tenants VALUES ('acme', 3, 'b', '{}')", "INSERT INTO tenants VALUES ('acme', 1, '', '{}')",
		"UPDATE tenants SET organization_id = 'globex'", "UPDATE tenants SET share = 2",
		"DELETE FROM shares WHERE number = 1", "UPDATE shares SET organization_id = 'globex' WHERE number = 1",
	} {
		if _, err := s.data.writer.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("done: %s", statement)
		}
	}
}

// Whoever gives the number of another one's share gets nothing of it, at any name.
func TestSharesOfAnotherOrganization(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	acme, globex := newShare(t, s, "acme", "org_acme"), newShare(t, s, "globex", "org_globex")
	document := domain.Document{ID: "a", Body: domain.BodyOf(`{"n":1}`)}
	putDocuments(t, s, acme, document)
	for _, organization := range []domain.OrganizationID{"", "acme", "ACME", "globex"} {
		for _, placement := range []domain.Placement{acme.Placement, globex.Placement} {
			for _, identity := range []string{"", "1", "01", "1.0", "2", "+1"} {
				at := ports.Place{Organization: organization, Placement: placement, Identity: identity}
				if at == acme || at == globex {
					continue
				}
				for name, call := range documentCalls(s, at) {
					if err := call(t.Context()); !errors.Is(err, domain.ErrNamespaceMissing) {
						t.Errorf("%s at %v: got %v", name, at, err)
					}
				}
			}
		}
	}
	documents := s.Shared().Documents
	if got, err := documents.Get(t.Context(), acme, "a"); got != document || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if n, err := documents.Count(t.Context(), globex); n != 0 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

// A drop that died between two batches has taken the namespace out of use. It exists
// until a drop has ended, which the next one does.
func TestDropGoesOn(t *testing.T) {
	for _, strategy := range []domain.Strategy{domain.StrategyCollection, domain.StrategyShared} {
		t.Run(string(strategy), func(t *testing.T) {
			s := openTest(t, Options{Memory: true})
			at := newPlaceIn(t, s, strategy, "acme", "org_acme")
			beside := newPlaceIn(t, s, strategy, "acme", "org_beside")
			storage, p := s.Storage()[strategy], at.Placement
			for _, place := range []ports.Place{at, beside} {
				fillPlace(t, s, place, 2*dropBatchSize) // The second batch leaves none, and doesn't know.
			}
			shelves := newShares(s.data)
			if strategy == domain.StrategyCollection {
				shelves = newCollections(s.data)
			}
			for batch := range 2 {
				err := s.data.write(t.Context(), "test", func(ctx context.Context, tx *sql.Tx) error {
					e, err := shelves.under(p)(ctx, tx)
					if err != nil {
						return err
					}
					gone, err := shelves.dropBatch(ctx, tx, e)
					if gone {
						t.Error("gone before the end")
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				for name, call := range documentCalls(s, at) {
					if err := call(t.Context()); !errors.Is(err, domain.ErrNamespaceMissing) {
						t.Errorf("%s after batch %d: got %v", name, batch, err)
					}
				}
				info, err := storage.Namespaces.Stat(t.Context(), p)
				if want := (ports.NamespaceInfo{Exists: true, Identity: at.Identity, Empty: batch == 1}); info != want || err != nil {
					t.Errorf("stat after batch %d: got %+v, %v", batch, info, err)
				}
				if usage, err := storage.Inventory.Measure(t.Context(), p); err != nil || usage.Documents != int64(1-batch)*dropBatchSize {
					t.Errorf("measured after batch %d: got %+v, %v", batch, usage, err)
				}
				if err := storage.Namespaces.Ensure(t.Context(), "acme", p); !errors.Is(err, domain.ErrNamespaceOccupied) {
					t.Errorf("ensure: got %v", err)
				}
				to := newPlacement("org_to")
				if err := storage.Namespaces.Rename(t.Context(), at.Identity, p, to); !errors.Is(err, domain.ErrNamespaceMissing) {
					t.Errorf("rename: got %v", err)
				}
				if _, err := storage.Inventory.Merge(t.Context(), p, beside.Placement); !errors.Is(err, domain.ErrNamespaceMissing) {
					t.Errorf("merge: got %v", err)
				}
			}
			if err := storage.Namespaces.Drop(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if info, err := storage.Namespaces.Stat(t.Context(), p); info.Exists || err != nil {
				t.Errorf("stat: got %+v, %v", info, err)
			}
			if n, err := storage.Documents.Count(t.Context(), beside); n != 2*dropBatchSize || err != nil {
				t.Errorf("%d documents beside it, %v", n, err)
			}
			if faults, err := s.Structure().Faults(t.Context()); len(faults) != 0 || err != nil {
				t.Errorf("faults: %q, %v", faults, err)
			}
			if err := storage.Namespaces.Ensure(t.Context(), "acme", p); err != nil {
				t.Errorf("ensure: %v", err)
			}
		})
	}
}

// A drop goes after what it has begun with, also when that gets another name meanwhile.
func TestDropFollowsIntoQuarantine(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newShare(t, s, "acme", "org_acme")
	fillPlace(t, s, at, 3*dropBatchSize)
	var name string
	s.data.observe = func(_ context.Context, kind string) func(bool) {
		return func(bool) {
			if kind == "drop documents" && name == "" {
				s.data.observe = nil
				var err error
				if name, err = s.Shared().Inventory.Quarantine(t.Context(), at.Placement); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if err := s.Shared().Namespaces.Drop(t.Context(), at.Placement); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Shared().Inventory.List(t.Context(), at.Placement.Database, "", 10); len(all) != 0 || err != nil || name == "" {
		t.Errorf("left: %q, %v", all, err)
	}
	if left := texts(t, s.data, fmt.Sprintf("SELECT count(*) FROM %s", sharedTable)); left[0] != "0" {
		t.Errorf("%s documents are left", left[0])
	}
}
