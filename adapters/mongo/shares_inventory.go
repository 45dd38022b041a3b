package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// sharesInventory implements ports.Inventory for shares.
type sharesInventory struct{ *Store }

var _ ports.Inventory = (*sharesInventory)(nil)

// List implements ports.Inventory by the records of shares.
func (v *sharesInventory) List(ctx context.Context, database, after string, limit int) ([]string, error) {
	db, err := v.tenantDatabase(database)
	if err != nil || limit <= 0 {
		return nil, err
	}
	ctx, cancel := v.limit(ctx)
	defer cancel()
	cursor, err := db.Collection(sharesCollection).Find(ctx,
		bson.D{{Key: "name", Value: bson.D{{Key: "$gt", Value: after}}}},
		options.Find().SetSort(bson.D{{Key: "name", Value: 1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, translate("list shares", err)
	}
	var all []shareRecord
	if err := cursor.All(ctx, &all); err != nil {
		return nil, translate("list shares", err)
	}
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = r.Name
	}
	return names, nil
}

// measureBatch is how many documents of a share are measured at once.
const measureBatch = 5000

// Measure implements ports.Inventory. It reads all documents of the share, in batches that
// have the store's timeout each. Bytes are those that the documents would have in a
// collection of their own, with their own _ids.
func (v *sharesInventory) Measure(ctx context.Context, p domain.Placement) (domain.Usage, error) {
	db, err := v.place(p, domain.StrategyShared)
	if err != nil {
		return domain.Usage{}, err
	}
	looking, cancel := v.limit(ctx)
	defer cancel()
	r, err := shareNamed(looking, db, p.Namespace)
	if err != nil || r == nil {
		return domain.Usage{}, err
	}
	var usage domain.Usage
	for last := (bson.RawValue{}); ; {
		batch, end, err := v.measure(ctx, db, r.share(), last)
		if err != nil {
			return domain.Usage{}, err
		}
		usage.Documents += batch.Documents
		usage.Bytes += batch.Bytes
		if batch.Documents < measureBatch {
			return usage, nil
		}
		last = end
	}
}

// measure measures the documents whose own _id comes next after last, and returns the last
// one's.
func (s *Store) measure(ctx context.Context, db *driver.Database, of *share, last bson.RawValue) (usage domain.Usage, end bson.RawValue, err error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	found, err := firstBatch(ctx, db.Collection(domain.SharedCollection), driver.Pipeline{
		{{Key: "$match", Value: of.after(last)}},
		{{Key: "$sort", Value: byID}},
		{{Key: "$limit", Value: measureBatch}},
		{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: nil},
			{Key: "documents", Value: bson.D{{Key: "$sum", Value: 1}}},
			{Key: "bytes", Value: bson.D{{Key: "$sum", Value: bson.D{{Key: "$bsonSize", Value: "$$ROOT"}}}}},
			{Key: "end", Value: bson.D{{Key: "$last", Value: "$_id"}}},
		}}},
	}, bson.E{Key: "hint", Value: of.index()})
	if err != nil || len(found) == 0 {
		return usage, end, translate("measure a share", err)
	}
	batch := found[0]
	usage.Documents, _ = batch.Lookup("documents").AsInt64OK()
	usage.Bytes, _ = batch.Lookup("bytes").AsInt64OK()
	usage.Bytes -= usage.Documents * of.overhead()
	end, err = of.own(batch.Lookup("end"))
	return usage, end, err
}

// Merge implements ports.Inventory, as for collections. The documents get _ids of the share
// they come to.
func (v *sharesInventory) Merge(ctx context.Context, from, to domain.Placement) (copied int64, err error) {
	return v.merge(ctx, domain.StrategyShared, from, to)
}

// Quarantine implements ports.Inventory by one update of the share's record.
func (v *sharesInventory) Quarantine(ctx context.Context, p domain.Placement) (string, error) {
	db, err := v.place(p, domain.StrategyShared)
	if err != nil {
		return "", err
	}
	ctx, cancel := v.limit(ctx)
	defer cancel()
	r, err := shareNamed(ctx, db, p.Namespace)
	if err == nil && r == nil {
		err = domain.ErrNamespaceMissing
	}
	if err != nil {
		return "", err
	}
	name := quarantined(p)
	renamed, err := renameShare(ctx, db, r, name)
	switch {
	case err != nil:
		return "", err
	case !renamed: // Another caller was faster, or it is being dropped.
		return "", domain.ErrNamespaceMissing
	}
	return name, nil
}
