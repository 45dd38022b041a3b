package sqlite

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// backedUp returns the path of a backup of a store with one organization.
func backedUp(t *testing.T) string {
	t.Helper()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	s := openTest(t, Options{Dir: dir})
	acme := newOrganization(t, "1", "Acme")
	insert(t, s, acme)
	if err := s.Accounts().Insert(t.Context(), newAccount("1", "ann@acme.example")); err != nil {
		t.Fatal(err)
	}
	if err := s.Collections().Namespaces.Ensure(t.Context(), acme.ID, acme.Placement); err != nil {
		t.Fatal(err)
	}
	if _, err := Backup(t.Context(), BackupOptions{Dir: dir, File: file, Program: "v1.2.3"}); err != nil {
		t.Fatal(err)
	}
	return file
}

// wantRestored opens the store and looks for what backedUp has put in.
func wantRestored(t *testing.T, dir string) {
	t.Helper()
	s := openTest(t, Options{Dir: dir})
	acme, err := s.Organizations().ByNameKey(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts().ByEmailKey(t.Context(), "ann@acme.example"); err != nil {
		t.Error(err)
	}
	if info, err := s.Collections().Namespaces.Stat(t.Context(), acme.Placement); err != nil || !info.Exists {
		t.Errorf("namespace: %+v, %v", info, err)
	}
}

func TestRestore(t *testing.T) {
	file, dir := backedUp(t), filepath.Join(t.TempDir(), "missing", "data")
	var done, total int64
	m, err := Restore(t.Context(), RestoreOptions{File: file, Dir: dir, Progress: func(d, all int64) { done, total = d, all }})
	if err != nil {
		t.Fatal(err)
	}
	if m.Program != "v1.2.3" || len(m.Files) != 2 || m.CreatedAt.IsZero() {
		t.Errorf("the manifest is %+v", m)
	}
	if done == 0 || done != total {
		t.Errorf("progress ended at %d of %d bytes", done, total)
	}
	wantRestored(t, dir)
}

// Nothing of a store is overwritten, whatever is left of it. Other files are no
// matter: the token key may be there first.
func TestRestoreRefusesAStore(t *testing.T) {
	file := backedUp(t)
	for _, name := range storeFiles() {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), RestoreOptions{File: file, Dir: dir}); !errors.Is(err, ErrStoreExists) {
			t.Errorf("%s: got %v, want ErrStoreExists", name, err)
		}
		if contents(t, dir, name) != "mine" {
			t.Errorf("%s was overwritten", name)
		}
	}
	served := t.TempDir()
	openTest(t, Options{Dir: served})
	if _, err := Restore(t.Context(), RestoreOptions{File: file, Dir: served}); !errors.Is(err, ErrLocked) {
		t.Errorf("a store that is served: got %v, want ErrLocked", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "jwt_secret"), []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{File: file, Dir: dir}); err != nil {
		t.Errorf("beside a token key: %v", err)
	}
	wantRestored(t, dir)
}

