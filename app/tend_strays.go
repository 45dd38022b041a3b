package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// MergeStray copies the documents of a stray whose ID is absent there into the namespace
// of the organization that the stray's name was given to, and returns how many it has
// copied. The stray stays as it is.
//
// Errors: domain.ErrStrayNotFound when nothing stray stands under the name,
// domain.ErrStatus when the organization is purged or unknown,
// domain.ErrOperationInProgress, domain.ErrStoreUnavailable (ask again to go on).
func (s *Service) MergeStray(ctx context.Context, namespace string) (copied int64, err error) {
	stray, inventory, err := s.stray(ctx, namespace)
	if err != nil {
		return 0, err
	}
	o, err := s.organizations.ByID(ctx, stray.Organization)
	switch {
	case stray.Kind != StrayLeft:
		return 0, domain.ErrStatus
	case err != nil:
		return 0, err
	case o.Busy():
		return 0, domain.ErrOperationInProgress
	}
	copied, err = inventory.Merge(ctx, stray.Placement, o.Placement)
	if err != nil {
		return copied, err
	}
	// A rename meanwhile has moved the namespace away from under the last of them.
	now, err := s.organizations.ByID(ctx, o.ID)
	if err == nil && (now.Busy() || now.Placement != o.Placement) {
		err = domain.ErrOperationInProgress
	}
	if err == nil {
		s.log.InfoContext(ctx, "merged a stray namespace", "namespace", namespace, "organization_id", o.ID, "documents", copied)
	}
	return copied, err
}

// QuarantineStray renames a stray to a name that no organization ever has, and returns
// that name. Its documents stay there until somebody drops them by hand.
//
// Errors: domain.ErrStrayNotFound, domain.ErrStoreUnavailable.
func (s *Service) QuarantineStray(ctx context.Context, namespace string) (name string, err error) {
	stray, inventory, err := s.stray(ctx, namespace)
	if err != nil {
		return "", err
	}
	name, err = inventory.Quarantine(ctx, stray.Placement)
	if err == nil && stray.Kind == StrayUnknown {
		err = s.giveBack(ctx, stray.Placement, name)
	}
	if err == nil {
		s.log.InfoContext(ctx, "put a stray namespace into quarantine", "namespace", namespace, "quarantine", name)
	}
	return name, err
}

// giveBack takes a namespace out of quarantine that a create has been given and found
// empty, so that it took it for its own, while it was put there.
func (s *Service) giveBack(ctx context.Context, p domain.Placement, quarantine string) error {
	owners, err := s.directory.ByReservations(ctx, []string{p.Reservation()})
	if err != nil || owners[p.Reservation()].ID == "" {
		return err
	}
	storage, err := s.storage(p)
	if err != nil {
		return err
	}
	there := p
	there.Namespace = quarantine
	info, err := storage.Stat(ctx, there)
	if err != nil {
		return err
	}
	if err := storage.Rename(ctx, info.Identity, there, p); err != nil {
		return err
	}
	return domain.ErrStrayNotFound
}
