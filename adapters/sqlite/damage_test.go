package sqlite

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/contract"
)

// damageable returns a store with some records, and ways to damage it.
func damageable(t *testing.T, s *Store) contract.Structure {
	t.Helper()
	o := newOrganization(t, "1", "Acme")
	insert(t, s, o)
	if err := s.Collections().Namespaces.Ensure(t.Context(), o.ID, o.Placement); err != nil {
		t.Fatal(err)
	}
	registry := func(name string, statements ...string) contract.Damage {
		return contract.Damage{Name: name, Do: func(t *testing.T) { damage(t, s.registry, statements...) }}
	}
	data := func(name string, statements ...string) contract.Damage {
		return contract.Damage{Name: name, Do: func(t *testing.T) { damage(t, s.data, statements...) }}
	}
	return contract.Structure{
		Structure: s.Structure(),
		Missing: []contract.Damage{
			registry("no index for lists", "DROP INDEX organizations_listed"),
			registry("no index of statuses", "DROP INDEX organizations_by_status"),
			registry("no index of leases", "DROP INDEX operations_due"),
			registry("no index of reservations", "DROP INDEX reservations_by_organization"),
			registry("no index of requests", "DROP INDEX requests_by_expiry"),
		},
		Wrong: []contract.Damage{
			registry("another index", "DROP INDEX operations_stuck", "CREATE INDEX operations_stuck ON operations (organization)"),
			registry("a table in an index's place", "DROP INDEX organizations_purge_due",
				"CREATE TABLE organizations_purge_due (marker TEXT)",
				"INSERT INTO organizations_purge_due VALUES ('"+contract.StructureMarker+"')"),
			registry("a name of no organization", "PRAGMA foreign_keys = OFF",
				"INSERT INTO name_keys (key, organization) VALUES ('"+contract.StructureMarker+"', 1000)", "PRAGMA foreign_keys = ON"),
			registry("a row that an index lacks",
				"CREATE TEMP TABLE hidden AS SELECT * FROM sqlite_schema WHERE name = 'requests_by_expiry'",
				"PRAGMA writable_schema = ON", "DELETE FROM sqlite_schema WHERE name = 'requests_by_expiry'", "PRAGMA writable_schema = RESET",
				"INSERT INTO requests VALUES ('"+contract.StructureMarker+"', '', '', 0, NULL, 0, 1)",
				"PRAGMA writable_schema = ON", "INSERT INTO sqlite_schema SELECT * FROM hidden", "PRAGMA writable_schema = RESET"),
			data("a namespace without a table", "INSERT INTO namespaces (database, name, organization_id, physical)"+
				" VALUES ('tenants', '"+contract.StructureMarker+"', '', 'documents_lost')"),
			data("tables without a namespace", "CREATE TABLE documents_stray (id TEXT)", "CREATE TABLE documents_stray_2 (id TEXT)"),
			data("a document of no share", "PRAGMA foreign_keys = OFF",
				"INSERT INTO tenants VALUES ('"+contract.StructureMarker+"', 1000, 'a', '{}')", "PRAGMA foreign_keys = ON"),
			registry("no accounts", "DROP TABLE accounts"),
		},
	}
}

// damage runs statements on the writer.
func damage(t *testing.T, d *database, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := d.writer.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Without the table of namespaces nothing can be said of the tables of documents.
func TestFaultsWithoutNamespaces(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	damage(t, s.data, "CREATE TABLE documents_stray (id TEXT)", "DROP TABLE namespaces")
	got, err := s.Structure().Faults(t.Context())
	if want := []string{"data.db: the table namespaces is missing."}; !slices.Equal(got, want) || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Of many faults of one kind some are told, and that there are more.
func TestManyFaults(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	for i := range maxFaults + 1 {
		damage(t, s.data, fmt.Sprintf("CREATE TABLE documents_%d (id TEXT)", i))
	}
	got, err := s.Structure().Faults(t.Context())
	if err != nil || len(got) != maxFaults+1 || got[maxFaults] != "data.db: there are more faults like the last." {
		t.Errorf("got %d, %v: %q", len(got), err, got)
	}
}

// A page that was overwritten is told, and no byte of it.
func TestFaultsOfDamagedPages(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	for i := range 200 {
		insert(t, s, newOrganization(t, fmt.Sprint("id-", i), fmt.Sprint("Acme ", i)))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, RegistryFile)
	content := []byte(contents(t, dir, RegistryFile))
	at := bytes.LastIndex(content, []byte("acme 150")) &^ 0xfff
	copy(content[at:], bytes.Repeat([]byte(contract.StructureMarker), 20))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}

	s = openTest(t, Options{Dir: dir})
	got, err := s.Structure().Faults(t.Context())
	if err != nil || len(got) == 0 || strings.Contains(strings.Join(got, " "), contract.StructureMarker) {
		t.Errorf("got %q, %v", got, err)
	}
}
