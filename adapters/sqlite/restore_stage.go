package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// stageDir is where a restore keeps the files until they are in place, in the
// directory of the store. While it is there, Open refuses the store.
const stageDir = "restore.incomplete"

// stage is a restore that runs, named by the directory of the store. The store's
// lock must be held.
type stage string

func (s stage) path() string { return filepath.Join(string(s), stageDir) }

// findHalfRestored returns ErrHalfRestored when a restore into the directory has
// not ended.
func findHalfRestored(dir string) error {
	switch _, err := os.Lstat(filepath.Join(dir, stageDir)); {
	case err == nil:
		return fmt.Errorf("%w: %s", ErrHalfRestored, dir)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return fmt.Errorf("sqlite: %w", err)
	}
}

// beginStage makes the stage. What a restore that died has left is removed: nobody
// could open it.
func beginStage(dir string) (stage, error) {
	s := stage(dir)
	switch err := findHalfRestored(dir); {
	case errors.Is(err, ErrHalfRestored):
		if err := s.abandon(); err != nil {
			return s, err
		}
	case err != nil:
		return s, err
	}
	for _, file := range storeFiles() {
		if _, err := os.Lstat(filepath.Join(dir, file)); !errors.Is(err, fs.ErrNotExist) {
			return s, fmt.Errorf("%w: %s has %s", ErrStoreExists, dir, file)
		}
	}
	if err := os.Mkdir(s.path(), 0o700); err != nil {
		return s, fmt.Errorf("sqlite: restore: %w", err)
	}
	return s, syncDir(dir)
}

// place moves the files to where Open looks for them. The stage goes last.
func (s stage) place() error {
	for _, name := range []string{DatabasesDir, RegistryFile, DataFile} {
		err := os.Rename(filepath.Join(s.path(), name), filepath.Join(string(s), name))
		if name == DatabasesDir && errors.Is(err, fs.ErrNotExist) {
			continue // There is none in the backup.
		}
		if err != nil {
			return fmt.Errorf("sqlite: restore: %w", err)
		}
	}
	if err := syncDir(string(s)); err != nil {
		return err
	}
	if err := os.Remove(s.path()); err != nil {
		return fmt.Errorf("sqlite: restore: %w", err)
	}
	return syncDir(string(s))
}

// abandon removes what was put in place, then the stage.
func (s stage) abandon() error {
	for _, file := range storeFiles() {
		if err := os.RemoveAll(filepath.Join(string(s), file)); err != nil {
			return fmt.Errorf("sqlite: restore: %w", err)
		}
	}
	if err := syncDir(string(s)); err != nil {
		return err
	}
	if err := os.RemoveAll(s.path()); err != nil {
		return fmt.Errorf("sqlite: restore: %w", err)
	}
	return syncDir(string(s))
}
