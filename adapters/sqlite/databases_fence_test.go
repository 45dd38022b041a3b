package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// More organizations than files may be open are used at once, and none notices.
func TestOpenFilesAreBounded(t *testing.T) {
	const limit, places = 4, 20
	s := openTest(t, Options{Dir: t.TempDir()})
	s.files.limit = limit
	var all []ports.Place
	for i := range places {
		all = append(all, newOwn(t, s, "acme", fmt.Sprint("org_", i)))
	}
	over := make(chan struct{})
	var watching, working sync.WaitGroup
	watching.Go(func() {
		for {
			s.files.mu.Lock()
			open, idle := s.files.open, s.files.idle.Len()
			s.files.mu.Unlock()
			if open > limit || idle > open {
				t.Errorf("%d files are open, %d of them idle, want %d at most", open, idle, limit)
			}
			select {
			case <-over:
				return
			case <-time.After(100 * time.Microsecond):
			}
		}
	})
	for worker := range 12 {
		working.Go(func() {
			for i := range 15 {
				at := all[(worker*7+i*3)%places]
				id := domain.DocumentID(fmt.Sprint(worker, " ", i))
				w := ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{ID: id, Body: domain.BodyOf(`{"at":` + at.Identity + `}`)}}
				if _, err := s.Databases().Documents.Write(t.Context(), at, []ports.DocumentWrite{w}); err != nil {
					t.Errorf("write: %v", err)
				}
				if got, err := s.Databases().Documents.Get(t.Context(), at, id); got != w.Document || err != nil {
					t.Errorf("got %v, %v", got, err)
				}
			}
		})
	}
	working.Wait()
	close(over)
	watching.Wait()
	if s.files.open != limit || len(s.files.known) != limit || s.files.idle.Len() != limit {
		t.Errorf("%d open, %d known, %d idle", s.files.open, len(s.files.known), s.files.idle.Len())
	}
	if n := openFileNames(t, s.dir); n != limit && runtime.GOOS == "linux" {
		t.Errorf("the process has %d files open, want %d", n, limit)
	}
	total := int64(0)
	for _, at := range all {
		page, err := s.Databases().Documents.List(t.Context(), at, ports.DocumentQuery{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		total += int64(len(page.Documents))
		for _, d := range page.Documents {
			if d.Body.String() != `{"at":`+at.Identity+`}` {
				t.Errorf("in %s: %v", at.Identity, d)
			}
		}
	}
	if total != 12*15 {
		t.Errorf("%d documents", total)
	}
}

// openFileNames counts the files of organizations that this process has open, where the
// system tells.
func openFileNames(t *testing.T, dir string) int {
	t.Helper()
	const folder = "/proc/self/fd"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	names := map[string]bool{}
	for _, e := range entries {
		name, err := os.Readlink(filepath.Join(folder, e.Name()))
		if err == nil && strings.HasPrefix(name, filepath.Join(dir, DatabasesDir)) && strings.HasSuffix(name, ".db") {
			names[name] = true
		}
	}
	return len(names)
}

// When all files that may be open are in use, the next call waits for one, within its
// deadline.
func TestCallsWaitForAFile(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir(), Timeout: 400 * time.Millisecond})
	s.files.limit = 1
	one, two := newOwn(t, s, "acme", "org_one"), newOwn(t, s, "acme", "org_two")
	putDocuments(t, s, one, oneDocument)
	_, err := s.Databases().Documents.Scan(t.Context(), one, "", func(domain.Document) error {
		wantCalls(t, s, two, domain.ErrStoreUnavailable)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	putDocuments(t, s, two, oneDocument)
	wantDocument(t, s, one)
	wantDocument(t, s, two)
}

// While work on the documents runs, nothing is renamed, put into quarantine or dropped;
// and while that lasts no work begins.
func TestFence(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir(), Timeout: 400 * time.Millisecond})
	at := newOwn(t, s, "acme", "org_acme")
	putDocuments(t, s, at, oneDocument)
	own, databases := s.Databases(), s.databases()
	changes := map[string]func() error{
		"rename": func() error {
			return own.Namespaces.Rename(t.Context(), at.Identity, at.Placement, ownPlacement("org_to"))
		},
		"quarantine": func() error { _, err := own.Inventory.Quarantine(t.Context(), at.Placement); return err },
		"drop":       func() error { return own.Namespaces.Drop(t.Context(), at.Placement) },
	}
	err := databases.within(t.Context(), databases.at(at), func(context.Context, held) error {
		for name, change := range changes {
			if err := change(); !errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("%s beside work: got %v", name, err)
			}
		}
		wantDocument(t, s, at)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	err = databases.alone(t.Context(), at.Identity, func(context.Context) error {
		wantCalls(t, s, at, domain.ErrStoreUnavailable)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	wantDocument(t, s, at)
}

// A scan that has begun keeps nobody from a rename or a drop, and ends with what it saw.
func TestScanLetsOthers(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir()})
	at := newOwn(t, s, "acme", "org_acme")
	fillPlace(t, s, at, 10)
	to, seen := at, 0
	to.Placement = ownPlacement("org_to")
	consistent, err := s.Databases().Documents.Scan(t.Context(), at, "", func(domain.Document) error {
		switch seen++; seen {
		case 1:
			return s.Databases().Namespaces.Rename(t.Context(), at.Identity, at.Placement, to.Placement)
		case 2:
			putDocuments(t, s, to, oneDocument)
		case 3:
			return s.Databases().Namespaces.Drop(t.Context(), to.Placement)
		}
		return nil
	})
	if !consistent || err != nil || seen != 10 {
		t.Errorf("%d documents, consistent %v, %v", seen, consistent, err)
	}
	wantFiles(t, s.dir)
	if s.files.open != 0 || len(s.files.known) != 0 {
		t.Errorf("%d open, %d known", s.files.open, len(s.files.known))
	}
}

