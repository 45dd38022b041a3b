package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// SuspendOrganization shuts the organization's accounts out: its tokens and log-ins are
// refused until it is activated. It keeps its name and all its data. One that is
// suspended stays so.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrStatus, domain.ErrPreconditionFailed,
// domain.ErrOperationInProgress, domain.ErrStoreUnavailable.
func (s *Service) SuspendOrganization(ctx context.Context, c Command) (domain.Organization, error) {
	return s.operate(ctx, c, domain.OperationSuspend, func(o domain.Organization, op domain.Operation) (domain.Organization, error) {
		if o.Status == domain.StatusSuspended {
			return o, errUnchanged
		}
		return o.Suspend(op, s.now())
	})
}

// ActivateOrganization ends a suspension. One that is active stays so.
//
// Errors: those of SuspendOrganization.
func (s *Service) ActivateOrganization(ctx context.Context, c Command) (domain.Organization, error) {
	return s.operate(ctx, c, domain.OperationActivate, func(o domain.Organization, op domain.Operation) (domain.Organization, error) {
		if o.Status == domain.StatusActive {
			return o, errUnchanged
		}
		return o.Activate(op, s.now())
	})
}
