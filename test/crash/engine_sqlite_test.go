package crash

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver
)

// sqliteEngine reads data.db beside the program. It opens the file for each
// call, so that after a kill the program is the first to open it.
type sqliteEngine struct{ dir string }

func newSQLite(dir string) *sqliteEngine { return &sqliteEngine{dir} }

func (e *sqliteEngine) environment() []string {
	return []string{"STORE=sqlite", "DATA_DIR=" + e.dir}
}

// open runs work on data.db.
func (e *sqliteEngine) open(work func(ctx context.Context, db *sql.DB) error) error {
	query := url.Values{"_pragma": {"busy_timeout(10000)"}, "_txlock": {"immediate"}, "mode": {"rw"}}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(e.dir, "data.db")+"?"+query.Encode())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(work(context.Background(), db), db.Close())
}

func (e *sqliteEngine) namespaces() (all []space, err error) {
	err = e.open(func(ctx context.Context, db *sql.DB) error {
		for strategy, table := range map[string]string{"collection": "namespaces", "database": "databases", "shared": "shares"} {
			names, err := texts(ctx, db, "SELECT name FROM "+table)
			if err != nil {
				return err
			}
			for _, name := range names {
				all = append(all, space{strategy, name})
			}
		}
		return nil
	})
	return all, err
}

// texts returns the first column of a query.
func texts(ctx context.Context, db *sql.DB, query string) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
