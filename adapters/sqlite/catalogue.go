package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// catalogue is a table of data.db that has a row for each namespace of one strategy:
// what it is called, and whose it is. The number of a row is never used again.
type catalogue struct {
	*database
	// table is its name.
	table string
	// identity is the column, or what is made of one, that is NamespaceInfo.Identity.
	identity string
	// finished is the column, or the constant, that says that the namespace was made.
	finished string
	// physical, if set, makes the text of the column physical, in tables that have one.
	physical func(owner domain.OrganizationID, generation, number int64) string
}

// byNumber is the identity of a namespace that its row's number tells from all others.
const byNumber = "CAST(number AS TEXT)"

// namespaceRow is a row of a catalogue.
type namespaceRow struct {
	number          int64
	owner, identity string
	// dropping says that a drop has begun: what is left of the documents isn't to be
	// read or written any more.
	dropping bool
	// finished says that the namespace was made to the end.
	finished bool
	// moving says how far a move of the documents has come, and session how many have begun
	// one.
	moving  movingState
	session int64
}

// movingState says what a move needs of writes.
type movingState int

const (
	// atRest: nothing.
	atRest movingState = iota
	// recorded: they are in the change log.
	recorded
	// frozen: there are none.
	frozen
)

// finder finds a namespace, or returns domain.ErrNamespaceMissing.
type finder func(ctx context.Context, db queryer) (namespaceRow, error)

func (c *catalogue) selectEntry(condition string) string {
	return "SELECT number, organization_id, " + c.identity + ", dropping, " + c.finished + ", moving, session FROM " + c.table + " WHERE " + condition
}

// The conditions by which rows are found.
const (
	byName      = "database = ? AND name = ?"
	byRowNumber = "number = ?"
)

func (c *catalogue) find(condition string, args ...any) finder {
	return func(ctx context.Context, db queryer) (e namespaceRow, err error) {
		err = db.QueryRowContext(ctx, c.selectEntry(condition), args...).
			Scan(&e.number, &e.owner, &e.identity, &e.dropping, &e.finished, &e.moving, &e.session)
		if errors.Is(err, sql.ErrNoRows) {
			return namespaceRow{}, domain.ErrNamespaceMissing
		}
		return e, err
	}
}

// under finds what stands at p, also when a drop of it has begun.
func (c *catalogue) under(p domain.Placement) finder { return c.find(byName, p.Database, p.Namespace) }

// numbered finds what has the number, wherever it stands, also when a drop has begun.
func (c *catalogue) numbered(number int64) finder { return c.find(byRowNumber, number) }

// usable finds what f finds unless a drop of it has begun.
func usable(f finder) finder {
	return func(ctx context.Context, db queryer) (namespaceRow, error) {
		e, err := f(ctx, db)
		if err == nil && e.dropping {
			return namespaceRow{}, domain.ErrNamespaceMissing
		}
		return e, err
	}
}

// at finds what stands at the place, if that has the place's identity and is the
// organization's.
func (c *catalogue) at(place ports.Place) finder {
	there := usable(c.under(place.Placement))
	return func(ctx context.Context, db queryer) (namespaceRow, error) {
		e, err := there(ctx, db)
		if err == nil && (e.identity != place.Identity || e.owner != string(place.Organization)) {
			return namespaceRow{}, domain.ErrNamespaceMissing
		}
		return e, err
	}
}

// selectAt selects, at a place, the body of a document in t; NULL if there is none. Its
// arguments are those of t, then those of the place.
func (c *catalogue) selectAt(t documentTable) string {
	return "SELECT (" + t.selectBody() + ") FROM " + c.table +
		" WHERE " + byName + " AND " + c.identity + " = ? AND organization_id = ? AND dropping = 0"
}

// writable finds what f finds unless it is frozen.
func writable(f finder) finder {
	return func(ctx context.Context, db queryer) (namespaceRow, error) {
		e, err := f(ctx, db)
		if err == nil && e.moving == frozen {
			return namespaceRow{}, domain.ErrNamespaceMissing
		}
		return e, err
	}
}

// lookUp is a finder's answer, by the connection that writes.
func (c *catalogue) lookUp(ctx context.Context, f finder) (e namespaceRow, err error) {
	err = c.look(ctx, "look at namespace", func(ctx context.Context, tx *sql.Tx) (err error) {
		e, err = f(ctx, tx)
		return err
	})
	return e, err
}

