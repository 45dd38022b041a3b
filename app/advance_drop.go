package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// performDrop is a delete's and a purge's way: it measures the namespace for the
// receipt, drops it with all its data, and what earlier moves have left, then removes what
// is known of its usage and frees the owner's email. A record of an older service may have
// no namespace.
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
	if err := s.dropAllKept(ctx, o.ID); err != nil {
		return o, err
	}
	if err := s.usages.Remove(ctx, o.ID); err != nil {
		return o, err
	}
	if err := s.accounts.Delete(ctx, o.Owner); err != nil {
		return o, err
	}
	return o.Finish(s.now())
}

// measure notes what is about to be dropped. What can't be counted, though the store
// answers, is dropped without being known: a receipt is no reason to keep what is damaged.
func (s *Service) measure(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	storage, err := s.storage(o.Placement)
	if err != nil {
		return o, err
	}
	usage, err := storage.Inventory.Measure(ctx, o.Placement)
	if errors.Is(err, domain.ErrStoreUnavailable) {
		return o, err
	}
	if err != nil {
		s.log.WarnContext(ctx, "what is about to be dropped can't be counted; the receipt will say nothing of it",
			"organization_id", o.ID, "error", err)
		usage = domain.Usage{}
	}
	return o.Measure(usage)
}
