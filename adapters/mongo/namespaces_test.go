package mongo_test

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestEmptyObjectsThatAreNotPlain puts under the name what holds no documents
// and still isn't what Ensure makes.
func TestEmptyObjectsThatAreNotPlain(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		db := server.Connect(t).Database(o.Master)
		for name, c := range map[string]struct {
			options *options.CreateCollectionOptionsBuilder
			// empty is what Stat tells: nobody looks into a time series.
			empty bool
		}{
			"org_capped":    {options.CreateCollection().SetCapped(true).SetSizeInBytes(4096), true},
			"org_series":    {options.CreateCollection().SetTimeSeriesOptions(options.TimeSeries().SetTimeField("at")), false},
			"org_collated":  {options.CreateCollection().SetCollation(&options.Collation{Locale: "en", Strength: 2}), true},
			"org_validated": {options.CreateCollection().SetValidator(bson.D{{Key: "a", Value: 1}}), true},
		} {
			if err := db.CreateCollection(t.Context(), name, c.options); err != nil {
				t.Fatal(err)
			}
			p := placed(o.Master, name)
			if err := store.Collections().Namespaces.Ensure(t.Context(), "organization", p); !errors.Is(err, domain.ErrNamespaceOccupied) {
				t.Errorf("Ensure(%s): %v, want occupied", name, err)
			}
			info, err := store.Collections().Namespaces.Stat(t.Context(), p)
			if err != nil || !info.Exists || info.Empty != c.empty {
				t.Errorf("Stat(%s): %+v, %v, want one that exists, empty %v", name, info, err, c.empty)
			}
		}
	})
}

// TestPlacesThatAreRefused keeps the steps away from the registry and from what
// is MongoDB's own.
func TestPlacesThatAreRefused(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	store := open(t, o)
	insertPair(t, store, 1)
	good := placed(o.Master, "org_good")
	for _, p := range []domain.Placement{
		{},
		placed(o.Master, ""), placed("", "org_x"), placed("admin", "org_x"), placed("config", "org_x"),
		placed(o.Master, "organizations"), placed(o.Master, "admins"), placed(o.Master, "schema"),
		placed(o.Master, "system.views"), placed(o.Master, "org_$x"), placed("a.b", "org_x"),
	} {
		_, stat := store.Collections().Namespaces.Stat(t.Context(), p)
		for what, err := range map[string]error{
			"Ensure":      store.Collections().Namespaces.Ensure(t.Context(), "organization", p),
			"Drop":        store.Collections().Namespaces.Drop(t.Context(), p),
			"Stat":        stat,
			"Rename from": store.Collections().Namespaces.Rename(t.Context(), "identity", p, good),
			"Rename to":   store.Collections().Namespaces.Rename(t.Context(), "identity", good, p),
		} {
			if err == nil || errors.Is(err, domain.ErrStoreUnavailable) || errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("%s %s.%s: %v, want a refusal", what, p.Database, p.Namespace, err)
			}
		}
	}
	if _, err := store.Organizations().ByID(t.Context(), "organization-1"); err != nil {
		t.Errorf("ByID: %v", err)
	}
	other := placed("another", "org_good")
	if err := store.Collections().Namespaces.Rename(t.Context(), "identity", good, other); err == nil {
		t.Error("a rename to another database: no error")
	}
}
