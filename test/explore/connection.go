package explore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// preparer is what a driver's connection can do.
type preparer interface {
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

// connection is the connection of a store, for statements of the explorer's own.
type connection struct {
	preparer
	// kept are statements that come again and again.
	kept map[string]driver.Stmt
}

// keep returns the statement, which may be used again.
func (c *connection) keep(ctx context.Context, text string) (driver.Stmt, error) {
	if s, ok := c.kept[text]; ok {
		return s, nil
	}
	s, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	c.kept[text] = s
	return s, nil
}

// close gives the kept statements back.
func (c *connection) close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// each calls f with each row of a query that may be kept.
func (c *connection) each(ctx context.Context, query string, f func(row []driver.Value), args ...driver.Value) error {
	s, err := c.keep(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, named(args))
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return walkRows(rows, query, f)
}

// eachOnce is each for a query on a table that comes and goes.
func (c *connection) eachOnce(ctx context.Context, query string, f func(row []driver.Value)) error {
	rows, err := c.QueryContext(ctx, query, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return walkRows(rows, query, f)
}

func walkRows(rows driver.Rows, query string, f func(row []driver.Value)) error {
	defer rows.Close()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", query, err)
		}
		f(row)
	}
}

// texts returns the first column of a query.
func (c *connection) texts(ctx context.Context, query string, args ...driver.Value) (all []string, err error) {
	err = c.each(ctx, query, func(row []driver.Value) { all = append(all, fmt.Sprint(row[0])) }, args...)
	return all, err
}

// execute makes a change that may be made again.
func (c *connection) execute(ctx context.Context, statement string, args ...driver.Value) error {
	s, err := c.keep(ctx, statement)
	if err != nil {
		return err
	}
	if _, err := s.(driver.StmtExecContext).ExecContext(ctx, named(args)); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// executeOnce makes a change of a table that comes and goes.
func (c *connection) executeOnce(ctx context.Context, statement string, args ...driver.Value) error {
	if _, err := c.ExecContext(ctx, statement, named(args)); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func named(args []driver.Value) []driver.NamedValue {
	values := make([]driver.NamedValue, len(args))
	for i, a := range args {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return values
}
