package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Errors of Backup that ask something of the operator.
var (
	// ErrBackupExists says that something stands under the name of the archive.
	ErrBackupExists = errors.New("sqlite: the file exists")
	// ErrNotReplaced says that what stands under the name of the archive is no
	// backup, or belongs to the store, so that it isn't replaced by force either.
	ErrNotReplaced = errors.New("sqlite: only an older backup is replaced")
	// ErrDamaged says that a database failed SQLite's checks.
	ErrDamaged = errors.New("the database is damaged")
)

// BackupOptions say what Backup copies and where to.
type BackupOptions struct {
	// Dir is the directory of the store, as in Options.
	Dir string
	// File is the archive to make. Its directory needs room for the store twice.
	File string
	// Force replaces a backup that has the name already.
	Force bool
	// Program is the version of the program, for the manifest.
	Program string
	// Timeout is how long to wait for a writer that is busy. Default DefaultTimeout.
	Timeout time.Duration
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Progress, if set, is told the bytes that are done, of total.
	Progress func(done, total int64)
}

// Backup makes an archive of the store, also while a process uses it: of registry.db
// and data.db as they were at one instant, and of each organization's own database as it
// was at some later one, before the end. Operations that ran at the first instant are
// finished by whoever opens the restored store, as after a crash. The copies are
// checked, and the archive appears whole, on the disk and with mode 0600, or not
// at all.
//
// Writers of the registry wait for some milliseconds at its beginning. While it
// runs, the write-ahead logs of the store can't be cut short, and own databases aren't
// removed: to drop one fails with domain.ErrStoreUnavailable, and can be done afterwards.
func Backup(ctx context.Context, o BackupOptions) (m Manifest, err error) {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := findStore(o.Dir); err != nil {
		return m, err
	}
	if err := checkTarget(o); err != nil {
		return m, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(o.File), ".orgkeeper-backup-*") // mode 0700
	if err != nil {
		return m, fmt.Errorf("sqlite: backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m, err = copyStore(ctx, o, dir)
	if err != nil {
		return m, fmt.Errorf("sqlite: backup: %w", err)
	}
	return m, publish(filepath.Join(dir, archiveFile), o.File, o.Force)
}

// archiveFile is the archive's name until it is whole.
const archiveFile = "archive.tar"

// copyStore writes copies of the databases and the archive of them into dir.
func copyStore(ctx context.Context, o BackupOptions, dir string) (m Manifest, err error) {
	lock, err := holdBackDrops(ctx, o)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	s, err := takeSnapshot(ctx, o.Dir, o.Timeout)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	others, err := s.otherFiles(ctx)
	if err != nil {
		return m, err
	}
	m = Manifest{Format: manifestFormat, Program: o.Program, CreatedAt: o.Now().UTC().Truncate(time.Second)}
	// Every byte is written twice: to a copy and to the archive.
	p := progress{report: o.Progress, total: 2 * (s.size() + sizeOf(o.Dir, others))}
	for _, view := range s {
		file, err := view.copyInto(ctx, dir, &p)
		if err != nil {
			return m, fmt.Errorf("%s: %w", view.file, err)
		}
		m.Files = append(m.Files, file)
	}
	files, err := copyDatabases(ctx, o, others, dir, &p)
	m.Files = append(m.Files, files...)
	if err != nil {
		return m, err
	}
	return m, writeArchive(ctx, dir, m, &p)
}

// checkTarget returns an error when the archive can't have its name.
func checkTarget(o BackupOptions) error {
	if o.File == "" {
		return errors.New("sqlite: BackupOptions.File is empty")
	}
	switch inStore, err := isStoreFile(o.Dir, o.File); {
	case err != nil:
		return fmt.Errorf("sqlite: backup: %w", err)
	case inStore:
		return fmt.Errorf("%w: %s belongs to the store", ErrNotReplaced, o.File)
	}
	if _, err := os.Lstat(o.File); os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return fmt.Errorf("sqlite: backup: %w", err)
	}
	if !o.Force {
		return fmt.Errorf("%w: %s", ErrBackupExists, o.File)
	}
	old, err := openArchive(o.File)
	if err != nil {
		return fmt.Errorf("%w: %s is none: %w", ErrNotReplaced, o.File, err)
	}
	return old.close()
}

// isStoreFile reports whether the path is one that the store in dir uses.
func isStoreFile(dir, path string) (bool, error) {
	store, err := os.Stat(dir)
	if err != nil {
		return false, err
	}
	parent, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	if databases, err := os.Stat(filepath.Join(dir, DatabasesDir)); err == nil && os.SameFile(databases, parent) {
		return true, nil
	}
	if !os.SameFile(store, parent) {
		return false, nil
	}
	base := filepath.Base(path)
	for _, file := range append(storeFiles(), LockFile, BackupLockFile, stageDir) {
		if base == file {
			return true, nil
		}
	}
	return false, nil
}

// publish gives the whole archive its name.
func publish(archive, file string, force bool) error {
	if !force {
		// Unlike a rename, a link never replaces what somebody has made meanwhile.
		// Some file systems have none.
		err := os.Link(archive, file)
		if err == nil {
			return syncDir(filepath.Dir(file))
		}
		if _, missing := os.Lstat(file); !os.IsNotExist(missing) {
			return fmt.Errorf("%w: %s", ErrBackupExists, file)
		}
	}
	if err := os.Rename(archive, file); err != nil {
		return fmt.Errorf("sqlite: backup: %w", err)
	}
	return syncDir(filepath.Dir(file))
}
