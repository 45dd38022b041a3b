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

// namespaces keeps each namespace as a row of the table namespaces and a table
// of documents. A namespace's identity is the name of that table.
//
// Every method works on the writer's connection, also to read: a reader would
// parse the whole schema anew after each table that came or went (83 ms at
// 10,000 tables), the connection that made the change needn't.
type namespaces struct{ *database }

var _ ports.Namespaces = (*namespaces)(nil)

const (
	selectNamespace = `SELECT organization_id, physical FROM namespaces WHERE database = ? AND name = ?`

	insertNamespace = `INSERT INTO namespaces (number, database, name, organization_id, physical)
		VALUES (?, ?, ?, ?, ?)`

	renameNamespace = `UPDATE namespaces SET database = ?, name = ? WHERE database = ? AND name = ? AND physical = ?`

	// nextNamespace counts on after numbers that are gone, too.
	nextNamespace = `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'namespaces'), 0) + 1`

	// dropBatchSize is how many documents are removed in one transaction.
	dropBatchSize = 1000

	// documentColumns is what a table of documents has. The body is JSON.
	documentColumns = `(id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT`
)

// Ensure: see ports.Namespaces. An empty one of another organization is occupied
// as well.
func (n *namespaces) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	return n.write(ctx, "make namespace", func(ctx context.Context, tx *sql.Tx) error {
		var number int64
		if err := tx.QueryRowContext(ctx, nextNamespace).Scan(&number); err != nil {
			return err
		}
		physical := physicalName(owner, p.Generation, number)
		_, err := tx.ExecContext(ctx, insertNamespace, number, p.Database, p.Namespace, string(owner), physical)
		if duplicate(err) {
			return ownAndEmpty(ctx, tx, owner, p)
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "CREATE TABLE "+quote(physical)+" "+documentColumns)
		return err
	})
}

// ownAndEmpty returns domain.ErrNamespaceOccupied unless what stands at p is the
// owner's and has no documents.
func ownAndEmpty(ctx context.Context, tx *sql.Tx, owner domain.OrganizationID, p domain.Placement) error {
	holder, physical, err := standing(ctx, tx, p)
	if err != nil {
		return err
	}
	if holder != string(owner) {
		return domain.ErrNamespaceOccupied
	}
	empty, err := isEmpty(ctx, tx, physical)
	if err != nil {
		return err
	}
	if !empty {
		return domain.ErrNamespaceOccupied
	}
	return nil
}

// Rename: see ports.Namespaces. One UPDATE, whatever the namespace holds.
func (n *namespaces) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	return n.write(ctx, "rename namespace", func(ctx context.Context, tx *sql.Tx) error {
		switch _, physical, err := standing(ctx, tx, to); {
		case err == nil && physical == identity:
			return nil
		case err == nil:
			return domain.ErrNamespaceOccupied
		case !errors.Is(err, domain.ErrNamespaceMissing):
			return err
		}
		result, err := tx.ExecContext(ctx, renameNamespace,
			to.Database, to.Namespace, from.Database, from.Namespace, identity)
		if err != nil {
			return err
		}
		if renamed, err := result.RowsAffected(); err != nil || renamed != 0 {
			return err
		}
		return domain.ErrNamespaceMissing
	})
}

// Drop: see ports.Namespaces. Documents go in batches, each in a transaction and a
// deadline of its own: a table of any size is dropped sooner or later, and others
// can write in between.
func (n *namespaces) Drop(ctx context.Context, p domain.Placement) error {
	for {
		gone := false
		err := n.write(ctx, "drop documents", func(ctx context.Context, tx *sql.Tx) (err error) {
			gone, err = dropBatch(ctx, tx, p)
			return err
		})
		if err != nil || gone {
			return err
		}
	}
}

// dropBatch removes dropBatchSize documents, and when there are no more the
// namespace itself. It reports whether that is gone.
func dropBatch(ctx context.Context, tx *sql.Tx, p domain.Placement) (gone bool, err error) {
	_, physical, err := standing(ctx, tx, p)
	if errors.Is(err, domain.ErrNamespaceMissing) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	table := quote(physical)
	batch := "DELETE FROM " + table + " WHERE rowid IN (SELECT rowid FROM " + table + " LIMIT ?)" //nolint:gosec // the table's name is quoted
	result, err := tx.ExecContext(ctx, batch, dropBatchSize)
	if err != nil {
		return false, err
	}
	if removed, err := result.RowsAffected(); err != nil || removed == dropBatchSize {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "DROP TABLE "+table); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM namespaces WHERE physical = ?", physical)
	return true, err
}

// Stat: see ports.Namespaces.
func (n *namespaces) Stat(ctx context.Context, p domain.Placement) (info ports.NamespaceInfo, err error) {
	err = n.look(ctx, "look at namespace", func(ctx context.Context, tx *sql.Tx) error {
		_, physical, err := standing(ctx, tx, p)
		if errors.Is(err, domain.ErrNamespaceMissing) {
			info = ports.NamespaceInfo{Empty: true}
			return nil
		}
		if err != nil {
			return err
		}
		info = ports.NamespaceInfo{Exists: true, Identity: physical}
		info.Empty, err = isEmpty(ctx, tx, physical)
		return err
	})
	return info, err
}

func isEmpty(ctx context.Context, tx *sql.Tx, physical string) (empty bool, err error) {
	err = tx.QueryRowContext(ctx, "SELECT NOT EXISTS (SELECT 1 FROM "+quote(physical)+")").Scan(&empty)
	return empty, err
}

// standing gives what stands at p: whose it is, and its table. Where nothing does, it
// returns domain.ErrNamespaceMissing.
func standing(ctx context.Context, tx *sql.Tx, p domain.Placement) (holder, physical string, err error) {
	err = tx.QueryRowContext(ctx, selectNamespace, p.Database, p.Namespace).Scan(&holder, &physical)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", domain.ErrNamespaceMissing
	}
	return holder, physical, err
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
