package sqlite

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// versionOne is what a program of the registry's version 1 had written: an idle
// organization, one whose create went back, and one that is being renamed.
const versionOne = `
INSERT INTO organizations VALUES
	(1, 'idle', 'Idle', 'idle', 'active', 'collection', 'tenants', 'org_idle', 1, 'open', 'owner-1', 3, 'op-1', '', 7, 1000, 2000, NULL),
	(2, 'refused', 'Refused', 'refused', 'purged', '', '', '', 0, '', 'owner-2', 1, 'op-2', 'email_taken', 3, 1000, 2000, 3000),
	(3, 'busy', 'Busy', 'busy', 'active', 'collection', 'tenants', 'org_busy', 1, 'open', 'owner-3', 1, '', '', 2, 1000, 2000, NULL);
INSERT INTO operations VALUES (3, 'op-3', 'update', 'forward', '', 4000, 5000, 2, 'Next', 'next', 'new@b.example', 'old@b.example',
	'collection', 'tenants', 'org_next', 2, 'open', 'documents_busy_1_1');
INSERT INTO name_keys VALUES ('idle', 1), ('busy', 3), ('next', 3);
INSERT INTO reservations VALUES ('c:tenants.org_idle', 1, 0), ('c:tenants.org_refused', 2, 0),
	('c:tenants.org_busy', 3, 0), ('c:tenants.org_next', 3, 1);`

// openVersionOne opens a store whose registry was of version 1.
func openVersionOne(t *testing.T) *Store {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, RegistryFile)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := openFile(&gate{}, time.Minute, path, 1)
	if err := apply(t.Context(), d.writer, "migrations/registry/0001_create.sql", 1); err != nil {
		t.Fatal(err)
	}
	damage(t, d, versionOne)
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	return openTest(t, Options{Dir: dir})
}

// A store of version 1 is brought up to date, and its records read as before.
func TestMigrationFromVersionOne(t *testing.T) {
	s := openVersionOne(t)
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	next := newPlacement("org_next")
	next.Generation = 2
	want := []domain.Organization{
		{
			ID: "idle", Name: domain.StoredName("Idle", "idle"), Status: domain.StatusActive,
			Placement: newPlacement("org_idle"), Reserved: []string{"c:tenants.org_idle"}, Owner: "owner-1", Epoch: 3,
			Last: domain.Outcome{Operation: "op-1"}, Version: 7, CreatedAt: at(1000), UpdatedAt: at(2000),
		},
		{
			ID: "refused", Name: domain.StoredName("Refused", "refused"), Status: domain.StatusPurged,
			Reserved: []string{"c:tenants.org_refused"}, Owner: "owner-2", Epoch: 1,
			Last:    domain.Outcome{Operation: "op-2", Refused: domain.CodeEmailTaken},
			Version: 3, CreatedAt: at(1000), UpdatedAt: at(2000), DeletedAt: at(3000),
		},
		{
			ID: "busy", Name: domain.StoredName("Busy", "busy"), Status: domain.StatusActive,
			Placement: newPlacement("org_busy"), Reserved: []string{"c:tenants.org_busy", "c:tenants.org_next"},
			Owner: "owner-3", Epoch: 1, Version: 2, CreatedAt: at(1000), UpdatedAt: at(2000),
			Pending: domain.Operation{
				ID: "op-3", Kind: domain.OperationUpdate, Phase: domain.PhaseForward,
				StartedAt: at(4000), LeaseUntil: at(5000), Attempt: 2, Name: domain.StoredName("Next", "next"),
				Email: domain.StoredEmail("new@b.example"), FormerEmail: domain.StoredEmail("old@b.example"),
				Target: next, Source: "documents_busy_1_1",
			},
		},
	}
	for _, o := range want {
		got, err := s.Organizations().ByID(t.Context(), o.ID)
		if diff := cmp.Diff(o, got, cmp.AllowUnexported(domain.Name{}, domain.Email{})); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", o.ID, err, diff)
		}
	}
	if due, err := s.Organizations().Due(t.Context(), at(5000), 10); len(due) != 1 || err != nil {
		t.Errorf("due: %d, %v", len(due), err)
	}
	if all, err := s.Directory().List(t.Context(), ports.OrganizationQuery{Limit: 10}); len(all) != len(want) || err != nil {
		t.Errorf("list: %d, %v", len(all), err)
	}
	if faults, err := s.Structure().Faults(t.Context()); len(faults) != 0 || err != nil {
		t.Errorf("faults: %q, %v", faults, err)
	}
	busy := want[2]
	busy.Hold, busy.Version = true, 3
	if err := s.Organizations().Replace(t.Context(), busy, 2); err != nil {
		t.Errorf("replace: %v", err)
	}
}

// A data.db of version 1 is brought up to date, with its documents. Its numbers go on.
func TestDataMigrationFromVersionOne(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, DataFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := openFile(&gate{}, time.Minute, filepath.Join(dir, DataFile), 1)
	if err := apply(t.Context(), d.writer, "migrations/data/0001_create.sql", 1); err != nil {
		t.Fatal(err)
	}
	damage(t, d, "INSERT INTO namespaces VALUES (6, 'tenants', 'org_acme', 'acme', 'documents_acme_1_6'), (7, 'tenants', 'org_gone', 'acme', 'gone')",
		"DELETE FROM namespaces WHERE number = 7", "CREATE TABLE documents_acme_1_6 "+documentColumns, `INSERT INTO documents_acme_1_6 VALUES ('a', '{"n":1}')`)
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, Options{Dir: dir})
	at := placeOf(t, s, "acme", newPlacement("org_acme"))
	if got, err := s.Collections().Documents.Get(t.Context(), at, "a"); err != nil || got.Body.String() != `{"n":1}` {
		t.Errorf("got %v, %v", got, err)
	}
	if next := newPlace(t, s, "acme", "org_next"); next.Identity != "documents_acme_1_8" {
		t.Errorf("the next is %s", next.Identity)
	}
	if faults, err := s.Structure().Faults(t.Context()); len(faults) != 0 || err != nil {
		t.Errorf("faults: %q, %v", faults, err)
	}
}
