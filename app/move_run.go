package app

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

const (
	// movePart is how many documents a step of a move has at most.
	movePart = 1000
	// moveSave is how often the progress of a move is written down.
	moveSave = time.Second
	// A move switches when it has caught up so few writes at once, or so fast, since what
	// came meanwhile takes no longer; or after so many rounds, since writes may come as
	// fast as they are brought over.
	moveQuiet  = 50
	moveBrief  = 50 * time.Millisecond
	moveRounds = 200
)

// errStopped says that the move was paused, or that somebody else goes on with it.
var errStopped = errors.New("app: the move goes on elsewhere, or is paused")

// errBack says that the move was aborted meanwhile.
var errBack = errors.New("app: the move goes back")

// errUnequal says that the copy isn't what was copied.
var errUnequal = errors.New("app: what was moved isn't what was there")

// moveRun is a move that this process runs.
type moveRun struct {
	*Service
	// move is the record as this runner has written it, with what is done since.
	move domain.Move
	// organization is as it was read last.
	organization domain.Organization
	session      ports.Moving
	// checked says that the session has compared all documents.
	checked bool
	// seen hears of every step.
	seen func(domain.Move)
}

// run brings the move as far as it comes: to its end, or, once it has switched, to where
// what was left is dropped. It returns nil when nothing is to be done now.
func (r *moveRun) run(ctx context.Context) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	switch pending := r.organization.Pending.ID == r.move.Operation; {
	case r.move.Stage == domain.MoveKept:
		return r.dropLeft(ctx)
	case r.move.Stage == domain.MoveBack, pending && r.organization.Pending.Phase == domain.PhaseBack:
		return r.undo(ctx)
	case !pending:
		return r.conclude(ctx)
	}
	err := r.forward(ctx)
	if errors.Is(err, domain.ErrNamespaceMissing) { // Who sees first that the move goes back drops its target.
		err = cmp.Or(r.reread(ctx), err)
	}
	if errors.Is(err, domain.ErrMoveRefused) {
		err = r.turnBack(ctx, err)
	}
	if errors.Is(err, errBack) {
		err = r.undo(ctx)
	}
	return err
}

// read reads the organization.
func (r *moveRun) read(ctx context.Context) (err error) {
	r.organization, err = r.organizations.ByID(ctx, r.move.Organization)
	return err
}

