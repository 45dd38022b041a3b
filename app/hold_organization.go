package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// HoldOrganization forbids to drop the organization's data, whoever asks for it, or
// allows it again. A delete of a held organization keeps its data.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrStatus when it is purged,
// domain.ErrPreconditionFailed, domain.ErrOperationInProgress, domain.ErrStoreUnavailable.
func (s *Service) HoldOrganization(ctx context.Context, c Command, hold bool) (domain.Organization, error) {
	kind := domain.OperationHold
	if !hold {
		kind = domain.OperationRelease
	}
	return s.operate(ctx, c, kind, func(o domain.Organization, op domain.Operation) (domain.Organization, error) {
		if o.Hold == hold && o.Status != domain.StatusPurged {
			return o, errUnchanged
		}
		return o.SetHold(op, hold, s.now())
	})
}
