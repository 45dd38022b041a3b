package mongo_test

import (
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/test/contract"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// structureOf returns the structure of a registry with some records, and what can be
// damaged.
func structureOf(t *testing.T, server *mongotest.Server) contract.Structure {
	t.Helper()
	o := optionsFor(t, server)
	store := open(t, o)
	for i := range 3 {
		insertPair(t, store, i)
	}
	db := server.Connect(t).Database(o.Master)
	missing := func(collection, index string) contract.Damage {
		return contract.Damage{Name: "without " + index, Do: func(t *testing.T) { dropIndex(t, db, collection, index) }}
	}
	return contract.Structure{
		Structure: store.Structure(),
		Missing: []contract.Damage{
			missing("organizations", "name_keys_1"),
			missing("organizations", "reserved_1"),
			missing("organizations", "purge_at_1"),
			missing("organizations", "status_1__id_1"),
			missing("admins", "email_key_1"),
			missing("idempotency", "expires_at_1"),
		},
		Wrong: []contract.Damage{
			{Name: "the index on names in another form", Do: func(t *testing.T) {
				dropIndex(t, db, "organizations", "name_keys_1")
				createIndex(t, db, "organizations", bson.D{{Key: "name_keys", Value: 1}}, options.Index().SetName("name_keys_1"))
			}},
			{Name: "another index of a name", Do: func(t *testing.T) {
				dropIndex(t, db, "organizations", "purge_at_1")
				createIndex(t, db, "organizations", bson.D{{Key: "other", Value: 1}}, options.Index().SetName("purge_at_1"))
			}},
			{Name: "an index that deletes records", Do: func(t *testing.T) {
				createIndex(t, db, "organizations", bson.D{{Key: "created_at", Value: 1}}, options.Index().SetExpireAfterSeconds(1<<30))
			}},
			{Name: "accounts that share an email", Do: func(t *testing.T) {
				dropIndex(t, db, "admins", "email_key_1")
				insertRaw(t, db, "admins", bson.D{{Key: "email_key", Value: contract.StructureMarker}})
				insertRaw(t, db, "admins", bson.D{{Key: "email_key", Value: contract.StructureMarker}})
			}},
			{Name: "organizations that share a reservation", Do: func(t *testing.T) {
				dropIndex(t, db, "organizations", "reserved_1")
				insertRaw(t, db, "organizations", bson.D{{Key: "reserved", Value: bson.A{"x", contract.StructureMarker}}})
				insertRaw(t, db, "organizations", bson.D{{Key: "reserved", Value: bson.A{contract.StructureMarker, "y"}}})
			}},
		},
	}
}

func dropIndex(t *testing.T, db *driver.Database, collection, name string) {
	t.Helper()
	if err := db.Collection(collection).Indexes().DropOne(t.Context(), name); err != nil {
		t.Fatal(err)
	}
}

func createIndex(t *testing.T, db *driver.Database, collection string, keys bson.D, o *options.IndexOptionsBuilder) {
	t.Helper()
	if _, err := db.Collection(collection).Indexes().CreateOne(t.Context(), driver.IndexModel{Keys: keys, Options: o}); err != nil {
		t.Fatal(err)
	}
}

func insertRaw(t *testing.T, db *driver.Database, collection string, document bson.D) {
	t.Helper()
	if _, err := db.Collection(collection).InsertOne(t.Context(), document); err != nil {
		t.Fatal(err)
	}
}

// wantFaults fails t unless the faults, one each, hold these words.
func wantFaults(t *testing.T, store *mongo.Store, want ...[]string) {
	t.Helper()
	faults, err := store.Structure().Faults(t.Context())
	if err != nil || len(faults) != len(want) {
		t.Fatalf("Faults: got %q, %v, want %d", faults, err, len(want))
	}
	for i, words := range want {
		for _, word := range words {
			if !strings.Contains(faults[i], word) {
				t.Errorf("Faults: %q doesn't name %s", faults[i], word)
			}
		}
	}
}

// TestStructureOfShares is looked at where there are any, in the tenants' database.
func TestStructureOfShares(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		o.Tenant = server.Database(t)
		store, db := open(t, o), server.Connect(t).Database(o.Tenant)
		wantFaults(t, store)
		if err := store.Structure().Mend(t.Context()); err != nil {
			t.Error(err)
		}
		if names, err := db.ListCollectionNames(t.Context(), bson.D{}); err != nil || len(names) > 0 {
			t.Errorf("without shares there are %q, %v", names, err)
		}
		if err := store.Shared().Namespaces.Ensure(t.Context(), "organization", inShare(o.Tenant, "org_one")); err != nil {
			t.Fatal(err)
		}
		wantFaults(t, store)
		dropIndex(t, db, "tenants", "organization_id_1__id_1")
		dropIndex(t, db, "tenant_shares", "name_1")
		wantFaults(t, store,
			[]string{`"tenants"`, `"organization_id_1__id_1"`}, []string{`"tenant_shares"`, `"name_1"`})
		insertRaw(t, db, "tenant_shares", bson.D{{Key: "name", Value: "org_one"}})
		wantFaults(t, store,
			[]string{`"organization_id_1__id_1"`}, []string{`"name_1"`}, []string{`"tenant_shares"`, `"name"`, "share"})
		if _, err := db.Collection("tenant_shares").DeleteOne(t.Context(), bson.D{{Key: "organization_id", Value: bson.D{{Key: "$exists", Value: false}}}}); err != nil {
			t.Fatal(err)
		}
		if err := store.Structure().Mend(t.Context()); err != nil {
			t.Error(err)
		}
		wantFaults(t, store)
		createIndex(t, db, "tenants", bson.D{{Key: "at", Value: 1}}, options.Index().SetExpireAfterSeconds(1<<30))
		wantFaults(t, store, []string{`"tenants"`, "deletes records"})
	})
}

