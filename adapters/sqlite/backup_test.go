package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// What is copied is what was there when the snapshot was taken, in both files.
func TestSnapshotStays(t *testing.T) {
	dir, copies := t.TempDir(), t.TempDir()
	s := openTest(t, Options{Dir: dir})
	acme, globex := newOrganization(t, "1", "Acme"), newOrganization(t, "2", "Globex")
	insert(t, s, acme)
	if err := s.Collections().Namespaces.Ensure(t.Context(), acme.ID, acme.Placement); err != nil {
		t.Fatal(err)
	}
	snapshot, err := takeSnapshot(t.Context(), dir, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = snapshot.close() }()
	insert(t, s, globex)
	if err := s.Collections().Namespaces.Ensure(t.Context(), globex.ID, globex.Placement); err != nil {
		t.Fatal(err)
	}
	if err := s.Collections().Namespaces.Drop(t.Context(), acme.Placement); err != nil {
		t.Fatal(err)
	}
	for _, v := range snapshot {
		if _, err := v.copyInto(t.Context(), copies, &progress{}); err != nil {
			t.Fatal(err)
		}
	}
	copied := openTest(t, Options{Dir: copies})
	if n, err := copied.Census().CountLive(t.Context()); err != nil || n != 1 {
		t.Errorf("%d organizations in the copy, %v", n, err)
	}
	for p, want := range map[domain.Placement]bool{acme.Placement: true, globex.Placement: false} {
		if info, err := copied.Collections().Namespaces.Stat(t.Context(), p); err != nil || info.Exists != want {
			t.Errorf("%s: %+v, %v", p.Namespace, info, err)
		}
	}
}

// fill adds a table of so many pages.
func fill(t *testing.T, d *database, table string, pages int) {
	t.Helper()
	err := transact(t.Context(), d.writer, nil, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TABLE "+table+" (body BLOB)"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "+
			"INSERT INTO "+table+" SELECT randomblob(4000) FROM n", pages)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A copy that takes several steps is of one instant, too.
func TestLargeSnapshotStays(t *testing.T) {
	dir, copies := t.TempDir(), t.TempDir()
	s := openTest(t, Options{Dir: dir})
	fill(t, s.registry, "large", 3*stepPages)
	snapshot, err := takeSnapshot(t.Context(), dir, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = snapshot.close() }()
	steps := 0
	p := progress{total: snapshot.size(), report: func(done, total int64) {
		steps++
		if done > total {
			t.Errorf("%d of %d bytes", done, total)
		}
		if _, err := s.registry.writer.ExecContext(t.Context(), "UPDATE large SET body = zeroblob(4000) WHERE rowid % 64 = 0"); err != nil {
			t.Error(err)
		}
	}}
	if _, err := snapshot[0].copyInto(t.Context(), copies, &p); err != nil {
		t.Fatal(err)
	}
	if steps < 3 {
		t.Fatalf("%d steps", steps)
	}
	db := openReader(filepath.Join(copies, RegistryFile), time.Second)
	defer db.Close()
	var changed int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM large WHERE body = zeroblob(4000)").Scan(&changed); err != nil || changed != 0 {
		t.Errorf("%d rows are of a later instant, %v", changed, err)
	}
}

