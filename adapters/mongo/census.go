package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// census implements ports.Census.
type census struct{ *Store }

var _ ports.Census = (*census)(nil)

// CountLive implements ports.Census. It walks the index of live names, so that
// tombstones cost nothing.
func (c *census) CountLive(ctx context.Context) (int, error) {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	n, err := c.records.CountDocuments(ctx, bson.D{{Key: "live", Value: true}}, options.Count().SetHint(liveNames))
	return int(n), translate("count live organizations", err)
}

// sweepBatch is how many accounts a sweep reads at once.
const sweepBatch = 500

// OrphanAccounts implements ports.Census. It reads accounts in batches by _id,
// then their organizations: an organization is written before its accounts, so
// one that a batch doesn't find is gone, not late. Each batch has the store's
// timeout, so that a large registry is swept, too. Types of IDs are no matter
// here, as they would be for a $lookup.
func (c *census) OrphanAccounts(ctx context.Context, limit int) ([]domain.Account, error) {
	var orphans []domain.Account
	// Comparison keeps to one type, so IDs of the two are walked one after the other.
	for _, first := range []any{"", bson.NilObjectID} {
		after := bson.D{{Key: "$gte", Value: first}}
		for after != nil && len(orphans) < limit {
			batch, err := c.batch(ctx, after)
			if err != nil {
				return nil, err
			}
			found, err := c.orphansOf(ctx, batch)
			if err != nil {
				return nil, err
			}
			orphans = append(orphans, found...)
			after = nil
			if len(batch) == sweepBatch {
				after = bson.D{{Key: "$gt", Value: batch[len(batch)-1].ID}}
			}
		}
	}
	return orphans[:min(len(orphans), max(limit, 0))], nil
}

// batch reads accounts that name an organization.
func (c *census) batch(ctx context.Context, after bson.D) ([]accountDocument, error) {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	filter := append(bson.D{{Key: "_id", Value: after}}, exists("organization_id")...)
	cursor, err := c.people.Find(ctx, filter,
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(sweepBatch).SetBatchSize(sweepBatch+1))
	if err != nil {
		return nil, translate("read accounts", err)
	}
	var batch []accountDocument
	err = cursor.All(ctx, &batch)
	return batch, translate("read accounts", err)
}

// orphansOf returns those of the batch whose organization is purged or absent.
func (c *census) orphansOf(ctx context.Context, batch []accountDocument) ([]domain.Account, error) {
	var ids []identifier
	for _, d := range batch {
		if d.Organization != "" {
			ids = append(ids, d.Organization)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	homes, err := c.homes(ctx, ids)
	if err != nil {
		return nil, err
	}
	var orphans []domain.Account
	for _, d := range batch {
		if d.Organization != "" && !homes[d.Organization] {
			orphans = append(orphans, d.account())
		}
	}
	return orphans, nil
}

// homes returns those of the IDs whose organizations exist and aren't purged.
func (c *census) homes(ctx context.Context, ids []identifier) (map[identifier]bool, error) {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	filter := bson.D{
		{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}},
		{Key: "status", Value: bson.D{{Key: "$ne", Value: string(domain.StatusPurged)}}},
	}
	cursor, err := c.records.Find(ctx, filter, options.Find().SetProjection(onlyID).SetBatchSize(sweepBatch+1))
	if err != nil {
		return nil, translate("read organizations", err)
	}
	var found []struct {
		ID identifier `bson:"_id"`
	}
	if err := cursor.All(ctx, &found); err != nil {
		return nil, translate("read organizations", err)
	}
	homes := make(map[identifier]bool, len(found))
	for _, f := range found {
		homes[f.ID] = true
	}
	return homes, nil
}
