package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// requests keeps the records in the table requests.
type requests struct{ *database }

var _ ports.Requests = (*requests)(nil)

const (
	selectRequest = `SELECT id, fingerprint, operation, lease_until, answer, expires_at, version
		FROM requests WHERE id = ?`

	insertRequest = `INSERT INTO requests (fingerprint, operation, lease_until, answer, expires_at, version, id)
		VALUES (?, ?, ?, ?, ?, ?, ?)`

	updateRequest = `UPDATE requests SET
			(fingerprint, operation, lease_until, answer, expires_at, version) = (?, ?, ?, ?, ?, ?)
		WHERE id = ? AND version = ?`

	forgetRequests = `DELETE FROM requests WHERE rowid IN
		(SELECT rowid FROM requests WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`
)

// Insert: see ports.Requests.
func (r *requests) Insert(ctx context.Context, q domain.Request) error {
	return r.write(ctx, "insert request", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, insertRequest, requestValues(q)...)
		if duplicate(err) {
			return domain.ErrVersionConflict
		}
		return err
	})
}

// Replace: see ports.Requests.
func (r *requests) Replace(ctx context.Context, q domain.Request, ifVersion int64) error {
	return r.write(ctx, "replace request", func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, updateRequest, append(requestValues(q), ifVersion)...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 0 {
			return err
		}
		return domain.ErrVersionConflict
	})
}

// Forget: see ports.Requests.
func (r *requests) Forget(ctx context.Context, until time.Time, limit int) (forgotten int, err error) {
	err = r.write(ctx, "forget requests", func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, forgetRequests, until.UnixMilli(), max(limit, 0))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		forgotten = int(n)
		return err
	})
	if err != nil {
		return 0, err
	}
	return forgotten, nil
}

// ByID: see ports.Requests.
func (r *requests) ByID(ctx context.Context, id string) (q domain.Request, err error) {
	err = r.call(ctx, "read request", func(ctx context.Context) error {
		var (
			lease, expires milliseconds
			answer         sql.Null[[]byte]
		)
		err := r.readers.QueryRowContext(ctx, selectRequest, id).Scan(
			&q.ID, &q.Fingerprint, &q.Operation, &lease, &answer, &expires, &q.Version)
		if errors.Is(err, sql.ErrNoRows) {
			return domain.ErrRequestNotFound
		}
		if answer.Valid { // an empty one, too, is an answer
			q.Answer = append([]byte{}, answer.V...)
		}
		q.LeaseUntil, q.ExpiresAt = lease.time, expires.time
		return err
	})
	if err != nil {
		return domain.Request{}, err
	}
	return q, nil
}

// requestValues has the order of the columns of both writes, and the ID at its end.
func requestValues(q domain.Request) []any {
	return []any{
		q.Fingerprint, string(q.Operation), q.LeaseUntil.UnixMilli(), q.Answer,
		q.ExpiresAt.UnixMilli(), q.Version, q.ID,
	}
}
