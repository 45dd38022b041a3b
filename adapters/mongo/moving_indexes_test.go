package mongo_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/contract"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func (c *carriage) createIndex(p domain.Placement, name string, key bson.D, more ...bson.E) {
	c.t.Helper()
	spec := append(bson.D{{Key: "name", Value: name}, {Key: "key", Value: key}}, more...)
	native, _ := c.native(p)
	err := native.Database().RunCommand(c.t.Context(),
		bson.D{{Key: "createIndexes", Value: native.Name()}, {Key: "indexes", Value: bson.A{spec}}}).Err()
	if err != nil {
		c.t.Fatal(err)
	}
}

// indexes returns the specifications of the indexes of a placement's collection, but for
// those that always are there, in the order of their names.
func (c *carriage) indexes(p domain.Placement) (all []string) {
	c.t.Helper()
	native, _ := c.native(p)
	return indexesOf(c.t, native)
}

func indexesOf(t *testing.T, native *driver.Collection) (all []string) {
	t.Helper()
	cursor, err := native.Indexes().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var specs []bson.D
	if err := cursor.All(t.Context(), &specs); err != nil {
		t.Fatal(err)
	}
	for _, spec := range specs {
		slices.SortFunc(spec, func(a, b bson.E) int { return strings.Compare(a.Key, b.Key) })
		data, err := bson.MarshalExtJSON(spec, false, false)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(data); !strings.Contains(text, `"name":"_id_"`) && !strings.Contains(text, `"name":"organization_id_1__id_1"`) {
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return all
}

var unique = bson.E{Key: "unique", Value: true}

// someIndexes are what an application makes.
func (c *carriage) someIndexes(p domain.Placement) {
	c.createIndex(p, "plain", bson.D{{Key: "a", Value: 1}, {Key: "b.c", Value: -1}})
	c.createIndex(p, "by_id", bson.D{{Key: "_id", Value: 1}, {Key: "a", Value: 1}})
	c.createIndex(p, "hidden", bson.D{{Key: "h", Value: 1}}, bson.E{Key: "hidden", Value: true})
	c.createIndex(p, "partial", bson.D{{Key: "p", Value: 1}},
		bson.E{Key: "partialFilterExpression", Value: bson.D{{Key: "p", Value: bson.D{{Key: "$gt", Value: 5}}}}})
	c.createIndex(p, "unique", bson.D{{Key: "email", Value: 1}}, unique)
	c.createIndex(p, "sparse", bson.D{{Key: "s", Value: 1}}, unique, bson.E{Key: "sparse", Value: true})
	c.createIndex(p, "filtered", bson.D{{Key: "f", Value: 1}}, unique,
		bson.E{Key: "partialFilterExpression", Value: bson.D{{Key: "f", Value: bson.D{{Key: "$exists", Value: true}}}}})
}

// TestMoverCarriesIndexes there and back: they are as they were. Those of a share hold in
// it alone, and go with it.
func TestMoverCarriesIndexes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for _, own := range []domain.Strategy{domain.StrategyCollection, domain.StrategyDatabase} {
		c := newCarriage(t, server, contract.Direction{From: own, To: domain.StrategyShared})
		c.someIndexes(c.move.From)
		want := c.indexes(c.move.From)
		if len(want) != 7 {
			t.Fatalf("the indexes are %s", want)
		}
		for i := range 5 {
			c.insert(c.move.From, bson.D{{Key: "_id", Value: i}, {Key: "email", Value: i}, {Key: "p", Value: i}})
		}
		c.open()
		c.open()
		c.must("Check", c.pass(c.Check, 2))
		c.finish()
		c.wantMoved()

		tenants, stored := c.native(c.move.To)
		if got := c.indexes(c.move.To); len(got) != len(want) {
			t.Errorf("the indexes of the share are %s", got)
		}
		_, err := tenants.InsertOne(t.Context(), stored(bson.D{{Key: "_id", Value: 7}, {Key: "email", Value: 1}}))
		if !driver.IsDuplicateKeyError(err) {
			t.Errorf("a document that breaks the unique index: %v", err)
		}
		plan := explain(t, tenants.Database(), bson.D{{Key: "find", Value: "tenants"}, {Key: "filter", Value: bson.D{
			{Key: "organization_id", Value: "organization"}, {Key: "a", Value: 1},
		}}})
		if _, s := (shareProbe{c.client}).share(t, c.move.To); !plan.uses("plain_" + s.Key.Hex()) {
			t.Errorf("the plan is %+v", plan)
		}

		// To another share of the organization, beside this one, and back.
		first := c.move
		next := c.move
		next.Operation, next.From, next.Source, next.To, next.Target = "next", c.move.To, c.move.Target, inShare(c.move.To.Database, "org_three"), ""
		c.move = next
		c.open()
		if got := c.indexes(c.move.To); len(got) != 2*len(want) {
			t.Errorf("the indexes of both shares are %s", got)
		}
		c.must("Check", c.pass(c.Check, 2))
		c.finish()
		c.wantMoved()
		c.must("Drop", c.namespaces(next.From).Drop(t.Context(), next.From.Left()))
		if got := c.indexes(c.move.To); len(got) != len(want) {
			t.Errorf("the indexes of the share that is left are %s", got)
		}
		back := c.move
		back.Operation, back.From, back.Source, back.To, back.Target = "back", c.move.To, c.move.Target, first.From, ""
		back.To.Namespace = "org_four"
		c.move = back
		c.open()
		if got := c.indexes(c.move.To); !slices.Equal(got, want) {
			t.Errorf("the indexes are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		c.must("Check", c.pass(c.Check, 2))
		c.finish()
		c.wantMoved()
		c.must("Drop", c.namespaces(back.From).Drop(t.Context(), back.From.Left()))
		if got := indexesOf(t, tenants); len(got) != 0 {
			t.Errorf("dropped shares have left %s", got)
		}
	}
}

// TestMoverSeesNewIndexes that are made while documents are moved.
func TestMoverSeesNewIndexes(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		c := newCarriage(t, server, contract.Direction{From: domain.StrategyCollection, To: domain.StrategyShared})
		c.insert(c.move.From, bson.D{{Key: "_id", Value: 1}})
		c.open()
		c.must("Check", c.pass(c.Check, 2))
		c.catchUp()
		c.createIndex(c.move.From, "late", bson.D{{Key: "a", Value: 1}}, bson.E{Key: "unique", Value: true})
		if _, err := c.CatchUp(t.Context()); !errors.Is(err, ports.ErrChangesLost) {
			t.Fatalf("after an index was made: %v", err)
		}
		c.open()
		c.must("Check", c.pass(c.Check, 2))
		c.finish()
		c.wantMoved()
		if got := c.indexes(c.move.To); len(got) != 1 || !strings.Contains(got[0], "late_") {
			t.Errorf("the indexes are %s", got)
		}
	})
}

// TestMoverRefusesIndexes that can't hold in one share alone. Nothing is made then.
func TestMoverRefusesIndexes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	a := bson.D{{Key: "a", Value: 1}}
	for name, make := range map[string]func(c *carriage, p domain.Placement, name string){
		"text": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, bson.D{{Key: "a", Value: "text"}})
		},
		"wildcard": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, bson.D{{Key: "$**", Value: 1}})
		},
		"within": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, bson.D{{Key: "a.$**", Value: 1}})
		},
		"hashed": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, bson.D{{Key: "a", Value: "hashed"}})
		},
		"2d": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, bson.D{{Key: "a", Value: "2d"}})
		},
		"ttl": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, a, bson.E{Key: "expireAfterSeconds", Value: 3600})
		},
		"collation": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, a, bson.E{Key: "collation", Value: bson.D{{Key: "locale", Value: "de"}}})
		},
		"sparse": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, bson.D{{Key: "a", Value: 1}, {Key: "b", Value: 1}}, bson.E{Key: "sparse", Value: true})
		},
		"organization": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, bson.D{{Key: "organization_id", Value: 1}})
		},
		"filter": func(c *carriage, p domain.Placement, name string) {
			c.createIndex(p, name, a, bson.E{Key: "partialFilterExpression", Value: bson.D{{Key: "$and", Value: bson.A{
				bson.D{{Key: "organization_id", Value: 1}},
			}}}})
		},
		"many": func(c *carriage, p domain.Placement, name string) {
			for i := range 62 {
				c.createIndex(p, fmt.Sprint("index ", i), bson.D{{Key: fmt.Sprint("a", i), Value: 1}})
			}
			c.createIndex(p, name, a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCarriage(t, server, contract.Direction{From: domain.StrategyCollection, To: domain.StrategyShared})
			make(c, c.move.From, name)
			_, err := c.store.Mover().Open(t.Context(), c.move)
			if want := "The index " + name + " can't be kept with the strategy shared."; !errors.Is(err, domain.ErrMoveRefused) || !strings.Contains(err.Error(), want) {
				t.Errorf("Open: %v, want %s", err, want)
			}
			if c.stat(c.move.To).Exists {
				t.Error("something was made at the target")
			}

			// Another collection takes it.
			c.move.To = inDatabase(c.move.From.Database, "org_two")
			c.open()
			if got, want := c.indexes(c.move.To), c.indexes(c.move.From); !slices.Equal(got, want) {
				t.Errorf("the indexes are %s, want %s", got, want)
			}
		})
	}
}

