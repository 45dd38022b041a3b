package sqlite

import (
	"context"
	"database/sql"
)

// queryer is a database, a connection or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// row is a *sql.Row or the current one of *sql.Rows.
type row interface{ Scan(into ...any) error }

// queryAll returns what scan makes of each row that a query finds.
func queryAll[T any](ctx context.Context, db queryer, scan func(row) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// scanText takes a single column.
func scanText(from row) (text string, err error) {
	err = from.Scan(&text)
	return text, err
}