// The instant is one at which nobody writes to the registry.
func TestBackupWaitsForTheRegistry(t *testing.T) {
	dir, target := t.TempDir(), t.TempDir()
	s := openTest(t, Options{Dir: dir})
	o := BackupOptions{Dir: dir, File: filepath.Join(target, "backup"), Timeout: 20 * time.Millisecond}
	err := transact(t.Context(), s.registry.writer, nil, func(ctx context.Context, _ *sql.Tx) error {
		_, err := Backup(ctx, o)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "writing for longer than 20ms") {
		t.Errorf("while somebody writes: %v", err)
	}
	wantEmpty(t, target)
	if _, err := Backup(t.Context(), o); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestBackupReplacesOnlyBackups(t *testing.T) {
	dir, target := t.TempDir(), t.TempDir()
	openTest(t, Options{Dir: dir})
	backup := func(file string, force bool) error {
		_, err := Backup(t.Context(), BackupOptions{Dir: dir, File: file, Force: force})
		return err
	}
	file := filepath.Join(target, "backup")
	if err := backup(file, false); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the archive's mode is %v, %v", info.Mode(), err)
	}
	first := contents(t, target, "backup")
	if err := backup(file, false); !errors.Is(err, ErrBackupExists) {
		t.Errorf("got %v, want ErrBackupExists", err)
	}
	if contents(t, target, "backup") != first {
		t.Error("the refused backup changed the older one")
	}
	if err := backup(file, true); err != nil {
		t.Errorf("by force: %v", err)
	}

	other := filepath.Join(target, "other")
	if err := os.WriteFile(other, []byte("somebody's work"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(target, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		other, folder, filepath.Join(dir, RegistryFile), filepath.Join(dir, DataFile+"-shm"), filepath.Join(dir, LockFile),
		filepath.Join(dir, DataFile+"-journal"), // which isn't there, but would mean something to SQLite
		filepath.Join(dir, "..", filepath.Base(dir), DataFile),
	} {
		if err := backup(path, true); !errors.Is(err, ErrNotReplaced) {
			t.Errorf("%s: got %v, want ErrNotReplaced", path, err)
		}
	}
	if contents(t, target, "other") != "somebody's work" {
		t.Error("a file that is no backup was replaced")
	}
	if entries, err := os.ReadDir(target); err != nil || len(entries) != 3 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

// Somebody may make the file while the backup runs.
func TestBackupIsNotPublishedOverAnother(t *testing.T) {
	dir := t.TempDir()
	archive, file := filepath.Join(dir, "archive"), filepath.Join(dir, "file")
	for _, path := range []string{archive, file} {
		if err := os.WriteFile(path, []byte(path), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := publish(archive, file, false); !errors.Is(err, ErrBackupExists) {
		t.Errorf("got %v, want ErrBackupExists", err)
	}
	if contents(t, dir, "file") != file {
		t.Error("the other's file was replaced")
	}
}

func TestBackupNeedsAPlace(t *testing.T) {
	dir, target := t.TempDir(), t.TempDir()
	openTest(t, Options{Dir: dir})
	file := filepath.Join(target, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", filepath.Join(target, "missing", "backup"), filepath.Join(file, "backup")} {
		if _, err := Backup(t.Context(), BackupOptions{Dir: dir, File: path}); err == nil {
			t.Errorf("a backup was written to %q", path)
		}
	}
	if _, err := Backup(t.Context(), BackupOptions{Dir: t.TempDir(), File: file}); !errors.Is(err, ErrNoStore) {
		t.Errorf("got %v, want ErrNoStore", err)
	}
}

// A backup that is given up leaves nothing.
func TestBackupEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	openTest(t, Options{Dir: dir})
	for at := 1; ; at++ {
		ctx, cancel := context.WithCancel(t.Context())
		target, reports := t.TempDir(), 0
		_, err := Backup(ctx, BackupOptions{Dir: dir, File: filepath.Join(target, "backup"), Progress: func(int64, int64) {
			if reports++; reports == at {
				cancel()
			}
		}})
		cancel()
		if err == nil {
			if at < 4 {
				t.Errorf("only %d places to give up at", at)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		wantEmpty(t, target)
	}
}

// A damaged store isn't passed off as a backup.
func TestBackupOfADamagedStore(t *testing.T) {
	dir, target := t.TempDir(), t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	insert(t, s, newOrganization(t, "1", "Acme"))
	fill(t, s.data, "large", 100)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, DataFile), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("damage", 1000)), 10*4096); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := Backup(t.Context(), BackupOptions{Dir: dir, File: filepath.Join(target, "backup")}); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
	wantEmpty(t, target)
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s is left", e.Name())
	}
}
