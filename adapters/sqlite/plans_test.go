package sqlite

import (
	"database/sql"
	"strings"
	"testing"
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
			// finds an organization's reservations by index.
			rest := strings.ReplaceAll(plan, "SCAN (subquery", "(subquery")
			if strings.Contains(rest, "SCAN") || strings.Contains(rest, "TEMP B-TREE") {
				t.Errorf("the plan scans or sorts:\n%s", plan)
			}
		})
	}
}
