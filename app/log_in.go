package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// LogIn is the wish for an access token.
type LogIn struct {
	Email    string
	Password domain.Secret
}

// LoggedIn is an access token and what a client should know about it.
type LoggedIn struct {
	Token        string
	Organization domain.OrganizationID
	ExpiresIn    time.Duration
}

// LogIn checks email and password and issues a token. An email that nobody has
// costs the same time as a wrong password. A hash that was made with other
// parameters than those in force is replaced.
//
// Errors: an invalid-request *domain.Error, domain.ErrInvalidCredentials,
// domain.ErrSuspended (only with the right password), domain.ErrOverloaded, domain.ErrStoreUnavailable.
func (s *Service) LogIn(ctx context.Context, in LogIn) (LoggedIn, error) {
	email, emailErr := domain.ParseEmail(in.Email)
	password, passwordErr := domain.TypedPassword(in.Password)
	if err := domain.JoinInvalid(emailErr, passwordErr); err != nil {
		return LoggedIn{}, err
	}
	account, err := s.accounts.ByEmailKey(ctx, email.Key())
	if err != nil && !errors.Is(err, domain.ErrAccountNotFound) {
		return LoggedIn{}, err
	}
	// The zero account of an unknown email has the zero hash, which matches nothing.
	verdict, err := s.passwords.Verify(ctx, password, account.PasswordHash)
	if err != nil {
		return LoggedIn{}, err
	}
	if !verdict.Match {
		return LoggedIn{}, domain.ErrInvalidCredentials
	}
	o, err := s.organizations.ByID(ctx, account.OrganizationID)
	if err != nil {
		return LoggedIn{}, missingMeans(domain.ErrInvalidCredentials, err)
	}
	o = s.settle(ctx, o)
	if o.Status == domain.StatusSuspended {
		return LoggedIn{}, domain.ErrSuspended
	}
	if o.Status != domain.StatusActive {
		return LoggedIn{}, domain.ErrInvalidCredentials
	}
	if verdict.Outdated {
		s.rehash(ctx, account, password)
	}
	return s.issue(o, account)
}

// issue returns a token for the account.
func (s *Service) issue(o domain.Organization, account domain.Account) (LoggedIn, error) {
	now := s.now().Truncate(time.Second)
	token, err := s.tokens.Issue(ports.Claims{
		ID:           s.newID(),
		Account:      account.ID,
		Organization: o.ID,
		Email:        account.Email,
		Epoch:        o.Epoch + account.Epoch,
		IssuedAt:     now,
		ExpiresAt:    now.Add(s.options.TokenLifetime),
	})
	if err != nil {
		return LoggedIn{}, err
	}
	return LoggedIn{Token: token, Organization: o.ID, ExpiresIn: s.options.TokenLifetime}, nil
}

// rehash replaces the account's hash by one with the parameters in force. A
// failure costs nothing but another try at the next log-in.
func (s *Service) rehash(ctx context.Context, account domain.Account, password domain.Password) {
	hash, err := s.passwords.Hash(ctx, password)
	if err == nil {
		err = s.accounts.Replace(ctx, account.WithPasswordHash(hash, s.now()), account.Version)
	}
	if err != nil && !errors.Is(err, domain.ErrVersionConflict) {
		s.log.WarnContext(ctx, "an outdated password hash could not be replaced", "account_id", account.ID, "error", err)
	}
}
