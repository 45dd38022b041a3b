package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// usages implements ports.Usages.
type usages struct{ *Store }

var _ ports.Usages = (*usages)(nil)

// usageDocument is a record of the collection usage. It is looked up by its _id alone.
type usageDocument struct {
	Documents  int64          `bson:"documents"`
	Bytes      int64          `bson:"bytes"`
	MeasuredAt time.Time      `bson:"measured_at"`
	Quota      *quotaDocument `bson:"quota"`
}

type quotaDocument struct {
	Documents int64 `bson:"documents"`
	Bytes     int64 `bson:"bytes"`
}

func usageOf(id domain.OrganizationID) bson.D {
	return bson.D{{Key: "_id", Value: identifier(id)}}
}

// ByOrganization implements ports.Usages.
func (u *usages) ByOrganization(ctx context.Context, id domain.OrganizationID) (domain.UsageRecord, error) {
	ctx, cancel := u.limit(ctx)
	defer cancel()
	var d usageDocument
	err := u.measured.FindOne(ctx, usageOf(id)).Decode(&d)
	if err != nil && !errors.Is(err, driver.ErrNoDocuments) {
		return domain.UsageRecord{}, translate("read a usage", err)
	}
	record := domain.UsageRecord{
		Organization: id,
		Usage:        domain.Usage{Documents: d.Documents, Bytes: d.Bytes},
		MeasuredAt:   d.MeasuredAt,
	}
	if q := d.Quota; q != nil {
		record.Quota = &domain.Quota{Documents: q.Documents, Bytes: q.Bytes}
	}
	return record, nil
}

// Measured implements ports.Usages. A record that is there and not to be changed makes
// the upsert fail by its _id. So does one that came up meanwhile: that one the second
// try, which makes none, writes.
func (u *usages) Measured(ctx context.Context, id domain.OrganizationID, m domain.Usage, at time.Time) error {
	notLater := append(usageOf(id), bson.E{Key: "measured_at", Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$gt", Value: at}}}}})
	set := bson.D{{Key: "$set", Value: bson.D{
		{Key: "documents", Value: m.Documents}, {Key: "bytes", Value: m.Bytes}, {Key: "measured_at", Value: at},
	}}}
	return u.upsert(ctx, "write a usage", notLater, set)
}

// SetQuota implements ports.Usages.
func (u *usages) SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error {
	update := bson.D{{Key: "$unset", Value: bson.D{{Key: "quota", Value: ""}}}}
	if q != nil {
		update = bson.D{{Key: "$set", Value: bson.D{{Key: "quota", Value: quotaDocument(*q)}}}}
	}
	return u.upsert(ctx, "write a quota", usageOf(id), update)
}

// upsert writes one record. When two make it at once, the server lets one of them fail.
func (u *usages) upsert(ctx context.Context, what string, filter, update bson.D) error {
	ctx, cancel := u.limit(ctx)
	defer cancel()
	_, err := u.measured.UpdateOne(ctx, filter, update, options.UpdateOne().SetUpsert(true))
	if _, raced := violated(err); raced && !unavailable(err) {
		_, err = u.measured.UpdateOne(ctx, filter, update)
	}
	return translate(what, err)
}

// Remove implements ports.Usages.
func (u *usages) Remove(ctx context.Context, id domain.OrganizationID) error {
	ctx, cancel := u.limit(ctx)
	defer cancel()
	_, err := u.measured.DeleteOne(ctx, usageOf(id))
	return translate("remove a usage", err)
}

// sizeOf is ports.Storage.Size: the document's size in BSON, as $collStats sums it up. A
// body that can't be kept has none.
func sizeOf(d domain.Document) int64 {
	body, err := bodyOf(d.Body)
	if err != nil {
		return 0
	}
	return int64(len(withID(idValue(d.ID), body)))
}
