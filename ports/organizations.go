package ports

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Organizations keeps the records of organizations. What is written is durable
// when the call returns, and every later read sees it. Records keep every field,
// times to the millisecond and in UTC.
//
// The store guarantees by unique indexes, not by looking first: no two records
// share an ID, no two live organizations share one of their NameKeys, and no two
// records share an entry of Reserved, whatever their status.
type Organizations interface {
	// Insert adds a record. It returns domain.ErrNameTaken when a live
	// organization holds one of o.NameKeys, domain.ErrNamespaceTaken when an
	// entry of o.Reserved was given before; the name is told when both are so.
	// An ID that exists is domain.ErrVersionConflict, but any of
	// the others may be told instead.
	Insert(ctx context.Context, o domain.Organization) error
	// ByID returns the organization of any status, or
	// domain.ErrOrganizationNotFound.
	ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
	// ByNameKey returns the live organization that has key among its NameKeys:
	// as the key of its name, or of the name that a pending update gives it. It
	// returns domain.ErrOrganizationNotFound if none has. One indexed equality.
	ByNameKey(ctx context.Context, key string) (domain.Organization, error)
	// Replace writes o if the stored record has the version ifVersion; of many
	// at once, one succeeds. It returns domain.ErrVersionConflict when the record
	// has another version or doesn't exist, and otherwise the errors of Insert.
	// Nothing is changed when it fails. The first CreatedAt stays.
	Replace(ctx context.Context, o domain.Organization, ifVersion int64) error
	// Due returns organizations with a pending operation that isn't stuck and whose
	// LeaseUntil is not after until, the earliest lease first, at most limit.
	Due(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error)
}
