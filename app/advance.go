package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// errOvertaken says that another runner changed what a step was about to change:
// read the organization again and follow what is there.
var errOvertaken = errors.New("app: overtaken by another runner")

// The time after a failed attempt before the next one: doubled each time, and not
// beyond the longest.
const (
	firstBackoff   = time.Second
	longestBackoff = 5 * time.Minute
)

// settle finishes the organization's operation if its lease has run out, and
// returns the organization as it is then. It does nothing, and costs nothing, when
// none is pending; one whose lease runs is left to its runner.
//
// When it can't be finished now, what is recorded is still true: the organization is
// found by its old name, and the intent keeps others from changing it.
func (s *Service) settle(ctx context.Context, o domain.Organization) domain.Organization {
	if !o.Busy() || o.Pending.Stuck || s.leased(o.Pending) {
		return o
	}
	settled, err := s.takeOver(ctx, o)
	if err != nil {
		s.log.WarnContext(ctx, "an interrupted operation could not be finished",
			"organization_id", o.ID, "operation", o.Pending.Kind, "error", err)
		return o
	}
	return settled
}

// leased reports whether the operation is to be left to its runner, or for a while to
// itself. A lease that ends later than any can is from a clock that was ahead, and
// doesn't count. A move that was handed over is left to who runs moves.
func (s *Service) leased(op domain.Operation) bool {
	if op.HandedOver() {
		return true
	}
	longest := s.options.OperationLease
	if op.Failures > 0 {
		longest = max(longest, backoff(op.Failures))
	}
	return s.lasts(op.LeaseUntil, longest)
}

// lasts reports whether a lease of at most longest still runs, which a clock that is
// somewhat off may have given.
func (s *Service) lasts(until time.Time, longest time.Duration) bool {
	now := s.now()
	return until.After(now) && !until.After(now.Add(2*longest))
}

// backoff returns how long an operation rests after so many failures.
func backoff(failures int) time.Duration {
	rest := firstBackoff
	for range failures - 1 {
		if rest *= 2; rest >= longestBackoff {
			return longestBackoff
		}
	}
	return rest
}

// takeOver makes this process the runner of the pending operation and performs it.
func (s *Service) takeOver(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	return s.takeOverBy(ctx, o, domain.Organization.TakeOver)
}

// takeOverBy is takeOver with the transition that hands the operation over.
func (s *Service) takeOverBy(
	ctx context.Context, o domain.Organization,
	transition func(o domain.Organization, leaseUntil time.Time) (domain.Organization, error),
) (domain.Organization, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	next, err := transition(o, s.now().Add(s.options.OperationLease))
	if err != nil {
		return o, err
	}
	switch err := s.organizations.Replace(ctx, next, o.Version); {
	case errors.Is(err, domain.ErrVersionConflict):
		return s.organizations.ByID(ctx, o.ID) // Somebody else took it over.
	case err != nil:
		return o, err
	}
	s.log.InfoContext(ctx, "taking over an interrupted operation",
		"organization_id", o.ID, "operation", o.Pending.Kind, "attempt", next.Pending.Attempt)
	s.signals.OperationTaken(next.Pending)
	return s.run(ctx, next, next.Pending.ID)
}

// run performs the operation to its end, as advance does, and counts an attempt that
// failed though the store answered: the operation rests for a while then or, after
// too many, until an operator asks for it.
func (s *Service) run(ctx context.Context, o domain.Organization, op domain.OperationID) (domain.Organization, error) {
	o, err := s.advance(ctx, o, op)
	if err == nil || o.Pending.ID != op || errors.Is(err, domain.ErrStoreUnavailable) || ctx.Err() != nil {
		return o, err
	}
	failures := o.Pending.Failures + 1
	stuck := failures >= s.options.OperationAttempts
	next, failErr := o.Fail(s.now().Add(backoff(failures)), stuck)
	if failErr == nil {
		failErr = s.organizations.Replace(ctx, next, o.Version)
	}
	if failErr != nil {
		return o, err // Somebody else goes on with it, or its lease runs out.
	}
	s.signals.OperationFailed(next.Pending)
	if stuck {
		s.log.ErrorContext(ctx, "an operation is stuck: it waits for an operator to retry or to abort it",
			"organization_id", o.ID, "operation", o.Pending.Kind, "failures", failures, "error", err)
	}
	return next, err
}

