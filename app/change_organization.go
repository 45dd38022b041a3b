package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Change is what an operator wants different about an organization; nil leaves a thing
// as it is.
type Change struct {
	Name  *string
	Email *string
}

// UpdateByOperator changes the organization's name, its owner's email, or both, as
// UpdateOrganization does, without the owner's password, and of a suspended
// organization as well.
//
// Errors: domain.ErrOrganizationNotFound, an invalid-request *domain.Error,
// domain.ErrPreconditionFailed, domain.ErrStatus unless it is active or suspended,
// domain.ErrNameTaken, domain.ErrEmailTaken, domain.ErrOperationInProgress,
// domain.ErrOperationAborted, domain.ErrStoreUnavailable (the change may come to be or
// not, whole).
func (s *Service) UpdateByOperator(ctx context.Context, c Command, change Change) (UpdatedOrganization, error) {
	var none UpdatedOrganization
	name, email, err := change.parse()
	if err != nil {
		return none, err
	}
	o, err := s.subject(ctx, c)
	if err == nil {
		err = c.current(o)
	}
	if err != nil {
		return none, err
	}
	owner, err := s.accounts.ByID(ctx, o.Owner)
	if err != nil {
		return none, missingMeans(asStatus(o), err)
	}
	u := s.newUpdate(domain.ActorOperator, name, email)
	u.allow = c.current
	updated, err := u.perform(ctx, o, owner)
	return updated, missingMeans(asStatus(o), err)
}

func (c Change) parse() (name domain.Name, email domain.Email, err error) {
	var nameErr, emailErr error
	if c.Name != nil {
		name, nameErr = domain.ParseName(*c.Name)
	}
	if c.Email != nil {
		email, emailErr = domain.ParseEmail(*c.Email)
	}
	return name, email, domain.JoinInvalid(nameErr, emailErr)
}

// asStatus returns the ErrStatus of an organization whose owner is gone.
func asStatus(o domain.Organization) *domain.Error {
	return domain.ErrStatus.Saying("The organization is " + string(o.Status) + " and has no owner.")
}
