package mongo_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// eachOfTwo runs on the servers that differ: the one in a container is a replica set as well,
// and proves that by TestContract.
func eachOfTwo(t *testing.T, run func(t *testing.T, server *mongotest.Server)) {
	t.Helper()
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		if server.Name == string(mongotest.Docker) {
			t.Log("as on the other replica set")
			return
		}
		run(t, server)
	})
}

// inDatabase returns a placement with a database of its own.
func inDatabase(database, namespace string) domain.Placement {
	p := placed(database, namespace)
	p.Strategy = domain.StrategyDatabase
	return p
}

// TestDatabasesThatAreOccupied has databases of somebody else.
func TestDatabasesThatAreOccupied(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		base, client := server.Databases(t), server.Connect(t)
		s := open(t, optionsFor(t, server)).Databases()
		insertRaw(t, client.Database(base+"_org_other"), "theirs", bson.D{})
		if err := client.Database(base+"_org_view").CreateView(t.Context(), "theirs", "nothing", driver.Pipeline{}); err != nil {
			t.Fatal(err)
		}
		insertRaw(t, client.Database(base+"_ORG_case"), "documents", bson.D{})
		for _, name := range []string{"org_other", "org_view", "org_case"} {
			if err := s.Namespaces.Ensure(t.Context(), "organization", inDatabase(base, name)); !errors.Is(err, domain.ErrNamespaceOccupied) {
				t.Errorf("Ensure(%s): %v, want occupied", name, err)
			}
		}
		if err := s.Namespaces.Ensure(t.Context(), "organization", inDatabase(base, "org_one")); err != nil {
			t.Fatal(err)
		}
		names, err := s.Inventory.List(t.Context(), base, "", 10)
		if want := []string{"ORG_case", "org_one"}; err != nil || !slices.Equal(names, want) {
			t.Errorf("List: %q, %v, want %q", names, err, want)
		}
	})
}

// TestDatabasesThatAreRefused keeps the steps away from the registry's database, the
// tenants' and the server's, and from placements of other strategies.
func TestDatabasesThatAreRefused(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	base := server.Databases(t)
	o := optionsFor(t, server)
	o.Master, o.Tenant = base+"_org_registry", base+"_org_tenants"
	store := open(t, o)
	insertPair(t, store, 1)
	insertRaw(t, server.Connect(t).Database(o.Tenant), "org_one", bson.D{})
	for _, p := range []domain.Placement{
		{},
		inDatabase(base, "org_registry"), inDatabase(base, "org_tenants"), inDatabase(base, "ORG_registry"),
		inDatabase("admin", "org_one"), inDatabase("", "org_one"), inDatabase(base, ""),
		inDatabase(base, strings.Repeat("a", 64)), inDatabase(base, "a.b"), inDatabase(base, "a$b"),
		placed(o.Tenant, "org_one"),
	} {
		storage := store.Databases()
		_, quarantine := storage.Inventory.Quarantine(t.Context(), p)
		_, measure := storage.Inventory.Measure(t.Context(), p)
		_, merge := storage.Inventory.Merge(t.Context(), p, inDatabase(base, "org_one"))
		for what, err := range map[string]error{
			"Ensure":     storage.Namespaces.Ensure(t.Context(), "organization", p),
			"Drop":       storage.Namespaces.Drop(t.Context(), p),
			"Quarantine": quarantine,
			"Measure":    measure,
			"Merge":      merge,
		} {
			if err == nil || errors.Is(err, domain.ErrStoreUnavailable) || errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("%s of %+v: %v, want a refusal", what, p, err)
			}
		}
	}
	if err := store.Collections().Namespaces.Drop(t.Context(), inDatabase(base, "org_tenants")); err == nil {
		t.Error("a collection's Drop of a database: no error")
	}
	if _, err := store.Accounts().ByID(t.Context(), "account-1"); err != nil {
		t.Errorf("the account: %v", err)
	}
	if names, err := store.Databases().Inventory.List(t.Context(), base, "", 10); err != nil || len(names) > 0 {
		t.Errorf("List: %q, %v", names, err)
	}
}

// TestQuarantineOfADatabase moves all collections, and goes on after each half state.
func TestQuarantineOfADatabase(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		base, client := server.Databases(t), server.Connect(t)
		s := open(t, optionsFor(t, server)).Databases()
		const claimed = "quarantine_org_one_0123456789"
		db, into := client.Database(base+"_org_one"), client.Database(base+"_"+claimed)
		rename := func(from, to string) {
			t.Helper()
			if err := client.Database("admin").RunCommand(t.Context(), bson.D{{Key: "renameCollection", Value: from}, {Key: "to", Value: to}}).Err(); err != nil {
				t.Fatal(err)
			}
		}
		claim := func() { rename(db.Name()+".documents", db.Name()+"."+claimed) }
		p := inDatabase(base, "org_one")
		for name, half := range map[string]func(){
			"nothing done": func() {},
			"claimed":      claim,
			"claimed, and a stray at the old name": func() {
				claim()
				insertRaw(t, db, "more", bson.D{})
			},
			"a collection moved": func() {
				claim()
				rename(db.Name()+".theirs", into.Name()+".theirs")
			},
			"copied, and not dropped": func() {
				claim()
				insertRaw(t, into, "documents", bson.D{{Key: "_id", Value: 1}})
			},
		} {
			insertRaw(t, db, "documents", bson.D{{Key: "_id", Value: 1}})
			insertRaw(t, db, "theirs", bson.D{{Key: "_id", Value: 2}})
			half()
			if info, err := s.Namespaces.Stat(t.Context(), p); err != nil || !info.Exists || info.Empty {
				t.Errorf("%s: Stat: %+v, %v", name, info, err)
			}
			if names, err := s.Inventory.List(t.Context(), base, "org", 10); err != nil || !slices.Contains(names, "org_one") {
				t.Errorf("%s: List: %q, %v", name, names, err)
			}
			to, err := s.Inventory.Quarantine(t.Context(), p)
			if err != nil {
				t.Fatalf("%s: Quarantine: %v", name, err)
			}
			if info, err := s.Namespaces.Stat(t.Context(), p); err != nil || info.Exists {
				t.Errorf("%s: afterwards: %+v, %v", name, info, err)
			}
			for collection, id := range map[string]int{"documents": 1, "theirs": 2} {
				var all []bson.M
				cursor, err := client.Database(base+"_"+to).Collection(collection).Find(t.Context(), bson.D{})
				if err == nil {
					err = cursor.All(t.Context(), &all)
				}
				if err != nil || len(all) != 1 || all[0]["_id"] != int32(id) {
					t.Errorf("%s: %s holds %v, %v", name, collection, all, err)
				}
			}
			if err := s.Namespaces.Drop(t.Context(), inDatabase(base, to)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
