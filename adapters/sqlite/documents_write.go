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
	err = d.write(ctx, "write documents", d.names().at(at), func(ctx context.Context, tx *sql.Tx, t documentTable) (err error) {
		results = make([]ports.DocumentResult, len(writes))
		for i, w := range writes {
			if results[i], err = t.write(ctx, tx, w); err != nil {
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

// write performs one write. The transaction has the write lock already, so that nobody
// comes between the look and the change.
func (t documentTable) write(ctx context.Context, tx *sql.Tx, w ports.DocumentWrite) (ports.DocumentResult, error) {
	condition := w.IfMatch
	if w.Action == ports.DocumentCreate {
		condition = "" // it is for what exists
	}
	exists, met, err := t.look(ctx, tx, w.Document.ID, condition)
	switch {
	case err != nil:
		return ports.DocumentResult{}, err
	case w.Action == ports.DocumentCreate && exists:
		return ports.DocumentResult{Err: domain.ErrDocumentExists}, nil
	case !met:
		return ports.DocumentResult{Err: domain.ErrDocumentChanged}, nil
	}
	switch w.Action {
	case ports.DocumentPut, ports.DocumentCreate:
		_, err = tx.ExecContext(ctx, t.putDocument(), t.args(string(w.Document.ID), w.Document.Body.String())...)
		return ports.DocumentResult{Created: !exists}, err
	case ports.DocumentDelete:
		_, err = tx.ExecContext(ctx, t.deleteDocument(), t.args(string(w.Document.ID))...)
		return ports.DocumentResult{}, err
	}
	return ports.DocumentResult{}, fmt.Errorf("no action of a write: %q", w.Action)
}

// look reports whether the document exists, and whether the condition on it is met. A
// body that can't be read meets none but domain.AnyETag: nobody was ever given its ETag.
func (t documentTable) look(
	ctx context.Context, tx *sql.Tx, id domain.DocumentID, condition domain.ETag,
) (exists, met bool, err error) {
	switch condition {
	case "", domain.AnyETag:
		err = tx.QueryRowContext(ctx, t.selectExists(), t.args(string(id))...).Scan(&exists)
		return exists, condition == "" || exists, err
	}
	row, err := scanDocument(tx.QueryRowContext(ctx, t.selectDocument(), t.args(string(id))...))
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	document, damaged := t.document(row)
	return true, damaged == nil && condition.Met(document), nil
}
