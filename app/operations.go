package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// DropLeft returns what is left of the documents that the organization's pending
// operation drops, or nil when it drops none or hasn't begun to. It counts them, which
// may take long.
//
// Errors: domain.ErrStoreUnavailable.
func (s *Service) DropLeft(ctx context.Context, o domain.Organization) (*domain.Usage, error) {
	if !o.Pending.Dropping() || o.Placement.IsZero() {
		return nil, nil
	}
	storage, err := s.storage(o.Placement)
	if err != nil {
		return nil, err
	}
	left, err := storage.Inventory.Measure(ctx, o.Placement)
	if err != nil {
		return nil, err
	}
	return &left, nil
}

// RetryOperation goes on with the pending operation at once, also when it is stuck; its
// failures so far don't count any more. It returns the organization afterwards; a move it
// resumes, and leaves to who runs moves.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrPreconditionFailed,
// domain.ErrOperationNotFound when none is pending, domain.ErrOperationInProgress while
// its runner's lease lasts, domain.ErrStoreUnavailable, and what made it fail.
func (s *Service) RetryOperation(ctx context.Context, c Command) (domain.Organization, error) {
	o, err := s.pending(ctx, c)
	if err != nil {
		return o, err
	}
	if o.Pending.HandedOver() {
		_, err := s.ResumeMove(ctx, c)
		return o, err
	}
	if o.Pending.Failures == 0 && s.leased(o.Pending) {
		return o, domain.ErrOperationInProgress
	}
	return s.takeOverBy(ctx, o, domain.Organization.Retry)
}

// AbortOperation makes the pending operation go back, and returns the organization
// afterwards. What asked for the operation gets domain.ErrOperationAborted. A move that has
// copied much may still be going back when it returns.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrPreconditionFailed,
// domain.ErrOperationNotFound when none is pending, domain.ErrOperationNotAbortable when
// it can only go forward, domain.ErrStoreUnavailable.
func (s *Service) AbortOperation(ctx context.Context, c Command) (domain.Organization, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	o, err := s.pending(ctx, c)
	op := o.Pending.ID
	for err == nil && o.Pending.ID == op && o.Pending.Phase != domain.PhaseBack {
		switch done, lookErr := s.emailChanged(ctx, o); {
		case lookErr != nil:
			return o, lookErr
		case done || !o.Pending.CanAbort():
			return o, domain.ErrOperationNotAbortable
		}
		var next domain.Organization
		if next, err = o.TurnBack(domain.CodeOperationAborted); err == nil {
			o, err = s.write(ctx, o, next)
		}
	}
	if err != nil {
		return o, err
	}
	if o, err = s.run(ctx, o, op); err != nil {
		return o, err
	}
	switch {
	case o.Pending.ID == op && o.Pending.HandedOver():
		return s.moveBack(ctx, o)
	case o.Last.Operation != op:
		return o, domain.ErrStoreUnavailable // Another one has ended since.
	case o.Last.Refused == "":
		return o, domain.ErrOperationNotAbortable // It came to its end before.
	}
	return o, nil
}

// emailChanged reports whether the pending operation has changed the owner's email
// already: the former one may be somebody else's by now.
func (s *Service) emailChanged(ctx context.Context, o domain.Organization) (bool, error) {
	if o.Pending.Email.IsZero() {
		return false, nil
	}
	owner, err := s.accounts.ByID(ctx, o.Owner)
	if errors.Is(err, domain.ErrAccountNotFound) {
		return false, nil
	}
	return owner.Email == o.Pending.Email, err
}

// pending returns the command's organization with the operation that is pending on it.
func (s *Service) pending(ctx context.Context, c Command) (domain.Organization, error) {
	o, err := s.organizations.ByID(ctx, c.Organization)
	switch {
	case err != nil:
		return o, err
	case !o.Busy():
		return o, domain.ErrOperationNotFound
	}
	return o, c.current(o)
}

// moveBackTime is for how long an abort waits for a move to go back.
const moveBackTime = 5 * time.Second

// moveBack has the organization's move, which was turned back, go back.
func (s *Service) moveBack(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	_, err := s.changeMove(ctx, Command{Organization: o.ID}, func(m domain.Move) (domain.Move, error) {
		if m.Paused || m.Failures > 0 {
			m.Paused, m.DueAt = false, s.now()
		}
		return m, nil
	})
	if err != nil && !errors.Is(err, domain.ErrMoveNotFound) {
		return o, err
	}
	s.movers.hurry()
	waiting, cancel := context.WithTimeout(ctx, moveBackTime)
	defer cancel()
	back, err := s.FinishMove(waiting, o.ID, o.Pending.ID, nil)
	switch {
	case errors.Is(err, domain.ErrOperationAborted), errors.Is(err, domain.ErrMoveRefused):
		return back, nil
	case err != nil && waiting.Err() != nil && ctx.Err() == nil:
		return o, nil
	}
	return back, err
}
