package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// organizations implements ports.Organizations.
type organizations struct{ *Store }

var _ ports.Organizations = (*organizations)(nil)

// Insert implements ports.Organizations.
func (r *organizations) Insert(ctx context.Context, o domain.Organization) error {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	_, err := r.records.InsertOne(ctx, organizationRecord(o))
	return r.refusal(ctx, "insert an organization", o, err)
}

// ByID implements ports.Organizations.
func (r *organizations) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	return r.one(ctx, bson.D{{Key: "_id", Value: identifier(id)}})
}

// ByNameKey implements ports.Organizations.
func (r *organizations) ByNameKey(ctx context.Context, key string) (domain.Organization, error) {
	return r.one(ctx, byNameKey(key))
}

// byNameKey returns the filter of a look-up by name. Without live the partial
// index doesn't serve it.
func byNameKey(key string) bson.D {
	return bson.D{{Key: "name_keys", Value: key}, {Key: "live", Value: true}}
}

func (r *organizations) one(ctx context.Context, filter bson.D) (domain.Organization, error) {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	var d organizationDocument
	switch err := r.records.FindOne(ctx, filter).Decode(&d); {
	case errors.Is(err, driver.ErrNoDocuments):
		return domain.Organization{}, domain.ErrOrganizationNotFound
	case err != nil:
		return domain.Organization{}, translate("read an organization", err)
	}
	return d.organization(r.tenant), nil
}

// Replace implements ports.Organizations.
func (r *organizations) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	update, err := setKnown(organizationRecord(o), organizationOptional)
	if err != nil {
		return translate("write an organization", err)
	}
	result, err := r.records.UpdateOne(ctx, inVersion(identifier(o.ID), ifVersion), update)
	if err == nil && result.MatchedCount == 0 {
		return domain.ErrVersionConflict
	}
	return r.refusal(ctx, "write an organization", o, err)
}

// refusal says in the port's words why o was not written.
func (r *organizations) refusal(ctx context.Context, what string, o domain.Organization, err error) error {
	field, refused := violated(err)
	if !refused || unavailable(err) {
		return translate(what, err)
	}
	switch field {
	case "_id":
		return domain.ErrVersionConflict
	case "name_keys":
		return domain.ErrNameTaken
	case "reserved":
		return r.namespaceOrName(ctx, o)
	}
	return fmt.Errorf("mongo: %s: a unique index on %q, which isn't orgkeeper's, refuses it", what, field)
}

// namespaceOrName tells the name when both are taken. The server reports one
// index alone, so look whether another live organization has one of o's names.
// This reads what is newest, as the index did.
func (r *organizations) namespaceOrName(ctx context.Context, o domain.Organization) error {
	keys := o.NameKeys()
	if len(keys) == 0 {
		return domain.ErrNamespaceTaken
	}
	filter := bson.D{
		{Key: "name_keys", Value: bson.D{{Key: "$in", Value: keys}}},
		{Key: "live", Value: true},
		{Key: "_id", Value: bson.D{{Key: "$ne", Value: identifier(o.ID)}}},
	}
	newest := r.records.Clone(options.Collection().SetReadConcern(readconcern.Local()))
	err := newest.FindOne(ctx, filter, options.FindOne().SetProjection(onlyID)).Err()
	switch {
	case errors.Is(err, driver.ErrNoDocuments):
		return domain.ErrNamespaceTaken
	case err != nil:
		return translate("look who has a name", err)
	}
	return domain.ErrNameTaken
}

// onlyID is the projection to a document's _id.
var onlyID = bson.D{{Key: "_id", Value: 1}}

// Due implements ports.Organizations.
func (r *organizations) Due(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	if limit <= 0 {
		return nil, nil
	}
	ctx, cancel := r.limit(ctx)
	defer cancel()
	cursor, err := r.records.Find(ctx, dueBy(until),
		options.Find().SetSort(bson.D{{Key: "pending.lease_until", Value: 1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, translate("read due organizations", err)
	}
	return r.organizationsOf(ctx, "read due organizations", cursor)
}

// organizationsOf reads the cursor to its end.
func (s *Store) organizationsOf(ctx context.Context, what string, cursor *driver.Cursor) ([]domain.Organization, error) {
	var documents []organizationDocument
	if err := cursor.All(ctx, &documents); err != nil {
		return nil, translate(what, err)
	}
	organizations := make([]domain.Organization, len(documents))
	for i := range documents {
		organizations[i] = documents[i].organization(s.tenant)
	}
	return organizations, nil
}

// dueBy returns the filter of Due.
func dueBy(until time.Time) bson.D {
	return bson.D{
		{Key: "pending.lease_until", Value: bson.D{{Key: "$lte", Value: until}}},
		{Key: "pending.stuck", Value: bson.D{{Key: "$ne", Value: true}}},
	}
}
