// Package sqlite keeps the registry and the organizations' documents in SQLite:
// the embedded store, in files of one directory or in memory.
//
// The registry is in registry.db, the documents are in data.db, or for organizations
// with a database of their own in a file each. Each file has one connection that writes
// and a pool that reads. One process owns the files.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// The files in Options.Dir. SQLite keeps two more beside each database while it
// is open, with -wal and -shm added to the name.
const (
	RegistryFile = "registry.db"
	DataFile     = "data.db"
	LockFile     = "orgkeeper.lock"
)

// DefaultTimeout is the deadline of a call where Options gives none.
const DefaultTimeout = 5 * time.Second

// Options say where a store is and how long its calls may take.
type Options struct {
	// Dir is the directory of the files. It is made, with mode 0700, when it is
	// missing.
	Dir string
	// Memory keeps everything in memory until Close. Dir is not used, and nothing
	// is locked.
	Memory bool
	// ReadOnly opens the store in Dir to be read, also beside the process that
	// owns it. Nothing is locked, made or changed but SQLite's -wal and -shm files,
	// and every write fails with ErrReadOnly.
	ReadOnly bool
	// Timeout is the deadline of each call, if its context has no earlier one.
	// Default DefaultTimeout.
	Timeout time.Duration
	// Observe, if set, is called with the context and the kind of each call, such as
	// "insert organization", and what it returns when the call is over. failed says
	// that the store could not do it; what the data refuses has not failed. It must
	// return at once.
	Observe func(ctx context.Context, command string) (end func(failed bool))
}

// Store is an open store. It is safe for use by many goroutines.
type Store struct {
	gate           *gate
	lock           io.Closer
	registry, data *database
	files          *files
	dir            string
}

var _ ports.Health = (*Store)(nil)

// Open opens the store, makes what is missing and brings an older schema up to
// date. It returns an error for which errors.Is holds with ErrLocked when
// another instance uses the directory, and with ErrNewerSchema when a later
// version of this program has written the files, with ErrHalfRestored when a
// restore into the directory has not ended; with Options.ReadOnly also with
// ErrNoStore and ErrOlderSchema.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	s := &Store{gate: &gate{}, files: newFiles(maxOpenFiles), dir: o.Dir}
	if o.Memory {
		s.files.limit = math.MaxInt
	}
	if err := s.open(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, o Options) (err error) {
	switch {
	case o.Memory && o.ReadOnly:
		return errors.New("sqlite: Options.Memory and Options.ReadOnly exclude each other")
	case o.ReadOnly:
		err = findStore(o.Dir)
	case !o.Memory:
		if s.lock, err = claim(o.Dir); err == nil {
			err = findHalfRestored(o.Dir)
		}
		if err == nil { // Not left to a backup: one that another user runs would own it.
			err = createPrivate(filepath.Join(o.Dir, BackupLockFile))
		}
	}
	if err != nil {
		return err
	}
	if s.registry, err = s.openDatabase(ctx, o, RegistryFile, "registry"); err != nil {
		return err
	}
	s.data, err = s.openDatabase(ctx, o, DataFile, "data")
	return err
}

// openDatabase opens one of the two databases and brings its schema up to date.
func (s *Store) openDatabase(ctx context.Context, o Options, file, schema string) (*database, error) {
	if o.ReadOnly {
		return openReadOnly(ctx, s.gate, o, file, schema)
	}
	var d *database
	if o.Memory {
		d = openMemory(s.gate, o.Timeout)
	} else {
		path := filepath.Join(o.Dir, file)
		if err := createPrivate(path); err != nil {
			return nil, err
		}
		d = openFile(s.gate, o.Timeout, path, defaultReaders())
	}
	d.observe = o.Observe
	if err := migrate(ctx, d.writer, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", file, err), d.close())
	}
	return d, nil
}

// createPrivate makes an empty file that its owner alone can read, if there is
// none. SQLite gives the files that it adds the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return f.Close()
}

// Organizations returns the organizations' records.
func (s *Store) Organizations() ports.Organizations { return &organizations{s.registry} }

// Accounts returns the accounts' records.
func (s *Store) Accounts() ports.Accounts { return &accounts{s.registry} }

// Storage returns what there is for each strategy.
func (s *Store) Storage() map[domain.Strategy]ports.Storage {
	return map[domain.Strategy]ports.Storage{
		domain.StrategyCollection: s.Collections(),
		domain.StrategyDatabase:   s.Databases(),
		domain.StrategyShared:     s.Shared(),
	}
}

// Collections returns the storage of domain.StrategyCollection: a table for each
// organization.
func (s *Store) Collections() ports.Storage { return storageOf(newCollections(s.data)) }

// Shared returns the storage of domain.StrategyShared: one table for all organizations.
func (s *Store) Shared() ports.Storage { return storageOf(newShares(s.data)) }

// Databases returns the storage of domain.StrategyDatabase: a file for each organization.
func (s *Store) Databases() ports.Storage { return storageOf(s.databases()) }

func (s *Store) databases() *databases { return newDatabases(s.data, s.files, s.dir) }

func storageOf(s shelves) ports.Storage {
	return ports.Storage{Namespaces: &namespaces{s}, Inventory: &inventory{s}, Documents: &documents{s}}
}

// Census returns the view over all records.
func (s *Store) Census() ports.Census { return &census{s.registry} }

// Directory returns the view over organizations for those who look after all of them.
func (s *Store) Directory() ports.Directory { return &directory{s.registry} }

// Requests returns the requests that carry an idempotency key.
func (s *Store) Requests() ports.Requests { return &requests{s.registry} }

// Usages returns what was measured of organizations, and their quotas.
func (s *Store) Usages() ports.Usages { return &usages{s.registry} }

// Moves returns the records of moves.
func (s *Store) Moves() ports.Moves { return &moves{s.registry} }

// Mover moves documents between all strategies.
func (s *Store) Mover() ports.Mover {
	return &mover{map[domain.Strategy]shelves{
		domain.StrategyCollection: newCollections(s.data),
		domain.StrategyDatabase:   s.databases(),
		domain.StrategyShared:     newShares(s.data),
	}}
}

// Structure returns the check of all files.
func (s *Store) Structure() ports.Structure { return &structure{s.registry, s.data, s.databases()} }

// Ping is described by ports.Health. It reads from both files.
func (s *Store) Ping(ctx context.Context) error {
	return errors.Join(s.registry.ping(ctx), s.data.ping(ctx))
}

// Close waits for the calls that run, closes the files and lets another process
// open them. Calls that come later fail with domain.ErrStoreUnavailable. Closing
// twice is no error.
func (s *Store) Close() error {
	if !s.gate.shut() {
		return nil
	}
	errs := []error{s.files.close()}
	for _, d := range []*database{s.registry, s.data} {
		if d != nil {
			errs = append(errs, d.close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
