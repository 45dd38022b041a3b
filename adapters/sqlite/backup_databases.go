package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// selectFinished finds the files that a store must have: those that were made, and that
// no drop may have removed.
const selectFinished = "SELECT number FROM databases WHERE finished = 1 AND dropping = 0 ORDER BY number"

// selectHasDatabases tells older stores, which have no such table.
const selectHasDatabases = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'databases')"

// neededFiles names the files that go with data.db.
func neededFiles(ctx context.Context, data queryer) (names []string, err error) {
	var has bool
	if err := data.QueryRowContext(ctx, selectHasDatabases).Scan(&has); err != nil || !has {
		return nil, err
	}
	return queryAll(ctx, data, scanFileName, selectFinished)
}

func scanFileName(from row) (string, error) {
	var number int64
	err := from.Scan(&number)
	return fileName(number), err
}

// holdBackDrops keeps the files in their place until it is closed. The files that the
// snapshot needs must be there when they are copied.
func holdBackDrops(ctx context.Context, o BackupOptions) (io.Closer, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	path := filepath.Join(o.Dir, BackupLockFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(nil), nil // Nobody has opened the store who could drop such a file.
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	if _, err := lock.TryRLockContext(ctx, retryLock); err != nil {
		return nil, fmt.Errorf("%s: %w", BackupLockFile, err)
	}
	return lock, nil
}

// otherFiles names the files that go with the snapshot.
func (s snapshot) otherFiles(ctx context.Context) ([]string, error) {
	names, err := neededFiles(ctx, s[len(parts)-1].conn)
	return names, damaged(ctx, err)
}

// sizeOf sums sizes up, for the progress alone: the files may be written to.
func sizeOf(dir string, names []string) (total int64) {
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			total += info.Size()
		}
	}
	return total
}

// copyDatabases copies the files, one after the other, each as it is when its turn comes.
func copyDatabases(ctx context.Context, o BackupOptions, names []string, dir string, p *progress) (files []ManifestFile, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	if err := os.Mkdir(filepath.Join(dir, DatabasesDir), 0o700); err != nil {
		return nil, err
	}
	for _, name := range names {
		file, err := copyDatabase(ctx, o, name, dir, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, file)
	}
	return files, nil
}

func copyDatabase(ctx context.Context, o BackupOptions, name, dir string, p *progress) (f ManifestFile, err error) {
	if there, err := filled(filepath.Join(o.Dir, name)); err != nil || !there {
		return f, errors.Join(err, lost(name))
	}
	v, err := newView(ctx, o.Dir, part{name, ownSchema}, o.Timeout)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	if err := v.begin(ctx); err != nil {
		return f, err
	}
	p.total += 2 * (v.size - sizeOf(o.Dir, []string{name}))
	if f, err = v.copyInto(ctx, dir, p); err == nil && f.Schema == 0 {
		err = lost(name)
	}
	return f, err
}
