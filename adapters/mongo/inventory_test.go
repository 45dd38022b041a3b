package mongo_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestTheRegistryIsNoNamespace has the documents beside the registry, as older
// services have them.
func TestTheRegistryIsNoNamespace(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		insertPair(t, store, 1)
		db := server.Connect(t).Database(o.Master)
		if err := db.CreateView(t.Context(), "a_view", "organizations", driver.Pipeline{}); err != nil {
			t.Fatal(err)
		}
		series := options.CreateCollection().SetTimeSeriesOptions(options.TimeSeries().SetTimeField("at"))
		if err := db.CreateCollection(t.Context(), "series", series); err != nil {
			t.Fatal(err)
		}
		insertRaw(t, db, "org_one", bson.D{})
		if err := store.Shared().Namespaces.Ensure(t.Context(), "organization", inShare(o.Master, "org_shared")); err != nil {
			t.Fatal(err)
		}
		insertRaw(t, db, "series", bson.D{{Key: "at", Value: epoch}})
		inventory := store.Collections().Inventory
		names, err := inventory.List(t.Context(), o.Master, "", 100)
		if want := []string{"a_view", "org_one", "series"}; err != nil || !slices.Equal(names, want) {
			t.Errorf("List: got %q, %v, want %q", names, err, want)
		}
		for name, documents := range map[string]int64{"a_view": 1, "series": 1} {
			usage, err := inventory.Measure(t.Context(), placed(o.Master, name))
			if err != nil || usage.Documents != documents {
				t.Errorf("Measure(%s): got %+v, %v, want %d documents", name, usage, err, documents)
			}
		}
		home := placed(o.Master, "org_one")
		for _, name := range []string{"organizations", "admins", "schema", "idempotency", "usage", "system.views", "system.buckets.series", "tenants", "tenant_shares"} {
			p := placed(o.Master, name)
			if _, err := inventory.Quarantine(t.Context(), p); err == nil || errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("Quarantine(%s): %v", name, err)
			}
			if _, err := inventory.Merge(t.Context(), p, home); err == nil {
				t.Errorf("Merge from %s: no error", name)
			}
			if _, err := inventory.Merge(t.Context(), home, p); err == nil {
				t.Errorf("Merge to %s: no error", name)
			}
			if err := store.Collections().Namespaces.Drop(t.Context(), p); err == nil {
				t.Errorf("Drop(%s): no error", name)
			}
		}
		if _, err := store.Accounts().ByID(t.Context(), "account-1"); err != nil {
			t.Errorf("the account: %v", err)
		}
		for _, database := range []string{"", "admin", "local", "config", "a.b"} {
			if _, err := inventory.List(t.Context(), database, "", 1); err == nil {
				t.Errorf("List of the database %q: no error", database)
			}
		}
	})
}

// TestMergeOfAllKindsOfDocuments has _ids of many types, in batches that end by
// number and by size, some of them there already.
func TestMergeOfAllKindsOfDocuments(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		db := server.Connect(t).Database(server.Database(t))
		var documents []any
		add := func(id any) {
			documents = append(documents, bson.D{{Key: "_id", Value: id}, {Key: "number", Value: len(documents)}})
		}
		for i := range mongo.MergeDocuments + 10 {
			add(i)
			add(fmt.Sprintf("text %06d", i))
			add(bson.ObjectID{byte(i >> 8), byte(i)})
		}
		for _, id := range []any{
			nil, true, false,
			bson.MinKey{},
			bson.MaxKey{},
			1.5, int64(1) << 60, epoch,
			bson.Binary{Subtype: 4, Data: make([]byte, 16)},
			bson.D{{Key: "a", Value: 1}},
			bson.D{},
			bson.D{{Key: "b", Value: "x"}},
			bson.Timestamp{T: 1, I: 2},
			"", "é",
		} {
			add(id)
		}
		large := strings.Repeat("x", mongo.MergeBytes/3)
		for i := range 8 {
			documents = append(documents, bson.D{{Key: "_id", Value: fmt.Sprintf("large %d", i)}, {Key: "text", Value: large}})
		}
		if _, err := db.Collection("stray").InsertMany(t.Context(), documents); err != nil {
			t.Fatal(err)
		}
		kept := []any{bson.D{{Key: "_id", Value: nil}}, bson.D{{Key: "_id", Value: 7}}, bson.D{{Key: "_id", Value: "other"}}}
		if _, err := db.Collection("home").InsertMany(t.Context(), kept); err != nil {
			t.Fatal(err)
		}
		stray, home := placed(db.Name(), "stray"), placed(db.Name(), "home")
		for _, want := range []int64{int64(len(documents) - 2), 0} {
			if n, err := store.Collections().Inventory.Merge(t.Context(), stray, home); err != nil || n != want {
				t.Errorf("Merge: got %d, %v, want %d", n, err, want)
			}
		}
		for name, want := range map[string]int{"stray": len(documents), "home": len(documents) + 1} {
			if n, err := db.Collection(name).CountDocuments(t.Context(), bson.D{}); err != nil || n != int64(want) {
				t.Errorf("%s: %d documents, %v, want %d", name, n, err, want)
			}
		}
		var got bson.D
		err := db.Collection("home").FindOne(t.Context(), bson.D{{Key: "_id", Value: nil}}).Decode(&got)
		if diff := cmp.Diff(kept[0], any(got)); err != nil || diff != "" {
			t.Errorf("what was there: %v (-want +got):\n%s", err, diff)
		}
	})
}

