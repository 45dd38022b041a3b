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
// domain.ErrOperationInProgress, domain.ErrOperationAborted, domain.ErrUnauthenticated
// when the organization was deleted meanwhile, domain.ErrSuspended,
// domain.ErrOverloaded, domain.ErrStoreUnavailable (the change may come to be or not,
// whole).
func (s *Service) UpdateOrganization(ctx context.Context, who Session, in UpdateOrganization) (UpdatedOrganization, error) {
	var none UpdatedOrganization
	name, email, err := s.checkUpdate(ctx, who, in)
	if err != nil {
		return none, err
	}
	u := s.newUpdate(domain.ActorOwner, name, email)
	u.allow = func(o domain.Organization) error {
		switch {
		case o.Epoch != who.Organization.Epoch:
			return domain.ErrUnauthenticated // Deleted since, and perhaps restored.
		case o.Status == domain.StatusSuspended:
			return domain.ErrSuspended
		}
		return nil
	}
	updated, err := u.perform(ctx, who.Organization, who.Account)
	if errors.Is(err, domain.ErrStatus) || errors.Is(err, domain.ErrAccountNotFound) {
		return none, domain.ErrUnauthenticated // Deleted since the token was checked.
	}
	return updated, err
}

// checkUpdate checks the input and the owner's password, and returns the name and
// the email to have; the zero email leaves it as it is.
func (s *Service) checkUpdate(
	ctx context.Context, who Session, in UpdateOrganization,
) (name domain.Name, email domain.Email, err error) {
	var nameErr, emailErr error
	name, nameErr = domain.ParseName(in.Name)
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
