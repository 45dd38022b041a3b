package ports

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Accounts keeps the records of accounts, as Organizations keeps its own. The
// store guarantees by unique indexes that no two accounts share an ID or an
// Email.Key.
type Accounts interface {
	// Insert adds a record. It returns domain.ErrEmailTaken when another account
	// has the email, and domain.ErrVersionConflict for an ID that exists. When both are
	// so it may tell either.
	Insert(ctx context.Context, a domain.Account) error
	// ByID returns the account, or domain.ErrAccountNotFound.
	ByID(ctx context.Context, id domain.AccountID) (domain.Account, error)
	// ByEmailKey returns the account whose Email.Key is key, or
	// domain.ErrAccountNotFound. One indexed equality.
	ByEmailKey(ctx context.Context, key string) (domain.Account, error)
	// Replace writes a if the stored record has the version ifVersion; of many
	// at once, one succeeds. It returns domain.ErrVersionConflict when the record
	// has another version or doesn't exist, domain.ErrEmailTaken when another
	// account has the email. Nothing is changed when it fails.
	Replace(ctx context.Context, a domain.Account, ifVersion int64) error
	// Delete removes the account. One that doesn't exist is no error.
	Delete(ctx context.Context, id domain.AccountID) error
}
