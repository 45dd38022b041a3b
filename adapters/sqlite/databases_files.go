package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/orgkeeper/orgkeeper/domain"
)

// BackupLockFile is locked by backups, which may be many, and by who removes a file that
// a backup would miss.
const BackupLockFile = "orgkeeper.backup.lock"

// errBackupRuns is the cause of what a drop gets while a backup runs.
var errBackupRuns = errors.New("sqlite: a backup runs")

func (s *databases) path(number int64) string { return filepath.Join(s.dir, fileName(number)) }

// there reports whether the file of the number is there, with something in it.
func (s *databases) there(number int64) (bool, error) {
	if s.inMemory() {
		return true, nil
	}
	return filled(s.path(number))
}

func filled(path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Size() > 0, err
}

// opened returns the database of a file.
func (s *databases) opened(ctx context.Context, h held) (d *database, err error) {
	err = s.await(ctx, func(ctx context.Context) (err error) {
		d, err = s.files.opened(ctx, h.file, func(ctx context.Context) (*database, error) { return s.openWhole(ctx, h.row) })
		return err
	})
	return d, err
}

// openWhole opens the file of a row, and makes it to the end. It has a change log if the
// row says so: in a backup the file is later than the row.
func (s *databases) openWhole(ctx context.Context, e namespaceRow) (*database, error) {
	d, err := s.open(ctx, e)
	if err != nil || s.readOnly {
		return d, err
	}
	if !e.finished {
		err = s.finish(ctx, e, d)
	}
	if err == nil && e.moving == recorded {
		_, err = d.writer.ExecContext(ctx, ownChanges)
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// open opens the file of a row. One that was made must be there, with what was made.
func (s *databases) open(ctx context.Context, e namespaceRow) (*database, error) {
	name, path := fileName(e.number), s.path(e.number)
	switch there, err := s.there(e.number); {
	case err != nil:
		return nil, err
	case s.readOnly && !e.finished:
		return nil, domain.ErrNamespaceMissing
	case e.finished && (!there || s.inMemory()):
		return nil, lost(name)
	case s.readOnly:
		return openReadOnly(ctx, s.gate, Options{Dir: s.dir, Timeout: s.timeout}, name, ownSchema)
	}
	var d *database
	if s.inMemory() {
		d = openMemory(s.gate, s.timeout)
	} else {
		if err := s.create(e, path); err != nil {
			return nil, err
		}
		d = openFile(s.gate, s.timeout, path, fileReaders)
	}
	err := bringUp(ctx, d, name, e.finished)
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// ownSchema is the schema of the files.
const ownSchema = "database"

// bringUp brings the schema up to date. A file that was made to the end has one.
func bringUp(ctx context.Context, d *database, name string, finished bool) error {
	version, err := schemaVersion(ctx, d.writer)
	if err == nil && version == 0 && finished {
		return lost(name)
	}
	if err == nil {
		err = migrate(ctx, d.writer, ownSchema)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// errLost says of a file that was made that it isn't there as it was.
var errLost = fmt.Errorf("the file has gone, restore it from a backup: %w", ErrDamaged)

func lost(name string) error { return fmt.Errorf("%s: %w", name, errLost) }

// create makes the file of a row that has none yet.
func (s *databases) create(e namespaceRow, path string) error {
	if e.finished {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return errors.Join(createPrivate(path), syncDir(s.dir))
}

// finish says that the file was made. Nobody has written documents to it before.
func (s *databases) finish(ctx context.Context, e namespaceRow, d *database) error {
	err := transact(ctx, d.readers, &sql.TxOptions{ReadOnly: true}, func(ctx context.Context, tx *sql.Tx) error {
		empty, err := documentTable{name: ownTable}.isEmpty(ctx, tx)
		if err == nil && !empty {
			err = fmt.Errorf("%s holds documents before it was made: %w", fileName(e.number), ErrDamaged)
		}
		return err
	})
	if err == nil && !s.inMemory() {
		err = syncDir(filepath.Join(s.dir, DatabasesDir))
	}
	if err != nil {
		return err
	}
	return transact(ctx, s.writer, nil, func(ctx context.Context, tx *sql.Tx) error {
		return changeOne(ctx, tx, "UPDATE databases SET finished = 1 WHERE number = ? AND dropping = 0", e.number)
	})
}

// removeFiles removes the file of a row that is being dropped, and what SQLite keeps
// beside it. It waits until no backup runs, which may have seen the row before.
func (s *databases) removeFiles(ctx context.Context, e namespaceRow) (err error) {
	if !s.inMemory() {
		lock := flock.New(filepath.Join(s.dir, BackupLockFile))
		err := s.await(ctx, func(ctx context.Context) error {
			if _, err := lock.TryLockContext(ctx, retryLock); err != nil {
				if ctx.Err() != nil {
					err = errors.Join(errBackupRuns, err)
				}
				return err
			}
			return nil
		})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, lock.Close()) }()
	}
	return s.alone(ctx, e.identity, func(ctx context.Context) error {
		return s.call(ctx, "drop documents", func(context.Context) error {
			one := s.files.hold(e.number)
			defer s.files.release(one)
			err := s.files.shut(one)
			if s.inMemory() {
				return err
			}
			return errors.Join(err, removeAll(s.path(e.number)))
		})
	})
}

// removeAll removes a database for good. The file goes first: without its log it would be
// another one.
func removeAll(path string) error {
	for _, suffix := range suffixes {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := syncDir(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) { // The folder of files was never made.
		return nil
	}
	return err
}
