package mongo_test

import (
	"context"
	"os"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/contract"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestContract(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		registry := func(t *testing.T) contract.Registry {
			store := open(t, optionsFor(t, server))
			return contract.Registry{
				Organizations: store.Organizations(),
				Accounts:      store.Accounts(),
				Census:        store.Census(),
				Directory:     store.Directory(),
				Requests:      store.Requests(),
				Usages:        store.Usages(),
				Moves:         store.Moves(),
			}
		}
		t.Run("Organizations", func(t *testing.T) { contract.RunOrganizations(t, registry) })
		t.Run("Accounts", func(t *testing.T) { contract.RunAccounts(t, registry) })
		t.Run("Census", func(t *testing.T) { contract.RunCensus(t, registry) })
		t.Run("Directory", func(t *testing.T) { contract.RunDirectory(t, registry) })
		t.Run("Requests", func(t *testing.T) { contract.RunRequests(t, registry) })
		t.Run("Usages", func(t *testing.T) { contract.RunUsages(t, registry) })
		t.Run("Moves", func(t *testing.T) { contract.RunMoves(t, registry) })
		t.Run("Structure", func(t *testing.T) {
			contract.RunStructure(t, func(t *testing.T) contract.Structure { return structureOf(t, server) })
		})
		collections := func(t *testing.T) opened { return storage(t, server) }
		runStorage(t, collections)
		runDocuments(t, collections)
	})
}

func TestContractOfOtherStrategies(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		t.Run("Database", func(t *testing.T) {
			open := func(t *testing.T) opened { return databases(t, server) }
			runStorage(t, open)
			if !server.ReplicaSet { // What a replica set adds is seen with collections.
				runDocuments(t, open)
			}
		})
		t.Run("Shared", func(t *testing.T) {
			open := func(t *testing.T) opened { return shared(t, server) }
			runStorage(t, open)
			runDocuments(t, open)
		})
	})
}

// TestContractOfMover runs on the servers that differ, and looks at all commands: each keeps
// to one share. It moves from each strategy and to each, on a standalone server, where only
// the end of a move is another one, by fewer ways. With MOVER=all it moves by all six.
func TestContractOfMover(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		directions := []contract.Direction{
			{From: domain.StrategyCollection, To: domain.StrategyShared},
			{From: domain.StrategyShared, To: domain.StrategyDatabase},
			{From: domain.StrategyDatabase, To: domain.StrategyCollection},
		}
		if !server.ReplicaSet {
			directions = directions[:2]
		}
		if os.Getenv("MOVER") == "all" {
			directions = contract.Directions()
		}
		contract.RunMover(t, func(t *testing.T) contract.MoveStorage {
			o := optionsFor(t, server)
			o.Tenant = server.Databases(t)
			var r recorder
			store, err := mongo.OpenMonitored(t.Context(), o, r.monitor())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = store.Close(context.Background())
				wantKept(t, r.take())
			})
			return contract.MoveStorage{Storage: store.Storage(), Mover: store.Mover(), Database: o.Tenant}
		}, directions...)
	})
}

// opened is a contract.Storage with its documents.
type opened struct {
	contract.Storage
	documents ports.Documents
}

// runStorage runs the suites of a strategy's namespaces.
func runStorage(t *testing.T, open func(t *testing.T) opened) {
	t.Helper()
	storage := func(t *testing.T) contract.Storage { return open(t).Storage }
	t.Run("Inventory", func(t *testing.T) { contract.RunInventory(t, storage) })
	t.Run("Namespaces", func(t *testing.T) { contract.RunNamespaces(t, storage) })
}

func runDocuments(t *testing.T, open func(t *testing.T) opened) {
	t.Helper()
	t.Run("Documents", func(t *testing.T) {
		contract.RunDocuments(t, func(t *testing.T) contract.DocumentStorage {
			s := open(t)
			return contract.DocumentStorage{
				Documents: s.documents, Namespaces: s.Namespaces, Strategy: s.Strategy, Database: s.Database, Fixed: s.Fixed,
			}
		})
	})
}

func storage(t *testing.T, server *mongotest.Server) opened {
	t.Helper()
	o := optionsFor(t, server)
	o.Tenant = server.Database(t)
	return natively(t, server, o, domain.StrategyCollection)
}

// databases is the storage of domain.StrategyDatabase. Names of databases must be short.
func databases(t *testing.T, server *mongotest.Server) opened {
	t.Helper()
	o := optionsFor(t, server)
	o.Tenant = server.Databases(t)
	s := natively(t, server, o, domain.StrategyDatabase)
	s.Fixed = true
	return s
}

// natively returns the storage of a strategy whose namespaces are collections.
func natively(t *testing.T, server *mongotest.Server, o mongo.Options, strategy domain.Strategy) opened {
	t.Helper()
	client, kept := server.Connect(t), open(t, o).Storage()[strategy]
	p := probe{client}
	return opened{documents: kept.Documents, Storage: contract.Storage{
		Namespaces: kept.Namespaces,
		Inventory:  kept.Inventory,
		Strategy:   strategy,
		Database:   o.Tenant,
		Probe:      p,
		Foreign: func(t *testing.T, at domain.Placement) {
			c := p.collection(at)
			if err := c.Database().CreateView(t.Context(), c.Name(), "nothing", driver.Pipeline{}); err != nil {
				t.Fatal(err)
			}
		},
		AddUnique: func(t *testing.T, at domain.Placement) {
			model := driver.IndexModel{Keys: bson.D{{Key: "group", Value: 1}}, Options: options.Index().SetUnique(true)}
			if _, err := p.collection(at).Indexes().CreateOne(t.Context(), model); err != nil {
				t.Fatal(err)
			}
		},
	}}
}

// probe reaches documents by the driver alone.
type probe struct{ client *driver.Client }

type document struct {
	Number int    `bson:"_id"`
	Group  int    `bson:"group"`
	Text   string `bson:"text"`
}

func (p probe) collection(at domain.Placement) *driver.Collection {
	return p.client.Database(at.OwnDatabase()).Collection(at.Collection())
}

func (p probe) Insert(t *testing.T, at domain.Placement, documents []contract.Document) {
	t.Helper()
	all := make([]document, len(documents))
	for i, d := range documents {
		all[i] = document(d)
	}
	if _, err := p.collection(at).InsertMany(t.Context(), all); err != nil {
		t.Fatalf("insert documents: %v", err)
	}
}

func (p probe) Documents(t *testing.T, at domain.Placement) []contract.Document {
	t.Helper()
	cursor, err := p.collection(at).Find(t.Context(), bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		t.Fatalf("find documents: %v", err)
	}
	var all []document
	if err := cursor.All(t.Context(), &all); err != nil {
		t.Fatalf("find documents: %v", err)
	}
	documents := make([]contract.Document, len(all))
	for i, d := range all {
		documents[i] = contract.Document(d)
	}
	return documents
}

const groupIndex = "by_group"

func (p probe) AddIndex(t *testing.T, at domain.Placement) {
	t.Helper()
	model := driver.IndexModel{Keys: bson.D{{Key: "group", Value: 1}}, Options: options.Index().SetName(groupIndex)}
	if _, err := p.collection(at).Indexes().CreateOne(t.Context(), model); err != nil {
		t.Fatalf("create an index: %v", err)
	}
}

func (p probe) IndexServes(t *testing.T, at domain.Placement) bool {
	t.Helper()
	plan := explain(t, p.client.Database(at.OwnDatabase()), bson.D{
		{Key: "find", Value: at.Collection()},
		{Key: "filter", Value: bson.D{{Key: "group", Value: 1}}},
	})
	return plan.uses(groupIndex)
}
