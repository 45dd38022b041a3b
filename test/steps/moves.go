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
	var opened ports.Moving
	err := w.hook.around(ctx, "Mover.Open", func() (err error) {
		opened, err = w.Mover.Open(ctx, m)
		return err
	})
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

func (w moving) Copy(ctx context.Context, position string, limit int) (part ports.MovedPart, err error) {
	err = w.hook.around(ctx, "Moving.Copy", func() (err error) {
		part, err = w.Moving.Copy(ctx, position, limit)
		return err
	})
	return part, err
}

func (w moving) Check(ctx context.Context, position string, limit int) (part ports.MovedPart, err error) {
	err = w.hook.around(ctx, "Moving.Check", func() (err error) {
		part, err = w.Moving.Check(ctx, position, limit)
		return err
	})
	return part, err
}

func (w moving) CatchUp(ctx context.Context) (changes int, err error) {
	err = w.hook.around(ctx, "Moving.CatchUp", func() (err error) {
		changes, err = w.Moving.CatchUp(ctx)
		return err
	})
	return changes, err
}

func (w moving) Freeze(ctx context.Context) error {
	return w.hook.around(ctx, "Moving.Freeze", func() error { return w.Moving.Freeze(ctx) })
}

func (w moving) Sums(ctx context.Context) (sums ports.MoveSums, err error) {
	err = w.hook.around(ctx, "Moving.Sums", func() (err error) {
		sums, err = w.Moving.Sums(ctx)
		return err
	})
	return sums, err
}
