package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// performUpdate changes the owner's email, which can be refused, then renames the
// namespace, which can't. Between the two it commits: a runner that is slow to write
// that the email was taken must not turn back an operation whose namespace has moved.
func (s *Service) performUpdate(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	op := o.Pending
	if !op.Email.IsZero() && op.Phase == domain.PhaseForward {
		switch err := s.changeEmail(ctx, o, op.Email); {
		case errors.Is(err, domain.ErrEmailTaken):
			return o.TurnBack(domain.CodeEmailTaken)
		case err != nil:
			return o, err
		case !op.Target.IsZero():
			return o.Commit()
		}
	}
	if !op.Target.IsZero() {
		switch err := s.renameNamespace(ctx, o); {
		case errors.Is(err, domain.ErrNamespaceOccupied):
			return o.Retarget(s.tenancy.Draw(op.Target, o.ID, op.Name, s.random))
		case err != nil:
			return o, err
		}
	}
	return o.Finish(s.now())
}

// changeEmail gives the owner's account the email. It reads the account, then the
// intent again, then writes by compare-and-set on the account's version: a runner
// that was overtaken between any two of these changes nothing.
func (s *Service) changeEmail(ctx context.Context, o domain.Organization, email domain.Email) error {
	account, err := s.accounts.ByID(ctx, o.Owner)
	switch {
	case err != nil:
		return err
	case account.Email == email && o.Pending.Phase == domain.PhaseForward:
		return nil
	}
	if err := s.reread(ctx, o); err != nil {
		return err
	}
	err = s.accounts.Replace(ctx, account.WithEmail(email, s.now()), account.Version)
	if errors.Is(err, domain.ErrVersionConflict) {
		return errOvertaken
	}
	return err
}

// renameNamespace gives the namespace its new name. It stands under the old one, or
// under one that the operation led to before it was retargeted. One that was never
// made, or that somebody has dropped from outside, is made anew, empty.
func (s *Service) renameNamespace(ctx context.Context, o domain.Organization) error {
	storage, err := s.storage(o.Pending.Target)
	if err != nil {
		return err
	}
	if o.Pending.Source != "" {
		for _, from := range append([]domain.Placement{o.Placement}, o.FormerTargets()...) {
			err = storage.Namespaces.Rename(ctx, o.Pending.Source, from, o.Pending.Target)
			if !errors.Is(err, domain.ErrNamespaceMissing) {
				return err
			}
		}
	}
	if err := s.reread(ctx, o); err != nil {
		return err
	}
	s.log.WarnContext(ctx, "the namespace to rename does not exist; making an empty one",
		"organization_id", o.ID, "namespace", o.Placement.Namespace)
	return storage.Namespaces.Ensure(ctx, o.ID, o.Pending.Target)
}

// reread returns errOvertaken unless the intent is still the one that this runner
// works on.
func (s *Service) reread(ctx context.Context, o domain.Organization) error {
	now, err := s.organizations.ByID(ctx, o.ID)
	if err == nil && now.Version != o.Version {
		return errOvertaken
	}
	return err
}

// undoUpdate goes back to the former email. The account is written even when it
// has that email still, so that a slow runner's change of it fails.
func (s *Service) undoUpdate(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	err := s.changeEmail(ctx, o, o.Pending.FormerEmail)
	if errors.Is(err, domain.ErrAccountNotFound) {
		return o.Finish(s.now()) // Somebody has removed the owner from outside.
	}
	if errors.Is(err, domain.ErrEmailTaken) {
		// A slow runner had changed the email after all, between the refusal and
		// the turn, and somebody has taken the former one since.
		s.log.ErrorContext(ctx, "an owner's former email was taken before it could be given back", "organization_id", o.ID)
		err = nil
	}
	if err != nil {
		return o, err
	}
	return o.Finish(s.now())
}
