package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Errors of Open that ask something of the operator.
var (
	// ErrLocked says that another instance uses the data directory.
	ErrLocked = errors.New("sqlite: another instance uses the data directory")
	// ErrNewerSchema says that a later version of this program has written the
	// files. They are left as they are.
	ErrNewerSchema = errors.New("the schema is newer than this version of the program knows")
)

// errClosed is the cause of what calls get after Close.
var errClosed = errors.New("sqlite: the store is closed")

// translate turns what a call met into what its port promises. The errors of
// package domain stay as they are.
func translate(ctx context.Context, err error) error {
	var named *domain.Error
	switch {
	case err == nil || errors.As(err, &named):
		return err
	// A call whose context ended gets one of several errors: the context's, an
	// interrupt, or that its transaction is over.
	case ctx.Err() != nil:
		return domain.ErrStoreUnavailable.Because(errors.Join(ctx.Err(), err))
	case unavailable(err):
		return domain.ErrStoreUnavailable.Because(err)
	}
	return fmt.Errorf("sqlite: %w", err)
}

// unavailable reports whether the file can't be read or written now, whatever
// is in it.
func unavailable(err error) bool {
	switch resultCode(err) & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, // somebody else holds it
		sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, // the disk
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return errors.Is(err, driver.ErrBadConn)
}

// corrupt reports whether SQLite found pages that it can't make sense of.
func corrupt(err error) bool { return resultCode(err)&0xff == sqlite3.SQLITE_CORRUPT }

// duplicate reports whether a statement broke a unique index or a primary key.
// Which one, the caller knows by the statement.
func duplicate(err error) bool {
	code := resultCode(err)
	return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// resultCode gives SQLite's extended result code, 0 for other errors.
func resultCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