// advance performs the operation to its end, if it is pending still, and returns the
// organization without it. A move it performs until that is handed over. Any number of
// runners may do so at once: each step can be repeated, and each write is a
// compare-and-set, after whose failure the runner follows what it finds. An error leaves
// the operation pending, for whoever meets it.
func (s *Service) advance(ctx context.Context, o domain.Organization, op domain.OperationID) (domain.Organization, error) {
	for o.Pending.ID == op && !o.Pending.HandedOver() {
		was := o
		next, err := s.perform(ctx, o)
		switch {
		case err == nil:
			if o, err = s.write(ctx, o, next); err == nil && o.Version != next.Version && was.Pending.Kind == domain.OperationCreate {
				err = s.discardLate(ctx, was, o)
			}
		case errors.Is(err, errOvertaken):
			o, err = s.organizations.ByID(ctx, o.ID)
		}
		s.tell(was, next, o)
		// A namespace that was given before is drawn anew by the next turn.
		if err != nil && !errors.Is(err, domain.ErrNamespaceTaken) {
			return o, err
		}
	}
	return o, nil
}

// tell signals what came of a turn of advance: that this process has ended the
// operation, or that another runner was faster.
func (s *Service) tell(was, next, now domain.Organization) {
	switch {
	case ended(next, now):
		s.signals.OperationEnded(was.Pending, now.Last.EndedAt.Sub(was.Pending.StartedAt))
	case now.Version != next.Version && now.Version > was.Version:
		s.signals.LeaseLost(was.Pending)
	}
}

// ended reports whether a write of next has ended the operation, by what was found after it:
// another runner's write may have got the same version.
func ended(next, now domain.Organization) bool {
	return now.Version == next.Version && !next.Busy() && now.Last == next.Last
}

// perform takes the steps of the pending operation, in the direction it goes, and
// returns the organization to write after them.
func (s *Service) perform(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	back := o.Pending.Phase == domain.PhaseBack
	switch kind := o.Pending.Kind; {
	case kind == domain.OperationCreate && back:
		return s.undoCreate(ctx, o)
	case kind == domain.OperationCreate:
		return s.performCreate(ctx, o)
	case kind == domain.OperationUpdate && back:
		return s.undoUpdate(ctx, o)
	case kind == domain.OperationUpdate:
		return s.performUpdate(ctx, o)
	case kind == domain.OperationDelete, kind == domain.OperationPurge:
		return s.performDrop(ctx, o)
	case kind == domain.OperationMove:
		return s.performMove(ctx, o)
	}
	return o, domain.ErrTransition
}

// outcome tells the requester of an operation what became of it, once advance has
// returned o.
func outcome(o domain.Organization, op domain.OperationID) error {
	switch {
	case o.Last.Operation != op:
		// Another operation has been completed since; what became of this one is
		// not recorded any more.
		return domain.ErrStoreUnavailable
	case o.Last.Refused == "":
		return nil
	case o.Last.Refused == domain.CodeEmailTaken:
		return domain.ErrEmailTaken
	case o.Last.Refused == domain.CodeOperationAborted:
		return domain.ErrOperationAborted
	case o.Last.Refused == domain.CodeMoveRefused:
		return domain.ErrMoveRefused
	}
	return domain.ErrStoreUnavailable
}

// storage returns what there is for the placement's strategy.
func (s *Service) storage(p domain.Placement) (ports.Storage, error) {
	storage, ok := s.storages[p.Strategy]
	if !ok {
		return ports.Storage{}, errors.New("app: no storage for the strategy " + string(p.Strategy))
	}
	return storage, nil
}
