package mongo_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestANewerSchemaIsRefused(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		db := server.Connect(t).Database(o.Master)
		_, err := db.Collection("schema").InsertOne(t.Context(),
			bson.D{{Key: "_id", Value: "registry"}, {Key: "version", Value: mongo.SchemaVersion + 1}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mongo.Open(t.Context(), o); !errors.Is(err, mongo.ErrSchemaTooNew) {
			t.Errorf("got %v, want ErrSchemaTooNew", err)
		}
		// Nothing else was touched.
		names, err := db.ListCollectionNames(t.Context(), bson.D{})
		if err != nil || len(names) != 1 {
			t.Errorf("collections: %v, %v, want the schema's alone", names, err)
		}
	})
}

func TestManyOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		var group sync.WaitGroup
		stores, errs := make([]*mongo.Store, 8), make([]error, 8)
		for i := range stores {
			group.Go(func() { stores[i], errs[i] = mongo.Open(t.Context(), o) })
		}
		group.Wait()
		for i, store := range stores {
			if errs[i] != nil {
				t.Errorf("Open: %v", errs[i])
				continue
			}
			if err := store.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		var found struct {
			Version int `bson:"version"`
		}
		err := server.Connect(t).Database(o.Master).Collection("schema").FindOne(t.Context(), bson.D{}).Decode(&found)
		if err != nil || found.Version != mongo.SchemaVersion {
			t.Errorf("the schema has version %d, %v", found.Version, err)
		}
	})
}

func TestAConflictingIndexIsNamed(t *testing.T) {
	partial := bson.D{{Key: "live", Value: true}}
	for name, c := range map[string]struct {
		collection string
		model      driver.IndexModel
		want       []string
	}{
		"another index of the name": {
			"organizations",
			driver.IndexModel{Keys: bson.D{{Key: "other", Value: 1}}, Options: options.Index().SetName("name_keys_1")},
			[]string{`"organizations"`, `"name_keys_1"`},
		},
		"the key under another name": {
			"organizations",
			driver.IndexModel{
				Keys:    bson.D{{Key: "name_keys", Value: 1}},
				Options: options.Index().SetName("their_names").SetUnique(true).SetPartialFilterExpression(partial),
			},
			[]string{`"organizations"`, `"their_names"`, `"name_keys_1"`},
		},
		"not unique": {
			"admins",
			driver.IndexModel{Keys: bson.D{{Key: "email_key", Value: 1}}},
			[]string{`"admins"`, `"email_key_1"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
				o := optionsFor(t, server)
				db := server.Connect(t).Database(o.Master)
				if _, err := db.Collection(c.collection).Indexes().CreateOne(t.Context(), c.model); err != nil {
					t.Fatal(err)
				}
				_, err := mongo.Open(t.Context(), o)
				if !errors.Is(err, mongo.ErrIndexConflict) {
					t.Fatalf("got %v, want ErrIndexConflict", err)
				}
				for _, want := range c.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%v doesn't name %s", err, want)
					}
				}
			})
		})
	}
}

func TestRecordsThatCollideAreNoted(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		admins := server.Connect(t).Database(o.Master).Collection("admins")
		for range 2 {
			if _, err := admins.InsertOne(t.Context(), bson.D{{Key: "email_key", Value: "marker@example.com"}}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := mongo.Open(t.Context(), o)
		if !errors.Is(err, mongo.ErrIndexConflict) || !strings.Contains(err.Error(), `"email_key"`) {
			t.Errorf("got %v, want ErrIndexConflict that names email_key", err)
		}
		wantNowhere(t, err, "marker")
	})
}
