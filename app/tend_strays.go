package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// MergeStray copies the documents of a stray whose ID is absent there into the namespace
// of the organization that has left the stray's name, and returns how many it has copied.
// The stray stays as it is.
//
// Errors: domain.ErrStrayNotFound when nothing stray stands under the name,
// domain.ErrStatus unless it is a StrayLeft, domain.ErrOperationInProgress,
// domain.ErrStoreUnavailable (ask again to go on).
func (s *Service) MergeStray(ctx context.Context, namespace string) (copied int64, err error) {
	stray, inventory, err := s.stray(ctx, namespace)
	if err != nil {
		return 0, err
	}
	if stray.Kind != StrayLeft {
		return 0, domain.ErrStatus.Saying(strayDetails[stray.Kind])
	}
	o, err := s.organizations.ByID(ctx, stray.Organization)
	switch {
	case err != nil:
		return 0, err
	case o.Busy():
		return 0, domain.ErrOperationInProgress
	}
	copied, err = inventory.Merge(ctx, stray.Placement, o.Placement)
	if errors.Is(err, domain.ErrNamespaceMissing) {
		err = domain.ErrOperationInProgress // One of the two was moved meanwhile.
	}
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
// The name of one that nobody was given is claimed before, so that no create is given it
// at the same time: the rename, however late it is executed, would take its home away.
//
// Errors: domain.ErrStrayNotFound, domain.ErrStoreUnavailable.
func (s *Service) QuarantineStray(ctx context.Context, namespace string) (name string, err error) {
	stray, inventory, err := s.stray(ctx, namespace)
	if err != nil {
		return "", err
	}
	if stray.Kind == StrayUnknown {
		claim := domain.NewTombstone(domain.OrganizationID(s.newID()), stray.Placement, s.now())
		if err := s.organizations.Insert(ctx, claim); errors.Is(err, domain.ErrNamespaceTaken) {
			return "", domain.ErrStrayNotFound // A create was faster.
		} else if err != nil {
			return "", err
		}
	}
	name, err = inventory.Quarantine(ctx, stray.Placement)
	if errors.Is(err, domain.ErrNamespaceMissing) {
		return "", domain.ErrStrayNotFound // Somebody else was faster.
	}
	if err == nil {
		s.log.InfoContext(ctx, "put a stray namespace into quarantine", "namespace", namespace, "quarantine", name)
	}
	return name, err
}
