package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
)

// What was written is there after the store is closed and opened again.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	wantOrganization := newOrganization(t, "1", "Acme")
	insert(t, s, wantOrganization)
	wantAccount := newAccount("1", "ann@acme.example")
	if err := s.Accounts().Insert(t.Context(), wantAccount); err != nil {
		t.Fatal(err)
	}
	if err := s.Collections().Namespaces.Ensure(t.Context(), "1", wantOrganization.Placement); err != nil {
		t.Fatal(err)
	}
	wantInfo, err := s.Collections().Namespaces.Stat(t.Context(), wantOrganization.Placement)
	if err != nil || !wantInfo.Exists {
		t.Fatalf("stat: %+v, %v", wantInfo, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openTest(t, Options{Dir: dir})
	organization, err := s.Organizations().ByNameKey(t.Context(), "acme")
	if diff := cmp.Diff(wantOrganization, organization, cmp.AllowUnexported(domain.Name{}, domain.Email{})); diff != "" || err != nil {
		t.Errorf("organization: %v\n%s", err, diff)
	}
	account, err := s.Accounts().ByEmailKey(t.Context(), "ann@acme.example")
	if account != wantAccount || err != nil {
		t.Errorf("account: %v", err)
	}
	info, err := s.Collections().Namespaces.Stat(t.Context(), wantOrganization.Placement)
	if info != wantInfo || err != nil {
		t.Errorf("namespace: %+v, %v", info, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	for _, file := range []string{RegistryFile, DataFile} {
		t.Run(file, func(t *testing.T) {
			dir := t.TempDir()
			s := openTest(t, Options{Dir: dir})
			db := s.registry
			if file == DataFile {
				db = s.data
			}
			if _, err := db.writer.ExecContext(t.Context(), "INSERT INTO schema_version (version) VALUES (1000)"); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			before := contents(t, dir, file)
			for range 2 { // a refusal frees the lock
				if _, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrNewerSchema) {
					t.Fatalf("got %v, want ErrNewerSchema", err)
				}
			}
			if contents(t, dir, file) != before {
				t.Error("the refused file was changed")
			}
		})
	}
}

// A migration that fails half way leaves nothing of it.
func TestMigrationIsWhole(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	if err := apply(t.Context(), s.data.writer, "migrations/data/0001_create.sql", 1000); err == nil {
		t.Fatal("tables were made twice")
	}
	version, err := schemaVersion(t.Context(), s.data.writer)
	if want := len(migrationSteps("data")); version != want || err != nil {
		t.Errorf("version %d, %v, want %d", version, err, want)
	}
}

func contents(t *testing.T, dir, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
