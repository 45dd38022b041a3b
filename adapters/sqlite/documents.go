package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// documents keeps each document as a row of a table: the ID, and the body
// in the form that domain.Body has. An application that writes there by itself, or a
// merge, may leave any JSON. So bodies are read as such, after the transaction: of many
// that takes longer than a call may, and on a connection others could wait.
//
// It reads by the readers, beside each other and beside the writer. Each of them parses
// the schema anew after a table came or went, which namespaces tells the cost of.
type documents struct{ shelves }

var _ ports.Documents = (*documents)(nil)

// Get: see ports.Documents.
func (d *documents) Get(ctx context.Context, at ports.Place, id domain.DocumentID) (domain.Document, error) {
	row, t, err := d.get(ctx, at, id)
	if err != nil {
		return domain.Document{}, err
	}
	return t.document(row)
}

// List: see ports.Documents. The order is that of the IDs' bytes.
func (d *documents) List(ctx context.Context, at ports.Place, q ports.DocumentQuery) (found ports.DocumentPage, err error) {
	var (
		t    documentTable
		rows []documentRow
	)
	err = d.read(ctx, "list documents", d.names().at(at), func(ctx context.Context, tx *sql.Tx, there documentTable) (err error) {
		t = there
		switch {
		case q.Limit <= 0:
		case len(q.Filter) == 0:
			rows, found.More, err = page(ctx, tx, q, t.selectPage(), t.args(string(q.After))...)
		default:
			rows, found.More, err = t.filtered(ctx, tx, q)
		}
		return err
	})
	if err != nil {
		return ports.DocumentPage{}, err
	}
	found.Documents = make([]domain.Document, len(rows))
	for i, row := range rows {
		if ctx.Err() != nil {
			return ports.DocumentPage{}, domain.ErrStoreUnavailable.Because(ctx.Err())
		}
		if found.Documents[i], err = t.document(row); err != nil {
			return ports.DocumentPage{}, err
		}
	}
	return found, nil
}

// Count: see ports.Documents.
func (d *documents) Count(ctx context.Context, at ports.Place) (n int64, err error) {
	err = d.read(ctx, "count documents", d.names().at(at), func(ctx context.Context, tx *sql.Tx, t documentTable) error {
		return tx.QueryRowContext(ctx, t.countDocuments(), t.args()...).Scan(&n)
	})
	return n, err
}

// page returns the rows that a query for documents finds, and whether they are as many as
// q asks for.
func page(
	ctx context.Context, tx *sql.Tx, q ports.DocumentQuery, query string, args ...any,
) (found []documentRow, full bool, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = rows.Close() }()
	for size := 0; !full && rows.Next(); {
		one, err := scanDocument(rows)
		if err != nil {
			return nil, false, err
		}
		found, size = append(found, one), size+len(one.body)
		full = len(found) == q.Limit || !q.HasRoom(size)
	}
	return found, full, rows.Err()
}

// documentRow is a document as it is kept.
type documentRow struct{ id, body string }

func scanDocument(from row) (d documentRow, err error) {
	err = from.Scan(&d.id, &d.body)
	return d, err
}

// document makes a document of a row. Of a body that is no document's the error tells
// the table, and nothing that is in it.
func (t documentTable) document(row documentRow) (domain.Document, error) {
	body, err := domain.StoredBody([]byte(row.body))
	if err != nil {
		return domain.Document{}, fmt.Errorf("sqlite: a document in the table %s: %w", t.name, err)
	}
	return domain.Document{ID: domain.DocumentID(row.id), Body: body}, nil
}
