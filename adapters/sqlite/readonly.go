package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Errors of a store that is only read.
var (
	// ErrReadOnly is what every write gets where Options.ReadOnly is set.
	ErrReadOnly = errors.New("sqlite: the store is open to be read only")
	// ErrNoStore says that a directory holds no store.
	ErrNoStore = errors.New("sqlite: there is no store in the data directory")
	// ErrOlderSchema says that an earlier version of this program has written the
	// files. Only Open without Options.ReadOnly brings them up to date.
	ErrOlderSchema = errors.New("the schema is older than this version of the program needs: start the server once")
)

// findStore returns an error unless the directory holds both files. It opens
// neither: closing one would end the locks that SQLite, in this process, has on it.
func findStore(dir string) error {
	if err := findHalfRestored(dir); err != nil {
		return err
	}
	for _, file := range []string{RegistryFile, DataFile} {
		switch _, err := os.Stat(filepath.Join(dir, file)); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%w: %s is missing in %s", ErrNoStore, file, dir)
		case err != nil:
			return fmt.Errorf("sqlite: %w", err)
		}
	}
	return nil
}

// openReadOnly opens one of the two databases, whose schema must be today's. It has one
// connection: each reads the whole schema into its memory, and who looks over a store
// does one thing after the other.
func openReadOnly(ctx context.Context, gate *gate, o Options, file, schema string) (*database, error) {
	readers := openReader(filepath.Join(o.Dir, file), o.Timeout)
	limit(readers, 1)
	d := &database{gate: gate, timeout: o.Timeout, writer: readers, readers: readers, readOnly: true}
	if err := checkSchema(ctx, readers, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", file, err), d.close())
	}
	return d, nil
}

// checkSchema returns an error unless the schema is today's.
func checkSchema(ctx context.Context, db queryer, schema string) error {
	version, err := schemaVersion(ctx, db)
	known := len(migrationSteps(schema))
	switch {
	case err != nil:
		return err
	case version > known:
		return newerSchema(version, known)
	case version < known:
		return fmt.Errorf("%w: version %d of %d", ErrOlderSchema, version, known)
	}
	return nil
}

// openReader opens a file with connections that can't change it: by mode=ro they
// don't even move a dead process's log into it when they close.
func openReader(path string, timeout time.Duration) *sql.DB {
	busy := fmt.Sprintf("busy_timeout(%d)", timeout.Milliseconds())
	return openWith(fileURI(path), url.Values{
		"mode": {"ro"}, "_txlock": {"deferred"}, "_pragma": {busy, "query_only(1)"},
	})
}
