package crash

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// sqliteEngine reads and writes data.db beside the program. It opens the file for each
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

func (e *sqliteEngine) write(namespace string, d document) error {
	return e.open(func(ctx context.Context, db *sql.DB) error {
		table, err := physical(ctx, db, namespace)
		if err != nil {
			return err
		}
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "INSERT INTO "+table+" (id, body) VALUES (?, ?)", d.ID, string(body))
		return err
	})
}

func (e *sqliteEngine) read(namespace string) (map[string]document, error) {
	found := map[string]document{}
	err := e.open(func(ctx context.Context, db *sql.DB) error {
		table, err := physical(ctx, db, namespace)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		bodies, err := texts(ctx, db, "SELECT body FROM "+table)
		for _, body := range bodies {
			var d document
			if err := json.Unmarshal([]byte(body), &d); err != nil {
				return err
			}
			found[d.ID] = d
		}
		return err
	})
	return found, err
}

func (e *sqliteEngine) namespaces() (names []string, err error) {
	err = e.open(func(ctx context.Context, db *sql.DB) error {
		names, err = texts(ctx, db, "SELECT name FROM namespaces")
		return err
	})
	return names, err
}

// physical returns the quoted name of the table that holds the namespace's documents.
func physical(ctx context.Context, db *sql.DB, namespace string) (string, error) {
	var name string
	err := db.QueryRowContext(ctx, "SELECT physical FROM namespaces WHERE name = ?", namespace).Scan(&name)
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`, err
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
