package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Resolver leads an application's own code to the documents of organizations, and
// follows them when they move. It only reads the registry.
type Resolver struct {
	organizations ports.Organizations
	store         *Store
}

// Resolver returns one that uses the store's connections.
func (s *Store) Resolver() *Resolver { return &Resolver{s.Organizations(), s} }

// Home is where an organization's documents are.
type Home struct {
	// Collection is the collection. It has the options of the store's client: writes are
	// acknowledged by a majority.
	Collection *driver.Collection
	// Placement says the same for the record.
	Placement domain.Placement
	// Filter finds the organization's documents alone. Every query begins with it, but for
	// those of ByID. Where the collection is the organization's own it is empty.
	Filter bson.D
	// Fields are what every document has beside its own, those that replace one included.
	// Where the collection is the organization's own there are none.
	Fields bson.D

	share *share
}

// ID returns the _id under which the document with that ID is stored. Two IDs of an
// application are never one.
func (h Home) ID(id any) any {
	if h.share == nil {
		return id
	}
	return h.share.id(id)
}

// ByID returns the filter that finds the document with that ID. It has all that a filter
// needs in a sharded collection.
func (h Home) ByID(id any) bson.D {
	return h.share.where(bson.D{{Key: "$eq", Value: h.ID(id)}})
}

// home returns what stands at the placement.
func (r *Resolver) home(ctx context.Context, id domain.OrganizationID, at domain.Placement) (Home, error) {
	db := r.store.client.Database(at.OwnDatabase())
	h := Home{Collection: db.Collection(at.Collection()), Placement: at, Filter: bson.D{}, Fields: bson.D{}}
	if at.Strategy != domain.StrategyShared {
		return h, nil
	}
	ctx, cancel := r.store.limit(ctx)
	defer cancel()
	found, err := shareNamed(ctx, db, at.Namespace)
	if err != nil {
		return Home{}, err
	}
	if found == nil || found.Dropping || found.Organization != identifier(id) {
		return Home{}, domain.ErrNamespaceMissing
	}
	h.share = found.share()
	h.Filter = h.share.after(bson.RawValue{})
	h.Fields = bson.D{{Key: domain.FieldOrganization, Value: h.share.organization}}
	return h, nil
}

// How long a resolver waits before it reads a record anew that is about to move, at
// first and at most, and how often an organization may move under one call.
const (
	resolvePause    = 2 * time.Millisecond
	resolvePauseMax = 50 * time.Millisecond
	resolveMoves    = 20
)

// Within calls work with where the organization's documents are, once nothing is about
// to take them away, and returns its error. When they were taken elsewhere while work ran,
// it is called again with where they are now, whatever it returned: what it has read may be
// incomplete, and what it has written may be lost. So it must be such that it can be
// repeated: replace a document, don't count up.
//
// A move from one strategy to another copies the documents for as long as it takes, and
// work goes on meanwhile where they are; only while the move switches, it waits. What is
// written there until the switch is moved, whoever writes it and however: on a replica set
// and a sharded cluster a change stream tells of it, and on a standalone server all
// documents are compared once nobody writes. From the switch on that holds for what is
// written by orgkeeper and within work alone: another writer, who goes on by the name that
// a collection had, makes a stray, and what he writes to a share is lost.
//
// Work keeps to the organization by Home.Filter, Home.ByID and Home.Fields, which do nothing
// where the collection is the organization's own: what leaves them out reads and writes
// documents of others where they share one.
//
// What work wrote under a name that the collection has just left is a stray; see
// docs/operations.md.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrSuspended,
// domain.ErrOperationInProgress when the documents keep moving,
// domain.ErrNamespaceMissing when no share is there, domain.ErrStoreUnavailable, and those
// of work.
func (r *Resolver) Within(
	ctx context.Context, id domain.OrganizationID, work func(ctx context.Context, h Home) error,
) error {
	at, err := r.settled(ctx, id)
	if err != nil {
		return err
	}
	for range resolveMoves {
		h, result := r.home(ctx, id, at)
		if result == nil {
			result = work(ctx, h)
		}
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

// settled returns the organization's placement, whose state is open, once nothing is about
// to change it. A move isn't before it switches: it says so in the record before it freezes
// anything, so that what was written before this look is moved.
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
		case goesOn(o.Pending) && o.Placement.State == domain.PlacementOpen:
			return o.Placement, nil
		}
		if err := pause(ctx, wait); err != nil {
			return domain.Placement{}, err
		}
	}
}

// goesOn reports whether documents are written where they are while the operation runs.
func goesOn(op domain.Operation) bool {
	return op.Target.IsZero() || op.Kind == domain.OperationMove && !op.Switching()
}
