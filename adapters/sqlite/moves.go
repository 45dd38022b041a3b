package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// moves keeps the records in the table moves.
type moves struct{ *database }

var _ ports.Moves = (*moves)(nil)

const (
	// moveColumns are those of a record but its operation, which is its key.
	moveColumns = `organization, actor,
		from_strategy, from_database, from_namespace, from_generation, from_state, source,
		to_strategy, to_database, to_namespace, to_generation, to_state, target,
		stage, paused, position, total_documents, total_bytes, done_documents, done_bytes,
		held, took, started_at, updated_at, due_at, failures, version`

	moveParameters = `?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?`

	selectMove = `SELECT ` + moveColumns + `, operation FROM moves`

	selectMovesOf = selectMove + ` WHERE organization = ? ORDER BY started_at DESC, operation DESC`

	selectMovesDue = selectMove + ` WHERE due_at <= ? ORDER BY due_at LIMIT ?`

	insertMove = `INSERT INTO moves (` + moveColumns + `, operation) VALUES (` + moveParameters + `, ?)`

	updateMove = `UPDATE moves SET (` + moveColumns + `) = (` + moveParameters + `)
		WHERE operation = ? AND version = ?`

	removeMove = `DELETE FROM moves WHERE operation = ?`
)

// Insert: see ports.Moves.
func (s *moves) Insert(ctx context.Context, m domain.Move) error {
	return s.write(ctx, "insert move", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, insertMove, moveValues(m)...)
		if duplicate(err) {
			return domain.ErrVersionConflict
		}
		return err
	})
}

// ByOrganization: see ports.Moves.
func (s *moves) ByOrganization(ctx context.Context, id domain.OrganizationID) ([]domain.Move, error) {
	return s.list(ctx, "list moves", selectMovesOf, string(id))
}

// Due: see ports.Moves.
func (s *moves) Due(ctx context.Context, until time.Time, limit int) ([]domain.Move, error) {
	return s.list(ctx, "list moves due", selectMovesDue, until.UnixMilli(), max(limit, 0))
}

func (s *moves) list(ctx context.Context, kind, query string, args ...any) (all []domain.Move, err error) {
	err = s.call(ctx, kind, func(ctx context.Context) (err error) {
		all, err = queryAll(ctx, s.readers, scanMove, query, args...)
		return err
	})
	return all, err
}

// Replace: see ports.Moves.
func (s *moves) Replace(ctx context.Context, m domain.Move, ifVersion int64) error {
	return s.write(ctx, "replace move", func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, updateMove, append(moveValues(m), ifVersion)...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 0 {
			return err
		}
		return domain.ErrVersionConflict
	})
}

// Remove: see ports.Moves.
func (s *moves) Remove(ctx context.Context, op domain.OperationID) error {
	return s.write(ctx, "remove move", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, removeMove, string(op))
		return err
	})
}

// moveValues has the order of moveColumns, and the operation at its end.
func moveValues(m domain.Move) []any {
	return []any{
		string(m.Organization), string(m.By),
		string(m.From.Strategy), m.From.Database, m.From.Namespace, m.From.Generation, string(m.From.State), m.Source,
		string(m.To.Strategy), m.To.Database, m.To.Namespace, m.To.Generation, string(m.To.State), m.Target,
		string(m.Stage), m.Paused, m.Position, m.Total.Documents, m.Total.Bytes, m.Done.Documents, m.Done.Bytes,
		int64(m.Held), int64(m.Took), m.StartedAt.UnixMilli(), m.UpdatedAt.UnixMilli(), m.DueAt.UnixMilli(),
		m.Failures, m.Version, string(m.Operation),
	}
}

// scanMove takes the columns of selectMove.
func scanMove(from row) (m domain.Move, err error) {
	var started, updated, due milliseconds
	err = from.Scan(
		&m.Organization, &m.By,
		&m.From.Strategy, &m.From.Database, &m.From.Namespace, &m.From.Generation, &m.From.State, &m.Source,
		&m.To.Strategy, &m.To.Database, &m.To.Namespace, &m.To.Generation, &m.To.State, &m.Target,
		&m.Stage, &m.Paused, &m.Position, &m.Total.Documents, &m.Total.Bytes, &m.Done.Documents, &m.Done.Bytes,
		&m.Held, &m.Took, &started, &updated, &due, &m.Failures, &m.Version, &m.Operation)
	m.StartedAt, m.UpdatedAt, m.DueAt = started.time, updated.time, due.time
	return m, err
}