// TestMoverWithUniqueIndexes gives away among documents what only one can have, before,
// between and after the steps of a move.
func TestMoverWithUniqueIndexes(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		for _, way := range []contract.Direction{
			{From: domain.StrategyCollection, To: domain.StrategyShared}, {From: domain.StrategyDatabase, To: domain.StrategyCollection},
		} {
			c := newCarriage(t, server, way)
			c.createIndex(c.move.From, "unique", bson.D{{Key: "email", Value: 1}}, unique)
			const n = 20
			for i := range n {
				c.insert(c.move.From, bson.D{{Key: "_id", Value: i}, {Key: "email", Value: i}})
			}
			native, _ := c.native(c.move.From)
			turn := 0
			rotate := func() { // Each gets what another has.
				turn++
				for _, away := range []int{1000, 0} {
					for i := range n {
						email := bson.D{{Key: "$set", Value: bson.D{{Key: "email", Value: away + (i+turn)%n}}}}
						if _, err := native.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: i}}, email); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			c.open()
			for position := ""; ; {
				part, err := c.Copy(t.Context(), position, 3)
				c.must("Copy", err)
				rotate()
				if part.Done {
					break
				}
				position = part.Position
			}
			for position := ""; ; {
				part, err := c.Check(t.Context(), position, 3)
				c.must("Check", err)
				rotate()
				if part.Done {
					break
				}
				position = part.Position
			}
			if c.Records() {
				c.catchUp()
				c.wantMoved()
			}
			rotate()
			c.finish()
			if got := len(c.wantMoved()); got != n {
				t.Errorf("%d documents were moved", got)
			}
		}
	})
}

// TestMoverRefusedByTheTarget, which somebody has given an index.
func TestMoverRefusedByTheTarget(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		c := newCarriage(t, server, contract.Direction{From: domain.StrategyCollection, To: domain.StrategyDatabase})
		c.insert(c.move.From, bson.D{{Key: "_id", Value: 1}, {Key: "a", Value: 1}}, bson.D{{Key: "_id", Value: 2}, {Key: "a", Value: 1}})
		c.open()
		c.createIndex(c.move.To, "unique", bson.D{{Key: "a", Value: 1}}, unique)
		c.must("Copy", c.pass(c.Copy, 10))
		c.must("Check", c.pass(c.Check, 10))
		c.must("Freeze", c.Freeze(t.Context()))
		err := c.pass(c.Check, 10)
		for range 10 {
			if c.Records() && err == nil {
				_, err = c.CatchUp(t.Context())
			}
		}
		if !errors.Is(err, domain.ErrMoveRefused) {
			t.Errorf("got %v", err)
		}
		if got := len(c.own(c.left())); got != 2 {
			t.Errorf("the source has %d documents", got)
		}
	})
}
