package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// stepPages is how many pages are copied between two looks at the context.
const stepPages = 256

// snapshot is both databases as they were at one instant, for as long as it is
// open: the registry, then the data.
type snapshot []*view

// view is one database in a transaction that reads.
type view struct {
	part
	db   *sql.DB
	conn *sql.Conn
	// size is in bytes.
	size int64
}

// takeSnapshot begins to read both databases while nobody can write to the
// registry. Whatever was written to the data meanwhile, the pair is a state that
// the store had, since an operation writes to one at a time.
func takeSnapshot(ctx context.Context, dir string, timeout time.Duration) (s snapshot, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	for _, part := range parts {
		v, err := newView(ctx, dir, part, timeout)
		if err != nil {
			return s, fmt.Errorf("%s: %w", part.file, err)
		}
		s = append(s, v)
	}
	if err := s.begin(ctx, filepath.Join(dir, RegistryFile), timeout); err != nil {
		return s, err
	}
	for _, v := range s {
		if err := checkSchema(ctx, v.conn, v.schema); err != nil {
			return s, fmt.Errorf("%s: %w", v.file, err)
		}
	}
	return s, nil
}

// lockPause is the time between two tries to get the registry's write lock. A server
// under load leaves it for microseconds between two transactions: SQLite's own busy
// handler, which sleeps up to 100 ms, was seen to miss all of these gaps for 5 s.
const lockPause = 200 * time.Microsecond

// begin starts the transactions under the registry's write lock.
func (s snapshot) begin(ctx context.Context, registry string, timeout time.Duration) (err error) {
	locker := open(fileURI(registry), "immediate", "busy_timeout(0)")
	// It has written nothing, and the views are open, so that closing it leaves the
	// log alone.
	defer func() { err = errors.Join(err, locker.Close()) }()
	for end := time.Now().Add(timeout); ; time.Sleep(lockPause) {
		err := transact(ctx, locker, nil, s.beginAll)
		switch {
		case resultCode(err)&0xff != sqlite3.SQLITE_BUSY:
			return err
		case time.Now().After(end):
			return fmt.Errorf("somebody has been writing for longer than %v: %w", timeout, err)
		}
	}
}

// beginAll starts the transactions of all views.
func (s snapshot) beginAll(ctx context.Context, _ *sql.Tx) error {
	for _, v := range s {
		if err := v.begin(ctx); err != nil {
			return fmt.Errorf("%s: %w", v.file, err)
		}
	}
	return nil
}

// size gives the bytes of both databases.
func (s snapshot) size() (total int64) {
	for _, v := range s {
		total += v.size
	}
	return total
}

// close ends the transactions.
func (s snapshot) close() error {
	var errs []error
	for _, v := range s {
		errs = append(errs, v.close())
	}
	return errors.Join(errs...)
}

func (v *view) close() error { return errors.Join(v.conn.Close(), v.db.Close()) }

func newView(ctx context.Context, dir string, p part, timeout time.Duration) (*view, error) {
	db := openReader(filepath.Join(dir, p.file), timeout)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &view{part: p, db: db, conn: conn}, nil
}

// begin fixes what the view sees: a transaction does so when it first reads. The
// header is enough, and needs no look at the tables, which may be many.
func (v *view) begin(ctx context.Context) error {
	if _, err := v.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	var pages, pageSize int64
	if err := v.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	if err := v.conn.QueryRowContext(ctx, "PRAGMA page_size").Scan(&pageSize); err != nil {
		return err
	}
	v.size = pages * pageSize
	return nil
}

// copyInto copies what the view sees into a file of the same name, and checks it.
func (v *view) copyInto(ctx context.Context, dir string, p *progress) (f ManifestFile, err error) {
	path := filepath.Join(dir, v.file)
	if err := createPrivate(path); err != nil {
		return f, err
	}
	if err := v.conn.Raw(func(from any) error { return copyPages(ctx, from, path, v.size, p) }); err != nil {
		return f, err
	}
	version, err := verify(ctx, path)
	if err != nil {
		return f, err
	}
	f = ManifestFile{Name: v.file, Schema: version}
	f.Size, f.SHA256, err = digest(ctx, path)
	return f, err
}

// copyPages copies a database by SQLite's own means, which read within the
// transaction that the connection is in. The copy needs no protection from a
// crash, which makes the whole backup void.
func copyPages(ctx context.Context, from any, path string, size int64, p *progress) error {
	source, ok := from.(interface {
		NewBackup(uri string) (*sqlite.Backup, error)
	})
	if !ok {
		return errors.New("the driver makes no backups")
	}
	b, err := source.NewBackup(fileURI(path) + "?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	begun := p.done
	for more := true; more; {
		if more, err = b.Step(stepPages); err == nil {
			err = ctx.Err()
		}
		if err != nil {
			_ = b.Finish() // It would say the same.
			return err
		}
		p.set(begun + size - size*int64(b.Remaining())/int64(max(b.PageCount(), 1)))
	}
	return b.Finish()
}
