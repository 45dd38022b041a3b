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
// It goes after the tables, so that a rename in between is no matter.
func (v *inventory) Merge(ctx context.Context, from, to domain.Placement) (copied int64, err error) {
	var source, target string
	err = v.look(ctx, "look at namespace", func(ctx context.Context, tx *sql.Tx) (err error) {
		if _, source, err = standing(ctx, tx, from); err != nil {
			return err
		}
		_, target, err = standing(ctx, tx, to)
		return err
	})
	if err != nil || source == target {
		return 0, err
	}
	for last := int64(0); ; {
		var batch merged
		err := v.write(ctx, "merge documents", func(ctx context.Context, tx *sql.Tx) (err error) {
			batch, err = mergeBatch(ctx, tx, source, target, last)
			return err
		})
		if err != nil || batch.last == 0 {
			return copied, err
		}
		last = batch.last
		copied += batch.copied
	}
}

// merged says how far a batch came, 0 when there was nothing left, and how many of
// its documents were absent.
type merged struct{ last, copied int64 }

// mergeBatch copies the documents of source that come after the row last.
func mergeBatch(ctx context.Context, tx *sql.Tx, source, target string, last int64) (merged, error) {
	for _, physical := range []string{source, target} {
		if err := stillStanding(ctx, tx, physical); err != nil {
			return merged{}, err
		}
	}
	var batch merged
	end := tx.QueryRowContext(ctx, mergeEnd(source), last, mergeBatchSize, mergeBatchBytes)
	if err := end.Scan(&batch.last); err != nil || batch.last == 0 {
		return merged{}, err
	}
	// Only the ID decides what is there already. What another index refuses, an
	// application's own, is an error: it would be missing otherwise, and nobody told.
	result, err := tx.ExecContext(ctx, mergeDocuments(source, target), last, batch.last)
	if err != nil {
		return merged{}, err
	}
	batch.copied, err = result.RowsAffected()
	return batch, err
}

// mergeEnd finds the last row of a batch. Its first document is in it whatever its
// size.
func mergeEnd(source string) string {
	return `SELECT coalesce(max(number), 0) FROM
		(SELECT number, sum(size) OVER (ORDER BY number) - size AS before FROM
			(SELECT rowid AS number, octet_length(body) AS size FROM ` + quote(source) + `
				WHERE rowid > ? ORDER BY rowid LIMIT ?))
		WHERE before < ?`
}

func mergeDocuments(source, target string) string {
	return `INSERT INTO ` + quote(target) + ` (id, body)
		SELECT id, body FROM ` + quote(source) + ` WHERE rowid > ? AND rowid <= ? ORDER BY rowid
		ON CONFLICT (id) DO NOTHING`
}
