package mongo_test

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/contract"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// shared is the storage of domain.StrategyShared. Whatever a suite does with it, each
// command must keep to one share. It has no AddUnique: an index that lets
// no two documents of an organization have the same would let no two of its shares.
func shared(t *testing.T, server *mongotest.Server) opened {
	t.Helper()
	o := optionsFor(t, server)
	o.Tenant = server.Database(t)
	var r recorder
	store, err := mongo.OpenMonitored(t.Context(), o, r.monitor())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = store.Close(context.Background())
		wantKept(t, r.take())
	})
	kept := store.Shared()
	return opened{documents: kept.Documents, Storage: contract.Storage{
		Namespaces: kept.Namespaces,
		Inventory:  kept.Inventory,
		Strategy:   domain.StrategyShared,
		Database:   o.Tenant,
		Probe:      shareProbe{server.Connect(t)},
	}}
}

// inShare returns a placement with a share.
func inShare(database, namespace string) domain.Placement {
	p := placed(database, namespace)
	p.Strategy = domain.StrategyShared
	return p
}

// shareProbe reaches the documents of shares by the driver alone, as the documentation
// says how they are stored.
type shareProbe struct{ client *driver.Client }

// storedShare is a record of the collection tenant_shares.
type storedShare struct {
	Key          bson.ObjectID `bson:"_id"`
	Name         string        `bson:"name"`
	Organization any           `bson:"organization_id"`
	Dropping     bool          `bson:"dropping"`
}

// id returns the _id of a document in the share.
func (s storedShare) id(own any) bson.D {
	return bson.D{{Key: "organization_id", Value: s.Organization}, {Key: "share", Value: s.Key}, {Key: "id", Value: own}}
}

// all finds all documents of the share.
func (s storedShare) all() bson.D {
	return bson.D{{Key: "organization_id", Value: s.Organization}, {Key: "_id.share", Value: s.Key}}
}

func (p shareProbe) share(t *testing.T, at domain.Placement) (*driver.Collection, storedShare) {
	t.Helper()
	db := p.client.Database(at.Database)
	var s storedShare
	if err := db.Collection("tenant_shares").FindOne(t.Context(), bson.D{{Key: "name", Value: at.Namespace}}).Decode(&s); err != nil {
		t.Fatalf("the share %s: %v", at.Namespace, err)
	}
	return db.Collection("tenants"), s
}

func (p shareProbe) Insert(t *testing.T, at domain.Placement, documents []contract.Document) {
	t.Helper()
	tenants, s := p.share(t, at)
	all := make([]bson.D, len(documents))
	for i, d := range documents {
		all[i] = bson.D{
			{Key: "_id", Value: s.id(d.Number)},
			{Key: "organization_id", Value: s.Organization},
			{Key: "group", Value: d.Group},
			{Key: "text", Value: d.Text},
		}
	}
	if _, err := tenants.InsertMany(t.Context(), all); err != nil {
		t.Fatalf("insert documents: %v", err)
	}
}

func (p shareProbe) Documents(t *testing.T, at domain.Placement) []contract.Document {
	t.Helper()
	tenants, s := p.share(t, at)
	cursor, err := tenants.Find(t.Context(), s.all(), options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		t.Fatalf("find documents: %v", err)
	}
	var all []struct {
		ID struct {
			Own int `bson:"id"`
		} `bson:"_id"`
		Group int    `bson:"group"`
		Text  string `bson:"text"`
	}
	if err := cursor.All(t.Context(), &all); err != nil {
		t.Fatalf("find documents: %v", err)
	}
	documents := make([]contract.Document, len(all))
	for i, d := range all {
		documents[i] = contract.Document{Number: d.ID.Own, Group: d.Group, Text: d.Text}
	}
	return documents
}

func (p shareProbe) AddIndex(t *testing.T, at domain.Placement) {
	t.Helper()
	tenants, _ := p.share(t, at)
	model := driver.IndexModel{
		Keys:    bson.D{{Key: "organization_id", Value: 1}, {Key: "group", Value: 1}},
		Options: options.Index().SetName(groupIndex),
	}
	if _, err := tenants.Indexes().CreateOne(t.Context(), model); err != nil {
		t.Fatalf("create an index: %v", err)
	}
}

func (p shareProbe) IndexServes(t *testing.T, at domain.Placement) bool {
	t.Helper()
	tenants, s := p.share(t, at)
	plan := explain(t, tenants.Database(), bson.D{
		{Key: "find", Value: tenants.Name()},
		{Key: "filter", Value: append(s.all(), bson.E{Key: "group", Value: 1})},
	})
	return plan.uses(groupIndex)
}
