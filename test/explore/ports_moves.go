package explore

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

type moves struct{ *process }

func (o moves) write(name string, m domain.Move, ifVersion int64, f func(ctx context.Context, d *app.Dependencies) error) error {
	c := changing(name, arguments{m, ifVersion}, f)
	c.move = &m
	return tell(o.process, c)
}

func (o moves) Insert(_ context.Context, m domain.Move) error {
	return o.write("Moves.Insert", m, 0, func(ctx context.Context, d *app.Dependencies) error {
		return d.Moves.Insert(ctx, m)
	})
}

func (o moves) Replace(_ context.Context, m domain.Move, ifVersion int64) error {
	return o.write("Moves.Replace", m, ifVersion, func(ctx context.Context, d *app.Dependencies) error {
		return d.Moves.Replace(ctx, m, ifVersion)
	})
}

func (o moves) Remove(_ context.Context, op domain.OperationID) error {
	return o.write("Moves.Remove", domain.Move{Operation: op}, 0, func(ctx context.Context, d *app.Dependencies) error {
		return d.Moves.Remove(ctx, op)
	})
}

func (o moves) ByOrganization(_ context.Context, id domain.OrganizationID) ([]domain.Move, error) {
	return o.list(reading("Moves.ByOrganization", arguments{id},
		func(ctx context.Context, d *app.Dependencies) ([]domain.Move, error) {
			return d.Moves.ByOrganization(ctx, id)
		}))
}

func (o moves) Due(_ context.Context, until time.Time, limit int) ([]domain.Move, error) {
	return o.list(reading("Moves.Due", arguments{until, limit},
		func(ctx context.Context, d *app.Dependencies) ([]domain.Move, error) {
			return d.Moves.Due(ctx, until, limit)
		}))
}

// list returns what is the caller's own: it may take records out.
func (o moves) list(c call) ([]domain.Move, error) {
	all, err := ask[[]domain.Move](o.process, c)
	return slices.Clone(all), err
}

type mover struct{ *process }

func (o mover) Open(_ context.Context, m domain.Move) (ports.Moving, error) {
	opened, err := ask[ports.Moving](o.process, writing("Mover.Open", arguments{m},
		func(ctx context.Context, d *app.Dependencies) (ports.Moving, error) {
			return d.Mover.Open(ctx, m)
		}))
	if err != nil {
		return nil, err
	}
	return &moving{opened, o.process}, nil
}

func (o mover) Forget(_ context.Context, m domain.Move) error {
	return tell(o.process, changing("Mover.Forget", arguments{m}, func(ctx context.Context, d *app.Dependencies) error {
		return d.Mover.Forget(ctx, m)
	}))
}

// moving is a session of a move. The store's own one is a value that every step changes: a
// schedule that comes by the same way finds it as it was.
type moving struct {
	ports.Moving
	process *process
}

// stepped is what a step of a session has returned, and the session after it.
type stepped[T any] struct {
	session ports.Moving
	value   T
}

// step makes a step of the session.
func step[T any](m *moving, name string, args arguments, f func(ctx context.Context, session ports.Moving) (T, error)) (T, error) {
	was := m.Moving
	reply, err := ask[stepped[T]](m.process, writing("Moving."+name, append(arguments{was}, args...),
		func(ctx context.Context, _ *app.Dependencies) (stepped[T], error) {
			session := copyOf(was)
			value, err := f(ctx, session)
			return stepped[T]{session, value}, err
		}))
	if err == nil { // Who gets an error ends the session.
		m.Moving = reply.session
	}
	return reply.value, err
}

// copyOf returns a copy of what the session points to.
func copyOf(session ports.Moving) ports.Moving {
	was := reflect.ValueOf(session)
	is := reflect.New(was.Type().Elem())
	is.Elem().Set(was.Elem())
	return is.Interface().(ports.Moving)
}

func (m *moving) Copy(_ context.Context, position string, limit int) (ports.MovedPart, error) {
	return step(m, "Copy", arguments{position, limit}, func(ctx context.Context, s ports.Moving) (ports.MovedPart, error) {
		return s.Copy(ctx, position, limit)
	})
}

func (m *moving) Check(_ context.Context, position string, limit int) (ports.MovedPart, error) {
	return step(m, "Check", arguments{position, limit}, func(ctx context.Context, s ports.Moving) (ports.MovedPart, error) {
		return s.Check(ctx, position, limit)
	})
}

func (m *moving) CatchUp(context.Context) (int, error) {
	return step(m, "CatchUp", nil, func(ctx context.Context, s ports.Moving) (int, error) { return s.CatchUp(ctx) })
}

func (m *moving) Freeze(context.Context) error {
	_, err := step(m, "Freeze", nil, func(ctx context.Context, s ports.Moving) (struct{}, error) {
		return struct{}{}, s.Freeze(ctx)
	})
	return err
}

func (m *moving) Sums(context.Context) (ports.MoveSums, error) {
	return step(m, "Sums", nil, func(ctx context.Context, s ports.Moving) (ports.MoveSums, error) { return s.Sums(ctx) })
}
