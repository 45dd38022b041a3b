package ports

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Census looks over all records, for bounds and for clearing up.
type Census interface {
	// CountLive returns the number of live organizations.
	CountLive(ctx context.Context) (int, error)
	// OrphanAccounts returns accounts whose OrganizationID is not empty and names
	// an organization that is purged or doesn't exist, at most limit, in no order.
	OrphanAccounts(ctx context.Context, limit int) ([]domain.Account, error)
}

// Health tells whether a store can do its work.
type Health interface {
	// Ping returns nil when the store answers, and an error for which
	// errors.Is(err, domain.ErrStoreUnavailable) holds when it doesn't.
	Ping(ctx context.Context) error
}
