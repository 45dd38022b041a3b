package mongo_test

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestAsIsMakesNothing(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		db := server.Connect(t).Database(o.Master)
		looking := o
		looking.AsIs = true
		if _, err := mongo.Open(t.Context(), looking); !errors.Is(err, mongo.ErrSchemaOlder) {
			t.Errorf("of an empty database: %v, want ErrSchemaOlder", err)
		}
		if names, err := db.ListCollectionNames(t.Context(), bson.D{}); err != nil || len(names) != 0 {
			t.Errorf("collections: %v, %v, want none", names, err)
		}

		open(t, o)
		indexes := db.Collection("admins").Indexes()
		if err := indexes.DropOne(t.Context(), "email_key_1"); err != nil {
			t.Fatal(err)
		}
		open(t, looking)
		left, err := indexes.ListSpecifications(t.Context())
		if err != nil || len(left) != 1 {
			t.Errorf("%d indexes, %v, want the one of _id alone", len(left), err)
		}

		_, err = db.Collection("schema").UpdateOne(t.Context(), bson.D{}, bson.D{{Key: "$inc", Value: bson.D{{Key: "version", Value: 1}}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mongo.Open(t.Context(), looking); !errors.Is(err, mongo.ErrSchemaTooNew) {
			t.Errorf("of a newer schema: %v, want ErrSchemaTooNew", err)
		}
	})
}