// forward copies, checks and switches.
func (r *moveRun) forward(ctx context.Context) error {
	if r.organization.Pending.Switching() {
		if err := r.takeSwitch(ctx); err != nil {
			return err
		}
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	defer r.session.Close()
	if r.move.Stage == domain.MoveCopying && !r.organization.Pending.Switching() {
		r.measureTotal(ctx)
		if err := r.pass(ctx, r.session.Copy, r.session.CatchUp); err != nil {
			return err
		}
	}
	if !r.organization.Pending.Switching() {
		if err := r.check(ctx, domain.MoveChecking); err != nil {
			return err
		}
		if err := r.catchUp(ctx); err != nil {
			return err
		}
	}
	return r.change(ctx)
}

// catchUp brings over what was written meanwhile, until little is left.
func (r *moveRun) catchUp(ctx context.Context) error {
	for range moveRounds {
		began := r.now()
		n, err := r.session.CatchUp(ctx)
		if err == nil {
			err = r.progress(ctx, domain.Usage{})
		}
		if err != nil || n <= moveQuiet || r.now().Sub(began) <= moveBrief {
			return err
		}
	}
	return nil
}

// takeSwitch changes the version of an organization that somebody else was about to
// switch: either that one doesn't any more, or it has, and this runner stops before it
// makes of the target what the source was.
func (r *moveRun) takeSwitch(ctx context.Context) error {
	next, err := r.organization.TakeOver(time.Time{})
	if err != nil {
		return err
	}
	err = r.organizations.Replace(ctx, next, r.organization.Version)
	if errors.Is(err, domain.ErrVersionConflict) {
		return errStopped
	}
	if err == nil {
		r.organization = next
	}
	return err
}

// open opens the session and writes down what it says of the target.
func (r *moveRun) open(ctx context.Context) (err error) {
	for {
		r.move.To = r.organization.Pending.Target
		r.session, err = r.mover.Open(ctx, r.move)
		if !errors.Is(err, domain.ErrNamespaceOccupied) {
			break
		}
		if err := r.retarget(ctx); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if r.move.Target != r.session.Target() {
		r.move.Target = r.session.Target()
		if err = r.save(ctx); err != nil {
			r.session.Close()
		}
	}
	return err
}

// retarget leads the move to another namespace, since somebody's data stands at the one
// it had, unless that is what another runner has copied.
func (r *moveRun) retarget(ctx context.Context) error {
	if err := r.save(ctx); err != nil {
		return err
	}
	for {
		if err := r.reread(ctx); err != nil {
			return err
		}
		o := r.organization
		next, err := o.Retarget(r.tenancy.Draw(o.Pending.Target, o.ID, o.Name, r.random))
		if err == nil {
			err = r.organizations.Replace(ctx, next, o.Version)
		}
		switch {
		case err == nil:
			r.organization = next
			return nil
		case !errors.Is(err, domain.ErrNamespaceTaken) && !errors.Is(err, domain.ErrVersionConflict):
			return err
		}
	}
}

// pass performs steps of one kind from the move's position to the end, and then between
// two steps, at least as often as the progress is written.
func (r *moveRun) pass(
	ctx context.Context, step func(context.Context, string, int) (ports.MovedPart, error),
	between func(context.Context) (int, error),
) error {
	for {
		began := r.now()
		part, err := step(ctx, r.move.Position, r.part())
		if err != nil {
			return err
		}
		r.move.Position = part.Position
		r.move.Took += r.now().Sub(began)
		if err := r.progress(ctx, part.Usage); err != nil {
			return err
		}
		if _, err := between(ctx); err != nil {
			return err
		}
		if part.Done {
			return nil
		}
		if err := r.throttle(ctx, part.Usage, began); err != nil {
			return err
		}
	}
}

// part is how many documents a step has.
func (r *moveRun) part() int {
	if rate := r.options.MoveRate; rate > 0 {
		return max(1, min(movePart, rate/4))
	}
	return movePart
}

// throttle waits for as long as the rate wants it, unless nobody writes meanwhile.
func (r *moveRun) throttle(ctx context.Context, part domain.Usage, began time.Time) error {
	rate := r.options.MoveRate
	if rate == 0 || r.organization.Pending.Switching() {
		return nil
	}
	rest := time.Duration(part.Documents)*time.Second/time.Duration(rate) - r.now().Sub(began)
	if rest <= 0 {
		return nil
	}
	r.move.Took += rest
	return r.wait(ctx, rest)
}

// measureTotal counts what is to be moved. Without it, nobody knows how long it takes.
func (r *moveRun) measureTotal(ctx context.Context) {
	if found, err := r.countUsage(ctx, r.move.Organization); err == nil {
		r.move.Total = found.Usage
	}
}

// check compares all documents with their copies, which it mends.
func (r *moveRun) check(ctx context.Context, stage domain.MoveStage) error {
	if err := r.enter(ctx, stage); err != nil {
		return err
	}
	r.checked = false
	nothing := func(context.Context) (int, error) { return 0, nil }
	err := r.pass(ctx, r.session.Check, nothing)
	r.checked = err == nil
	return err
}

// enter begins a stage, or begins it anew.
func (r *moveRun) enter(ctx context.Context, stage domain.MoveStage) error {
	n := r.move.Enter(stage, r.now())
	if stage != r.move.Stage {
		n.Failures = 0
	}
	return r.put(ctx, n, r.options.OperationLease)
}

// progress counts a part, and writes it down now and then. It returns errStopped or errBack
// when this runner isn't to go on.
func (r *moveRun) progress(ctx context.Context, part domain.Usage) error {
	r.move.Done = r.move.Done.Plus(part)
	if r.move.Stage == domain.MoveCopying && part.Documents > 0 { // It needn't be copied again.
		r.move.Failures = 0
	}
	r.signals.MoveProgressed(r.move, part)
	r.seen(r.move)
	if r.now().Sub(r.move.UpdatedAt) < moveSave {
		return nil
	}
	if err := r.save(ctx); err != nil {
		return err
	}
	switching := r.organization.Pending.Switching()
	err := r.reread(ctx)
	if err == nil && r.organization.Pending.Switching() != switching {
		err = errStopped
	}
	return err
}

// reread reads the organization, and returns errStopped or errBack when the move isn't
// pending any more, or goes back.
func (r *moveRun) reread(ctx context.Context) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	switch pending := r.organization.Pending; {
	case pending.ID != r.move.Operation:
		return errStopped
	case pending.Phase == domain.PhaseBack:
		return errBack
	}
	return nil
}

// save writes the record down, and keeps the lease.
func (r *moveRun) save(ctx context.Context) error {
	return r.put(ctx, r.move.Next(r.now()), r.options.OperationLease)
}

// put writes the next version of the record, with which nobody else is to go on for a
// while. It returns errStopped when somebody else has written it.
func (r *moveRun) put(ctx context.Context, n domain.Move, after time.Duration) error {
	n.DueAt = r.now().Add(after)
	err := r.moves.Replace(ctx, n, r.move.Version)
	if errors.Is(err, domain.ErrVersionConflict) {
		return errStopped
	}
	if err == nil {
		r.move = n
	}
	return err
}
