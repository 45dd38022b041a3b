package sqlite

import (
	"context"
	"database/sql"
	"strings"
)

// changeLog keeps the IDs of documents of one namespace that were written while it is
// moved: all rows of a table of its own, or those rows of a table for many that begin with
// its key. An ID is there once.
type changeLog struct{ documentTable }

const (
	// changesTable is its name, in data.db and in files.
	changesTable = "changes"
	// ownChanges makes the one of a file.
	ownChanges = `CREATE TABLE IF NOT EXISTS ` + changesTable + ` (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE) STRICT`
	// dropChanges removes it.
	dropChanges = `DROP TABLE IF EXISTS ` + changesTable
)

// changesOf returns the log of a namespace whose documents are in data.db.
func changesOf(catalogue string, number int64) *changeLog {
	return &changeLog{documentTable{name: changesTable, columns: []string{"source", "number"}, key: []any{catalogue, number}}}
}

// changesInFile returns the log in a file.
func changesInFile() *changeLog { return &changeLog{documentTable{name: changesTable}} }

// insertChange takes an ID out of its place, if it has one, and puts it at the end.
func (l *changeLog) insertChange() string {
	return "REPLACE INTO " + l.quoted() + " (" + l.list("id") + ") VALUES (" + strings.Repeat("?, ", len(l.key)) + "?)"
}

// insertChanges does that for a batch of documents of the same database. Its arguments are
// the key, and then those of the batch.
func (l *changeLog) insertChanges(batch documentTable) string {
	column, _ := batch.walk()
	return "REPLACE INTO " + l.quoted() + " (" + l.list("id") + ") SELECT " + strings.Repeat("?, ", len(l.key)) + "id FROM " +
		batch.quoted() + batch.where(column+" > ?", column+" <= ?")
}

// selectChanges selects those that come first.
func (l *changeLog) selectChanges() string {
	return "SELECT seq, id FROM " + l.quoted() + l.where() + " ORDER BY seq LIMIT ?"
}

// deleteChanges removes those up to a number.
func (l *changeLog) deleteChanges() string {
	return "DELETE FROM " + l.quoted() + l.where("seq <= ?")
}

// deleteSomeChanges removes a batch.
func (l *changeLog) deleteSomeChanges() string {
	return "DELETE FROM " + l.quoted() + l.where("seq IN (SELECT seq FROM "+l.quoted()+l.where()+" LIMIT ?)")
}

// removeSome removes a batch, and reports whether there were no more than one has.
func (l *changeLog) removeSome(ctx context.Context, tx *sql.Tx) (last bool, err error) {
	result, err := tx.ExecContext(ctx, l.deleteSomeChanges(), l.args(l.args(dropBatchSize)...)...)
	if err != nil {
		return false, err
	}
	removed, err := result.RowsAffected()
	return removed < dropBatchSize, err
}

// change is an ID in the log.
type change struct {
	seq int64
	id  string
}

func scanChange(from row) (c change, err error) {
	err = from.Scan(&c.seq, &c.id)
	return c, err
}

// next returns those that come first.
func (l *changeLog) next(ctx context.Context, tx *sql.Tx, limit int) ([]change, error) {
	return queryAll(ctx, tx, scanChange, l.selectChanges(), l.args(limit)...)
}

// forget removes those up to the number.
func (l *changeLog) forget(ctx context.Context, tx *sql.Tx, seq int64) error {
	_, err := tx.ExecContext(ctx, l.deleteChanges(), l.args(seq)...)
	return err
}
