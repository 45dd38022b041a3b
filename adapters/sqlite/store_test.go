package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lockHolder is the variable that tells a child process of this test which
// directory to open.
const lockHolder = "SQLITE_TEST_OPEN"

func TestSecondInstanceIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	_, err := Open(t.Context(), Options{Dir: dir})
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "another instance") {
		t.Errorf("in this process: got %v, want ErrLocked", err)
	}
	if got := openInChild(t, dir); !strings.Contains(got, "ErrLocked") {
		t.Errorf("in another process: got %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := openInChild(t, dir); !strings.Contains(got, "opened") {
		t.Errorf("in another process after Close: got %q", got)
	}
	openTest(t, Options{Dir: dir})
}

// openInChild opens the directory in another process and returns what it prints.
func openInChild(t *testing.T, dir string) string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOpenInChild$", "-test.v")
	child.Env = append(os.Environ(), lockHolder+"="+dir)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	return string(out)
}

// TestOpenInChild is what openInChild runs.
func TestOpenInChild(t *testing.T) {
	dir := os.Getenv(lockHolder)
	if dir == "" {
		return
	}
	s, err := Open(t.Context(), Options{Dir: dir})
	switch {
	case errors.Is(err, ErrLocked):
		t.Log("ErrLocked")
	case err != nil:
		t.Fatal(err)
	default:
		t.Log("opened")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The files hold password hashes: nobody but their owner may read them.
func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing", "data dir?x=%41#1")
	s := openTest(t, Options{Dir: dir})
	insert(t, s, newOrganization(t, "1", "Acme"))
	if err := s.Collections().Namespaces.Ensure(t.Context(), "1", newPlacement("org_acme")); err != nil {
		t.Fatal(err)
	}
	found := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		found[filepath.Base(path)] = info.Mode().Perm()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if mode := found[filepath.Base(dir)]; mode != 0o700 {
		t.Errorf("the directory has mode %o", mode)
	}
	delete(found, filepath.Base(dir))
	for _, name := range []string{RegistryFile, RegistryFile + "-wal", DataFile, DataFile + "-wal", LockFile} {
		if _, ok := found[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
	for name, mode := range found {
		if mode != 0o600 {
			t.Errorf("%s has mode %o", name, mode)
		}
	}
}

// The connections have what durability and safety rest on.
func TestPragmas(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir(), Timeout: DefaultTimeout})
	for name, d := range map[string]*database{"registry": s.registry, "data": s.data} {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0",
		} {
			var got string
			if err := d.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: the writer's %s is %s, want %s (%v)", name, pragma, got, want, err)
			}
		}
		if _, err := d.readers.ExecContext(t.Context(), "DELETE FROM schema_version"); err == nil {
			t.Errorf("%s: a reader could write", name)
		}
		if n := d.writer.Stats().MaxOpenConnections; n != 1 {
			t.Errorf("%s: %d writers", name, n)
		}
	}
}

func TestOpenNeedsADirectory(t *testing.T) {
	if _, err := Open(t.Context(), Options{}); err == nil {
		t.Error("opened without one")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: file}); err == nil {
		t.Error("opened a file as a directory")
	}
}
