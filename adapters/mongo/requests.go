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

// requests implements ports.Requests.
type requests struct{ *Store }

var _ ports.Requests = (*requests)(nil)

// requestDocument is a record of the collection idempotency. Its _id is always a
// string.
type requestDocument struct {
	ID          string    `bson:"_id"`
	Fingerprint string    `bson:"fingerprint"`
	Operation   string    `bson:"operation"`
	LeaseUntil  time.Time `bson:"lease_until"`
	Answer      *[]byte   `bson:"answer,omitempty"` // an empty answer is one
	ExpiresAt   time.Time `bson:"expires_at"`
	Version     int64     `bson:"version"`
}

// requestOptional are the fields that a write removes when they are empty.
var requestOptional = []string{"answer"}

func requestRecord(r domain.Request) requestDocument {
	d := requestDocument{
		ID:          r.ID,
		Fingerprint: r.Fingerprint,
		Operation:   string(r.Operation),
		LeaseUntil:  r.LeaseUntil,
		ExpiresAt:   r.ExpiresAt,
		Version:     r.Version,
	}
	if r.Answered() {
		d.Answer = &r.Answer
	}
	return d
}

func (d *requestDocument) request() domain.Request {
	r := domain.Request{
		ID:          d.ID,
		Fingerprint: d.Fingerprint,
		Operation:   domain.OperationID(d.Operation),
		LeaseUntil:  d.LeaseUntil,
		ExpiresAt:   d.ExpiresAt,
		Version:     d.Version,
	}
	if d.Answer != nil {
		r.Answer = *d.Answer
	}
	return r
}

// Insert implements ports.Requests.
func (r *requests) Insert(ctx context.Context, q domain.Request) error {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	_, err := r.requested.InsertOne(ctx, requestRecord(q))
	if field, refused := violated(err); refused && field == "_id" && !unavailable(err) {
		return domain.ErrVersionConflict
	}
	return translate("insert a request", err)
}

// ByID implements ports.Requests.
func (r *requests) ByID(ctx context.Context, id string) (domain.Request, error) {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	var d requestDocument
	switch err := r.requested.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&d); {
	case errors.Is(err, driver.ErrNoDocuments):
		return domain.Request{}, domain.ErrRequestNotFound
	case err != nil:
		return domain.Request{}, translate("read a request", err)
	}
	return d.request(), nil
}

// Replace implements ports.Requests.
func (r *requests) Replace(ctx context.Context, q domain.Request, ifVersion int64) error {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	update, err := setKnown(requestRecord(q), requestOptional)
	if err != nil {
		return translate("write a request", err)
	}
	result, err := r.requested.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: q.ID}, {Key: "version", Value: ifVersion}}, update)
	if err == nil && result.MatchedCount == 0 {
		return domain.ErrVersionConflict
	}
	return translate("write a request", err)
}

// forgetBatch is how many requests are removed at once.
const forgetBatch = 500

// Forget implements ports.Requests. Each batch has the store's timeout.
func (r *requests) Forget(ctx context.Context, until time.Time, limit int) (int, error) {
	forgotten := 0
	for forgotten < limit {
		found, removed, err := r.forget(ctx, until, min(limit-forgotten, forgetBatch))
		forgotten += removed
		if err != nil || found == 0 {
			return forgotten, err
		}
	}
	return forgotten, nil
}

// forget removes one batch. Another process may remove some of what it has found.
func (r *requests) forget(ctx context.Context, until time.Time, limit int) (found, removed int, err error) {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	cursor, err := r.requested.Find(ctx, expiredBy(until), options.Find().
		SetSort(bson.D{{Key: "expires_at", Value: 1}}).SetLimit(int64(limit)).
		SetBatchSize(forgetBatch+1).SetProjection(onlyID))
	if err != nil {
		return 0, 0, translate("read expired requests", err)
	}
	var expired []struct {
		ID bson.RawValue `bson:"_id"`
	}
	if err := cursor.All(ctx, &expired); err != nil || len(expired) == 0 {
		return 0, 0, translate("read expired requests", err)
	}
	ids := make(bson.A, len(expired))
	for i, e := range expired {
		ids[i] = e.ID
	}
	// One that was prolonged meanwhile stays.
	result, err := r.requested.DeleteMany(ctx, append(expiredBy(until), bson.E{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}))
	if err != nil {
		return len(expired), 0, translate("delete expired requests", err)
	}
	return len(expired), int(result.DeletedCount), nil
}

// expiredBy returns the filter of Forget.
func expiredBy(until time.Time) bson.D {
	return bson.D{{Key: "expires_at", Value: bson.D{{Key: "$lte", Value: until}}}}
}
