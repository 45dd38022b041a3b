package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

// documentTable is where the documents of one namespace are: all rows of a table of its
// own, or those rows of a table for many that begin with its key. Every statement that
// it makes is about these alone; args gives its arguments.
type documentTable struct {
	name string
	// columns lead the primary key, and key has their values. Both are empty in a table
	// of its own.
	columns []string
	key     []any
	// changes, if set, is where the ID of each document that is written goes.
	changes *changeLog
}

// The table for many, and the table in a file of its own.
const (
	sharedTable = domain.SharedCollection
	ownTable    = domain.OwnCollection
)

// documentColumns is what a table of documents has. The body is JSON.
const documentColumns = `(id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT`

// shareOf returns a share of the table for many.
func shareOf(owner string, number int64) documentTable {
	return documentTable{name: sharedTable, columns: []string{"organization_id", "share"}, key: []any{owner, number}}
}

func (t documentTable) quoted() string { return quote(t.name) }

// where gives the condition on the table's rows: they are the namespace's, and the
// further ones.
func (t documentTable) where(further ...string) string {
	var all []string
	for _, column := range t.columns {
		all = append(all, column+" = ?")
	}
	if all = append(all, further...); len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}

// args gives the arguments of where, and further ones.
func (t documentTable) args(further ...any) []any {
	return append(append(make([]any, 0, len(t.key)+len(further)), t.key...), further...)
}

// list lists the columns of the key, and further ones.
func (t documentTable) list(further ...string) string {
	return strings.Join(append(append([]string{}, t.columns...), further...), ", ")
}

// walk is the column by which steps go through the documents: in a table of its own the
// row's number, which is the order on the disk. before is what comes before the first.
func (t documentTable) walk() (column string, before any) {
	if len(t.key) > 0 {
		return "id", ""
	}
	return "rowid", int64(0)
}

func (t documentTable) countDocuments() string {
	return "SELECT count(*) FROM " + t.quoted() + t.where()
}

func (t documentTable) selectEmpty() string {
	return "SELECT NOT EXISTS (SELECT 1 FROM " + t.quoted() + t.where() + ")"
}

// isEmpty reports whether there are no documents.
func (t documentTable) isEmpty(ctx context.Context, tx *sql.Tx) (empty bool, err error) {
	err = tx.QueryRowContext(ctx, t.selectEmpty(), t.args()...).Scan(&empty)
	return empty, err
}

// deleteBatch has the arguments of where, twice, and how many are removed.
func (t documentTable) deleteBatch() string {
	column, _ := t.walk()
	return "DELETE FROM " + t.quoted() + t.where(column+" IN (SELECT "+column+" FROM "+t.quoted()+t.where()+" LIMIT ?)")
}

// removeBatch removes documents, and reports whether there were no more than a batch
// has.
func (t documentTable) removeBatch(ctx context.Context, tx *sql.Tx) (last bool, err error) {
	result, err := tx.ExecContext(ctx, t.deleteBatch(), t.args(t.args(dropBatchSize)...)...)
	if err != nil {
		return false, err
	}
	removed, err := result.RowsAffected()
	return removed < dropBatchSize, err
}

func (t documentTable) selectDocument() string {
	return "SELECT id, body FROM " + t.quoted() + t.where("id = ?")
}

func (t documentTable) selectBody() string {
	return "SELECT body FROM " + t.quoted() + t.where("id = ?")
}

// selectPage has no LIMIT: who reads its rows stops when there are enough.
func (t documentTable) selectPage() string {
	return "SELECT id, body FROM " + t.quoted() + t.where("id > ?") + " ORDER BY id"
}

func (t documentTable) insertDocument() string {
	return t.insertMissing() + "VALUES (" + strings.Repeat("?, ", len(t.key)) + "?, ?)" + t.endMissing()
}

func (t documentTable) updateDocument() string {
	return "UPDATE " + t.quoted() + " SET body = ?" + t.where("id = ?")
}

func (t documentTable) deleteDocument() string {
	return "DELETE FROM " + t.quoted() + t.where("id = ?")
}

// selectScanEnd finds the first document that is not looked at.
func (t documentTable) selectScanEnd() string {
	return "SELECT id FROM " + t.quoted() + t.where("id > ?") + " ORDER BY id LIMIT 1 OFFSET ?"
}

// measureDocuments counts the next documents, sums their sizes up, and tells where the
// step after begins.
func (t documentTable) measureDocuments() string {
	column, _ := t.walk()
	return "SELECT count(*), coalesce(sum(size), 0), max(place) FROM" +
		" (SELECT " + column + " AS place, octet_length(body) AS size FROM " + t.quoted() +
		t.where(column+" > ?") + " ORDER BY " + column + " LIMIT ?)"
}

// mergeEnd finds the last document of a batch. The first one is in it whatever its size.
func (t documentTable) mergeEnd() string {
	column, _ := t.walk()
	return "SELECT max(place) FROM" +
		" (SELECT place, sum(size) OVER (ORDER BY place) - size AS before FROM" +
		" (SELECT " + column + " AS place, octet_length(body) AS size FROM " + t.quoted() +
		t.where(column+" > ?") + " ORDER BY " + column + " LIMIT ?))" +
		" WHERE before < ?"
}

// selectBatch reads what a batch has, with further columns before it.
func (t documentTable) selectBatch(further string) string {
	column, _ := t.walk()
	return "SELECT " + further + "id, body FROM " + t.quoted() +
		t.where(column+" > ?", column+" <= ?") + " ORDER BY " + column
}

// insertMissing begins a statement that adds documents, and endMissing ends it: those
// that are there stay.
func (t documentTable) insertMissing() string {
	return "INSERT INTO " + t.quoted() + " (" + t.list("id", "body") + ") "
}

func (t documentTable) endMissing() string { return " ON CONFLICT (" + t.list("id") + ") DO NOTHING" }

// mergeDocuments copies a batch of source, of the same database. Its arguments are the
// key of t, and then those of source's selectBatch.
func (t documentTable) mergeDocuments(source documentTable) string {
	return t.insertMissing() + source.selectBatch(strings.Repeat("?, ", len(t.key))) + t.endMissing()
}
