package mongo

import (
	"context"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Resolver leads an application's own code to the collections of organizations, and
// follows them when they move. It only reads the registry.
type Resolver struct {
	organizations ports.Organizations
	client        *driver.Client
}

// Resolver returns one that uses the store's connections.
func (s *Store) Resolver() *Resolver { return &Resolver{s.Organizations(), s.client} }

// Home is where an organization's documents are.
type Home struct {
	// Collection is the collection. It has the options of the store's client: writes are
	// acknowledged by a majority.
	Collection *driver.Collection
	// Placement says the same for the record.
	Placement domain.Placement
}

// How long a resolver waits before it reads a record anew that is about to move, at
// first and at most, and how often an organization may move under one call.
const (
	resolvePause    = 2 * time.Millisecond
	resolvePauseMax = 50 * time.Millisecond
	resolveMoves    = 20
)

// Within calls work with where the organization's documents are, once nothing is about
// to move them, and returns its error. When they were moved while work ran, it is called
// again with where they are now, whatever it returned: what it has read may be
// incomplete, and what it has written may be lost. So it must be such that it can be
// repeated: replace a document, don't count up.
//
// What work wrote under a name that the collection has just left is a stray; see
// docs/operations.md.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrSuspended,
// domain.ErrOperationInProgress when the documents keep moving,
// domain.ErrStoreUnavailable, and those of work.
func (r *Resolver) Within(
	ctx context.Context, id domain.OrganizationID, work func(ctx context.Context, h Home) error,
) error {
	at, err := r.settled(ctx, id)
	if err != nil {
		return err
	}
	for range resolveMoves {
		result := work(ctx, Home{r.client.Database(at.OwnDatabase()).Collection(at.Collection()), at})
		now, err := r.settled(ctx, id)
		if err != nil {
			return err
		}
		if now == at {
			return result
		}
		at = now
	}
	return domain.ErrOperationInProgress
}

// settled returns the organization's placement once nothing is about to change it.
func (r *Resolver) settled(ctx context.Context, id domain.OrganizationID) (domain.Placement, error) {
	for wait := resolvePause; ; wait = min(2*wait, resolvePauseMax) {
		o, err := r.organizations.ByID(ctx, id)
		switch {
		case err != nil:
			return domain.Placement{}, err
		case o.Status == domain.StatusSuspended:
			return domain.Placement{}, domain.ErrSuspended
		case o.Status != domain.StatusActive:
			return domain.Placement{}, domain.ErrOrganizationNotFound
		case o.Pending.Target.IsZero() && o.Placement.State == domain.PlacementOpen:
			return o.Placement, nil
		}
		if err := pause(ctx, wait); err != nil {
			return domain.Placement{}, err
		}
	}
}
