package ports

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Requests remembers requests that carry an idempotency key. What is written is
// durable when the call returns, and every later read sees it.
type Requests interface {
	// Insert adds a record. It returns domain.ErrVersionConflict when the ID exists.
	Insert(ctx context.Context, r domain.Request) error
	// ByID returns the record, or domain.ErrRequestNotFound.
	ByID(ctx context.Context, id string) (domain.Request, error)
	// Replace writes r if the stored record has the version ifVersion, and returns
	// domain.ErrVersionConflict when it has another one or doesn't exist.
	Replace(ctx context.Context, r domain.Request, ifVersion int64) error
	// Forget removes records whose ExpiresAt is not after until, at most limit, and
	// returns how many.
	Forget(ctx context.Context, until time.Time, limit int) (int, error)
}
