package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// newOwn makes a namespace with a file of its own and returns its place.
func newOwn(t *testing.T, s *Store, owner domain.OrganizationID, namespace string) ports.Place {
	t.Helper()
	return newPlaceIn(t, s, domain.StrategyDatabase, owner, namespace)
}

// ownPlacement returns a first placement with a file of its own.
func ownPlacement(namespace string) domain.Placement {
	p := newPlacement(namespace)
	p.Strategy = domain.StrategyDatabase
	return p
}

var oneDocument = domain.Document{ID: "a", Body: domain.BodyOf(`{"n":1}`)}

// wantDocument fails t unless oneDocument is all there is.
func wantDocument(t *testing.T, s *Store, at ports.Place) {
	t.Helper()
	if got, err := s.Databases().Documents.Get(t.Context(), at, "a"); got != oneDocument || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if n, err := s.Databases().Documents.Count(t.Context(), at); n != 1 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

// wantCalls fails t unless every call on documents at the place returns the error.
func wantCalls(t *testing.T, s *Store, at ports.Place, want error) {
	t.Helper()
	for name, call := range documentCalls(s, at) {
		if err := call(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
}

// wantFaults fails t unless just these faults are told.
func wantFaults(t *testing.T, s *Store, want ...string) {
	t.Helper()
	got, err := s.Structure().Faults(t.Context())
	if !slices.Equal(got, want) || err != nil {
		t.Errorf("faults: %q, %v, want %q", got, err, want)
	}
}

// wantFiles fails t unless just these are in the folder of files.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, DatabasesDir))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("files: %q, want %q", got, want)
	}
}

// What is in the files is named by numbers, and for their owner alone.
func TestFilesOfDatabases(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	if _, err := os.Stat(filepath.Join(dir, DatabasesDir)); !os.IsNotExist(err) {
		t.Errorf("the folder is made before it is needed: %v", err)
	}
	for i, owner := range []domain.OrganizationID{"../acme", "acme", "x\x00y", domain.OrganizationID(strings.Repeat("ü", 300))} {
		at := newOwn(t, s, owner, fmt.Sprint("org_", i))
		putDocuments(t, s, at, oneDocument)
		wantDocument(t, s, at)
	}
	wantFiles(t, dir, "1.db", "1.db-shm", "1.db-wal", "2.db", "2.db-shm", "2.db-wal", "3.db", "3.db-shm", "3.db-wal", "4.db", "4.db-shm", "4.db-wal")
	for _, name := range []string{"1.db", "1.db-shm", "1.db-wal"} {
		if info, err := os.Stat(filepath.Join(dir, DatabasesDir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, DatabasesDir)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info, err)
	}
	for i := range 4 {
		if err := s.Databases().Namespaces.Drop(t.Context(), ownPlacement(fmt.Sprint("org_", i))); err != nil {
			t.Error(err)
		}
	}
	wantFiles(t, dir)
	if next := newOwn(t, s, "acme", "org_next"); next.Identity != "5" {
		t.Errorf("the number %s was given again", next.Identity)
	}
	wantFaults(t, s)
}

// However far Ensure came before it died, the next one ends it, and so does the first
// call on documents; or a drop.
func TestEnsureGoesOn(t *testing.T) {
	row := func(t *testing.T, s *Store) {
		damage(t, s.data, "INSERT INTO databases (number, database, name, organization_id) VALUES (7, 'tenants', 'org_acme', 'acme')")
	}
	folder := func(t *testing.T, s *Store) {
		row(t, s)
		if err := os.Mkdir(filepath.Join(s.dir, DatabasesDir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	file := func(t *testing.T, s *Store) {
		folder(t, s)
		if err := createPrivate(filepath.Join(s.dir, fileName(7))); err != nil {
			t.Fatal(err)
		}
	}
	made := func(t *testing.T, s *Store) {
		file(t, s)
		d := openFile(&gate{}, time.Second, filepath.Join(s.dir, fileName(7)), 1)
		if err := errors.Join(migrate(t.Context(), d.writer, ownSchema), d.close()); err != nil {
			t.Fatal(err)
		}
	}
	at := ports.Place{Organization: "acme", Placement: ownPlacement("org_acme"), Identity: "7"}
	for name, died := range map[string]func(*testing.T, *Store){"row": row, "folder": folder, "file": file, "made": made} {
		for then, call := range map[string]func(*Store) error{
			"ensure": func(s *Store) error { return s.Databases().Namespaces.Ensure(t.Context(), "acme", at.Placement) },
			"use": func(s *Store) error {
				_, err := s.Databases().Documents.Count(t.Context(), at)
				return err
			},
			"drop": func(s *Store) error { return s.Databases().Namespaces.Drop(t.Context(), at.Placement) },
		} {
			t.Run(name+" "+then, func(t *testing.T) {
				s := openTest(t, Options{Dir: t.TempDir()})
				died(t, s)
				wantFaults(t, s)
				reader := openTest(t, Options{Dir: s.dir, ReadOnly: true})
				wantFaults(t, reader)
				for _, s := range []*Store{s, reader} {
					info, err := s.Databases().Namespaces.Stat(t.Context(), at.Placement)
					if want := (ports.NamespaceInfo{Exists: true, Identity: "7", Empty: true}); info != want || err != nil {
						t.Errorf("stat: got %+v, %v", info, err)
					}
				}
				if err := s.Databases().Namespaces.Ensure(t.Context(), "globex", at.Placement); !errors.Is(err, domain.ErrNamespaceOccupied) {
					t.Errorf("ensure for another: got %v", err)
				}
				if err := call(s); err != nil {
					t.Fatal(err)
				}
				if then == "drop" {
					if info, err := s.Databases().Namespaces.Stat(t.Context(), at.Placement); info.Exists || err != nil {
						t.Errorf("stat: got %+v, %v", info, err)
					}
					return
				}
				putDocuments(t, s, at, oneDocument)
				wantDocument(t, s, at)
				wantDocument(t, reader, at)
				wantFaults(t, s)
			})
		}
	}
}

// A file that holds documents before it was made is nobody's to take.
func TestEnsureFindsDocuments(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir()})
	at := newOwn(t, s, "acme", "org_acme")
	putDocuments(t, s, at, oneDocument)
	if err := s.files.close(); err != nil {
		t.Fatal(err)
	}
	s.files = newFiles(1)
	damage(t, s.data, "UPDATE databases SET finished = 0, organization_id = 'globex', name = 'org_globex'")
	if err := s.Databases().Namespaces.Ensure(t.Context(), "globex", ownPlacement("org_globex")); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
	at.Organization, at.Placement = "globex", ownPlacement("org_globex")
	wantCalls(t, s, at, ErrDamaged)
}

// However far Drop came before it died, nothing is read or written any more, the
// namespace exists until the next one has ended, and then there is nothing.
func TestDropOfADatabaseGoesOn(t *testing.T) {
	mark := "UPDATE databases SET dropping = 1"
	for name, left := range map[string][]string{
		"marked": {"1.db", "1.db-shm", "1.db-wal"}, "without the file": {"1.db-shm", "1.db-wal"}, "without the log": {"1.db-shm"}, "without files": nil,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openTest(t, Options{Dir: dir})
			at := newOwn(t, s, "acme", "org_acme")
			putDocuments(t, s, at, oneDocument)
			damage(t, s.data, mark)
			for _, file := range []string{"1.db", "1.db-shm", "1.db-wal"} {
				if slices.Contains(left, file) {
					continue
				}
				if err := os.Remove(filepath.Join(dir, DatabasesDir, file)); err != nil {
					t.Fatal(err)
				}
			}
			wantFiles(t, dir, left...)
			wantFaults(t, s)
			wantCalls(t, s, at, domain.ErrNamespaceMissing)
			info, err := s.Databases().Namespaces.Stat(t.Context(), at.Placement)
			if want := (ports.NamespaceInfo{Exists: true, Identity: "1", Empty: name != "marked"}); info != want || err != nil {
				t.Errorf("stat: got %+v, %v, want %+v", info, err, want)
			}
			if err := s.Databases().Namespaces.Ensure(t.Context(), "acme", at.Placement); !errors.Is(err, domain.ErrNamespaceOccupied) {
				t.Errorf("ensure: got %v", err)
			}
			if err := s.Databases().Namespaces.Drop(t.Context(), at.Placement); err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir)
			if rows := texts(t, s.data, "SELECT name FROM databases"); len(rows) != 0 {
				t.Errorf("left: %q", rows)
			}
			wantFaults(t, s)
		})
	}
}

