package sqlite

import (
	"context"
	"database/sql"

	"github.com/orgkeeper/orgkeeper/domain"
)

// A batch of Merge copies so many documents at most, and no further one once it has
// so many bytes: it ends within its deadline whatever the size of the documents.
const (
	mergeBatchSize  = 1000
	mergeBatchBytes = 4 << 20
)

// Merge: see ports.Inventory. Each batch is a transaction with a deadline of its own.
// It goes after the numbers, so that a rename in between is no matter.
func (v *inventory) Merge(ctx context.Context, from, to domain.Placement) (copied int64, err error) {
	source, err := v.names().lookUp(ctx, usable(v.names().under(from)))
	if err != nil {
		return 0, err
	}
	target, err := v.names().lookUp(ctx, usable(v.names().under(to)))
	if err != nil || source.number == target.number {
		return 0, err
	}
	for batch := (merged{}); ; {
		batch, err = v.merge(ctx, source, target, batch.last)
		if err != nil || batch.last == nil {
			return copied, err
		}
		copied += batch.copied
	}
}

// merged says how far a batch came, nil when there was nothing left, and how many of
// its documents were absent.
type merged struct {
	last   any
	copied int64
}

// batchEnd finds where the batch ends that comes after last, nil when nothing is left. A
// last that is nil is the beginning.
func batchEnd(ctx context.Context, tx *sql.Tx, source documentTable, last any) (begin, end any, err error) {
	if last == nil {
		_, last = source.walk()
	}
	err = tx.QueryRowContext(ctx, source.mergeEnd(), source.args(last, mergeBatchSize, mergeBatchBytes)...).Scan(&end)
	return last, end, err
}

// mergeBatch copies the documents of source, of the same database, that come after last.
func mergeBatch(ctx context.Context, tx *sql.Tx, source, target documentTable, last any) (merged, error) {
	last, end, err := batchEnd(ctx, tx, source, last)
	if err != nil || end == nil {
		return merged{}, err
	}
	// Only the ID decides what is there already. What another index refuses, an
	// application's own, is an error: it would be missing otherwise, and nobody told.
	result, err := tx.ExecContext(ctx, target.mergeDocuments(source), target.args(source.args(last, end)...)...)
	if err != nil {
		return merged{}, err
	}
	copied, err := result.RowsAffected()
	if err == nil && target.changes != nil {
		_, err = tx.ExecContext(ctx, target.changes.insertChanges(source), target.changes.args(source.args(last, end)...)...)
	}
	return merged{end, copied}, err
}
