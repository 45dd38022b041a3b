package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// A store that is only read stands beside the one that owns the files, sees what
// that writes, and can write nothing.
func TestReadOnlyBesideTheOwner(t *testing.T) {
	dir := t.TempDir()
	owner := openTest(t, Options{Dir: dir})
	acme := newOrganization(t, "1", "Acme")
	insert(t, owner, acme)
	if err := owner.Collections().Namespaces.Ensure(t.Context(), "1", acme.Placement); err != nil {
		t.Fatal(err)
	}
	at := placeOf(t, owner, "1", acme.Placement)
	putDocuments(t, owner, at, domain.Document{ID: "a", Body: domain.BodyOf(`{"n":1}`)})
	reader := openTest(t, Options{Dir: dir, ReadOnly: true})
	if got, err := reader.Collections().Documents.Get(t.Context(), at, "a"); err != nil || got.Body.String() != `{"n":1}` {
		t.Errorf("document: %v, %v", got, err)
	}
	if got, err := reader.Organizations().ByNameKey(t.Context(), "acme"); err != nil || got.ID != "1" {
		t.Errorf("organization: %v, %v", got.ID, err)
	}
	if info, err := reader.Collections().Namespaces.Stat(t.Context(), acme.Placement); err != nil || !info.Exists || info.Empty {
		t.Errorf("namespace: %+v, %v", info, err)
	}
	if err := reader.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}

	account := newAccount("1", "ann@acme.example")
	if err := owner.Accounts().Insert(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if got, err := reader.Accounts().ByEmailKey(t.Context(), "ann@acme.example"); err != nil || got != account {
		t.Errorf("what was written later: %v", err)
	}
	if n, err := reader.Census().CountLive(t.Context()); err != nil || n != 1 {
		t.Errorf("%d live organizations, %v", n, err)
	}

	for name, write := range map[string]func() error{
		"Organizations.Insert": func() error {
			return reader.Organizations().Insert(t.Context(), newOrganization(t, "2", "Globex"))
		},
		"Organizations.Replace": func() error { return reader.Organizations().Replace(t.Context(), acme, acme.Version) },
		"Accounts.Insert":       func() error { return reader.Accounts().Insert(t.Context(), newAccount("2", "bob@acme.example")) },
		"Accounts.Replace":      func() error { return reader.Accounts().Replace(t.Context(), account, account.Version) },
		"Accounts.Delete":       func() error { return reader.Accounts().Delete(t.Context(), account.ID) },
		"Namespaces.Ensure": func() error {
			return reader.Collections().Namespaces.Ensure(t.Context(), "2", newPlacement("org_globex"))
		},
		"Namespaces.Rename": func() error {
			return reader.Collections().Namespaces.Rename(t.Context(), "x", acme.Placement, newPlacement("org_globex"))
		},
		"Namespaces.Drop": func() error { return reader.Collections().Namespaces.Drop(t.Context(), acme.Placement) },
		"Documents.Write": func() error {
			_, err := reader.Collections().Documents.Write(t.Context(), at, []ports.DocumentWrite{{Action: ports.DocumentDelete, Document: domain.Document{ID: "a"}}})
			return err
		},
	} {
		if err := write(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: got %v, want ErrReadOnly", name, err)
		}
	}
	// Not even past the ports.
	for _, d := range []*database{reader.registry, reader.data} {
		if _, err := d.writer.ExecContext(t.Context(), "DELETE FROM schema_version"); err == nil {
			t.Error("a connection could write")
		}
		if _, err := d.writer.ExecContext(t.Context(), "PRAGMA query_only(0)"); err != nil {
			t.Fatal(err)
		}
		if _, err := d.writer.ExecContext(t.Context(), "DELETE FROM schema_version"); err == nil {
			t.Error("the file could be written to")
		}
	}
}

// A store that nobody owns, and whose last owner died, is read with what is in the
// logs, and its files stay as they are.
func TestReadOnlyChangesNothing(t *testing.T) {
	dir := crashedStore(t)
	files := []string{RegistryFile, RegistryFile + "-wal", DataFile, DataFile + "-wal"}
	before := map[string][]byte{}
	for _, file := range files {
		before[file] = []byte(contents(t, dir, file))
	}
	reader, err := Open(t.Context(), Options{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Organizations().ByID(t.Context(), "1"); err != nil {
		t.Error(err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !bytes.Equal([]byte(contents(t, dir, file)), before[file]) {
			t.Errorf("%s has changed", file)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, LockFile)); !os.IsNotExist(err) {
		t.Errorf("the lock was taken: %v", err)
	}
	openTest(t, Options{Dir: dir})
}

// crashedStore returns the files of a store whose process has died.
func crashedStore(t *testing.T) string {
	t.Helper()
	alive, dead := t.TempDir(), t.TempDir()
	s := openTest(t, Options{Dir: alive})
	insert(t, s, newOrganization(t, "1", "Acme"))
	for _, file := range []string{RegistryFile, RegistryFile + "-wal", DataFile, DataFile + "-wal"} {
		// Reading them ends this process's locks on them, which nobody contends for.
		if err := os.WriteFile(filepath.Join(dead, file), []byte(contents(t, alive, file)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dead
}

func TestReadOnlyNeedsAStore(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	half := t.TempDir()
	if err := os.WriteFile(filepath.Join(half, RegistryFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"missing": missing, "empty": t.TempDir(), "one file": half, "no name": ""} {
		if _, err := Open(t.Context(), Options{Dir: dir, ReadOnly: true}); !errors.Is(err, ErrNoStore) {
			t.Errorf("%s: got %v, want ErrNoStore", name, err)
		}
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("the directory was made: %v", err)
	}
	if entries, err := os.ReadDir(half); err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	if _, err := Open(t.Context(), Options{Memory: true, ReadOnly: true}); err == nil {
		t.Error("a store in memory can't be read only")
	}
}

func TestReadOnlyWantsTodaysSchema(t *testing.T) {
	for _, c := range []struct {
		name, change string
		want         error
	}{
		{"older", "DELETE FROM schema_version", ErrOlderSchema},
		{"newer", "INSERT INTO schema_version (version) VALUES (1000)", ErrNewerSchema},
	} {
		for _, file := range []string{RegistryFile, DataFile} {
			t.Run(c.name+" "+file, func(t *testing.T) {
				dir := t.TempDir()
				s := openTest(t, Options{Dir: dir})
				d := s.registry
				if file == DataFile {
					d = s.data
				}
				if _, err := d.writer.ExecContext(t.Context(), c.change); err != nil {
					t.Fatal(err)
				}
				if _, err := Open(t.Context(), Options{Dir: dir, ReadOnly: true}); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				_, err := Backup(t.Context(), BackupOptions{Dir: dir, File: filepath.Join(t.TempDir(), "backup")})
				if !errors.Is(err, c.want) {
					t.Errorf("backup: got %v, want %v", err, c.want)
				}
			})
		}
	}
}

// The store's own answers come through, not just any.
func TestReadOnlyFindsNothing(t *testing.T) {
	dir := t.TempDir()
	openTest(t, Options{Dir: dir})
	reader := openTest(t, Options{Dir: dir, ReadOnly: true})
	if _, err := reader.Organizations().ByID(t.Context(), "1"); !errors.Is(err, domain.ErrOrganizationNotFound) {
		t.Errorf("got %v", err)
	}
	if info, err := reader.Collections().Namespaces.Stat(t.Context(), newPlacement("org_acme")); err != nil || info.Exists {
		t.Errorf("got %+v, %v", info, err)
	}
}