// However far a restore came before it died, nobody opens what it has left, and
// the next one makes it whole.
func TestInterruptedRestore(t *testing.T) {
	file := backedUp(t)
	unpack := func(s stage) error {
		a, err := openArchive(file)
		if err != nil {
			return err
		}
		return errors.Join(s.fill(t.Context(), a, nil), a.close())
	}
	move := func(s stage, name string) error {
		return os.Rename(filepath.Join(s.path(), name), filepath.Join(string(s), name))
	}
	steps := []func(s stage) error{
		unpack,
		func(s stage) error { return move(s, RegistryFile) },
		func(s stage) error { return move(s, DataFile) },
	}
	for died := range len(steps) + 1 {
		dir := t.TempDir()
		s, err := beginStage(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps[:died] {
			if err := step(s); err != nil {
				t.Fatal(err)
			}
		}
		for _, o := range []Options{{Dir: dir}, {Dir: dir, ReadOnly: true}} {
			if _, err := Open(t.Context(), o); !errors.Is(err, ErrHalfRestored) {
				t.Errorf("after %d steps: got %v, want ErrHalfRestored", died, err)
			}
		}
		if _, err := Restore(t.Context(), RestoreOptions{File: file, Dir: dir}); err != nil {
			t.Errorf("after %d steps: %v", died, err)
		}
		wantRestored(t, dir)
	}
}

// An archive with a changed byte is refused, or the byte was of no matter: one of
// the entries' times or padding. The same goes for one that was cut.
func TestRestoreOfADamagedBackup(t *testing.T) {
	file := backedUp(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for at := 7; at < len(whole); at += len(whole)/50 + 1 {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x10
		if wantRefusal(t, damaged, at > 4096 && at < len(whole)-8192) {
			refused++
		}
		// A backup that lacks only the end mark has all that counts.
		wantRefusal(t, whole[:at], at < len(whole)-2048)
	}
	if refused < 40 {
		t.Errorf("only %d damaged archives were refused", refused)
	}
}

// wantRefusal restores an archive. When it is refused nothing may be left, and else
// the store must be whole.
func wantRefusal(t *testing.T, archive []byte, must bool) (refused bool) {
	t.Helper()
	file, dir := filepath.Join(t.TempDir(), "backup"), t.TempDir()
	if err := os.WriteFile(file, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Restore(t.Context(), RestoreOptions{File: file, Dir: dir})
	if err == nil {
		if must {
			t.Errorf("an archive of %d bytes was taken", len(archive))
		}
		wantRestored(t, dir)
		return false
	}
	entries, dirErr := os.ReadDir(dir)
	if dirErr != nil {
		t.Fatal(dirErr)
	}
	for _, e := range entries {
		if e.Name() != LockFile {
			t.Errorf("%s is left after %v", e.Name(), err)
		}
	}
	return true
}

// forged changes a backup entry by entry.
func forged(t *testing.T, file string, change func(m *Manifest, entries []entry) []entry) string {
	t.Helper()
	a, err := openArchive(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.close() }()
	m := a.Manifest
	entries := []entry{{header: tar.Header{Name: manifestName, Typeflag: tar.TypeReg, Mode: 0o600}}}
	for range m.Files {
		h, err := a.tar.Next()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(a.tar)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{*h, body})
	}
	entries = change(&m, entries)
	if entries[0].header.Name == manifestName && entries[0].body == nil {
		if entries[0].body, err = json.Marshal(m); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		if e.header.Typeflag == tar.TypeReg {
			e.header.Size = int64(len(e.body))
		}
		if err := w.WriteHeader(&e.header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "forged")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type entry struct {
	header tar.Header
	body   []byte
}

// Archives that Backup doesn't make are refused before anything is in its place.
func TestRestoreOfAForgedBackup(t *testing.T) {
	file := backedUp(t)
	for name, c := range map[string]struct {
		change func(m *Manifest, e []entry) []entry
		want   error
	}{
		"as it was": {func(_ *Manifest, e []entry) []entry { return e }, nil},
		"newer schema": {func(m *Manifest, e []entry) []entry {
			m.Files[0].Schema = 1000
			return e
		}, ErrNewerSchema},
		"another schema than the file's": {func(m *Manifest, e []entry) []entry {
			m.Files[1].Schema = 0
			return e
		}, ErrBadBackup},
		"no format": {func(m *Manifest, e []entry) []entry {
			m.Format = 0
			return e
		}, ErrBadBackup},
		"too long a manifest": {func(_ *Manifest, e []entry) []entry {
			e[0].body = bytes.Repeat([]byte{' '}, maxManifest+1)
			return e
		}, ErrBadBackup},
		"no JSON": {func(_ *Manifest, e []entry) []entry {
			e[0].body = []byte("no JSON")
			return e
		}, ErrBadBackup},
		"manifest of one file": {func(m *Manifest, e []entry) []entry {
			m.Files = m.Files[:1]
			return e
		}, ErrBadBackup},
		"huge size": {func(m *Manifest, e []entry) []entry {
			m.Files[1].Size = 1 << 60
			return e
		}, ErrBadBackup},
		"negative size": {func(m *Manifest, e []entry) []entry {
			m.Files[0].Size = -1
			return e
		}, ErrBadBackup},
		"another entry":   {func(_ *Manifest, e []entry) []entry { return append(e, plain("more", "more")) }, ErrBadBackup},
		"a path":          {func(_ *Manifest, e []entry) []entry { e[1].header.Name = "../" + RegistryFile; return e }, ErrBadBackup},
		"one file fewer":  {func(_ *Manifest, e []entry) []entry { return e[:2] }, ErrBadBackup},
		"another order":   {func(_ *Manifest, e []entry) []entry { return []entry{e[0], e[2], e[1]} }, ErrBadBackup},
		"manifest later":  {func(_ *Manifest, e []entry) []entry { return []entry{e[1], e[0], e[2]} }, ErrBadBackup},
		"a symbolic link": {func(_ *Manifest, e []entry) []entry { e[1] = symlink(RegistryFile); return e }, ErrBadBackup},
		"another type":    {func(_ *Manifest, e []entry) []entry { e[1].header.Typeflag = tar.TypeCont; return e }, ErrBadBackup},
		"another sum": {func(m *Manifest, e []entry) []entry {
			m.Files[1].SHA256 = sum(nil)
			return e
		}, ErrBadBackup},
		"another size": {func(_ *Manifest, e []entry) []entry {
			e[1].body = append(e[1].body, 0)
			return e
		}, ErrBadBackup},
		"no database": {func(m *Manifest, e []entry) []entry {
			e[1] = plain(RegistryFile, strings.Repeat("no database", 500))
			describe(m, 0, e[1].body)
			return e
		}, ErrBadBackup},
		"a damaged database": {func(m *Manifest, e []entry) []entry {
			copy(e[1].body[8192:], bytes.Repeat([]byte("damage"), 1000))
			describe(m, 0, e[1].body)
			return e
		}, ErrBadBackup},
	} {
		t.Run(name, func(t *testing.T) {
			if dir := restoreForged(t, file, c.change, c.want); c.want == nil {
				wantRestored(t, dir)
			}
		})
	}
}

// restoreForged restores what change makes of the archive, fails t unless that ends as
// wanted, and leaves nothing if it is refused. It returns where it was restored to.
func restoreForged(t *testing.T, file string, change func(m *Manifest, e []entry) []entry, want error) (dir string) {
	t.Helper()
	dir = t.TempDir()
	_, err := Restore(t.Context(), RestoreOptions{File: forged(t, file, change), Dir: dir})
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if want == nil {
		return dir
	}
	for _, name := range append(storeFiles(), stageDir) {
		if _, err := os.Lstat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s is left, %v", name, err)
		}
	}
	return dir
}

// A sparse entry may claim any size: the manifest's are held against the file's own.
func TestBackupIsNoLongerThanItsFile(t *testing.T) {
	for _, c := range []struct {
		sizes [2]int64
		whole bool
	}{{[2]int64{600, 400}, true}, {[2]int64{600, 401}, false}, {[2]int64{1001, 0}, false}, {[2]int64{1 << 62, 1 << 62}, false}, {[2]int64{-1, 2}, false}} {
		m := Manifest{Format: manifestFormat}
		for i, p := range parts {
			m.Files = append(m.Files, ManifestFile{Name: p.file, Schema: 1, Size: c.sizes[i]})
		}
		if err := (&archive{Manifest: m}).check(1000); (err == nil) != c.whole {
			t.Errorf("%v in 1000 bytes: %v", c.sizes, err)
		}
	}
}

func plain(name, body string) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600}, []byte(body)}
}

func symlink(name string) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, nil}
}

// describe makes the manifest fit a body.
func describe(m *Manifest, at int, body []byte) {
	m.Files[at].Size, m.Files[at].SHA256 = int64(len(body)), sum(body)
}

func TestRestoreNeedsAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Restore(t.Context(), RestoreOptions{File: filepath.Join(dir, "missing"), Dir: dir}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{File: dir, Dir: dir}); !errors.Is(err, ErrBadBackup) {
		t.Errorf("of a folder: got %v", err)
	}
	wantEmpty(t, dir)
}

func sum(b []byte) string {
	digest := sha256.Sum256(b)
	return hex.EncodeToString(digest[:])
}
