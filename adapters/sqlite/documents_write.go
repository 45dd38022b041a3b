package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Write: see ports.Documents. All of it is one transaction: with an error nothing has
// happened, unless the error is that the answer was lost.
func (d *documents) Write(
	ctx context.Context, at ports.Place, writes []ports.DocumentWrite,
) (results []ports.DocumentResult, err error) {
	err = d.write(ctx, "write documents", writable(d.names().at(at)), func(ctx context.Context, tx *sql.Tx, t documentTable) (err error) {
		results = make([]ports.DocumentResult, len(writes))
		work := writing{t, tx}
		for i, w := range writes {
			if err := work.record(ctx, string(w.Document.ID)); err != nil {
				return err
			}
			if results[i], err = work.perform(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// writing is a transaction that writes documents. It has the write lock already, so that
// nobody comes between a look and a change.
type writing struct {
	documentTable
	tx *sql.Tx
}

// change executes a statement and returns how many rows it has changed.
func (w writing) change(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := w.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// record says which document is written, while the documents are moved.
func (w writing) record(ctx context.Context, id string) error {
	if w.changes == nil {
		return nil
	}
	_, err := w.change(ctx, w.changes.insertChange(), w.changes.args(id)...)
	return err
}

// perform performs one write.
func (w writing) perform(ctx context.Context, one ports.DocumentWrite) (ports.DocumentResult, error) {
	id, body := string(one.Document.ID), one.Document.Body.String()
	if one.IfMatch != "" && one.Action != ports.DocumentCreate { // it is for what exists
		switch met, err := w.met(ctx, one.Document.ID, one.IfMatch); {
		case err != nil:
			return ports.DocumentResult{}, err
		case !met:
			return ports.DocumentResult{Err: domain.ErrDocumentChanged}, nil
		}
	}
	switch one.Action {
	case ports.DocumentPut, ports.DocumentCreate:
		made, err := w.change(ctx, w.insertDocument(), w.args(id, body)...)
		if err == nil && made == 0 {
			if one.Action == ports.DocumentCreate {
				return ports.DocumentResult{Err: domain.ErrDocumentExists}, nil
			}
			_, err = w.change(ctx, w.updateDocument(), append([]any{body}, w.args(id)...)...)
		}
		return ports.DocumentResult{Created: made > 0}, err
	case ports.DocumentDelete:
		_, err := w.change(ctx, w.deleteDocument(), w.args(id)...)
		return ports.DocumentResult{}, err
	}
	return ports.DocumentResult{}, fmt.Errorf("no action of a write: %q", one.Action)
}

// met reports whether the document exists and the condition on it is met. A body that
// can't be read meets none but domain.AnyETag: nobody was ever given its ETag.
func (w writing) met(ctx context.Context, id domain.DocumentID, condition domain.ETag) (bool, error) {
	row, err := w.row(ctx, w.tx, id)
	if errors.Is(err, domain.ErrDocumentNotFound) {
		return false, nil
	}
	if err != nil || condition == domain.AnyETag {
		return err == nil, err
	}
	document, damaged := w.document(row)
	return damaged == nil && condition.Met(document), nil
}
