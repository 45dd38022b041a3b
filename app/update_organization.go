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
	o, account := who.Organization, who.Account
	if !o.Busy() && name == o.Name && (email.IsZero() || email == account.Email) {
		return UpdatedOrganization{Old: o, New: o, AdminEmail: account.Email}, nil
	}
	if err := s.refuseTaken(ctx, name, o.ID, email, account.ID); err != nil {
		return none, err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	u := update{service: s, op: s.newOperation(domain.OperationUpdate), email: email, namespace: domain.NamespaceName(name)}
	u.op.Name = name
	if o, err = u.begin(ctx, o); err == nil {
		o, err = s.advance(ctx, o, u.op.ID)
	}
	if err == nil {
		err = outcome(o, u.op.ID)
	}
	if err != nil {
		return none, err
	}
	return UpdatedOrganization{Old: u.old, New: o, AdminEmail: u.adminEmail()}, nil
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

// update is an update on its way to its intent.
type update struct {
	service *Service
	op      domain.Operation
	// email is the wish, zero to leave the owner's.
	email domain.Email
	// namespace is where the documents go if they must move; "" is to be drawn.
	namespace string
	// old and owner are what the intent was planned upon.
	old   domain.Organization
	owner domain.Account
}

// begin writes the intent and returns the organization with it.
func (u *update) begin(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	for {
		begun, err := u.service.begin(ctx, o, u.op.ID, func(current domain.Organization) (domain.Organization, error) {
			return u.plan(ctx, current)
		})
		switch {
		case errors.Is(err, domain.ErrNamespaceTaken):
			u.namespace, o = "", begun
			continue
		case errors.Is(err, domain.ErrTransition), errors.Is(err, domain.ErrAccountNotFound):
			// Deleted since the token was checked.
			err = domain.ErrUnauthenticated
		}
		return begun, err
	}
}

// plan puts the intent on the organization.
func (u *update) plan(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	u.old = o
	if err := u.planEmail(ctx, o); err != nil {
		return o, err
	}
	if err := u.planRename(ctx, o); err != nil {
		return o, err
	}
	return o.BeginUpdate(u.op, u.service.now())
}

// planEmail decides how the owner's email changes. The account is read after the
// organization, and only operations change an email, so that the former email belongs
// to the version of the organization that the intent is written over.
func (u *update) planEmail(ctx context.Context, o domain.Organization) (err error) {
	if u.owner, err = u.service.accounts.ByID(ctx, o.Owner); err != nil {
		return err
	}
	u.op.Email, u.op.FormerEmail = domain.Email{}, domain.Email{}
	if !u.email.IsZero() && u.email != u.owner.Email {
		u.op.Email, u.op.FormerEmail = u.email, u.owner.Email
	}
	return nil
}

// planRename decides where the namespace goes. It stays when the slugs of the two
// names are equal.
func (u *update) planRename(ctx context.Context, o domain.Organization) error {
	u.op.Target, u.op.Source = domain.Placement{}, ""
	if domain.SameSlug(o.Name, u.op.Name) {
		return nil
	}
	if u.namespace == "" {
		u.namespace = domain.RandomNamespaceName(u.op.Name, u.service.random)
	}
	storage, err := u.service.storage(o.Placement)
	if err != nil {
		return err
	}
	info, err := storage.Stat(ctx, o.Placement)
	if err != nil {
		return err
	}
	u.op.Target, u.op.Source = o.NextPlacement(u.namespace), info.Identity
	return nil
}

// adminEmail returns the email that the owner has after the update.
func (u *update) adminEmail() domain.Email {
	if u.email.IsZero() {
		return u.owner.Email
	}
	return u.email
}
