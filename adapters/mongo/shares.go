package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// shares implements ports.Namespaces with one share of domain.SharedCollection for each
// organization. A record for each says what it is called; its key is its identity. What
// is newest is read, so that a look after a write sees what was there before it.
type shares struct{ *Store }

var _ ports.Namespaces = (*shares)(nil)

// shareRecord is a record of the collection tenant_shares.
type shareRecord struct {
	Key          bson.ObjectID `bson:"_id"`
	Name         string        `bson:"name"`
	Organization identifier    `bson:"organization_id"`
	// Dropping is set before the first document is removed, and never unset.
	Dropping bool `bson:"dropping,omitempty"`
	// Frozen is set by a move that lets nobody write any more, and never unset.
	Frozen bool `bson:"frozen,omitempty"`
}

const (
	fieldDropping = "dropping"
	fieldFrozen   = "frozen"
)

// notDropping is the condition that a share isn't being dropped.
var notDropping = bson.E{Key: fieldDropping, Value: bson.D{{Key: "$exists", Value: false}}}

func (r *shareRecord) share() *share { return &share{r.Organization, r.Key} }

// shareBy returns the share that the filter finds, nil if none.
func shareBy(ctx context.Context, db *driver.Database, filter bson.D) (*shareRecord, error) {
	r := new(shareRecord)
	err := db.Collection(sharesCollection).FindOne(ctx, filter).Decode(r)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, nil //nolint:nilnil // nil is the answer
	}
	return r, translate("look for a share", err)
}

func shareNamed(ctx context.Context, db *driver.Database, name string) (*shareRecord, error) {
	return shareBy(ctx, db, bson.D{{Key: "name", Value: name}})
}

// Ensure implements ports.Namespaces. A share of another organization is occupied, though
// it be empty, and so is one that is being dropped, and one that was moved away from.
func (n *shares) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	db, err := n.place(p, domain.StrategyShared)
	if err != nil {
		return err
	}
	if err := n.prepareShares(ctx, db); err != nil {
		return err
	}
	ctx, cancel := n.limit(ctx)
	defer cancel()
	for range lookAgain {
		made := shareRecord{Key: bson.NewObjectID(), Name: p.Namespace, Organization: identifier(owner)}
		_, err := db.Collection(sharesCollection).InsertOne(ctx, made)
		if _, exists := violated(err); !exists || unavailable(err) {
			return translate("make a share", err)
		}
		r, err := shareNamed(ctx, db, p.Namespace)
		switch {
		case err != nil:
			return err
		case r == nil: // dropped just now
			continue
		case r.Dropping || r.Frozen || r.Organization != identifier(owner):
			return domain.ErrNamespaceOccupied
		}
		empty, err := shareIsEmpty(ctx, db, r.share())
		if err != nil || !empty {
			return occupiedUnlessEmpty(empty, err)
		}
		// One that is dropped since the look is empty, too.
		if now, err := shareNamed(ctx, db, p.Namespace); err != nil || now != nil && *now == *r {
			return err
		}
	}
	return domain.ErrStoreUnavailable.Because(errRestless)
}

// prepareShares makes the collections and indexes of shares in the database, unless this
// store has done it already. Where they stand it costs no more than to ask.
func (s *Store) prepareShares(ctx context.Context, db *driver.Database) error {
	if _, done := s.prepared.Load(db.Name()); done {
		return nil
	}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	for _, name := range sharedCollections {
		if err := ensureIndexesOf(ctx, db.Collection(name), indexes[name]); err != nil {
			return err
		}
	}
	s.prepared.Store(db.Name(), true)
	return nil
}

// shareIsEmpty reads one index entry at most.
func shareIsEmpty(ctx context.Context, db *driver.Database, s *share) (bool, error) {
	err := db.Collection(domain.SharedCollection).FindOne(ctx, s.after(bson.RawValue{}),
		options.FindOne().SetProjection(onlyID).SetHint(s.index())).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return true, nil
	}
	return false, translate("look into a share", err)
}

// Rename implements ports.Namespaces by one update of the record.
func (n *shares) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	db, err := n.place(from, domain.StrategyShared)
	if err != nil {
		return err
	}
	if _, err := n.place(to, domain.StrategyShared); err != nil {
		return err
	}
	if from.Database != to.Database {
		return errOtherDatabase
	}
	ctx, cancel := n.limit(ctx)
	defer cancel()
	key, ok := shareKey(identity)
	for range lookAgain {
		var r *shareRecord
		if ok {
			if r, err = shareBy(ctx, db, bson.D{{Key: "_id", Value: key}, notDropping}); err != nil {
				return err
			}
		}
		if r != nil && r.Name == to.Namespace {
			return nil
		}
		if r == nil || r.Name != from.Namespace {
			other, err := shareNamed(ctx, db, to.Namespace)
			if err == nil && other != nil {
				return domain.ErrNamespaceOccupied
			}
			if err == nil {
				err = domain.ErrNamespaceMissing
			}
			return err
		}
		switch renamed, err := renameShare(ctx, db, r, to.Namespace); {
		case errors.Is(err, domain.ErrNamespaceOccupied):
			// Perhaps by this share: another runner was faster.
			if now, err := shareNamed(ctx, db, to.Namespace); err != nil || now != nil && now.Key != key {
				return occupiedUnlessEmpty(false, err)
			}
		case err != nil || renamed:
			return err
		}
	}
	return domain.ErrStoreUnavailable.Because(errRestless)
}

// renameShare gives a share another name, if it still has the one that the record says. It
// returns domain.ErrNamespaceOccupied when another one has the name.
func renameShare(ctx context.Context, db *driver.Database, r *shareRecord, name string) (renamed bool, err error) {
	result, err := db.Collection(sharesCollection).UpdateOne(ctx,
		bson.D{{Key: "_id", Value: r.Key}, {Key: "name", Value: r.Name}, notDropping},
		bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: name}}}})
	if _, taken := violated(err); taken && !unavailable(err) {
		return false, domain.ErrNamespaceOccupied
	}
	return err == nil && result.MatchedCount > 0, translate("rename a share", err)
}

// shareKey returns the key that is an identity, as it is written.
func shareKey(identity string) (bson.ObjectID, bool) {
	return identifier(identity).object()
}

// Stat implements ports.Namespaces. A share exists until its record is gone, the last of a
// drop.
func (n *shares) Stat(ctx context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	db, err := n.place(p, domain.StrategyShared)
	if err != nil {
		return ports.NamespaceInfo{}, err
	}
	ctx, cancel := n.limit(ctx)
	defer cancel()
	r, err := shareNamed(ctx, db, p.Namespace)
	if err != nil || r == nil {
		return ports.NamespaceInfo{Empty: err == nil}, err
	}
	empty, err := shareIsEmpty(ctx, db, r.share())
	if err != nil {
		return ports.NamespaceInfo{}, err
	}
	return ports.NamespaceInfo{Exists: true, Identity: r.Key.Hex(), Empty: empty}, nil
}
