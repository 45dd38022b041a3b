package steps

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

type moves struct {
	ports.Moves
	hook Hook
}

func (w moves) Insert(ctx context.Context, m domain.Move) error {
	return w.hook.around(ctx, "Moves.Insert", func() error { return w.Moves.Insert(ctx, m) })
}

func (w moves) Replace(ctx context.Context, m domain.Move, ifVersion int64) error {
	return w.hook.around(ctx, "Moves.Replace", func() error { return w.Moves.Replace(ctx, m, ifVersion) })
}

func (w moves) Remove(ctx context.Context, op domain.OperationID) error {
	return w.hook.around(ctx, "Moves.Remove", func() error { return w.Moves.Remove(ctx, op) })
}

type mover struct {
	ports.Mover
	hook Hook
}

func (w mover) Open(ctx context.Context, m domain.Move) (ports.Moving, error) {
	opened, err := get(ctx, w.hook, "Mover.Open", func() (ports.Moving, error) { return w.Mover.Open(ctx, m) })
	if err != nil {
		if opened != nil {
			opened.Close() // Its answer was lost.
		}
		return nil, err
	}
	return moving{opened, w.hook}, nil
}

func (w mover) Forget(ctx context.Context, m domain.Move) error {
	return w.hook.around(ctx, "Mover.Forget", func() error { return w.Mover.Forget(ctx, m) })
}

// moving is a move that runs. Its Sums change nothing, but much may happen around them.
type moving struct {
	ports.Moving
	hook Hook
}

func (w moving) Copy(ctx context.Context, position string, limit int) (ports.MovedPart, error) {
	return get(ctx, w.hook, "Moving.Copy", func() (ports.MovedPart, error) { return w.Moving.Copy(ctx, position, limit) })
}

func (w moving) Check(ctx context.Context, position string, limit int) (ports.MovedPart, error) {
	return get(ctx, w.hook, "Moving.Check", func() (ports.MovedPart, error) { return w.Moving.Check(ctx, position, limit) })
}

func (w moving) CatchUp(ctx context.Context) (changes int, err error) {
	return get(ctx, w.hook, "Moving.CatchUp", func() (int, error) { return w.Moving.CatchUp(ctx) })
}

func (w moving) Freeze(ctx context.Context) error {
	return w.hook.around(ctx, "Moving.Freeze", func() error { return w.Moving.Freeze(ctx) })
}

func (w moving) Sums(ctx context.Context) (ports.MoveSums, error) {
	return get(ctx, w.hook, "Moving.Sums", func() (ports.MoveSums, error) { return w.Moving.Sums(ctx) })
}

// get is around for a call with a result.
func get[T any](ctx context.Context, hook Hook, name string, call func() (T, error)) (result T, err error) {
	err = hook.around(ctx, name, func() (err error) {
		result, err = call()
		return err
	})
	return result, err
}
