package ports

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Usages keeps what was measured of organizations' documents, and their own quotas. Its
// records are apart from those of Organizations, whose versions they don't touch; one
// may be there without the other. What is written is durable when the call returns, and
// every later read sees it.
type Usages interface {
	// ByOrganization returns the record. Without one it returns a record that has
	// nothing but the ID.
	ByOrganization(ctx context.Context, id domain.OrganizationID) (domain.UsageRecord, error)
	// Measured writes what was measured at a time, to the millisecond, unless a later
	// measurement is written already. The quota stays. Where the store is open to be
	// read only it returns an error for which errors.Is(err, errors.ErrUnsupported)
	// holds.
	Measured(ctx context.Context, id domain.OrganizationID, u domain.Usage, at time.Time) error
	// SetQuota writes the organization's own quota; nil removes it. What was measured
	// stays.
	SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error
	// Remove removes the record. One that doesn't exist is no error.
	Remove(ctx context.Context, id domain.OrganizationID) error
}
