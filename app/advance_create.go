package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// performCreate makes the namespace. The owner's account must be there: its
// password's hash is in no intent, so only the requester can insert it. When the
// requester went away before, the create goes back.
func (s *Service) performCreate(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	switch _, err := s.accounts.ByID(ctx, o.Owner); {
	case errors.Is(err, domain.ErrAccountNotFound):
		return o.TurnBack(domain.CodeStoreUnavailable)
	case err != nil:
		return o, err
	}
	return s.provision(ctx, o)
}

// provision makes the namespace of an organization whose owner's account is
// known to be there.
func (s *Service) provision(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	storage, err := s.storage(o.Placement)
	if err != nil {
		return o, err
	}
	switch err := storage.Namespaces.Ensure(ctx, o.ID, o.Placement); {
	case errors.Is(err, domain.ErrNamespaceOccupied):
		return o.Retarget(s.tenancy.Draw(o.Placement, o.ID, o.Name, s.random))
	case err != nil:
		return o, err
	}
	return o.Finish(s.now())
}

// undoCreate removes what a create that goes back may have made. The namespace is
// dropped only when it is empty: before the create had made it, somebody's
// documents may have stood under its name.
func (s *Service) undoCreate(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	if err := s.discard(ctx, o); err != nil {
		return o, err
	}
	return o.Finish(s.now())
}

// discardLate removes what a runner has made of a create that others had gone on with
// while it was slow, and after it.
func (s *Service) discardLate(ctx context.Context, made, now domain.Organization) error {
	switch {
	case now.Status == domain.StatusPurged:
		return s.discard(ctx, made)
	case now.Placement.Namespace != made.Placement.Namespace:
		return s.discardNamespace(ctx, made.Placement)
	}
	return nil
}

func (s *Service) discard(ctx context.Context, o domain.Organization) error {
	if err := s.accounts.Delete(ctx, o.Owner); err != nil {
		return err
	}
	return s.discardNamespace(ctx, o.Placement)
}

func (s *Service) discardNamespace(ctx context.Context, p domain.Placement) error {
	storage, err := s.storage(p)
	if err != nil {
		return err
	}
	info, err := storage.Namespaces.Stat(ctx, p)
	if err != nil || !info.Exists || !info.Empty {
		return err
	}
	return storage.Namespaces.Drop(ctx, p)
}
