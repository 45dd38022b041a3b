package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// claim makes the directory and takes it for this process until the returned
// lock is closed. The system frees the lock of a process that dies.
func claim(dir string) (io.Closer, error) {
	if dir == "" {
		return nil, errors.New("sqlite: Options.Dir is empty")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: data directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, LockFile))
	switch held, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("sqlite: lock: %w", err)
	case !held:
		return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
	}
	return lock, nil
}
