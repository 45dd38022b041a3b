package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// keptStatements is how many prepared statements a connection keeps. SQLite takes 2 to 5 KB
// for most of them, and 32 KB for that of an organization's record: with as many as it
// keeps, a connection takes some 200 KB. On a file of one organization there are about ten
// different ones.
const keptStatements = 64

// connector opens connections that keep statements.
type connector struct{ driver.Connector }

// driverConn is what a connection of the driver can do.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	NewBackup(uri string) (*sqlite.Backup, error)
}

var errDriver = errors.New("sqlite: the driver lacks a method")

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(driverConn)
	if !ok {
		return nil, errors.Join(errDriver, opened.Close())
	}
	return &connection{driverConn: conn}, nil
}

// connection keeps statements that come again, ready to run: to prepare one takes longer
// than to read a row with it. SQLite prepares it anew by itself after a change of the
// schema. A statement that runs is not among them, so that none is used twice at once.
//
// database/sql calls one method of a connection, its statements and rows at a time.
type connection struct {
	driverConn
	// kept are those that nobody uses, the one that was used last at the end.
	kept []statement
}

// statement is a prepared statement and its text.
type statement struct {
	text string
	driverStatement
}

// driverStatement is what a statement of the driver can do.
type driverStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// comesAgain reports whether a statement is kept: not one that changes the schema or asks
// for a setting.
func comesAgain(text string) bool {
	return slices.ContainsFunc([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE"}, func(verb string) bool {
		return strings.HasPrefix(text, verb)
	})
}

// ExecContext implements driver.ExecerContext.
func (c *connection) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if !comesAgain(text) {
		return c.driverConn.ExecContext(ctx, text, args)
	}
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	if err != nil {
		_ = s.Close() // It would say the same.
		return nil, err
	}
	c.keep(s)
	return result, nil
}

// QueryContext implements driver.QueryerContext.
func (c *connection) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if !comesAgain(text) {
		return c.driverConn.QueryContext(ctx, text, args)
	}
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		_ = s.Close() // It would say the same.
		return nil, err
	}
	return &statementRows{rows, c, s}, nil
}

// take returns a statement that nobody uses.
func (c *connection) take(ctx context.Context, text string) (statement, error) {
	for i, s := range slices.Backward(c.kept) {
		if s.text == text {
			c.kept = slices.Delete(c.kept, i, i+1)
			return s, nil
		}
	}
	prepared, err := c.PrepareContext(ctx, text)
	if err != nil {
		return statement{}, err
	}
	s, ok := prepared.(driverStatement)
	if !ok {
		return statement{}, errors.Join(errDriver, prepared.Close())
	}
	return statement{text, s}, nil
}

// keep keeps a statement that has run, in the place of the one that nobody has used for
// longest.
func (c *connection) keep(s statement) {
	if len(c.kept) == keptStatements {
		_ = c.kept[0].Close() // What has run hasn't failed by it.
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, s)
}

// Close implements driver.Conn.
func (c *connection) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	c.kept = nil
	return errors.Join(append(errs, c.driverConn.Close())...)
}

// statementRows are the rows of a statement, which is kept when they are closed.
type statementRows struct {
	driver.Rows
	connection *connection
	statement  statement
}

// Close implements driver.Rows.
func (r *statementRows) Close() error {
	if err := r.Rows.Close(); err != nil {
		_ = r.statement.Close() // It would say the same.
		return err
	}
	r.connection.keep(r.statement)
	return nil
}
