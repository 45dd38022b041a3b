package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// PurgeOrganization drops the data of a deleted organization before its time is over.
// Its record stays with a receipt of what was dropped.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrStatus unless it is deleted,
// domain.ErrHeld, domain.ErrPreconditionFailed, domain.ErrOperationInProgress,
// domain.ErrStoreUnavailable (if the purge has begun, it will be finished).
func (s *Service) PurgeOrganization(ctx context.Context, c Command) (domain.Organization, error) {
	return s.operate(ctx, c, domain.OperationPurge, func(o domain.Organization, op domain.Operation) (domain.Organization, error) {
		return o.BeginPurge(op, s.now())
	})
}

// purgeDue drops the data of deleted organizations whose time is over, and returns how
// many are purged.
func (s *Service) purgeDue(ctx context.Context) (purged int, err error) {
	seen := map[domain.OrganizationID]bool{}
	for {
		due, err := s.directory.PurgeDue(ctx, s.now(), reconcileBatch)
		if err != nil {
			return purged, err
		}
		fresh := 0
		for _, o := range due {
			if seen[o.ID] || ctx.Err() != nil {
				continue
			}
			seen[o.ID] = true
			fresh++
			_, purgeErr := s.PurgeOrganization(ctx, Command{Organization: o.ID, IfVersion: o.Version, By: domain.ActorRetention})
			switch {
			case purgeErr == nil:
				purged++
			case errors.Is(purgeErr, domain.ErrPreconditionFailed): // Somebody was faster.
			default:
				err = errors.Join(err, purgeErr)
			}
		}
		if fresh == 0 || err != nil {
			return purged, errors.Join(err, ctx.Err())
		}
	}
}
