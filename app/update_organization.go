package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// UpdateOrganization is the wish for another name or owner's email.
type UpdateOrganization struct {
	// Name is the name that the organization shall have.
	Name string
	// Email is the email that the owner shall have; nil leaves it as it is.
	Email *string
	// Password is the owner's current one.
	Password domain.Secret
}

// UpdatedOrganization is the organization before and after.
type UpdatedOrganization struct {
	Old, New   domain.Organization
	AdminEmail domain.Email
}

// UpdateOrganization changes the name of the session's organization, its owner's
// email, or both. The same name in another case or spacing is a rename as any
// other; the same name and email change nothing.
//
// Errors: an invalid-request *domain.Error, domain.ErrInvalidCredentials for a
// wrong password, domain.ErrNameTaken, domain.ErrEmailTaken,
// domain.ErrOperationInProgress, domain.ErrUnauthenticated when the organization
// was deleted meanwhile, domain.ErrOverloaded, domain.ErrStoreUnavailable (the
// change may come to be or not, whole).
func (s *Service) UpdateOrganization(ctx context.Context, who Session, in UpdateOrganization) (UpdatedOrganization, error) {
	var none UpdatedOrganization
	name, email, err := s.checkUpdate(ctx, who, in)
	if err != nil {
		return none, err
	}
	if o := who.Organization; !o.Busy() && name == o.Name && email == who.Account.Email {
		return UpdatedOrganization{Old: o, New: o, AdminEmail: email}, nil
	}
	if err := s.refuseTaken(ctx, name, who.Organization.ID, email, who.Account.ID); err != nil {
		return none, err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	old, begun, err := s.beginUpdate(ctx, who.Organization, name, email)
	if err != nil {
		return none, err
	}
	op := begun.Pending.ID
	updated, err := s.advance(ctx, begun)
	if err == nil {
		err = outcome(updated, op)
	}
	if err != nil {
		return none, err
	}
	return UpdatedOrganization{Old: old, New: updated, AdminEmail: email}, nil
}

// checkUpdate checks the input and the owner's password, and returns the name and
// the email to have.
func (s *Service) checkUpdate(ctx context.Context, who Session, in UpdateOrganization) (domain.Name, domain.Email, error) {
	name, nameErr := domain.ParseName(in.Name)
	email, emailErr := who.Account.Email, error(nil)
	if in.Email != nil {
		email, emailErr = domain.ParseEmail(*in.Email)
	}
	password, passwordErr := domain.TypedPassword(in.Password)
	if err := domain.JoinInvalid(nameErr, emailErr, passwordErr); err != nil {
		return name, email, err
	}
	verdict, err := s.passwords.Verify(ctx, password, who.Account.PasswordHash)
	if err == nil && !verdict.Match {
		err = domain.ErrInvalidCredentials
	}
	return name, email, err
}

// beginUpdate writes the intent of an update and returns the organization before
// and after it.
func (s *Service) beginUpdate(
	ctx context.Context, o domain.Organization, name domain.Name, email domain.Email,
) (before, begun domain.Organization, err error) {
	op := s.newOperation(domain.OperationUpdate)
	op.Name = name
	namespace := domain.NamespaceName(name)
	intend := func(current domain.Organization) (domain.Organization, error) {
		before = current
		if err := s.planEmail(ctx, &op, current, email); err != nil {
			return current, err
		}
		if err := s.planRename(ctx, &op, current, namespace); err != nil {
			return current, err
		}
		return current.BeginUpdate(op, s.now())
	}
	for {
		if namespace == "" {
			namespace = domain.RandomNamespaceName(name, s.random)
		}
		begun, err = s.begin(ctx, o, op.ID, intend)
		switch {
		case errors.Is(err, domain.ErrNamespaceTaken):
			namespace = ""
			o = begun
			continue
		case errors.Is(err, domain.ErrTransition), errors.Is(err, domain.ErrAccountNotFound):
			// Deleted since the token was checked.
			err = domain.ErrUnauthenticated
		}
		return before, begun, err
	}
}

// planEmail puts into op how the owner's email changes. The account is read after
// the organization, and only operations change an email, so that the former email
// belongs to the version of the organization that the intent is written over.
func (s *Service) planEmail(ctx context.Context, op *domain.Operation, o domain.Organization, email domain.Email) error {
	account, err := s.accounts.ByID(ctx, o.Owner)
	if err != nil {
		return err
	}
	op.Email, op.FormerEmail = domain.Email{}, domain.Email{}
	if account.Email != email {
		op.Email, op.FormerEmail = email, account.Email
	}
	return nil
}

// planRename puts into op where the namespace goes. It stays when the slugs of the
// two names are equal.
func (s *Service) planRename(ctx context.Context, op *domain.Operation, o domain.Organization, namespace string) error {
	op.Target, op.Source = domain.Placement{}, ""
	if domain.SameSlug(o.Name, op.Name) {
		return nil
	}
	storage, err := s.storage(o.Placement)
	if err != nil {
		return err
	}
	info, err := storage.Stat(ctx, o.Placement)
	if err != nil {
		return err
	}
	op.Target, op.Source = o.NextPlacement(namespace), info.Identity
	return nil
}
