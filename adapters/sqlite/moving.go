package sqlite

import (
	"context"
	"database/sql"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// moving is a session of a move.
//
// Where both sides are in data.db a step is one transaction. Otherwise it reads the source
// and then writes the target, and a document may be written at the source in between. The
// target gets what was read, but the log has the ID, since it came with the write; and the
// goroutine that does this step does the next CatchUp later, which reads the source anew.
// So whatever differs at the end of a step is in the log or comes after the position.
//
// Each step looks at the rows of both sides again, in the transaction in which it writes or
// within the fence of the file. One that is late finds that the session is over.
type moving struct {
	from, to side
	session  int64
	check    checking
}

var _ ports.Moving = (*moving)(nil)

// checking says what a Check has summed up.
type checking struct {
	begun, done bool
	// position is where its next part begins.
	position string
	from, to domain.Digest
}

// Target: see ports.Moving.
func (m *moving) Target() string { return m.to.place.Identity }

// Records: see ports.Moving.
func (*moving) Records() bool { return true }

// Close: see ports.Moving. A session holds nothing.
func (*moving) Close() {}

// across reads the source and then writes the target.
func (m *moving) across(ctx context.Context, kind string, read, write shelfWork) error {
	from, inside := m.from.shelves.(*tables)
	to, both := m.to.shelves.(*tables)
	if inside && both {
		return to.database.write(ctx, kind, func(ctx context.Context, tx *sql.Tx) error {
			if err := from.on(m.source(true), read)(ctx, tx); err != nil {
				return err
			}
			return to.on(m.target(), write)(ctx, tx)
		})
	}
	if err := m.from.read(ctx, kind, m.source(true), read); err != nil {
		return err
	}
	return m.to.write(ctx, kind, m.target(), write)
}

// Copy: see ports.Moving.
func (m *moving) Copy(ctx context.Context, position string, limit int) (ports.MovedPart, error) {
	m.check = checking{}
	s, err := m.step(ctx, "copy documents", position, limit, false)
	if err != nil {
		return ports.MovedPart{}, err
	}
	return s.part(), nil
}

// Check: see ports.Moving. One that goes on with another's position gets
// ports.ErrChangesLost.
func (m *moving) Check(ctx context.Context, position string, limit int) (ports.MovedPart, error) {
	if position == "" {
		m.check = checking{begun: true}
	}
	if !m.check.begun || m.check.done || m.check.position != position {
		return ports.MovedPart{}, ports.ErrChangesLost
	}
	s, err := m.step(ctx, "check documents", position, limit, true)
	if err != nil {
		return ports.MovedPart{}, err
	}
	for _, row := range s.source.rows {
		m.check.from.Add(row.text())
	}
	for _, row := range s.target.rows {
		m.check.to.Add(row.text())
	}
	part := s.part()
	m.check.position, m.check.done = part.Position, part.Done
	return part, nil
}

// CatchUp: see ports.Moving. The changes go out of the log once the target has them, so
// that a crash in between makes them be brought over again. Those that came meanwhile have
// a higher number, also of the same documents.
func (m *moving) CatchUp(ctx context.Context) (int, error) {
	if !m.check.done {
		m.check = checking{}
	} else if err := m.stillMovable(ctx); err != nil {
		return 0, err
	}
	var (
		changes []change
		rows    []*documentRow
		sums    = m.check
	)
	err := m.across(ctx, "bring over changes",
		func(ctx context.Context, tx *sql.Tx, source documentTable) (err error) {
			changes, rows, err = source.changed(ctx, tx)
			return err
		},
		func(ctx context.Context, tx *sql.Tx, target documentTable) error {
			work := writing{target, tx}
			for i, c := range changes {
				if err := sums.bring(ctx, work, c.id, rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	if m.check.done {
		m.check = sums
	}
	last := changes[len(changes)-1].seq
	err = m.from.write(ctx, "forget changes", m.source(true), func(ctx context.Context, tx *sql.Tx, source documentTable) error {
		return source.changes.forget(ctx, tx, last)
	})
	if err != nil {
		return 0, err
	}
	return len(changes), nil
}

// stillMovable looks, as long as there is a way back, whether an application has made
// something since the move was opened that isn't carried along.
func (m *moving) stillMovable(ctx context.Context) error {
	e, err := m.from.names().lookUp(ctx, m.source(true))
	if err != nil || e.moving == frozen {
		return err
	}
	return m.from.movable(ctx, m.from.find())
}

// bring makes a document of the target what it is at the source, nil if it isn't there,
// and keeps the sums.
func (c *checking) bring(ctx context.Context, work writing, id string, source *documentRow) error {
	before, err := work.find(ctx, id)
	if err != nil {
		return err
	}
	if before != nil {
		c.from.Remove(before.text())
		c.to.Remove(before.text())
	}
	if err := work.equalize(ctx, id, source, before); err != nil {
		return err
	}
	if source != nil {
		c.from.Add(source.text())
	}
	after, err := work.find(ctx, id)
	if err == nil && after != nil {
		c.to.Add(after.text())
	}
	return err
}

// Freeze: see ports.Moving.
func (m *moving) Freeze(ctx context.Context) error { return m.from.freeze(ctx, m.source(true)) }

// Sums: see ports.Moving.
func (m *moving) Sums(ctx context.Context) (ports.MoveSums, error) {
	sums := ports.MoveSums{From: m.check.from, To: m.check.to}
	count := func(n *int64) shelfWork {
		return func(ctx context.Context, tx *sql.Tx, t documentTable) error {
			return tx.QueryRowContext(ctx, t.countDocuments(), t.args()...).Scan(n)
		}
	}
	err := m.from.read(ctx, "count documents", m.source(true), count(&sums.FromCount))
	if err == nil {
		err = m.to.read(ctx, "count documents", m.target(), count(&sums.ToCount))
	}
	if err != nil {
		return ports.MoveSums{}, err
	}
	return sums, nil
}
