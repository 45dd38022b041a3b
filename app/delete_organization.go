package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// DeleteOrganization deletes the session's organization, which must have the name. Its
// name is free afterwards and its tokens are dead. With Options.DeleteRetention its
// data and its owner's account stay, out of reach, until it is restored or purged;
// without, both are removed at once. Its namespace is never given again.
//
// Errors: an invalid-request *domain.Error, domain.ErrForbidden when the name is
// another organization's, domain.ErrOrganizationNotFound when it is nobody's,
// domain.ErrOperationInProgress, domain.ErrUnauthenticated when the organization
// was deleted meanwhile, domain.ErrSuspended, domain.ErrStoreUnavailable (if the
// delete has begun, it will be finished).
func (s *Service) DeleteOrganization(ctx context.Context, who Session, name string) error {
	n, err := domain.ParseName(name)
	if err != nil {
		return err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	op := s.newOperation(domain.OperationDelete, "", domain.ActorOwner)
	o, err := s.begin(ctx, who.Organization, op.ID, func(o domain.Organization) (domain.Organization, error) {
		if o.Epoch != who.Organization.Epoch {
			return o, domain.ErrUnauthenticated // Deleted since, and perhaps restored.
		}
		if o.Live() && n.Key() != o.Name.Key() {
			if err := s.refuseForeign(ctx, n.Key(), o.ID); err != nil {
				return o, err
			}
		}
		if o.Status == domain.StatusSuspended {
			return o, domain.ErrSuspended
		}
		return s.beginDelete(o, op)
	})
	if errors.Is(err, domain.ErrStatus) {
		return domain.ErrUnauthenticated // Deleted since the token was checked.
	}
	if err != nil {
		return err
	}
	if o, err = s.run(ctx, o, op.ID); err != nil {
		return err
	}
	return outcome(o, op.ID)
}

// DeleteByOperator deletes an organization as DeleteOrganization does, whoever owns it.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrStatus unless it is active or
// suspended, domain.ErrPreconditionFailed, domain.ErrOperationInProgress,
// domain.ErrStoreUnavailable (if the delete has begun, it will be finished).
func (s *Service) DeleteByOperator(ctx context.Context, c Command) (domain.Organization, error) {
	return s.operate(ctx, c, domain.OperationDelete, s.beginDelete)
}

func (s *Service) beginDelete(o domain.Organization, op domain.Operation) (domain.Organization, error) {
	now, keepUntil := s.now(), time.Time{}
	if s.options.DeleteRetention > 0 {
		keepUntil = now.Add(s.options.DeleteRetention)
	}
	return o.BeginDelete(op, keepUntil, now)
}

// refuseForeign tells whether a name that wasn't the session's organization's when
// the token was checked is another's or nobody's. It returns nil when the
// organization has it by now: the compare-and-set of the intent will find that out.
func (s *Service) refuseForeign(ctx context.Context, key string, self domain.OrganizationID) error {
	switch o, err := s.visible(ctx, key); {
	case err != nil:
		return err
	case o.ID != self:
		return domain.ErrForbidden
	}
	return nil
}
