package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// inventory looks over the namespaces of a strategy and their documents.
//
// As namespaces does, it works on the writer's connection, also to read: a reader
// would parse the whole schema anew after each table that came or went, and keep a
// copy of it, of more than a kilobyte for each table. So each call is short or goes in
// steps, each in a transaction and a deadline of its own, and others write in between.
type inventory struct{ shelves }

var _ ports.Inventory = (*inventory)(nil)

// measureStep is how many documents are counted in one step. Of a body only the
// size is read, not the pages that hold it.
const measureStep = 1000

// List: see ports.Inventory.
func (v *inventory) List(ctx context.Context, database, after string, limit int) (names []string, err error) {
	err = v.names().look(ctx, "list namespaces", func(ctx context.Context, tx *sql.Tx) (err error) {
		names, err = queryAll(ctx, tx, scanText, v.names().selectNames(), database, after, max(limit, 0))
		return err
	})
	return names, err
}

// Measure: see ports.Inventory. Bytes is the size of the bodies. It goes after the
// number, so that a rename in between is no matter.
func (v *inventory) Measure(ctx context.Context, p domain.Placement) (usage domain.Usage, err error) {
	e, err := v.names().lookUp(ctx, v.names().under(p))
	if err == nil && e.dropping && !v.dropsInParts() {
		return usage, nil
	}
	var last any
	for more := true; more && err == nil; {
		err = v.look(ctx, "measure documents", v.names().numbered(e.number), func(ctx context.Context, tx *sql.Tx, t documentTable) error {
			if last == nil {
				_, last = t.walk()
			}
			var n, size int64
			row := tx.QueryRowContext(ctx, t.measureDocuments(), t.args(last, measureStep)...)
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

// Quarantine: see ports.Inventory. One UPDATE, whatever the namespace holds; the
// number that the name ends with is that of its row.
func (v *inventory) Quarantine(ctx context.Context, p domain.Placement) (name string, err error) {
	for name == "" {
		e, err := v.names().lookUp(ctx, v.names().under(p))
		if err != nil {
			return "", err
		}
		err = v.alone(ctx, e.identity, func(ctx context.Context) error {
			return v.names().database.write(ctx, "put into quarantine", func(ctx context.Context, tx *sql.Tx) error {
				err := tx.QueryRowContext(ctx, v.names().quarantineEntry(), p.Database, p.Namespace, e.number).Scan(&name)
				if errors.Is(err, sql.ErrNoRows) { // It was renamed or dropped since the look.
					return nil
				}
				return err
			})
		})
		if err != nil {
			return "", err
		}
	}
	return name, nil
}