// TestMergeTellsWhatIsRefused has a rule in one document's way, in the first of
// several batches. The rest is copied all the same.
func TestMergeTellsWhatIsRefused(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		store := open(t, optionsFor(t, server))
		db := server.Connect(t).Database(server.Database(t))
		createIndex(t, db, "home", bson.D{{Key: "email", Value: 1}},
			options.Index().SetUnique(true).SetPartialFilterExpression(bson.D{{Key: "email", Value: bson.D{{Key: "$exists", Value: true}}}}))
		insertRaw(t, db, "home", bson.D{{Key: "_id", Value: 1}, {Key: "email", Value: "marker"}})
		insertRaw(t, db, "home", bson.D{{Key: "_id", Value: 2}, {Key: "email", Value: "another"}})
		const all = mongo.MergeDocuments + 500
		documents := make([]any, all)
		for i := range documents {
			documents[i] = bson.D{{Key: "_id", Value: i}}
		}
		documents[2] = bson.D{{Key: "_id", Value: 2}, {Key: "email", Value: "marker"}} // there, and in the way twice
		documents[5] = bson.D{{Key: "_id", Value: 5}, {Key: "email", Value: "marker"}}
		if _, err := db.Collection("stray").InsertMany(t.Context(), documents); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int64{all - 3, 0} {
			n, err := store.Collections().Inventory.Merge(t.Context(), placed(db.Name(), "stray"), placed(db.Name(), "home"))
			if n != want || !errors.Is(err, mongo.ErrMergeRefused) || !strings.Contains(err.Error(), "1 of them") {
				t.Errorf("Merge: got %d, %v, want %d and an error that says that 1 was refused", n, err, want)
			}
			wantNowhere(t, err, "marker")
		}
		if n, err := db.Collection("home").CountDocuments(t.Context(), bson.D{}); err != nil || n != all-1 {
			t.Errorf("home: %d documents, %v, want %d", n, err, all-1)
		}
	})
}

// TestQuarantineKeepsToTheLimitOfNames takes the longest names that MongoDB has.
func TestQuarantineKeepsToTheLimitOfNames(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		store := open(t, optionsFor(t, server))
		db := server.Connect(t).Database(server.Database(t))
		room := 255 - len(db.Name()) - 1
		for _, name := range []string{strings.Repeat("a", room), strings.Repeat("é", room/2), "org_1", "with a space.and.dots"} {
			insertRaw(t, db, name, bson.D{{Key: "_id", Value: name}})
			to, err := store.Collections().Inventory.Quarantine(t.Context(), placed(db.Name(), name))
			if err != nil || len(to) > room || !strings.HasPrefix(to, "quarantine_"+name[:4]) {
				t.Errorf("Quarantine(%s): got %q, %v", name, to, err)
			}
			if err := db.Collection(to).FindOne(t.Context(), bson.D{{Key: "_id", Value: name}}).Err(); err != nil {
				t.Errorf("the document of %s: %v", name, err)
			}
		}
	})
}