// While a backup runs a drop takes the documents out of use, and fails. It can be ended
// afterwards.
func TestDropWaitsForABackup(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir(), Timeout: 400 * time.Millisecond})
	at := newOwn(t, s, "acme", "org_acme")
	putDocuments(t, s, at, oneDocument)
	var backups []*flock.Flock
	for range 2 {
		lock := flock.New(filepath.Join(s.dir, BackupLockFile))
		if ok, err := lock.TryRLock(); !ok || err != nil {
			t.Fatal(ok, err)
		}
		backups = append(backups, lock)
	}
	for _, lock := range backups {
		err := s.Databases().Namespaces.Drop(t.Context(), at.Placement)
		if !errors.Is(err, domain.ErrStoreUnavailable) || !errors.Is(err, errBackupRuns) {
			t.Errorf("got %v", err)
		}
		if there, err := filled(filepath.Join(s.dir, fileName(1))); !there || err != nil {
			t.Errorf("the file has gone, %v", err)
		}
		wantCalls(t, s, at, domain.ErrNamespaceMissing)
		if err := lock.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Databases().Namespaces.Drop(t.Context(), at.Placement); err != nil {
		t.Error(err)
	}
	wantFiles(t, s.dir)
}

// A store that is only read sees what its owner writes, renames and drops.
func TestReadOnlyDatabases(t *testing.T) {
	dir := t.TempDir()
	owner := openTest(t, Options{Dir: dir})
	at := newOwn(t, owner, "acme", "org_acme")
	putDocuments(t, owner, at, oneDocument)
	reader := openTest(t, Options{Dir: dir, ReadOnly: true})
	wantDocument(t, reader, at)
	other := newOwn(t, owner, "globex", "org_globex")
	putDocuments(t, owner, other, oneDocument)
	wantDocument(t, reader, other)
	if usage, err := reader.Databases().Inventory.Measure(t.Context(), other.Placement); usage.Documents != 1 || err != nil {
		t.Errorf("measure: %+v, %v", usage, err)
	}
	own := reader.Databases()
	for name, write := range map[string]func() error{
		"ensure":     func() error { return own.Namespaces.Ensure(t.Context(), "x", ownPlacement("org_x")) },
		"rename":     func() error { return own.Namespaces.Rename(t.Context(), "1", at.Placement, ownPlacement("org_x")) },
		"drop":       func() error { return own.Namespaces.Drop(t.Context(), at.Placement) },
		"quarantine": func() error { _, err := own.Inventory.Quarantine(t.Context(), at.Placement); return err },
		"merge":      func() error { _, err := own.Inventory.Merge(t.Context(), at.Placement, other.Placement); return err },
		"put":        func() error { return documentCalls(reader, at)["put"](t.Context()) },
	} {
		if err := write(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: got %v, want ErrReadOnly", name, err)
		}
	}
	seen := 0
	_, err := own.Documents.Scan(t.Context(), at, "", func(domain.Document) error {
		seen++
		return owner.Databases().Namespaces.Drop(t.Context(), at.Placement)
	})
	if seen != 1 || err != nil {
		t.Errorf("scan: %d documents, %v", seen, err)
	}
	to := other
	to.Placement = ownPlacement("org_to")
	if err := owner.Databases().Namespaces.Rename(t.Context(), other.Identity, other.Placement, to.Placement); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []ports.Place{at, other} {
		for _, name := range []string{"get", "list", "scan", "count"} {
			if err := documentCalls(reader, gone)[name](t.Context()); !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	wantDocument(t, reader, to)
}

// Where another process owns the store, the row is looked at once more in the midst of a
// call: the namespace may have been renamed or dropped since the first look.
func TestReadOnlyLooksTwice(t *testing.T) {
	for name, change := range map[string]func(ports.Namespaces, ports.Place) error{
		"rename": func(n ports.Namespaces, at ports.Place) error {
			return n.Rename(t.Context(), at.Identity, at.Placement, ownPlacement("org_to"))
		},
		"drop": func(n ports.Namespaces, at ports.Place) error { return n.Drop(t.Context(), at.Placement) },
	} {
		for opened := range 2 {
			dir := t.TempDir()
			owner := openTest(t, Options{Dir: dir})
			at := newOwn(t, owner, "acme", "org_acme")
			reader := openTest(t, Options{Dir: dir, ReadOnly: true})
			if opened == 1 {
				if n, err := reader.Databases().Documents.Count(t.Context(), at); n != 0 || err != nil {
					t.Fatal(n, err)
				}
			}
			looks, s := 0, reader.databases()
			find := s.at(at)
			err := s.read(t.Context(), "test", func(ctx context.Context, db queryer) (namespaceRow, error) {
				e, err := find(ctx, db)
				if looks++; looks == 2 {
					err = errors.Join(err, change(owner.Databases().Namespaces, at))
				}
				return e, err
			}, func(context.Context, *sql.Tx, documentTable) error { return errors.New("read at a place of before") })
			if !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("%s, %d: got %v", name, opened, err)
			}
		}
	}
}
