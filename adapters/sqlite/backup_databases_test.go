package sqlite

import (
	"archive/tar"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// ownBackedUp returns a backup of a store with a file for each of two organizations, one
// row whose file was never made, and one that is being dropped.
func ownBackedUp(t *testing.T) (file string, at [2]ports.Place) {
	t.Helper()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	s := openTest(t, Options{Dir: dir})
	at = [2]ports.Place{newOwn(t, s, "acme", "org_acme"), newOwn(t, s, "globex", "org_globex")}
	for _, place := range at {
		putDocuments(t, s, place, oneDocument)
	}
	newOwn(t, s, "initech", "org_dropping")
	damage(t, s.data, "UPDATE databases SET dropping = 1 WHERE number = 3",
		"INSERT INTO databases (database, name, organization_id) VALUES ('tenants', 'org_unmade', 'hooli')")
	if _, err := Backup(t.Context(), BackupOptions{Dir: dir, File: file}); err != nil {
		t.Fatal(err)
	}
	return file, at
}

// wantOwnRestored opens the store and looks for what ownBackedUp has put in.
func wantOwnRestored(t *testing.T, dir string, at [2]ports.Place) {
	t.Helper()
	wantFiles(t, dir, "1.db", "2.db")
	s := openTest(t, Options{Dir: dir})
	wantFaults(t, s)
	for _, place := range at {
		wantDocument(t, s, place)
	}
	if err := s.Databases().Namespaces.Drop(t.Context(), ownPlacement("org_dropping")); err != nil {
		t.Error(err)
	}
	newOwn(t, s, "hooli", "org_unmade")
	if next := newOwn(t, s, "acme", "org_next"); next.Identity != "5" {
		t.Errorf("the next is %s", next.Identity)
	}
	wantFaults(t, s)
}

func TestRestoreOfDatabases(t *testing.T) {
	file, at := ownBackedUp(t)
	dir := t.TempDir()
	var done, total int64
	m, err := Restore(t.Context(), RestoreOptions{File: file, Dir: dir, Progress: func(d, all int64) { done, total = d, all }})
	if err != nil || len(m.Files) != 4 || done != total {
		t.Fatalf("%+v, %d of %d bytes, %v", m, done, total, err)
	}
	for _, name := range []string{DatabasesDir, fileName(1)} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	wantOwnRestored(t, dir, at)
}

// A restore that died when it had put the folder in place is made whole by the next one.
func TestInterruptedRestoreOfDatabases(t *testing.T) {
	file, at := ownBackedUp(t)
	dir := t.TempDir()
	s, err := beginStage(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := openArchive(file)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(s.fill(t.Context(), a, nil), a.close(), os.Rename(filepath.Join(s.path(), DatabasesDir), filepath.Join(dir, DatabasesDir)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrHalfRestored) {
		t.Errorf("got %v, want ErrHalfRestored", err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{File: file, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	wantOwnRestored(t, dir, at)
}

// Archives whose files aren't those that data.db is about are refused.
func TestRestoreOfForgedDatabases(t *testing.T) {
	file, _ := ownBackedUp(t)
	named := func(at int, name string) func(m *Manifest, e []entry) []entry {
		return func(m *Manifest, e []entry) []entry {
			m.Files[at].Name, e[at+1].header.Name = name, name
			return e
		}
	}
	for name, c := range map[string]struct {
		change func(m *Manifest, e []entry) []entry
		want   error
	}{
		"as it was":        {func(_ *Manifest, e []entry) []entry { return e }, nil},
		"the first format": {func(m *Manifest, e []entry) []entry { m.Format = 1; return e }, ErrBadBackup},
		"one file fewer": {func(m *Manifest, e []entry) []entry {
			m.Files = m.Files[:3]
			return e[:4]
		}, ErrBadBackup},
		"no file": {func(m *Manifest, e []entry) []entry {
			m.Files = m.Files[:2]
			return e[:3]
		}, ErrBadBackup},
		"one file more": {func(m *Manifest, e []entry) []entry {
			more := m.Files[3]
			more.Name = fileName(9)
			m.Files = append(m.Files, more)
			return append(e, entry{tar.Header{Name: more.Name, Typeflag: tar.TypeReg, Mode: 0o600}, e[4].body})
		}, ErrBadBackup},
		"another number": {named(3, fileName(3)), ErrBadBackup},
		"twice":          {named(3, fileName(1)), ErrBadBackup},
		"another form":   {named(2, DatabasesDir+"/01.db"), ErrBadBackup},
		"a path":         {named(2, DatabasesDir+"/../1.db"), ErrBadBackup},
		"no number":      {named(2, DatabasesDir+"/0.db"), ErrBadBackup},
		"a newer schema": {func(m *Manifest, e []entry) []entry { m.Files[2].Schema = 1000; return e }, ErrNewerSchema},
		"damaged": {func(m *Manifest, e []entry) []entry {
			copy(e[3].body[4096:], make([]byte, 4096))
			describe(m, 2, e[3].body)
			return e
		}, ErrBadBackup},
	} {
		t.Run(name, func(t *testing.T) {
			restoreForged(t, file, c.change, c.want)
		})
	}
}

// A backup of a program that knew one strategy is restored.
func TestRestoreOfTheFirstFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), DataFile)
	if err := createPrivate(path); err != nil {
		t.Fatal(err)
	}
	d := openFile(&gate{}, time.Minute, path, 1)
	if err := apply(t.Context(), d.writer, "migrations/data/0001_create.sql", 1); err != nil {
		t.Fatal(err)
	}
	damage(t, d, "INSERT INTO namespaces VALUES (1, 'tenants', 'org_acme', '1', 'documents_1_1_1')", "CREATE TABLE documents_1_1_1 "+documentColumns)
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	old := forged(t, backedUp(t), func(m *Manifest, e []entry) []entry {
		m.Format, m.Files[1].Schema = 1, 1
		e[2].body = []byte(contents(t, filepath.Dir(path), DataFile))
		describe(m, 1, e[2].body)
		return e
	})
	dir := t.TempDir()
	if _, err := Restore(t.Context(), RestoreOptions{File: old, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	wantRestored(t, dir)
	newOwn(t, openTest(t, Options{Dir: t.TempDir()}), "acme", "org_acme")
}

// Backups of a store where own databases come and go agree in themselves, and drops go on
// between them.
func TestBackupBesideDatabases(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for n := range 2 {
		go func() { done <- comeAndGo(ctx, s, n, 5) }()
	}
	files := 0
	for range 15 {
		archive, restored := filepath.Join(t.TempDir(), "backup"), t.TempDir()
		m, err := Backup(t.Context(), BackupOptions{Dir: dir, File: archive})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), RestoreOptions{File: archive, Dir: restored}); err != nil {
			t.Fatal(err)
		}
		files += len(m.Files) - len(parts)
		wantWholeDatabases(t, restored)
	}
	stop()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d files in all backups", files)
	if files == 0 {
		t.Error("no backup had files: the test has proved nothing")
	}
	wantFaults(t, s)
}

// wantWholeDatabases fails t unless each row has its documents, or none yet.
func wantWholeDatabases(t *testing.T, dir string) {
	t.Helper()
	s := openTest(t, Options{Dir: dir})
	wantFaults(t, s)
	own := s.Databases()
	names, err := own.Inventory.List(t.Context(), "tenants", "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		usage, err := own.Inventory.Measure(t.Context(), ownPlacement(name))
		if usage.Documents > 1 || err != nil {
			t.Errorf("%s: %+v, %v", name, usage, err)
		}
		if err := own.Namespaces.Drop(t.Context(), ownPlacement(name)); err != nil {
			t.Errorf("drop: %v", err)
		}
	}
	wantFaults(t, s)
}

// A backup has a file that a drop would have removed after the snapshot.
func TestBackupKeepsDropsBack(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir, Timeout: 400 * time.Millisecond})
	at := newOwn(t, s, "acme", "org_acme")
	putDocuments(t, s, at, oneDocument)
	file, restored := filepath.Join(t.TempDir(), "backup"), t.TempDir()
	tried := false
	_, err := Backup(t.Context(), BackupOptions{Dir: dir, File: file, Progress: func(int64, int64) {
		if tried {
			return
		}
		tried = true
		if err := s.Databases().Namespaces.Drop(t.Context(), at.Placement); !errors.Is(err, domain.ErrStoreUnavailable) {
			t.Errorf("drop: got %v", err)
		}
	}})
	if err != nil || !tried {
		t.Fatal(err, tried)
	}
	if err := s.Databases().Namespaces.Drop(t.Context(), at.Placement); err != nil {
		t.Error(err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{File: file, Dir: restored}); err != nil {
		t.Fatal(err)
	}
	wantDocument(t, openTest(t, Options{Dir: restored}), at)
}

// An archive isn't written among the files.
func TestBackupIsNoFileOfTheStore(t *testing.T) {
	dir := t.TempDir()
	newOwn(t, openTest(t, Options{Dir: dir}), "acme", "org_acme")
	for _, name := range []string{fileName(1), fileName(2), BackupLockFile, DatabasesDir} {
		_, err := Backup(t.Context(), BackupOptions{Dir: dir, File: filepath.Join(dir, name), Force: true})
		if !errors.Is(err, ErrNotReplaced) {
			t.Errorf("%s: got %v, want ErrNotReplaced", name, err)
		}
	}
}
