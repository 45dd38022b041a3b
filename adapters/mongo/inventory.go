package mongo

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// inventory implements ports.Inventory for collections.
type inventory struct {
	*Store
	strategy domain.Strategy
}

var _ ports.Inventory = (*inventory)(nil)

// List implements ports.Inventory. The server has no pages of names: it sends those
// after the given one, and no more than two pages are kept at a time. What moves have left
// isn't in the list.
func (v *inventory) List(ctx context.Context, database, after string, limit int) ([]string, error) {
	db, err := v.tenantDatabase(database)
	if err != nil || limit <= 0 {
		return nil, err
	}
	ctx, cancel := v.limit(ctx)
	defer cancel()
	cursor, err := db.ListCollections(ctx,
		bson.D{{Key: "name", Value: bson.D{{Key: "$gt", Value: after}}}}, options.ListCollections().SetNameOnly(true))
	if err != nil {
		return nil, translate("list collections", err)
	}
	defer func() { _ = cursor.Close(ctx) }()
	var names []string
	for cursor.Next(ctx) {
		name, ok := cursor.Current.Lookup("name").StringValueOK()
		if !ok || v.reserves(database, name) || strings.HasSuffix(name, domain.LeftSuffix) {
			continue
		}
		if names = append(names, name); len(names) == 2*limit {
			names = firstOf(names, limit)
		}
	}
	return firstOf(names, limit), translate("list collections", cursor.Err())
}

// firstOf returns the first names in the order of their bytes.
func firstOf(names []string, limit int) []string {
	slices.Sort(names)
	return names[:min(limit, len(names))]
}

// Measure implements ports.Inventory. It counts the documents. Where that would take
// longer than half of the store's timeout, it takes the server's own count, which
// may be off after a crash of the server, and on a sharded cluster.
func (v *inventory) Measure(ctx context.Context, p domain.Placement) (domain.Usage, error) {
	db, err := v.place(p, v.strategy)
	if err != nil {
		return domain.Usage{}, err
	}
	ctx, cancel := v.limit(ctx)
	defer cancel()
	collection := db.Collection(p.Collection())
	usage, err := statistics(ctx, collection)
	if err != nil {
		return domain.Usage{}, err
	}
	counting, stop := context.WithTimeout(ctx, v.timeout/2)
	defer stop()
	switch n, err := collection.CountDocuments(counting, bson.D{}); {
	case err == nil:
		usage.Documents = n
	case !unavailable(err) || ctx.Err() != nil || usage.Documents == 0:
		return domain.Usage{}, translate("count documents", err)
	}
	return usage, nil
}

// statistics returns what the server has counted, on all shards: nothing for what
// isn't there and for a view.
func statistics(ctx context.Context, c *driver.Collection) (domain.Usage, error) {
	shards, err := firstBatch(ctx, c, driver.Pipeline{
		{{Key: "$collStats", Value: bson.D{{Key: "storageStats", Value: bson.D{}}}}},
		{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: nil},
			{Key: "count", Value: bson.D{{Key: "$sum", Value: bson.D{{Key: "$toLong", Value: "$storageStats.count"}}}}},
			{Key: "size", Value: bson.D{{Key: "$sum", Value: bson.D{{Key: "$toLong", Value: "$storageStats.size"}}}}},
		}}},
	})
	if hasCode(err, codeNamespaceNotFound) || hasCode(err, codeNotSupportedOnView) {
		return domain.Usage{}, nil
	}
	if err != nil || len(shards) == 0 {
		return domain.Usage{}, translate("measure a collection", err)
	}
	documents, _ := shards[0].Lookup("count").AsInt64OK()
	size, _ := shards[0].Lookup("size").AsInt64OK()
	return domain.Usage{Documents: documents, Bytes: size}, nil
}

// firstBatch returns the first of what a pipeline gives. As a plain command it tells
// the server the deadline, which the driver leaves out where a cursor stays open.
func firstBatch(ctx context.Context, c *driver.Collection, pipeline driver.Pipeline, more ...bson.E) ([]bson.Raw, error) {
	var reply struct {
		Cursor struct {
			FirstBatch []bson.Raw `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	err := c.Database().RunCommand(ctx, append(bson.D{
		{Key: "aggregate", Value: c.Name()}, {Key: "pipeline", Value: pipeline}, {Key: "cursor", Value: bson.D{}},
	}, more...)).Decode(&reply)
	return reply.Cursor.FirstBatch, err
}

// qualifiedMaxBytes is MongoDB's bound on a database's and a collection's name with
// the dot between them.
const qualifiedMaxBytes = 255

// The name that Quarantine gives: the prefix, the name that was, "_", and so many
// characters by chance.
const (
	quarantinePrefix = "quarantine_"
	quarantineSuffix = 10
)

// Quarantine implements ports.Inventory by renameCollection, which never drops what
// stands under the new name. Documents and indexes stay as they are.
func (v *inventory) Quarantine(ctx context.Context, p domain.Placement) (string, error) {
	db, err := v.place(p, v.strategy)
	if err != nil {
		return "", err
	}
	ctx, cancel := v.limit(ctx)
	defer cancel()
	for range lookAgain {
		name := quarantined(p)
		err := renameCollection(ctx, db, p.Namespace, db, name)
		switch {
		case err == nil:
			return name, nil
		case hasCode(err, codeNamespaceNotFound):
			return "", domain.ErrNamespaceMissing
		case !hasCode(err, codeNamespaceExists):
			return "", translate("quarantine a collection", err)
		}
	}
	return "", domain.ErrStoreUnavailable.Because(errRestless)
}

// quarantined draws a name for what stands at p.
func quarantined(p domain.Placement) string {
	return quarantineStem(p) + strings.ToLower(rand.Text()[:quarantineSuffix])
}

// quarantineStem is what all names begin with that are drawn for p.
func quarantineStem(p domain.Placement) string {
	longest := qualifiedMaxBytes
	if p.Strategy == domain.StrategyDatabase {
		longest = databaseNameMaxBytes
	}
	kept := p.Namespace
	for room := longest - len(p.Database+"."+quarantinePrefix+"_") - quarantineSuffix; len(kept) > max(room, 0); {
		_, size := utf8.DecodeLastRuneInString(kept)
		kept = kept[:len(kept)-size]
	}
	return quarantinePrefix + kept + "_"
}
