package ports

import (
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Tokens issues and checks access tokens. It works in memory alone.
type Tokens interface {
	// Issue returns a signed token for the claims.
	Issue(claims Claims) (string, error)
	// Verify returns the claims of a token that Issue made, that has not expired,
	// give or take 30 s for clocks that differ, and that nobody altered, and an error for which
	// errors.Is(err, domain.ErrUnauthenticated) holds for all else. Whether the
	// token was revoked is not known here: compare the epoch.
	Verify(token string) (Claims, error)
}

// Claims is what a token says.
type Claims struct {
	// ID is the token's own.
	ID           string
	Account      domain.AccountID
	Organization domain.OrganizationID
	Email        domain.Email
	// Epoch is the organization's plus the account's when the token was issued.
	Epoch int64
	// IssuedAt and ExpiresAt are exact to the second.
	IssuedAt  time.Time
	ExpiresAt time.Time
}