// nextNumber counts on after numbers that are gone, too.
func (c *catalogue) nextNumber() string {
	return "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '" + c.table + "'), 0) + 1"
}

// claim adds a row for p, or returns the one that stands there. It returns
// domain.ErrNamespaceOccupied when that is of another organization or being dropped.
func (c *catalogue) claim(
	ctx context.Context, tx *sql.Tx, owner domain.OrganizationID, p domain.Placement,
) (e namespaceRow, fresh bool, err error) {
	var number int64
	if err := tx.QueryRowContext(ctx, c.nextNumber()).Scan(&number); err != nil {
		return namespaceRow{}, false, err
	}
	columns, values := "number, database, name, organization_id", []any{number, p.Database, p.Namespace, string(owner)}
	if c.physical != nil {
		columns, values = columns+", physical", append(values, c.physical(owner, p.Generation, number))
	}
	insert := "INSERT INTO " + c.table + " (" + columns + ") VALUES (?" + strings.Repeat(", ?", len(values)-1) + ")" //nolint:gosec // constant names
	_, err = tx.ExecContext(ctx, insert, values...)
	if err == nil {
		e, err = c.numbered(number)(ctx, tx)
		return e, true, err
	}
	if !duplicate(err) {
		return namespaceRow{}, false, err
	}
	e, err = c.under(p)(ctx, tx)
	if err == nil && (e.owner != string(owner) || e.dropping) {
		return namespaceRow{}, false, domain.ErrNamespaceOccupied
	}
	return e, false, err
}

func (c *catalogue) renameEntry() string {
	return "UPDATE " + c.table + " SET database = ?, name = ? WHERE database = ? AND name = ? AND " + c.identity + " = ? AND dropping = 0"
}

// rename gives what has the identity the name of to, if it stands under from's.
func (c *catalogue) rename(ctx context.Context, tx *sql.Tx, identity string, from, to domain.Placement) error {
	switch e, err := c.under(to)(ctx, tx); {
	case err == nil && e.identity == identity:
		return nil
	case err == nil:
		return domain.ErrNamespaceOccupied
	case !errors.Is(err, domain.ErrNamespaceMissing):
		return err
	}
	return changeOne(ctx, tx, c.renameEntry(), to.Database, to.Namespace, from.Database, from.Namespace, identity)
}

// mark says that a drop has begun.
func (c *catalogue) mark(ctx context.Context, tx *sql.Tx, e namespaceRow) error {
	return changeOne(ctx, tx, "UPDATE "+c.table+" SET dropping = 1 WHERE number = ?", e.number)
}

// remove removes a row at the end of a drop.
func (c *catalogue) remove(ctx context.Context, tx *sql.Tx, e namespaceRow) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM "+c.table+" WHERE number = ?", e.number) //nolint:gosec // a constant name
	return err
}

// changeOne changes a row, and returns domain.ErrNamespaceMissing when there is none.
func changeOne(ctx context.Context, tx *sql.Tx, update string, args ...any) error {
	result, err := tx.ExecContext(ctx, update, args...)
	if err != nil {
		return err
	}
	if changed, err := result.RowsAffected(); err != nil || changed != 0 {
		return err
	}
	return domain.ErrNamespaceMissing
}

func (c *catalogue) selectNames() string {
	return "SELECT name FROM " + c.table + " WHERE database = ? AND name > ? ORDER BY name LIMIT ?"
}

// quarantineEntry makes a name that no other namespace gets: number is never used again.
func (c *catalogue) quarantineEntry() string {
	return "UPDATE " + c.table + " SET name = 'quarantine_' || name || '_' || number WHERE " + byName + " AND number = ? RETURNING name"
}

// physicalName names the table of an organization's documents, for as long as
// it exists: by the organization, the generation of the placement that it was
// made for, and a number that sets it apart from all that ever were. SQLite
// compares the names of tables without case, so of the ID's bytes only a-z, 0-9
// and - stay as they are.
func physicalName(owner domain.OrganizationID, generation, number int64) string {
	var id strings.Builder
	for _, c := range []byte(owner) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			id.WriteByte(c)
			continue
		}
		fmt.Fprintf(&id, "%%%02x", c)
	}
	return fmt.Sprintf("documents_%s_%d_%d", id.String(), generation, number)
}

// quote makes an SQL identifier of a name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
