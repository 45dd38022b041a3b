package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// ErrIndexConflict says that an index which stands in the registry's database, or
// the records there, don't allow an index that the registry needs. The error's
// text names the indexes.
var ErrIndexConflict = errors.New("mongo: an index of the registry can't be made")

// index is one that the registry needs. Filters use $eq and $exists alone, which
// compatible servers take, too.
type index struct {
	name    string
	field   string
	unique  bool
	partial bson.D
}

func exists(field string) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}}
}

// liveNames serves the look-up by name and the count of live organizations.
const liveNames = "name_keys_1"

// indexes are the registry's, by collection.
var indexes = map[string][]index{
	organizationsCollection: {
		{liveNames, "name_keys", true, bson.D{{Key: "live", Value: true}}},
		{"reserved_1", "reserved", true, exists("reserved")},
		{"pending.lease_until_1", "pending.lease_until", false, exists("pending.lease_until")},
	},
	adminsCollection: {
		{"email_key_1", "email_key", true, exists("email_key")},
	},
}

func (i index) keys() bson.D { return bson.D{{Key: i.field, Value: 1}} }

func (i index) model() driver.IndexModel {
	o := options.Index().SetName(i.name).SetPartialFilterExpression(i.partial)
	if i.unique {
		o.SetUnique(true)
	}
	return driver.IndexModel{Keys: i.keys(), Options: o}
}

// ensureIndexes makes the indexes that are missing: one command for each
// collection, all at once. Where all stand it costs one round trip.
func (s *Store) ensureIndexes(ctx context.Context) error {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		errs  []error
	)
	for _, collection := range []*driver.Collection{s.records, s.people} {
		group.Go(func() {
			if err := ensureIndexesOf(ctx, collection); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

func ensureIndexesOf(ctx context.Context, c *driver.Collection) error {
	wanted := indexes[c.Name()]
	models := make([]driver.IndexModel, len(wanted))
	for i, w := range wanted {
		models[i] = w.model()
	}
	_, err := c.Indexes().CreateMany(ctx, models)
	if err == nil {
		return nil
	}
	if field, duplicates := violated(err); duplicates {
		return fmt.Errorf("%w: records in the collection %q share a value of %q, which must be unique",
			ErrIndexConflict, c.Name(), field)
	}
	if hasCode(err, codeIndexOptionsConflict) || hasCode(err, codeIndexKeySpecs) {
		return conflict(ctx, c, wanted)
	}
	return translate(fmt.Sprintf("ensure the indexes of the collection %q", c.Name()), err)
}

// standing is an index as listIndexes tells it.
type standing struct {
	Name    string   `bson:"name"`
	Key     bson.Raw `bson:"key"`
	Unique  bool     `bson:"unique"`
	Partial bson.Raw `bson:"partialFilterExpression"`
}

// conflict returns the error that names the standing index which is in the way.
func conflict(ctx context.Context, c *driver.Collection, wanted []index) error {
	cursor, err := c.Indexes().List(ctx)
	if err != nil {
		return translate("list indexes", err)
	}
	var all []standing
	if err := cursor.All(ctx, &all); err != nil {
		return translate("list indexes", err)
	}
	for _, w := range wanted {
		for _, s := range all {
			if s.inTheWayOf(w) {
				return fmt.Errorf("%w: in the collection %q the index %q stands in the way of %q; remove it",
					ErrIndexConflict, c.Name(), s.Name, w.name)
			}
		}
	}
	return fmt.Errorf("%w: an index of the collection %q stands in the way", ErrIndexConflict, c.Name())
}

// inTheWayOf reports whether s has the name or the key of w and isn't w.
func (s standing) inTheWayOf(w index) bool {
	sameName, sameKey := s.Name == w.name, s.sameKey(w)
	if !sameName && !sameKey {
		return false
	}
	partial, _ := bson.Marshal(w.partial)
	same := sameName && sameKey && s.Unique == w.unique && bytes.Equal(s.Partial, partial)
	return !same
}

func (s standing) sameKey(w index) bool {
	elements, err := s.Key.Elements()
	if err != nil || len(elements) != 1 || elements[0].Key() != w.field {
		return false
	}
	n, ok := elements[0].Value().AsInt64OK()
	return ok && n == 1
}
