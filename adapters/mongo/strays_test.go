package mongo_test

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestEnsureMeetsAMove moves a collection away after Ensure has seen that it is there,
// and before it asks whether it is empty: so is what doesn't exist.
func TestEnsureMeetsAMove(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		mover, home := open(t, o), placed(o.Master, "org_acme")
		var atFind func()
		o.Observe = func(_ context.Context, command string) func(bool) {
			if move := atFind; command == "find" && move != nil {
				atFind = nil
				move()
			}
			return func(bool) {}
		}
		store := open(t, o)
		for _, document := range []bson.D{nil, {{Key: "of", Value: "somebody else"}}} {
			if err := mover.Collections().Namespaces.Ensure(t.Context(), "somebody", home); err != nil {
				t.Fatal(err)
			}
			if document != nil {
				insertRaw(t, server.Connect(t).Database(o.Master), home.Namespace, document)
			}
			moved := false
			atFind = func() {
				_, err := mover.Collections().Inventory.Quarantine(t.Context(), home)
				moved = err == nil
			}
			if err := store.Collections().Namespaces.Ensure(t.Context(), "organization", home); err != nil || !moved {
				t.Errorf("Ensure: %v, moved %v", err, moved)
			}
			if info, err := store.Collections().Namespaces.Stat(t.Context(), home); err != nil || !info.Exists || !info.Empty {
				t.Errorf("afterwards: %+v, error %v, want an empty one", info, err)
			}
		}
	})
}

// TestHomesOfOlderServicesAreNoStrays: their records reserve nothing.
func TestHomesOfOlderServicesAreNoStrays(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		db, id := server.Connect(t).Database(o.Master), bson.ObjectID{1}
		insertRaw(t, db, "organizations", bson.D{
			{Key: "_id", Value: id},
			{Key: "organization_name", Value: "Old"},
			{Key: "collection_name", Value: "org_old"},
			{Key: "deleted", Value: false},
		})
		insertPair(t, store, 1)
		for _, name := range []string{"org_old", "org_nobody"} {
			insertRaw(t, db, name, bson.D{})
		}
		old, nobody := placed(o.Master, "org_old").Reservation(), placed(o.Master, "org_nobody").Reservation()
		elsewhere, given := placed("another", "org_old").Reservation(), placed("tenants", "org_1").Reservation()
		owners, err := store.Directory().ByReservations(t.Context(), []string{old, nobody, elsewhere, given})
		if err != nil || len(owners) != 2 || owners[old].ID != domain.OrganizationID(id.Hex()) || owners[given].ID != "organization-1" {
			t.Errorf("ByReservations: %+v, %v", owners, err)
		}

		service := serviceOn(t, store, o.Master)
		strays, err := service.Strays(t.Context())
		if err != nil || len(strays) != 1 || strays[0].Placement.Namespace != "org_nobody" {
			t.Errorf("strays: %+v, error %v", strays, err)
		}
		err = service.Check(t.Context(), app.CheckOptions{Repair: true, Found: func(app.Finding) {}})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := db.Collection("org_old").CountDocuments(t.Context(), bson.D{}); err != nil || n != 1 {
			t.Errorf("after a repair org_old holds %d documents, error %v", n, err)
		}
	})
}

// TestCollectionsOfOtherStrategiesAreNoHomes: the records of many organizations name them.
func TestCollectionsOfOtherStrategiesAreNoHomes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	store := open(t, o)
	var r recorder
	look, err := mongo.OpenMonitored(t.Context(), o, r.monitor())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = look.Close(context.Background()) })
	entries := []string{placed(o.Master, "documents").Reservation(), placed(o.Master, "tenants").Reservation()}
	for i, p := range []domain.Placement{inDatabase(o.Master, "org_1"), inShare(o.Master, "org_2")} {
		organization := numbered(t, i)
		organization.Placement, organization.Reserved = p, []string{p.Reservation()}
		if err := store.Organizations().Insert(t.Context(), organization); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, p.Reservation())
		var record struct {
			Name string `bson:"collection_name"`
		}
		err := server.Connect(t).Database(o.Master).Collection("organizations").
			FindOne(t.Context(), bson.D{{Key: "_id", Value: string(organization.ID)}}).Decode(&record)
		if err != nil || record.Name != p.Collection() {
			t.Errorf("collection_name is %q, %v, want %q", record.Name, err, p.Collection())
		}
		if got, err := store.Organizations().ByID(t.Context(), organization.ID); err != nil || got.Placement != p {
			t.Errorf("the placement is %+v, %v", got.Placement, err)
		}
	}
	r.take()
	owners, err := look.Directory().ByReservations(t.Context(), entries)
	if err != nil || len(owners) != 2 || owners[entries[2]].ID != "organization-0" || owners[entries[3]].ID != "organization-1" {
		t.Errorf("ByReservations: %+v, %v", owners, err)
	}
	older := r.take()[1]
	var reply struct {
		Stats struct {
			Returned int `bson:"nReturned"`
		} `bson:"executionStats"`
	}
	err = server.Connect(t).Database(o.Master).RunCommand(t.Context(), bson.D{
		{Key: "explain", Value: bson.D{{Key: "find", Value: "organizations"}, {Key: "filter", Value: older.body.Lookup("filter")}}},
		{Key: "verbosity", Value: "executionStats"},
	}).Decode(&reply)
	if err != nil || reply.Stats.Returned != 0 {
		t.Errorf("%d organizations of other strategies are read, %v", reply.Stats.Returned, err)
	}
}

// TestHomesOfOlderServicesDuringAnUpdate: an update reserves its target, and may go back.
func TestHomesOfOlderServicesDuringAnUpdate(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		id := bson.ObjectID{1}
		insertRaw(t, server.Connect(t).Database(o.Master), "organizations", bson.D{
			{Key: "_id", Value: id},
			{Key: "organization_name", Value: "Old"},
			{Key: "collection_name", Value: "org_old"},
		})
		organization, err := store.Organizations().ByID(t.Context(), domain.OrganizationID(id.Hex()))
		if err != nil {
			t.Fatal(err)
		}
		entry := organization.Placement.Reservation()
		for _, transition := range []func(domain.Organization) (domain.Organization, error){
			func(o domain.Organization) (domain.Organization, error) {
				return o.BeginUpdate(domain.Operation{
					ID: "operation", Kind: domain.OperationUpdate, Phase: domain.PhaseForward, Attempt: 1,
					Email: numberedAccount(t, 1).Email, Target: o.NextPlacement("org_new"),
				}, epoch)
			},
			func(o domain.Organization) (domain.Organization, error) {
				return o.TurnBack(domain.CodeEmailTaken)
			},
			func(o domain.Organization) (domain.Organization, error) { return o.Finish(epoch) },
		} {
			next, err := transition(organization)
			if err == nil {
				err = store.Organizations().Replace(t.Context(), next, organization.Version)
			}
			if err != nil {
				t.Fatal(err)
			}
			organization = next
			owners, err := store.Directory().ByReservations(t.Context(), []string{entry})
			if err != nil || owners[entry].ID != organization.ID {
				t.Errorf("in version %d: %+v, error %v", organization.Version, owners, err)
			}
		}
	})
}

// serviceOn returns the use cases on the store.
func serviceOn(t *testing.T, store *mongo.Store, database string) *app.Service {
	t.Helper()
	s, err := app.New(cleartoken.On(store), app.Options{Database: database})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
