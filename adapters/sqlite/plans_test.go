package sqlite

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// explain returns the steps of a query's plan, one a line.
func explain(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("explain: %v", err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatalf("explain: %v", err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("explain: %v", err)
	}
	return strings.Join(steps, "\n")
}

// Every look-up that requests wait for is a search in an index, from which the
// rest is reached by number: its cost doesn't grow with the number of records.
func TestPlans(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	lookups := []struct {
		name, query, start string
		args               []any
	}{
		{"organization by name key", selectOrganizationByNameKey, "SEARCH name_keys USING PRIMARY KEY (key=?)", []any{"acme"}},
		{"organization by ID", selectOrganizationByID, "SEARCH o USING INDEX sqlite_autoindex_organizations_1 (id=?)", []any{"id"}},
		{"organization by ID and version", selectOrganizationVersion, "SEARCH o USING INDEX sqlite_autoindex_organizations_1 (id=?)", []any{"id", 1}},
		{"operations due", selectOrganizationsDue, "SEARCH operations USING COVERING INDEX operations_due (lease_until<?)", []any{1, 10}},
		{
			"page of organizations", selectPage,
			"SEARCH o USING INDEX sqlite_autoindex_organizations_1 (id=?)\nLIST SUBQUERY 5\n" +
				"SEARCH o USING COVERING INDEX organizations_listed (id>?)", pageArgs(ports.OrganizationQuery{}),
		},
		{
			"organizations by reservations", selectByReservations,
			"SEARCH o USING INTEGER PRIMARY KEY (rowid=?)\nLIST SUBQUERY 5\n" +
				"SEARCH reservations USING PRIMARY KEY (entry=?)",
			[]any{`["a"]`},
		},
		{"data to purge", selectPurgeDue, "SEARCH o USING INDEX organizations_purge_due (purge_at<?)", []any{1, "deleted", 10}},
		{"request by ID", selectRequest, "SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id=?)", []any{"id"}},
		{"request by ID and version", updateRequest, "SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id=?)", []any{"", "", 1, nil, 1, 1, "id", 1}},
		{"requests to forget", forgetRequests, "SEARCH requests USING INTEGER PRIMARY KEY (rowid=?)\nLIST SUBQUERY 1\n" +
			"SEARCH requests USING COVERING INDEX requests_by_expiry (expires_at<?)", []any{1, 10}},
		{"usage by organization", selectUsage, "SEARCH usages USING PRIMARY KEY (organization=?)", []any{"id"}},
		{"moves of an organization", selectMovesOf, "SEARCH moves USING INDEX moves_by_organization (organization=?)", []any{"id"}},
		{"moves due", selectMovesDue, "SEARCH moves USING INDEX moves_due (due_at<?)", []any{1, 10}},
		{"move by operation and version", removeMove, "SEARCH moves USING INDEX sqlite_autoindex_moves_1 (operation=?)", []any{"id"}},
		{"account by ID", selectAccountByID, "SEARCH a USING INDEX sqlite_autoindex_accounts_1 (id=?)", []any{"id"}},
		{"account by email key", selectAccountByEmailKey, "SEARCH a USING INDEX sqlite_autoindex_accounts_2 (email_key=?)", []any{"a@b.example"}},
		{"live organizations", countLive, "SEARCH organizations USING COVERING INDEX organizations_by_status (status=?)", []any{"a", "b", "c"}},
	}
	for _, l := range lookups {
		t.Run(l.name, func(t *testing.T) {
			plan := explain(t, s.registry.readers, l.query, l.args...)
			if !strings.HasPrefix(plan, l.start) {
				t.Errorf("the plan starts otherwise than with %q:\n%s", l.start, plan)
			}
			// The one table that may be scanned is the result of the subquery that
			// finds an organization's reservations by index; and what a parameter lists.
			rest := strings.NewReplacer("SCAN (subquery", "(subquery", "SCAN json_each", "json_each").Replace(plan)
			if strings.Contains(rest, "SCAN") || strings.Contains(rest, "TEMP B-TREE") {
				t.Errorf("the plan scans or sorts:\n%s", plan)
			}
		})
	}
}

// A list of stuck operations looks at these alone, and sorts them.
func TestPlanOfStuckOnes(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	plan := explain(t, s.registry.readers, selectStuckPage, pageArgs(ports.OrganizationQuery{Stuck: true})...)
	if !strings.Contains(plan, "SCAN operations USING INDEX operations_stuck\nSEARCH o USING INTEGER PRIMARY KEY") {
		t.Error(plan)
	}
}

// The look-ups in data.db. Steps through documents go by their row numbers.
func TestPlansOfNamespaces(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	if err := s.Collections().Namespaces.Ensure(t.Context(), "acme", newPlacement("org_acme")); err != nil {
		t.Fatal(err)
	}
	table, c := documentTable{name: "documents_acme_1_1"}, newCollections(s.data).catalogue
	for name, l := range map[string]struct {
		query, start string
		args         []any
	}{
		"list":       {c.selectNames(), "SEARCH namespaces USING COVERING INDEX sqlite_autoindex_namespaces_2 (database=? AND name>?)", []any{"a", "b", 10}},
		"quarantine": {c.quarantineEntry(), "SEARCH namespaces USING INTEGER PRIMARY KEY (rowid=?)", []any{"a", "b", 1}},
		"rename":     {c.renameEntry(), "SEARCH namespaces USING INDEX sqlite_autoindex_namespaces_2 (database=? AND name=?)", []any{"a", "b", "a", "b", "c"}},
		"by name":    {c.selectEntry(byName), "SEARCH namespaces USING INDEX sqlite_autoindex_namespaces_2 (database=? AND name=?)", []any{"a", "b"}},
		"by number":  {c.selectEntry(byRowNumber), "SEARCH namespaces USING INTEGER PRIMARY KEY (rowid=?)", []any{1}},
		"measure":    {table.measureDocuments(), "CO-ROUTINE (subquery-1)\nSEARCH documents_acme_1_1 USING INTEGER PRIMARY KEY (rowid>?)", []any{0, 10}},
		"merge": {
			table.mergeDocuments(table), "SEARCH documents_acme_1_1 USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
			[]any{0, 10},
		},
	} {
		if plan := explain(t, s.data.writer, l.query, l.args...); !strings.HasPrefix(plan, l.start) {
			t.Errorf("%s: the plan starts otherwise than with %q:\n%s", name, l.start, plan)
		}
	}
	end := explain(t, s.data.writer, table.mergeEnd(), 0, 10, 10)
	if !strings.Contains(end, "SEARCH documents_acme_1_1 USING INTEGER PRIMARY KEY (rowid>?)") || strings.Contains(end, "SCAN documents") {
		t.Errorf("end of a batch:\n%s", end)
	}
}

// The look-ups among documents go by their IDs, in the order of them, and nothing is
// sorted. A list with a filter ends where it may look no further.
func TestPlansOfDocuments(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newPlace(t, s, "acme", "org_acme")
	table := documentTable{name: at.Identity}
	damage(t, s.data, "CREATE INDEX by_n ON "+table.quoted()+" (body ->> 'n')")
	filter := []domain.Equal{{Field: "n", Value: int64(1)}, {Field: "text", Value: "x"}}
	whole, _ := table.selectFiltered(false, filter)
	bounded, _ := table.selectFiltered(true, filter)
	const search = "SEARCH documents_acme_1_1 USING "
	for name, l := range map[string]struct {
		query, start string
		args         []any
	}{
		"get":           {table.selectDocument(), search + "INDEX sqlite_autoindex_documents_acme_1_1_1 (id=?)", []any{"a"}},
		"update":        {table.updateDocument(), search + "INDEX sqlite_autoindex_documents_acme_1_1_1 (id=?)", []any{"{}", "a"}},
		"delete":        {table.deleteDocument(), search + "INDEX sqlite_autoindex_documents_acme_1_1_1 (id=?)", []any{"a"}},
		"page":          {table.selectPage(), search + "INDEX sqlite_autoindex_documents_acme_1_1_1 (id>?)", []any{"a"}},
		"end of a scan": {table.selectScanEnd(), search + "COVERING INDEX sqlite_autoindex_documents_acme_1_1_1 (id>?)", []any{"a", 10}},
		"filter":        {whole, search + "INDEX sqlite_autoindex_documents_acme_1_1_1 (id>?)", []any{"a", "n", 1, "text", "x"}},
		"filter before": {bounded, search + "INDEX sqlite_autoindex_documents_acme_1_1_1 (id>? AND id<?)", []any{"a", "b", "n", 1, "text", "x"}},
	} {
		plan := explain(t, s.data.writer, l.query, l.args...)
		if !strings.HasPrefix(plan, l.start) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s: the plan starts otherwise than with %q, or sorts:\n%s", name, l.start, plan)
		}
	}
	const wantGet = "SEARCH namespaces USING INDEX sqlite_autoindex_namespaces_2 (database=? AND name=?)\nSCALAR SUBQUERY 1\n" +
		search + "INDEX sqlite_autoindex_documents_acme_1_1_1 (id=?)"
	if plan := explain(t, s.data.writer, newCollections(s.data).selectAt(table), "a", "b", "c", "d", "e"); plan != wantGet {
		t.Errorf("get: the plan is\n%s", plan)
	}
}
