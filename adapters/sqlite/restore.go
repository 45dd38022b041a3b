package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Errors of Restore, the second also of Open, that ask something of the operator.
var (
	// ErrStoreExists says that the directory holds files of a store. They are left
	// as they are.
	ErrStoreExists = errors.New("sqlite: there is a store in the data directory")
	// ErrHalfRestored says that a restore into the directory has not ended.
	ErrHalfRestored = errors.New("sqlite: a restore into the data directory was interrupted: run it again")
)

// RestoreOptions say what Restore puts where.
type RestoreOptions struct {
	// File is an archive that Backup has made.
	File string
	// Dir is the directory of the new store, as in Options. It is made when it is
	// missing, and must hold no file of a store.
	Dir string
	// Progress, if set, is told the bytes that are done, of total.
	Progress func(done, total int64)
}

// Restore makes a store of a backup. An older schema is brought up to date when the
// store is opened.
//
// Everything is checked before it is put in place: checksums, SQLite's own checks
// and the versions of the schemas. When it fails there is no store. When it is
// killed there is either none or one that Open refuses, until Restore has run again.
//
// Errors: ErrBadBackup, ErrNewerSchema, ErrStoreExists, ErrLocked.
func Restore(ctx context.Context, o RestoreOptions) (m Manifest, err error) {
	a, err := openArchive(o.File)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	lock, err := claim(o.Dir)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	s, err := beginStage(o.Dir)
	if err != nil {
		return m, err
	}
	if err := s.fill(ctx, a, o.Progress); err != nil {
		return m, errors.Join(err, s.abandon())
	}
	if err := s.place(); err != nil {
		return m, errors.Join(err, s.abandon())
	}
	return a.Manifest, nil
}

// fill writes the archive's databases into the stage and checks them.
func (s stage) fill(ctx context.Context, a *archive, report func(done, total int64)) error {
	p := progress{report: report}
	for _, f := range a.Files {
		p.total += f.Size
	}
	if len(a.Files) > len(parts) {
		if err := os.Mkdir(filepath.Join(s.path(), DatabasesDir), 0o700); err != nil {
			return fmt.Errorf("sqlite: restore: %w", err)
		}
	}
	for _, f := range a.Files {
		path := filepath.Join(s.path(), f.Name)
		if err := a.extract(ctx, f, path, &p); err != nil {
			return err
		}
		version, err := verify(ctx, path)
		switch {
		case errors.Is(err, ErrDamaged):
			return fmt.Errorf("%w: %s: %w", ErrBadBackup, f.Name, err)
		case err != nil:
			return fmt.Errorf("sqlite: restore: %s: %w", f.Name, err)
		case version != f.Schema:
			return fmt.Errorf("%w: %s has another schema", ErrBadBackup, f.Name)
		}
	}
	if err := a.end(); err != nil {
		return err
	}
	return s.agree(ctx, a)
}

// agree returns an error unless the archive has just the files that its data.db is about.
func (s stage) agree(ctx context.Context, a *archive) (err error) {
	db := openImmutable(filepath.Join(s.path(), DataFile))
	defer func() { err = errors.Join(err, db.Close()) }()
	needed, err := neededFiles(ctx, db)
	if err != nil {
		return fmt.Errorf("sqlite: restore: %s: %w", DataFile, err)
	}
	if !slices.EqualFunc(a.Files[len(parts):], needed, func(f ManifestFile, name string) bool { return f.Name == name }) {
		return fmt.Errorf("%w: its files aren't those that %s is about", ErrBadBackup, DataFile)
	}
	if len(needed) > 0 {
		err = syncDir(filepath.Join(s.path(), DatabasesDir))
	}
	return errors.Join(err, syncDir(s.path()))
}
