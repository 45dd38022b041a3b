package mongo_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/test/lifecycle"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestLifecycle(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		t.Parallel() // It waits for its server most of the time.
		o := optionsFor(t, server)
		o.Tenant = server.Database(t)
		store, client := open(t, o), server.Connect(t)
		lifecycle.Run(t, func(t *testing.T) lifecycle.Store {
			t.Helper()
			// Emptying a registry is far quicker than making one with its indexes.
			for _, collection := range []string{"organizations", "admins"} {
				if _, err := client.Database(o.Master).Collection(collection).DeleteMany(t.Context(), bson.D{}); err != nil {
					t.Fatal(err)
				}
			}
			if err := client.Database(o.Tenant).Drop(t.Context()); err != nil {
				t.Fatal(err)
			}
			return lifecycle.Store{Store: store, Database: o.Tenant}
		})
	})
}
