package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// RestoreOrganization brings a deleted organization back, active, with all its
// documents and its owner's account, for as long as nobody has begun to drop its data.
// name is the name to have; "" is the one that it had. Tokens from before stay dead.
//
// Errors: domain.ErrOrganizationNotFound, an invalid-request *domain.Error,
// domain.ErrNameTaken, domain.ErrStatus unless it is deleted,
// domain.ErrPreconditionFailed, domain.ErrOperationInProgress when its data is being
// dropped, domain.ErrStoreUnavailable.
func (s *Service) RestoreOrganization(ctx context.Context, c Command, name string) (domain.Organization, error) {
	var wish domain.Name
	if name != "" {
		var err error
		if wish, err = domain.ParseName(name); err != nil {
			return domain.Organization{}, err
		}
	}
	return s.operate(ctx, c, domain.OperationRestore, func(o domain.Organization, op domain.Operation) (domain.Organization, error) {
		next := wish
		if next.IsZero() {
			next = o.Name
		}
		restored, err := o.Restore(op, next, s.now())
		if err != nil {
			return o, err
		}
		if _, err := s.accounts.ByID(ctx, o.Owner); err != nil {
			return o, missingMeans(asStatus(o), err)
		}
		// What a crash left of the name's holder is finished; the unique index decides.
		switch taken, err := s.nameTaken(ctx, next.Key(), o.ID); {
		case err != nil:
			return o, err
		case taken:
			return o, domain.ErrNameTaken
		}
		return restored, nil
	})
}
