package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
)

// The registry's collections.
const (
	organizationsCollection = "organizations"
	adminsCollection        = "admins"
	schemaCollection        = "schema"
	requestsCollection      = "idempotency"
	usageCollection         = "usage"
	movesCollection         = "moves"
)

// sharesCollection lists the shares of domain.SharedCollection, in the same database.
const sharesCollection = "tenant_shares"

// registryCollections are all of them.
var registryCollections = []string{
	organizationsCollection, adminsCollection, schemaCollection, requestsCollection, usageCollection, movesCollection,
}

// sharedCollections are those of domain.StrategyShared.
var sharedCollections = []string{domain.SharedCollection, sharesCollection}

// schemaID is the _id of the document that holds the schema's version.
const schemaID = "registry"

// ErrSchemaTooNew says that a newer orgkeeper has written the registry. Run that
// one, or a later one.
var ErrSchemaTooNew = errors.New("mongo: the registry was written by a newer orgkeeper")

// migration brings the registry one version further. It may be run again, and by
// several processes at once.
type migration func(ctx context.Context, s *Store) error

// migrations leads from version i to i+1, for each i. Indexes are no part of it:
// they are ensured at every start.
var migrations = []migration{
	// Version 1 is the first one. Records of an older service are read as they are.
	func(context.Context, *Store) error { return nil },
}

// startTimeout bounds what can take long on a large registry at start: to build
// an index, and to migrate.
const startTimeout = time.Minute

// prepare checks the schema's version, migrates and ensures the indexes.
func (s *Store) prepare(ctx context.Context) error {
	found, err := s.schemaVersion(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := s.limitLong(ctx)
	defer cancel()
	for found != len(migrations) {
		if found > len(migrations) {
			return fmt.Errorf("%w: it has version %d, this program knows version %d",
				ErrSchemaTooNew, found, len(migrations))
		}
		if err := migrations[found](ctx, s); err != nil {
			return translate("migrate the registry", err)
		}
		if err := s.raiseVersion(ctx, found); err != nil {
			return err
		}
		if found, err = s.schemaVersion(ctx); err != nil {
			return err
		}
	}
	return s.ensureIndexes(ctx)
}

// schemaVersion returns the version that the registry has, 0 if it has none.
func (s *Store) schemaVersion(ctx context.Context) (int, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	var document struct {
		Version int `bson:"version"`
	}
	err := s.versions.FindOne(ctx, bson.D{{Key: "_id", Value: schemaID}}).Decode(&document)
	switch {
	case errors.Is(err, driver.ErrNoDocuments):
		return 0, nil
	case err != nil:
		return 0, translate("read the schema's version", err)
	case document.Version < 0:
		return 0, errors.New("mongo: the schema's version is negative")
	}
	return document.Version, nil
}

// raiseVersion writes that the registry has the version after from, unless
// another process has done it.
func (s *Store) raiseVersion(ctx context.Context, from int) error {
	filter := bson.D{{Key: "_id", Value: schemaID}, {Key: "version", Value: from}}
	upsert := options.UpdateOne()
	if from == 0 {
		filter[1].Value = bson.D{{Key: "$exists", Value: false}}
		upsert.SetUpsert(true)
	}
	_, err := s.versions.UpdateOne(ctx, filter, bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: from + 1}}}}, upsert)
	if _, raced := violated(err); raced {
		return nil
	}
	return translate("write the schema's version", err)
}
