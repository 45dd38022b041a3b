package crash

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// mongoEngine reads and writes the organizations' collections through the driver.
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

func (e *mongoEngine) write(namespace string, d document) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := e.data.Collection(namespace).InsertOne(ctx, d)
	return err
}

func (e *mongoEngine) read(namespace string) (map[string]document, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var all []document
	cursor, err := e.data.Collection(namespace).Find(ctx, bson.D{})
	if err != nil {
		return nil, err
	}
	if err := cursor.All(ctx, &all); err != nil {
		return nil, err
	}
	found := make(map[string]document, len(all))
	for _, d := range all {
		found[d.ID] = d
	}
	return found, nil
}

func (e *mongoEngine) namespaces() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return e.data.ListCollectionNames(ctx, bson.D{})
}
