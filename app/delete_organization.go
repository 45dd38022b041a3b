package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// DeleteOrganization deletes the session's organization, which must have the name,
// with all its data and its owner's account. Its name and the owner's email are
// free afterwards, its tokens are dead, its namespace is never given again.
//
// Errors: an invalid-request *domain.Error, domain.ErrForbidden when the name is
// another organization's, domain.ErrOrganizationNotFound when it is nobody's,
// domain.ErrOperationInProgress, domain.ErrUnauthenticated when the organization
// was deleted meanwhile, domain.ErrStoreUnavailable (if the delete has begun, it
// will be finished).
func (s *Service) DeleteOrganization(ctx context.Context, who Session, name string) error {
	n, err := domain.ParseName(name)
	if err != nil {
		return err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	op := s.newOperation(domain.OperationDelete)
	o, err := s.begin(ctx, who.Organization, op.ID, func(o domain.Organization) (domain.Organization, error) {
		if o.Live() && n.Key() != o.Name.Key() {
			if err := s.refuseForeign(ctx, n.Key(), o.ID); err != nil {
				return o, err
			}
		}
		return o.BeginDelete(op, s.now())
	})
	if errors.Is(err, domain.ErrTransition) {
		return domain.ErrUnauthenticated // Deleted since the token was checked.
	}
	if err != nil {
		return err
	}
	if o, err = s.advance(ctx, o, op.ID); err != nil {
		return err
	}
	return outcome(o, op.ID)
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