// A file that was made and has gone, or was emptied, is told. None is made in its place.
func TestLostFiles(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"gone":    os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openTest(t, Options{Dir: dir})
			at := newOwn(t, s, "acme", "org_acme")
			putDocuments(t, s, at, oneDocument)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, fileName(1))
			if err := lose(path); err != nil {
				t.Fatal(err)
			}
			s = openTest(t, Options{Dir: dir})
			wantCalls(t, s, at, ErrDamaged)
			if _, err := s.Databases().Inventory.Measure(t.Context(), at.Placement); !errors.Is(err, ErrDamaged) {
				t.Errorf("measure: got %v", err)
			}
			if err := s.Databases().Namespaces.Ensure(t.Context(), "acme", at.Placement); !errors.Is(err, ErrDamaged) {
				t.Errorf("ensure: got %v", err)
			}
			if err := s.Structure().Mend(t.Context()); err != nil {
				t.Error(err)
			}
			wantFaults(t, s, "databases/1.db of a namespace is missing.")
			_, err := Backup(t.Context(), BackupOptions{Dir: dir, File: filepath.Join(t.TempDir(), "backup")})
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("backup: got %v", err)
			}
			if info, err := os.Stat(path); err == nil && info.Size() != 0 {
				t.Error("a file was made in its place")
			}
			if name == "gone" {
				if info, err := s.Databases().Namespaces.Stat(t.Context(), at.Placement); !info.Exists || info.Empty || err != nil {
					t.Errorf("stat: got %+v, %v", info, err)
				}
			}
			if err := s.Databases().Namespaces.Drop(t.Context(), at.Placement); err != nil {
				t.Error(err)
			}
			wantFaults(t, s)
		})
	}
}

