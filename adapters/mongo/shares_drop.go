package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
)

// dropBatch is how many documents of a share are removed at once.
const dropBatch = 1000

// Drop implements ports.Namespaces. It marks the record, from when on nobody finds the
// share, removes the documents in batches, then the indexes that a move has made for
// the share, and then the record. A drop that broke off goes
// on where it is when it is called again. Each command has the store's timeout, so that the
// whole has as much as it needs.
func (n *shares) Drop(ctx context.Context, p domain.Placement) error {
	db, err := n.place(p, domain.StrategyShared)
	if err != nil {
		return err
	}
	r, err := n.mark(ctx, db, p.Namespace)
	if err != nil || r == nil {
		return err
	}
	for more := true; more; {
		if more, err = n.empty(ctx, db, r.share()); err != nil {
			return err
		}
	}
	if err := n.dropIndexes(ctx, db, r.share()); err != nil {
		return err
	}
	ctx, cancel := n.limit(ctx)
	defer cancel()
	_, err = db.Collection(sharesCollection).DeleteOne(ctx,
		bson.D{{Key: "_id", Value: r.Key}, {Key: fieldDropping, Value: true}})
	return translate("drop a share", err)
}

// mark says of the share of that name that it is being dropped, and returns it, nil if
// there is none. A majority has the mark when it returns, before any document is removed.
func (n *shares) mark(ctx context.Context, db *driver.Database, name string) (*shareRecord, error) {
	ctx, cancel := n.limit(ctx)
	defer cancel()
	r := new(shareRecord)
	err := db.Collection(sharesCollection).FindOneAndUpdate(ctx,
		bson.D{{Key: "name", Value: name}},
		bson.D{{Key: "$set", Value: bson.D{{Key: fieldDropping, Value: true}}}}).Decode(r)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, nil //nolint:nilnil // nil is the answer
	}
	return r, translate("drop a share", err)
}

// empty removes the next documents of the share, and reports whether there may be more.
func (s *Store) empty(ctx context.Context, db *driver.Database, of *share) (more bool, err error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	tenants := db.Collection(domain.SharedCollection)
	cursor, err := tenants.Find(ctx, of.after(bson.RawValue{}), options.Find().
		SetProjection(onlyID).SetSort(byID).SetHint(of.index()).SetLimit(dropBatch).SetBatchSize(dropBatch+1))
	if err != nil {
		return false, translate("read a share that is dropped", err)
	}
	var found []bson.Raw
	if err := cursor.All(ctx, &found); err != nil || len(found) == 0 {
		return false, translate("read a share that is dropped", err)
	}
	_, err = tenants.DeleteMany(ctx, of.where(bson.D{
		{Key: "$gte", Value: of.id(bson.MinKey{})},
		{Key: "$lte", Value: found[len(found)-1].Lookup(domain.FieldID)},
	}))
	return err == nil, translate("drop a share", err)
}
