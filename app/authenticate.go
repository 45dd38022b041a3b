package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Session is who a valid token stands for, as the registry knows them now.
type Session struct {
	Organization domain.Organization
	Account      domain.Account
}

// Authenticate returns whom the token stands for. The organization and the
// account are read anew, so that a token dies at once with either of them.
//
// Errors: domain.ErrUnauthenticated, domain.ErrSuspended, domain.ErrStoreUnavailable.
func (s *Service) Authenticate(ctx context.Context, token string) (Session, error) {
	claims, err := s.tokens.Verify(token)
	if err != nil {
		return Session{}, err
	}
	o, err := s.organizations.ByID(ctx, claims.Organization)
	if err != nil {
		return Session{}, missingMeans(domain.ErrUnauthenticated, err)
	}
	o = s.settle(ctx, o)
	account, err := s.accounts.ByID(ctx, claims.Account)
	if err != nil {
		return Session{}, missingMeans(domain.ErrUnauthenticated, err)
	}
	if !o.Live() || o.Status == domain.StatusProvisioning ||
		account.OrganizationID != o.ID || claims.Epoch != o.Epoch+account.Epoch {
		return Session{}, domain.ErrUnauthenticated
	}
	if o.Status == domain.StatusSuspended {
		return Session{}, domain.ErrSuspended
	}
	return Session{Organization: o, Account: account}, nil
}

// missingMeans returns refusal when err says that an organization or an account
// does not exist, and err otherwise.
func missingMeans(refusal *domain.Error, err error) error {
	if errors.Is(err, domain.ErrOrganizationNotFound) || errors.Is(err, domain.ErrAccountNotFound) {
		return refusal
	}
	return err
}
