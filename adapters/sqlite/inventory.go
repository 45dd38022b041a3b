package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// inventory looks over the namespaces and their tables.
//
// As namespaces does, it works on the writer's connection, also to read: a reader
// would parse the whole schema anew after each table that came or went, and keep a
// copy of it, of more than a kilobyte for each table. So each call is short or goes in
// steps, each in a transaction and a deadline of its own, and others write in between.
type inventory struct{ *database }

var _ ports.Inventory = (*inventory)(nil)

const (
	listNamespaces = `SELECT name FROM namespaces WHERE database = ? AND name > ? ORDER BY name LIMIT ?`

	// quarantineNamespace makes a name that no other namespace gets: number is never
	// used again.
	quarantineNamespace = `UPDATE namespaces SET name = 'quarantine_' || name || '_' || number
		WHERE database = ? AND name = ? RETURNING name`

	selectStanding = `SELECT 1 FROM namespaces WHERE physical = ?`

	// measureStep is how many documents are counted in one step. Of a body only the
	// size is read, not the pages that hold it.
	measureStep = 1000
)

// List: see ports.Inventory.
func (v *inventory) List(ctx context.Context, database, after string, limit int) (names []string, err error) {
	err = v.look(ctx, "list namespaces", func(ctx context.Context, tx *sql.Tx) (err error) {
		names, err = queryAll(ctx, tx, scanText, listNamespaces, database, after, max(limit, 0))
		return err
	})
	return names, err
}

// Measure: see ports.Inventory. Bytes is the size of the bodies. It goes after the
// table, so that a rename in between is no matter.
func (v *inventory) Measure(ctx context.Context, p domain.Placement) (domain.Usage, error) {
	var physical string
	err := v.look(ctx, "look at namespace", func(ctx context.Context, tx *sql.Tx) (err error) {
		_, physical, err = standing(ctx, tx, p)
		return err
	})
	var usage domain.Usage
	for last, more := int64(0), true; more && err == nil; {
		err = v.look(ctx, "measure documents", func(ctx context.Context, tx *sql.Tx) error {
			if err := stillStanding(ctx, tx, physical); err != nil {
				return err
			}
			var n, size int64
			row := tx.QueryRowContext(ctx, measureDocuments(physical), last, measureStep)
			if err := row.Scan(&n, &size, &last); err != nil {
				return err
			}
			usage.Documents += n
			usage.Bytes += size
			more = n == measureStep
			return nil
		})
	}
	switch {
	case errors.Is(err, domain.ErrNamespaceMissing):
		return domain.Usage{}, nil
	case err != nil:
		return domain.Usage{}, err
	}
	return usage, nil
}

// measureDocuments counts the next documents of a table, sums their sizes up, and
// tells where the step after begins.
func measureDocuments(physical string) string {
	return `SELECT count(*), coalesce(sum(size), 0), coalesce(max(number), 0) FROM
		(SELECT rowid AS number, octet_length(body) AS size FROM ` + quote(physical) + `
			WHERE rowid > ? ORDER BY rowid LIMIT ?)`
}

// Quarantine: see ports.Inventory. One UPDATE, whatever the namespace holds; the
// number that the name ends with is the one in its table's name.
func (v *inventory) Quarantine(ctx context.Context, p domain.Placement) (name string, err error) {
	err = v.write(ctx, "put into quarantine", func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, quarantineNamespace, p.Database, p.Namespace).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return domain.ErrNamespaceMissing
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return name, nil
}

// stillStanding returns domain.ErrNamespaceMissing when a namespace was dropped.
func stillStanding(ctx context.Context, tx *sql.Tx, physical string) error {
	var one int
	err := tx.QueryRowContext(ctx, selectStanding, physical).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return domain.ErrNamespaceMissing
	}
	return err
}
