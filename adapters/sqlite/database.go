package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/orgkeeper/orgkeeper/domain"
)

// minReaders is the least size of a pool of readers. A reader is busy computing,
// hardly ever waiting, so more than there are processors serve nobody.
const minReaders = 4

func defaultReaders() int { return max(minReaders, runtime.GOMAXPROCS(0)) }

// database is one SQLite database: the connection that writes and those that
// read.
type database struct {
	gate    *gate
	timeout time.Duration
	// writer has one connection. Its transactions are immediate: they wait for
	// the file's write lock when they begin, and never fail to get it later.
	writer *sql.DB
	// readers can't write. In memory they are the writer.
	readers *sql.DB
	// readOnly says that writer can't write either: it is the readers.
	readOnly bool
	// observe is Options.Observe.
	observe func(ctx context.Context, command string) (end func(failed bool))
}

// openFile returns the database in the file, which must be there, with so many readers.
// It touches nothing yet.
func openFile(gate *gate, timeout time.Duration, path string, readers int) *database {
	busy := fmt.Sprintf("busy_timeout(%d)", timeout.Milliseconds())
	writer := open(fileURI(path), "immediate", busy, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)")
	limit(writer, 1)
	pool := open(fileURI(path), "deferred", busy, "query_only(1)")
	limit(pool, readers)
	return &database{gate: gate, timeout: timeout, writer: writer, readers: pool}
}

const memoryURI = "file::memory:"

// openMemory returns a new database in memory. It lives in its one connection.
func openMemory(gate *gate, timeout time.Duration) *database {
	only := open(memoryURI, "immediate", "foreign_keys(1)")
	limit(only, 1)
	return &database{gate: gate, timeout: timeout, writer: only, readers: only}
}

// inMemory says that it lives in its one connection.
func (d *database) inMemory() bool { return d.readers == d.writer && !d.readOnly }

// limit makes a pool keep every connection that it opened: to open one costs
// many times what a query does.
func limit(db *sql.DB, connections int) {
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
}

func open(uri, lock string, pragmas ...string) *sql.DB {
	q := url.Values{"_txlock": {lock}, "_pragma": pragmas}
	if uri != memoryURI {
		q.Set("mode", "rw") // a file that isn't there isn't made
	}
	return openWith(uri, q)
}

// openWith opens with parameters of SQLite's or of the driver's.
func openWith(uri string, q url.Values) *sql.DB {
	// A name in double quotes that doesn't exist is an error, not a text.
	q.Set("_dqs", "0")
	c, err := sqlite.NewConnector(uri + "?" + q.Encode())
	if err != nil {
		panic(err) // the query above is malformed
	}
	return sql.OpenDB(connector{c})
}

// fileURI names a file so that no character of its path has a meaning.
func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if filepath.IsAbs(path) && !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive's letter
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

// close closes the readers first: the last connection moves what the log holds
// into the database.
func (d *database) close() error {
	var err error
	if d.readers != d.writer {
		err = d.readers.Close()
	}
	return errors.Join(err, d.writer.Close())
}

// ping reads the file's header, which needs no schema.
func (d *database) ping(ctx context.Context) error {
	return d.call(ctx, "ping", func(ctx context.Context) error {
		var n int64
		return d.readers.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&n)
	})
}

// call runs work under the deadline of a call and gives its error as the ports
// promise it. What work returns from package domain comes out unchanged. kind is
// what observers know the call by; it holds no data.
func (d *database) call(ctx context.Context, kind string, work func(context.Context) error) error {
	return d.callFor(ctx, d.timeout, kind, work)
}

// callFor is call with a deadline of its own.
func (d *database) callFor(ctx context.Context, timeout time.Duration, kind string, work func(context.Context) error) error {
	if d.observe == nil {
		return d.perform(ctx, timeout, work)
	}
	end := d.observe(ctx, kind)
	err := d.perform(ctx, timeout, work)
	end(failed(err))
	return err
}

// failed tells a store that could not do its work from data that refuses it.
func failed(err error) bool {
	named, ok := errors.AsType[*domain.Error](err)
	return err != nil && (!ok || named.Code == domain.CodeStoreUnavailable)
}

func (d *database) perform(ctx context.Context, timeout time.Duration, work func(context.Context) error) error {
	if !d.gate.enter() {
		return domain.ErrStoreUnavailable.Because(errClosed)
	}
	defer d.gate.leave()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return translate(ctx, work(ctx))
}

// write runs work in a transaction of the writer. All of it happens or, when it
// returns an error, nothing.
func (d *database) write(ctx context.Context, kind string, work func(context.Context, *sql.Tx) error) error {
	if d.readOnly {
		return ErrReadOnly
	}
	return d.call(ctx, kind, func(ctx context.Context) error {
		return transact(ctx, d.writer, nil, work)
	})
}

// look runs work in a transaction of the writer that only reads.
func (d *database) look(ctx context.Context, kind string, work func(context.Context, *sql.Tx) error) error {
	return d.call(ctx, kind, func(ctx context.Context) error {
		return transact(ctx, d.writer, &sql.TxOptions{ReadOnly: true}, work)
	})
}

// read runs work in a transaction of a reader. What it sees, from its first query on, is
// the state of one moment.
func (d *database) read(ctx context.Context, kind string, work func(context.Context, *sql.Tx) error) error {
	return d.call(ctx, kind, func(ctx context.Context) error {
		return transact(ctx, d.readers, &sql.TxOptions{ReadOnly: true}, work)
	})
}

// transact runs work in a transaction.
func transact(ctx context.Context, db *sql.DB, o *sql.TxOptions, work func(context.Context, *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := work(ctx, tx); err != nil {
		return err
	}
	// A commit that began is not interrupted, so its answer is the truth; one
	// whose context ended before was rolled back.
	return tx.Commit()
}

// gate lets calls in until it is shut.
type gate struct {
	mu     sync.RWMutex
	closed bool
}

// enter reports whether a call may run; it must leave then.
func (g *gate) enter() bool {
	g.mu.RLock()
	if g.closed {
		g.mu.RUnlock()
		return false
	}
	return true
}

func (g *gate) leave() { g.mu.RUnlock() }

// shut waits for the calls that run and lets no more in. It reports whether the
// gate was open.
func (g *gate) shut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	open := !g.closed
	g.closed = true
	return open
}