// A file of no row is told and left alone. So is one that is no database.
func TestStrayFiles(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	newOwn(t, s, "acme", "org_acme")
	for _, name := range []string{"3.db", "2.db", "02.db", "readme.txt"} {
		if err := os.WriteFile(filepath.Join(dir, DatabasesDir, name), []byte(strings.Repeat("x", 4096)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		wantFaults(t, s, "databases/2.db is of no namespace.", "databases/3.db is of no namespace.")
		if err := s.Structure().Mend(t.Context()); err != nil {
			t.Error(err)
		}
	}
	damage(t, s.data, "INSERT INTO databases VALUES (3, 'tenants', 'org_damaged', 'globex', 1, 0, 0, 0)")
	wantFaults(t, s, "databases/2.db is of no namespace.", "databases/3.db can't be read.")
}

// Beside creates and drops no fault is seen, by the process or by another one.
func TestFaultsBesideWork(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	reader := openTest(t, Options{Dir: dir, ReadOnly: true})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for n := range 2 {
		go func() { done <- comeAndGo(ctx, s, n, 0) }()
	}
	for range 30 {
		wantFaults(t, s)
		wantFaults(t, reader)
	}
	stop()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// comeAndGo makes, fills and drops namespaces until ctx ends; every keep'th stays, if
// that isn't 0.
func comeAndGo(ctx context.Context, s *Store, worker, keep int) error {
	own := s.Databases()
	for n := 0; ctx.Err() == nil; n++ {
		p := ownPlacement(fmt.Sprintf("org_%d_%d", worker, n))
		owner := domain.OrganizationID(fmt.Sprint("owner ", worker))
		if err := own.Namespaces.Ensure(ctx, owner, p); err != nil {
			return unlessEnded(ctx, err)
		}
		info, err := own.Namespaces.Stat(ctx, p)
		if err != nil {
			return unlessEnded(ctx, err)
		}
		at := ports.Place{Organization: owner, Placement: p, Identity: info.Identity}
		if _, err := own.Documents.Write(ctx, at, []ports.DocumentWrite{{Action: ports.DocumentPut, Document: oneDocument}}); err != nil {
			return unlessEnded(ctx, err)
		}
		for keep == 0 || n%keep != 0 {
			err := own.Namespaces.Drop(ctx, p)
			if err == nil {
				break
			}
			if !errors.Is(err, errBackupRuns) {
				return unlessEnded(ctx, err)
			}
		}
	}
	return nil
}

// unlessEnded returns the error, unless it comes from the end of ctx.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// TestReadsBesideScans has as many scans that wait as exports may run, and reads.
func TestReadsBesideScans(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir(), Timeout: 2 * time.Second})
	at := newPlaceIn(t, s, domain.StrategyDatabase, "acme", "org_acme")
	fillPlace(t, s, at, 3)
	documents := s.Databases().Documents
	begun, over := make(chan struct{}), make(chan struct{})
	var scans sync.WaitGroup
	for range 2 {
		scans.Go(func() {
			tell := sync.OnceFunc(func() { begun <- struct{}{} })
			if _, err := documents.Scan(t.Context(), at, "", func(domain.Document) error { tell(); <-over; return nil }); err != nil {
				t.Error(err)
			}
		})
		<-begun
	}
	if n, err := documents.Count(t.Context(), at); err != nil || n != 3 {
		t.Errorf("counted %d, %v", n, err)
	}
	if usage, err := s.Databases().Inventory.Measure(t.Context(), at.Placement); err != nil || usage.Documents != 3 {
		t.Errorf("measured %+v, %v", usage, err)
	}
	close(over)
	scans.Wait()
}

// TestBackupLockIsThere so that no backup makes it, which another user may run.
func TestBackupLockIsThere(t *testing.T) {
	dir := t.TempDir()
	openTest(t, Options{Dir: dir})
	if _, err := os.Stat(filepath.Join(dir, BackupLockFile)); err != nil {
		t.Error(err)
	}
}
