package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
)

// part is one of the files of a store.
type part struct{ file, schema string }

// parts are those that every store has, in the order in which they are copied and put in place.
var parts = []part{{RegistryFile, "registry"}, {DataFile, "data"}}

// suffixes are what the names of the files end with that SQLite may keep for a database.
var suffixes = []string{"", "-wal", "-shm", "-journal"}

// storeFiles names every file that SQLite may keep for a store, and the folder of others.
func storeFiles() (names []string) {
	for _, p := range parts {
		for _, suffix := range suffixes {
			names = append(names, p.file+suffix)
		}
	}
	return append(names, DatabasesDir)
}

// verify runs SQLite's checks on a database that nobody writes to, and returns the
// version of its schema.
func verify(ctx context.Context, path string) (version int, err error) {
	db := openImmutable(path)
	defer func() { err = errors.Join(err, db.Close()) }()
	var result string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&result); err != nil {
		return 0, damaged(ctx, err)
	}
	if result != "ok" {
		return 0, fmt.Errorf("%w: integrity_check fails", ErrDamaged)
	}
	var broken int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil {
		return 0, damaged(ctx, err)
	}
	if broken != 0 {
		return 0, fmt.Errorf("%w: foreign_key_check fails", ErrDamaged)
	}
	version, err = schemaVersion(ctx, db)
	return version, damaged(ctx, err)
}

// openImmutable opens a database that nobody writes to: no log is looked for or made
// beside the file.
func openImmutable(path string) *sql.DB {
	return openWith(fileURI(path), url.Values{"mode": {"ro"}, "immutable": {"1"}})
}

// damaged says of an error of a check that it is the database's fault, unless the
// caller has lost patience.
func damaged(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// digest returns a file's size and its SHA-256 in hexadecimal.
func digest(ctx context.Context, path string) (size int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	hash := sha256.New()
	size, err = io.Copy(hash, patientReader{ctx, f})
	return size, hex.EncodeToString(hash.Sum(nil)), err
}

// patientReader reads until its context ends.
type patientReader struct {
	ctx context.Context
	io.Reader
}

func (r patientReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// progress tells somebody how far the work is. As a writer it counts.
type progress struct {
	report      func(done, total int64)
	done, total int64
}

func (p *progress) Write(b []byte) (int, error) {
	p.set(p.done + int64(len(b)))
	return len(b), nil
}

func (p *progress) set(done int64) {
	p.done = done
	if p.report != nil {
		p.report(done, p.total)
	}
}

// syncDir makes new names in dir outlive a power cut, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
