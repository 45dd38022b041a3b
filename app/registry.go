package app

import (
	"context"
	"errors"
	"slices"

	"github.com/orgkeeper/orgkeeper/domain"
)

// write stores next in place of prev and returns what the registry holds then:
// next, or, when somebody else was faster or the answer was lost, whatever is
// found by looking. With an error it returns prev; after domain.ErrStoreUnavailable
// next may be there or come to be, after any other it isn't.
func (s *Service) write(ctx context.Context, prev, next domain.Organization) (domain.Organization, error) {
	found, _, err := s.tryWrite(ctx, prev, next)
	return found, err
}

// tryWrite is write that tells whether the answer was lost: next may then have been
// written before what is found.
func (s *Service) tryWrite(ctx context.Context, prev, next domain.Organization) (found domain.Organization, lost bool, err error) {
	err = s.organizations.Replace(ctx, next, prev.Version)
	if err == nil {
		return next, false, nil
	}
	lost = errors.Is(err, domain.ErrStoreUnavailable)
	if !lost && !errors.Is(err, domain.ErrVersionConflict) {
		return prev, false, err
	}
	found, lookErr := s.organizations.ByID(ctx, prev.ID)
	switch {
	case lookErr != nil:
		return prev, lost, lookErr
	case found.Version == prev.Version:
		return prev, lost, domain.ErrStoreUnavailable.Because(err)
	}
	return found, lost, nil
}

// begin writes the intent of the operation that transition puts on the
// organization, and returns the organization with it. When somebody else changes
// the organization in between, transition is asked again about what is there now; not
// when the answer was lost, since the operation may have begun and ended before.
func (s *Service) begin(
	ctx context.Context, o domain.Organization, op domain.OperationID,
	transition func(domain.Organization) (domain.Organization, error),
) (domain.Organization, error) {
	for {
		next, err := transition(o)
		if err != nil {
			return o, err
		}
		found, lost, err := s.tryWrite(ctx, o, next)
		switch {
		case err != nil || found.Pending.ID == op:
			return found, err
		case found.Last.Operation == op: // It took this one write.
			s.signals.OperationEnded(domain.Operation{
				ID: op, Kind: found.Last.Kind, By: found.Last.By, StartedAt: found.Last.StartedAt,
			}, found.Last.EndedAt.Sub(found.Last.StartedAt))
			return found, nil
		case lost:
			return found, domain.ErrStoreUnavailable
		}
		o = found
	}
}

// nameTaken reports whether another live organization than self holds the key,
// after finishing what a crash left of it.
func (s *Service) nameTaken(ctx context.Context, key string, self domain.OrganizationID) (bool, error) {
	holder, err := s.organizations.ByNameKey(ctx, key)
	switch {
	case errors.Is(err, domain.ErrOrganizationNotFound):
		return false, nil
	case err != nil:
		return false, err
	case holder.ID == self:
		return false, nil
	}
	return slices.Contains(s.settle(ctx, holder).NameKeys(), key), nil
}

// emailTaken reports whether another account than self has the key, after
// finishing what a crash left of its organization.
func (s *Service) emailTaken(ctx context.Context, key string, self domain.AccountID) (bool, error) {
	holder, err := s.accounts.ByEmailKey(ctx, key)
	switch {
	case errors.Is(err, domain.ErrAccountNotFound):
		return false, nil
	case err != nil:
		return false, err
	case holder.ID == self:
		return false, nil
	case holder.OrganizationID == "":
		return true, nil
	}
	o, err := s.organizations.ByID(ctx, holder.OrganizationID)
	switch {
	case errors.Is(err, domain.ErrOrganizationNotFound), err == nil && s.settle(ctx, o).Status == domain.StatusPurged:
		// The owner's account came after its create had gone back.
		if err := s.accounts.Delete(ctx, holder.ID); err != nil {
			return false, err
		}
	case err != nil:
		return false, err
	}
	holder, err = s.accounts.ByEmailKey(ctx, key)
	if errors.Is(err, domain.ErrAccountNotFound) {
		return false, nil
	}
	return err == nil && holder.ID != self, err
}

// visible returns the organization that the key names to everybody: an active or
// suspended one whose own name it is.
func (s *Service) visible(ctx context.Context, key string) (domain.Organization, error) {
	o, err := s.organizations.ByNameKey(ctx, key)
	if err != nil {
		return domain.Organization{}, err
	}
	o = s.settle(ctx, o)
	if !o.Live() || o.Status == domain.StatusProvisioning || o.Name.Key() != key {
		return domain.Organization{}, domain.ErrOrganizationNotFound
	}
	return o, nil
}

// detached returns a context with ctx's values and deadline that goes on when
// ctx is cancelled: an operation is not left half-done because a client hung up.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	d := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(d, deadline)
	}
	return context.WithCancel(d)
}
