package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// performDrop is a delete's and a purge's way: it measures the namespace for the
// receipt, drops it with all its data, then removes what is known of its usage and
// frees the owner's email. A record of an
// older service may have no namespace.
func (s *Service) performDrop(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	if !o.Placement.IsZero() {
		if o.Pending.Phase == domain.PhaseForward {
			return s.measure(ctx, o)
		}
		storage, err := s.storage(o.Placement)
		if err != nil {
			return o, err
		}
		if err := storage.Namespaces.Drop(ctx, o.Placement); err != nil {
			return o, err
		}
	}
	if err := s.usages.Remove(ctx, o.ID); err != nil {
		return o, err
	}
	if err := s.accounts.Delete(ctx, o.Owner); err != nil {
		return o, err
	}
	return o.Finish(s.now())
}

func (s *Service) measure(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	storage, err := s.storage(o.Placement)
	if err != nil {
		return o, err
	}
	usage, err := storage.Inventory.Measure(ctx, o.Placement)
	if err != nil {
		return o, err
	}
	return o.Measure(usage)
}
