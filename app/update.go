package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// update is an update on its way to its intent.
type update struct {
	service *Service
	op      domain.Operation
	// allow refuses to write the intent on an organization as it is now.
	allow func(o domain.Organization) error
	// email is the wish, zero to leave the owner's.
	email domain.Email
	// drawn is where the documents go if they must move, once the name's own namespace was
	// given before.
	drawn string
	// old and owner are what the intent was planned upon.
	old   domain.Organization
	owner domain.Account
}

// newUpdate returns an update that gives an organization the name and its owner the
// email; the zero of either leaves it as it is.
func (s *Service) newUpdate(by domain.Actor, name domain.Name, email domain.Email) *update {
	u := &update{
		service: s,
		op:      s.newOperation(domain.OperationUpdate, "", by),
		allow:   func(domain.Organization) error { return nil },
		email:   email,
	}
	u.op.Name = name
	return u
}

// perform begins the update of an organization and its owner, as they were seen, and
// brings it to its end. It does nothing when they are as they shall be.
func (u *update) perform(ctx context.Context, o domain.Organization, owner domain.Account) (UpdatedOrganization, error) {
	name := u.op.Name
	if !o.Busy() && (name.IsZero() || name == o.Name) && (u.email.IsZero() || u.email == owner.Email) {
		return UpdatedOrganization{Old: o, New: o, AdminEmail: owner.Email}, nil
	}
	if err := u.service.refuseTaken(ctx, name, o.ID, u.email, owner.ID); err != nil {
		return UpdatedOrganization{}, err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	o, err := u.begin(ctx, o)
	if err == nil {
		o, err = u.service.run(ctx, o, u.op.ID)
	}
	if err == nil {
		err = outcome(o, u.op.ID)
	}
	if err != nil {
		return UpdatedOrganization{}, err
	}
	return UpdatedOrganization{Old: u.old, New: o, AdminEmail: u.adminEmail()}, nil
}

// begin writes the intent and returns the organization with it.
func (u *update) begin(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	for {
		begun, err := u.service.begin(ctx, o, u.op.ID, func(current domain.Organization) (domain.Organization, error) {
			return u.plan(ctx, current)
		})
		if !errors.Is(err, domain.ErrNamespaceTaken) {
			return begun, err
		}
		u.drawn = u.service.tenancy.Draw(begun.Placement, begun.ID, u.op.Name, u.service.random)
		o = begun
	}
}

// plan puts the intent on the organization.
func (u *update) plan(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	u.old = o
	if err := u.allow(o); err != nil {
		return o, err
	}
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

// planRename decides where the namespace goes. It stays when the slugs of the two names
// are equal, and when it isn't called by the name.
func (u *update) planRename(ctx context.Context, o domain.Organization) error {
	u.op.Target, u.op.Source = domain.Placement{}, ""
	tenancy := u.service.tenancy
	if u.op.Name.IsZero() || domain.SameSlug(o.Name, u.op.Name) || !tenancy.Follows(o.Placement) {
		return nil
	}
	namespace := u.drawn
	if namespace == "" {
		namespace = tenancy.Choose(o.Placement, o.ID, u.op.Name, u.service.random)
	}
	storage, err := u.service.storage(o.Placement)
	if err != nil {
		return err
	}
	info, err := storage.Namespaces.Stat(ctx, o.Placement)
	if err != nil {
		return err
	}
	u.op.Target, u.op.Source = o.NextPlacement(namespace), info.Identity
	return nil
}

// adminEmail returns the email that the owner has after the update.
func (u *update) adminEmail() domain.Email {
	if u.email.IsZero() {
		return u.owner.Email
	}
	return u.email
}
