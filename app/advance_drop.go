package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// performDrop is a delete's and a purge's way: it measures the namespace for the
// receipt, drops it with all its data, then frees the owner's email.
func (s *Service) performDrop(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	if o.Placement.IsZero() { // A record of an older service may have none.
		if err := s.accounts.Delete(ctx, o.Owner); err != nil {
			return o, err
		}
		return o.Finish(s.now())
	}
	if o.Pending.Phase == domain.PhaseForward {
		inventory, err := s.inventory(o.Placement)
		if err != nil {
			return o, err
		}
		usage, err := inventory.Measure(ctx, o.Placement)
		if err != nil {
			return o, err
		}
		return o.Measure(usage, s.now())
	}
	storage, err := s.storage(o.Placement)
	if err != nil {
		return o, err
	}
	if err := storage.Drop(ctx, o.Placement); err != nil {
		return o, err
	}
	if err := s.accounts.Delete(ctx, o.Owner); err != nil {
		return o, err
	}
	return o.Finish(s.now())
}
