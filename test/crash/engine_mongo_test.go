package crash

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// mongoEngine looks at where the organizations' data lives through the driver.
type mongoEngine struct {
	uri, master, tenant string
	data                *mongo.Database
}

func newMongo(t *testing.T, server *mongotest.Server) *mongoEngine {
	t.Helper()
	e := &mongoEngine{uri: server.URI, master: server.Database(t), tenant: server.Database(t)}
	e.data = server.Connect(t).Database(e.tenant)
	return e
}

func (e *mongoEngine) environment() []string {
	return []string{"STORE=mongo", "MONGO_URI=" + e.uri, "MASTER_DB=" + e.master, "TENANT_DB=" + e.tenant}
}

func (e *mongoEngine) namespaces() ([]space, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	collections, err := e.data.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, err
	}
	var all []space
	for _, name := range collections {
		if name != "tenants" && name != "tenant_shares" {
			all = append(all, space{"collection", name})
		}
	}
	databases, err := e.data.Client().ListDatabaseNames(ctx, bson.D{{Key: "name", Value: bson.Regex{Pattern: "^" + e.tenant + "_"}}})
	if err != nil {
		return nil, err
	}
	for _, name := range databases {
		all = append(all, space{"database", strings.TrimPrefix(name, e.tenant+"_")})
	}
	shares, err := e.data.Collection("tenant_shares").Distinct(ctx, "name", bson.D{}).Raw()
	if err != nil {
		return nil, err
	}
	values, err := shares.Values()
	for _, name := range values {
		all = append(all, space{"shared", name.StringValue()})
	}
	return all, err
}
