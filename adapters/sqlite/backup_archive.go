package sqlite

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// ErrBadBackup says that a file is no backup, or a damaged one.
var ErrBadBackup = errors.New("sqlite: the file is no whole backup")

const (
	// manifestName is the archive's first entry; the databases follow in the order
	// of parts, then the organizations' own in the order of their numbers.
	manifestName = "manifest.json"
	// manifestFormat is raised when an older program couldn't read the archive. In the
	// first format there were no databases of organizations.
	manifestFormat = 2
	// maxManifest bounds what is read before anything is known of a file. Each of its
	// files takes less than 250 bytes.
	maxManifest = 32 << 20
)

// Manifest tells what a backup holds.
type Manifest struct {
	// Format is the version of the archive's form.
	Format int `json:"format"`
	// Program is the version of the program that made it.
	Program string `json:"orgkeeper"`
	// CreatedAt is when the databases were as they are in it.
	CreatedAt time.Time `json:"created_at"`
	// Files are the databases: the registry, the data, then the organizations' own.
	Files []ManifestFile `json:"files"`
}

// ManifestFile describes one database of a backup.
type ManifestFile struct {
	Name string `json:"name"`
	// Schema is the version of its schema.
	Schema int `json:"schema"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// SHA256 is in hexadecimal.
	SHA256 string `json:"sha256"`
}

// writeArchive makes dir's archive of the copies that are in dir.
func writeArchive(ctx context.Context, dir string, m Manifest, p *progress) error {
	f, err := os.OpenFile(filepath.Join(dir, archiveFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := tar.NewWriter(f)
	err = writeEntries(ctx, w, dir, m, p)
	return errors.Join(err, w.Close(), f.Sync(), f.Close())
}

func writeEntries(ctx context.Context, w *tar.Writer, dir string, m Manifest, p *progress) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if err := w.WriteHeader(header(m, manifestName, int64(len(text)))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, file := range m.Files {
		if err := w.WriteHeader(header(m, file.Name, file.Size)); err != nil {
			return err
		}
		if err := writeFile(ctx, w, filepath.Join(dir, file.Name), p); err != nil {
			return err
		}
	}
	return nil
}

func header(m Manifest, name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: m.CreatedAt}
}

func writeFile(ctx context.Context, w io.Writer, path string, p *progress) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(io.MultiWriter(w, p), patientReader{ctx, f})
	return err
}

// archive is a backup that is read. It believes nothing of it: there are just the
// entries that Backup makes, in their order, and they are no longer than the file.
type archive struct {
	Manifest
	file *os.File
	tar  *tar.Reader
}

// openArchive opens a backup and reads its manifest. It returns an error for which
// errors.Is holds with ErrBadBackup when the file is none.
func openArchive(path string) (_ *archive, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is no plain file", ErrBadBackup)
	}
	a := &archive{file: f, tar: tar.NewReader(f)}
	if err := a.readManifest(); err != nil {
		return nil, err
	}
	if err := a.check(info.Size()); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *archive) readManifest() error {
	size, err := a.next(manifestName)
	if err != nil {
		return err
	}
	if size > maxManifest {
		return fmt.Errorf("%w: its manifest is too long", ErrBadBackup)
	}
	text, err := io.ReadAll(io.LimitReader(a.tar, maxManifest))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadBackup, err)
	}
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return fmt.Errorf("%w: its manifest can't be read", ErrBadBackup)
	}
	return nil
}

// check returns an error unless the manifest lists what a store of this program
// has, and no more bytes than the archive can hold.
func (a *archive) check(size int64) error {
	if a.Format > manifestFormat {
		return fmt.Errorf("sqlite: the backup's format %d is newer than this version of the program knows", a.Format)
	}
	if a.Format < 1 || len(a.Files) < len(parts) || a.Format == 1 && len(a.Files) > len(parts) {
		return fmt.Errorf("%w: its manifest lists something else", ErrBadBackup)
	}
	last := int64(0)
	for i, f := range a.Files {
		expected := part{f.Name, ownSchema}
		if i < len(parts) {
			expected = parts[i]
		} else {
			number, ok := fileNumber(f.Name)
			if !ok || number <= last {
				return fmt.Errorf("%w: its manifest lists something else", ErrBadBackup)
			}
			last = number
		}
		known := len(migrationSteps(expected.schema))
		switch {
		case f.Name != expected.file || f.Schema < 1:
			return fmt.Errorf("%w: its manifest lists something else", ErrBadBackup)
		case f.Schema > known:
			return fmt.Errorf("sqlite: %s: %w", f.Name, newerSchema(f.Schema, known))
		case f.Size < 0 || f.Size > size:
			return fmt.Errorf("%w: it is too short", ErrBadBackup)
		}
		size -= f.Size
	}
	return nil
}

// next goes to the next entry, which must be a plain file of the name.
func (a *archive) next(name string) (size int64, err error) {
	h, err := a.tar.Next()
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: %s is not found: %w", ErrBadBackup, name, err)
	case h.Name != name || h.Typeflag != tar.TypeReg:
		return 0, fmt.Errorf("%w: %s is not in its place", ErrBadBackup, name)
	}
	return h.Size, nil
}

// extract writes the next database to path, on the disk. It must be what the
// manifest says.
func (a *archive) extract(ctx context.Context, want ManifestFile, path string, p *progress) (err error) {
	size, err := a.next(want.Name)
	if err != nil {
		return err
	}
	if size != want.Size {
		return fmt.Errorf("%w: %s has another size", ErrBadBackup, want.Name)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("sqlite: restore: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	_, err = io.CopyN(io.MultiWriter(f, hash, p), patientReader{ctx, a.tar}, size)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %s is cut short", ErrBadBackup, want.Name)
	case err != nil:
		return fmt.Errorf("sqlite: restore: %s: %w", want.Name, err)
	case hex.EncodeToString(hash.Sum(nil)) != want.SHA256:
		return fmt.Errorf("%w: %s has another SHA-256", ErrBadBackup, want.Name)
	}
	return f.Sync()
}

// end returns an error when there is more in the archive.
func (a *archive) end() error {
	if _, err := a.tar.Next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: there is more in it", ErrBadBackup)
	}
	return nil
}

func (a *archive) close() error { return a.file.Close() }
