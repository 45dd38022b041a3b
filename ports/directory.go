package ports

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Directory finds organizations for those who look after all of them.
type Directory interface {
	// List returns the organizations that the query selects, in an order of their IDs
	// that never changes; among UUIDv7 it is that of their making. One that is there
	// during all of a walk by After is met once, whatever comes and goes meanwhile.
	List(ctx context.Context, q OrganizationQuery) ([]domain.Organization, error)
	// ByReservations returns by entry the organizations that have the entries in
	// Reserved, whatever their status, or live there according to a record of an older
	// service, which has no reservations. Entries of nobody are left out.
	ByReservations(ctx context.Context, entries []string) (map[string]domain.Organization, error)
	// PurgeDue returns deleted organizations whose PurgeAt is not after until, that
	// aren't on hold and have nothing pending, the earliest first, at most limit.
	PurgeDue(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error)
}

// OrganizationQuery selects organizations. The zero value of a field selects all.
type OrganizationQuery struct {
	// Statuses are those to have.
	Statuses []domain.Status
	// NameKeyPrefix is what Name.Key begins with.
	NameKeyPrefix string
	// CreatedFrom and CreatedBefore bound CreatedAt; the second isn't in.
	CreatedFrom, CreatedBefore time.Time
	// Stuck selects those whose pending operation is stuck.
	Stuck bool
	// After is the ID after which the list begins.
	After domain.OrganizationID
	// Limit is how many are returned at most. Nothing is for 0.
	Limit int
}