// TestMendMakesAllThatCanBeMade has one index in the way of another, and one that
// records break: neither keeps the rest from being made.
func TestMendMakesAllThatCanBeMade(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		db := server.Connect(t).Database(o.Master)
		for _, name := range []string{"name_keys_1", "reserved_1", "purge_at_1"} {
			dropIndex(t, db, "organizations", name)
		}
		dropIndex(t, db, "idempotency", "expires_at_1")
		createIndex(t, db, "organizations", bson.D{{Key: "name_keys", Value: 1}},
			options.Index().SetName("theirs").SetUnique(true).SetPartialFilterExpression(bson.D{{Key: "live", Value: true}}))
		for range 2 {
			insertRaw(t, db, "organizations", bson.D{{Key: "reserved", Value: bson.A{"a", "marker", "marker"}}})
		}
		wantFaults(t, store,
			[]string{`"organizations"`, `"theirs"`, `"name_keys_1"`},
			[]string{`"organizations"`, `"reserved_1"`},
			[]string{`"organizations"`, `"reserved"`, "share"},
			[]string{`"organizations"`, `"purge_at_1"`},
			[]string{`"idempotency"`, `"expires_at_1"`})
		err := store.Structure().Mend(t.Context())
		if !errors.Is(err, mongo.ErrIndexConflict) {
			t.Errorf("Mend: got %v, want ErrIndexConflict", err)
		}
		wantNowhere(t, err, "marker")
		wantFaults(t, store,
			[]string{`"theirs"`, `"name_keys_1"`}, []string{`"reserved_1"`}, []string{`"reserved"`, "share"})
	})
}

// TestOneRecordMayHaveAValueTwice: that breaks no unique index.
func TestOneRecordMayHaveAValueTwice(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	store := open(t, o)
	db := server.Connect(t).Database(o.Master)
	dropIndex(t, db, "organizations", "reserved_1")
	insertRaw(t, db, "organizations", bson.D{{Key: "reserved", Value: bson.A{"a", "a"}}})
	insertRaw(t, db, "organizations", bson.D{{Key: "name", Value: "without reservations"}})
	insertRaw(t, db, "organizations", bson.D{{Key: "name", Value: "without reservations, too"}})
	wantFaults(t, store, []string{`"reserved_1"`})
	if err := store.Structure().Mend(t.Context()); err != nil {
		t.Error(err)
	}
	wantFaults(t, store)
}

// TestOptionsOfTheRegistrysCollections makes collections that lose records or take
// two names for one.
func TestOptionsOfTheRegistrysCollections(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		for option, with := range map[string]*options.CreateCollectionOptionsBuilder{
			"capped":    options.CreateCollection().SetCapped(true).SetSizeInBytes(1 << 20),
			"collation": options.CreateCollection().SetCollation(&options.Collation{Locale: "en", Strength: 1}),
		} {
			o := optionsFor(t, server)
			db := server.Connect(t).Database(o.Master)
			store := open(t, o)
			if err := db.Collection("idempotency").Drop(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := db.CreateCollection(t.Context(), "idempotency", with); err != nil {
				t.Fatal(err)
			}
			wantFaults(t, store, []string{`"idempotency"`, option}, []string{`"expires_at_1"`})
		}
	})
}
