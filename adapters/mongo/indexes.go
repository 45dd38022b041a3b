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

	"github.com/orgkeeper/orgkeeper/domain"
)

// ErrIndexConflict says that an index which stands in the registry's database, or
// the records there, don't allow an index that the registry needs; or the same of shares. The error's
// text names the indexes.
var ErrIndexConflict = errors.New("mongo: an index of the registry can't be made")

// index is one that the registry needs. Filters use $eq and $exists alone, which
// compatible servers take, too. One without a filter serves older services' records
// as well.
type index struct {
	name    string
	fields  []string
	unique  bool
	partial bson.D
}

func exists(field string) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}}
}

// liveNames serves the look-up by name and the count of live organizations.
const liveNames = "name_keys_1"

// indexes are those of the registry and of shares, by collection.
var indexes = map[string][]index{
	organizationsCollection: {
		{liveNames, []string{"name_keys"}, true, bson.D{{Key: "live", Value: true}}},
		{"reserved_1", []string{"reserved"}, true, exists("reserved")},
		{"pending.lease_until_1", []string{"pending.lease_until"}, false, exists("pending.lease_until")},
		{"pending.stuck_1__id_1", []string{"pending.stuck", "_id"}, false, bson.D{{Key: "pending.stuck", Value: true}}},
		{"purge_at_1", []string{"purge_at"}, false, exists("purge_at")},
		{"status_1__id_1", []string{"status", "_id"}, false, nil},
		{"name_key_1", []string{"name_key"}, false, exists("name_key")},
	},
	adminsCollection: {
		{"email_key_1", []string{"email_key"}, true, exists("email_key")},
	},
	requestsCollection: {
		{"expires_at_1", []string{"expires_at"}, false, exists("expires_at")},
	},
	movesCollection: {
		{"due_at_1", []string{"due_at"}, false, nil},
		{"organization_id_1", []string{"organization_id"}, false, nil},
	},
	domain.SharedCollection: {
		{"organization_id_1__id_1", []string{domain.FieldOrganization, domain.FieldID}, false, nil},
	},
	sharesCollection: {
		{"name_1", []string{"name"}, true, exists("name")},
	},
}

func (i index) keys() bson.D {
	keys := make(bson.D, len(i.fields))
	for n, field := range i.fields {
		keys[n] = bson.E{Key: field, Value: 1}
	}
	return keys
}

func (i index) model() driver.IndexModel {
	o := options.Index().SetName(i.name)
	if i.partial != nil {
		o.SetPartialFilterExpression(i.partial)
	}
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
	for _, collection := range s.indexed() {
		group.Go(func() {
			if err := ensureIndexesOf(ctx, collection, indexes[collection.Name()]); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// indexed are the registry's collections that have indexes.
func (s *Store) indexed() []*driver.Collection {
	return []*driver.Collection{s.records, s.people, s.requested, s.moved}
}

func ensureIndexesOf(ctx context.Context, c *driver.Collection, wanted []index) error {
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
	// What the registry's indexes never have.
	Sparse    bool          `bson:"sparse"`
	Hidden    bool          `bson:"hidden"`
	Collation bson.Raw      `bson:"collation"`
	Expire    bson.RawValue `bson:"expireAfterSeconds"`
}

// standingOf returns the collection's indexes. A collection that doesn't exist has
// none.
func standingOf(ctx context.Context, c *driver.Collection) ([]standing, error) {
	cursor, err := c.Indexes().List(ctx)
	if hasCode(err, codeNamespaceNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, translate("list indexes", err)
	}
	var all []standing
	err = cursor.All(ctx, &all)
	return all, translate("list indexes", err)
}

// conflict returns the error that names the standing index which is in the way.
func conflict(ctx context.Context, c *driver.Collection, wanted []index) error {
	all, err := standingOf(ctx, c)
	if err != nil {
		return err
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
	return (s.Name == w.name || s.sameKey(w)) && !s.is(w)
}

// is reports whether s is w and does what w is for.
func (s standing) is(w index) bool {
	var partial []byte
	if w.partial != nil {
		partial, _ = bson.Marshal(w.partial)
	}
	return s.Name == w.name && s.sameKey(w) && s.Unique == w.unique && bytes.Equal(s.Partial, partial) &&
		!s.Sparse && !s.Hidden && s.Collation == nil && s.Expire.IsZero()
}

func (s standing) sameKey(w index) bool {
	elements, err := s.Key.Elements()
	if err != nil || len(elements) != len(w.fields) {
		return false
	}
	for i, e := range elements {
		if n, ok := e.Value().AsInt64OK(); !ok || n != 1 || e.Key() != w.fields[i] {
			return false
		}
	}
	return true
}
