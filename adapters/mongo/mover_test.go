package mongo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/contract"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// carriage is a move of documents that an application reaches by the driver alone.
type carriage struct {
	t      *testing.T
	store  *mongo.Store
	client *driver.Client
	sent   *recorder
	move   domain.Move
	ports.Moving
}

func newCarriage(t *testing.T, server *mongotest.Server, way contract.Direction) *carriage {
	t.Helper()
	o := optionsFor(t, server)
	o.Tenant = server.Databases(t)
	c := &carriage{t: t, client: server.Connect(t), sent: &recorder{}}
	var err error
	if c.store, err = mongo.OpenMonitored(t.Context(), o, c.sent.monitor()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.store.Close(context.Background()) })
	at := func(strategy domain.Strategy, namespace string) domain.Placement {
		p := placed(o.Tenant, namespace)
		p.Strategy = strategy
		return p
	}
	c.move = domain.Move{
		Operation: "operation", Organization: "organization",
		From: at(way.From, "org_one"), To: at(way.To, "org_two"), Stage: domain.MoveCopying, Version: 1,
	}
	if err := c.namespaces(c.move.From).Ensure(t.Context(), "organization", c.move.From); err != nil {
		t.Fatal(err)
	}
	c.move.Source = c.stat(c.move.From).Identity
	t.Cleanup(func() {
		if c.Moving != nil {
			c.Close()
		}
	})
	return c
}

func (c *carriage) namespaces(p domain.Placement) ports.Namespaces {
	return c.store.Storage()[p.Strategy].Namespaces
}

func (c *carriage) stat(p domain.Placement) ports.NamespaceInfo {
	c.t.Helper()
	info, err := c.namespaces(p).Stat(c.t.Context(), p)
	if err != nil {
		c.t.Fatal(err)
	}
	return info
}

// native is the collection of a placement, and what makes an application's document one
// that is stored there.
func (c *carriage) native(p domain.Placement) (*driver.Collection, func(bson.D) bson.D) {
	c.t.Helper()
	if p.Strategy != domain.StrategyShared {
		return probe{c.client}.collection(p), func(d bson.D) bson.D { return d }
	}
	tenants, s := shareProbe{c.client}.share(c.t, p)
	return tenants, s.document
}

func (c *carriage) insert(p domain.Placement, documents ...bson.D) {
	c.t.Helper()
	native, stored := c.native(p)
	for _, d := range documents {
		if _, err := native.InsertOne(c.t.Context(), stored(d)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// own returns the documents of a placement as an application knows them, by the text of
// their own _id.
func (c *carriage) own(p domain.Placement) map[string]bson.Raw {
	c.t.Helper()
	native, _ := c.native(p)
	filter := bson.D{}
	if p.Strategy == domain.StrategyShared {
		_, s := shareProbe{c.client}.share(c.t, p)
		filter = s.all()
	}
	cursor, err := native.Find(c.t.Context(), filter)
	if err != nil {
		c.t.Fatal(err)
	}
	var all []bson.Raw
	if err := cursor.All(c.t.Context(), &all); err != nil {
		c.t.Fatal(err)
	}
	own := map[string]bson.Raw{}
	for _, raw := range all {
		id := raw.Lookup("_id")
		var document bson.D
		elements, _ := raw.Elements()
		for _, e := range elements {
			if key := e.Key(); key != "_id" && (key != "organization_id" || p.Strategy != domain.StrategyShared) {
				document = append(document, bson.E{Key: key, Value: e.Value()})
			}
		}
		if p.Strategy == domain.StrategyShared {
			id = id.Document().Lookup("id")
		}
		data, err := bson.Marshal(append(bson.D{{Key: "_id", Value: id}}, document...))
		if err != nil {
			c.t.Fatal(err)
		}
		own[id.String()] = data
	}
	return own
}

func (c *carriage) open() {
	c.t.Helper()
	if c.Moving != nil {
		c.Close()
	}
	moving, err := c.store.Mover().Open(c.t.Context(), c.move)
	if err != nil {
		c.t.Fatalf("Open: %v", err)
	}
	c.Moving, c.move.Target = moving, moving.Target()
}

// pass copies, or checks, from the beginning to the end.
func (c *carriage) pass(step func(context.Context, string, int) (ports.MovedPart, error), limit int) error {
	c.t.Helper()
	for position := ""; ; {
		part, err := step(c.t.Context(), position, limit)
		if err != nil || part.Done {
			return err
		}
		position = part.Position
	}
}

// finish freezes the source and does what is left.
func (c *carriage) finish() {
	c.t.Helper()
	c.must("Freeze", c.Freeze(c.t.Context()))
	if !c.Records() {
		c.must("Check", c.pass(c.Check, 100))
	}
	c.catchUp()
	sums, err := c.Sums(c.t.Context())
	if err != nil || !sums.Equal() {
		c.t.Errorf("Sums: %+v, %v", sums, err)
	}
}

func (c *carriage) catchUp() {
	c.t.Helper()
	for range 1000 {
		n, err := c.CatchUp(c.t.Context())
		c.must("CatchUp", err)
		if n == 0 {
			return
		}
	}
	c.t.Fatal("CatchUp has no end")
}

func (c *carriage) must(what string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v (%v)", what, err, mongo.CauseOf(err))
	}
}

// left is where the source is by now.
func (c *carriage) left() domain.Placement {
	if c.stat(c.move.From).Identity == c.move.Source {
		return c.move.From
	}
	return c.move.From.Left()
}

// wantMoved fails t unless the target has what the source has, byte by byte.
func (c *carriage) wantMoved() map[string]bson.Raw {
	c.t.Helper()
	from, to := c.own(c.left()), c.own(c.move.To)
	for id, want := range from {
		if got := to[id]; !bytes.Equal(got, want) {
			c.t.Errorf("the document %s: got %v, want %v", id, got, want)
		}
	}
	if len(from) != len(to) {
		c.t.Errorf("got %d documents, want %d", len(to), len(from))
	}
	return to
}

// oddDocuments have _ids and values of all types.
func oddDocuments() (all []bson.D) {
	decimal, _ := bson.ParseDecimal128("1.50")
	values := bson.D{
		{Key: "double", Value: 1.5},
		{Key: "text", Value: "a\x00b"},
		{Key: "document", Value: bson.D{{Key: "a.b", Value: 1}, {Key: "$c", Value: 2}}},
		{Key: "array", Value: bson.A{1, "a", nil}},
		{Key: "binary", Value: bson.Binary{Subtype: 4, Data: make([]byte, 16)}},
		{Key: "object", Value: bson.ObjectID{1}},
		{Key: "bool", Value: true},
		{Key: "date", Value: bson.DateTime(-5)},
		{Key: "null", Value: nil},
		{Key: "regex", Value: bson.Regex{Pattern: "a", Options: "i"}},
		{Key: "code", Value: bson.JavaScript("1")},
		{Key: "int", Value: int32(1)},
		{Key: "time", Value: bson.Timestamp{T: 1, I: 2}},
		{Key: "long", Value: int64(1)},
		{Key: "decimal", Value: decimal},
		{Key: "min", Value: bson.MinKey{}},
		{Key: "max", Value: bson.MaxKey{}},
		{Key: "symbol", Value: bson.Symbol("s")},
		{Key: "undefined", Value: bson.Undefined{}},
		{Key: "", Value: "no name"},
		{Key: "dotted.key", Value: 1},
		{Key: "$dollar", Value: 1},
	}
	ids := []any{
		int32(1), int64(2), 2.5, decimal, "text", "",
		bson.ObjectID{1},
		nil, true, false, bson.DateTime(1),
		bson.Timestamp{T: 3},
		bson.Binary{Data: []byte("b")},
		bson.D{{Key: "a", Value: int32(1)}, {Key: "b", Value: bson.A{1, 2}}},
		bson.D{},
		bson.MinKey{},
		bson.MaxKey{},
		bson.JavaScript("1"), bson.Symbol("symbol"), strings.Repeat("long", 100),
	}
	for i, id := range ids {
		all = append(all, append(bson.D{{Key: "_id", Value: id}, {Key: "i", Value: i}}, values...))
	}
	return append(all,
		bson.D{{Key: "_id", Value: "nothing else"}},
		bson.D{{Key: "_id", Value: "dollar first"}, {Key: "$set", Value: bson.D{{Key: "a", Value: 1}}}},
		bson.D{{Key: "_id", Value: "twice"}, {Key: "a", Value: 1}, {Key: "a", Value: 2}},
	)
}

// emptyTimestamps puts a document with such a field at the top, for which the server puts
// the time into what is inserted.
func (c *carriage) emptyTimestamps(p domain.Placement) {
	c.t.Helper()
	native, stored := c.native(p)
	d := stored(bson.D{{Key: "_id", Value: "zero"}, {Key: "zero", Value: bson.Timestamp{}}})
	_, err := native.UpdateOne(c.t.Context(), d[:len(d)-1],
		driver.Pipeline{{{Key: "$replaceWith", Value: bson.D{{Key: "$literal", Value: d}}}}}, options.UpdateOne().SetUpsert(true))
	if err != nil {
		c.t.Fatal(err)
	}
}

// TestMoverKeepsBytes moves documents whose _ids and values have all types.
func TestMoverKeepsBytes(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		for _, way := range contract.Directions() {
			t.Run(fmt.Sprintf("%s to %s", way.From, way.To), func(t *testing.T) {
				c := newCarriage(t, server, way)
				c.insert(c.move.From, oddDocuments()...)
				c.emptyTimestamps(c.move.From)
				c.open()
				for _, limit := range []int{1, 3, 1000} {
					c.must("Copy", c.pass(c.Copy, limit))
					c.wantMoved()
				}
				c.must("Check", c.pass(c.Check, 4))
				// A number may change its type, and nothing else.
				native, stored := c.native(c.move.From)
				for _, id := range []any{int32(1), int64(2)} {
					if _, err := native.DeleteOne(t.Context(), bson.D{{Key: "_id", Value: stored(bson.D{{Key: "_id", Value: id}})[0].Value}}); err != nil {
						t.Fatal(err)
					}
				}
				c.insert(c.move.From, bson.D{{Key: "_id", Value: 1.0}, {Key: "n", Value: 1}}, bson.D{{Key: "_id", Value: int32(2)}})
				c.finish()
				if got, want := len(c.wantMoved()), len(oddDocuments())+1; got != want {
					t.Errorf("%d documents were moved, want %d", got, want)
				}
				for _, s := range c.sent.take() {
					wantDurable(t, s)
					wantInTime(t, s, c.move.To)
				}
			})
		}
	})
}

// wantInTime wants what is written at the target to be bound to a time.
func wantInTime(t *testing.T, s sent, to domain.Placement) {
	t.Helper()
	if (s.name == "update" || s.name == "delete") && s.database == to.OwnDatabase() && s.text(s.name) == to.Collection() &&
		!strings.Contains(s.body.String(), `"$$NOW"`) {
		t.Errorf("%s is done however late it is: %.300s", s.name, s.body)
	}
}

// TestMoverRefuses documents that shares can't keep.
func TestMoverRefuses(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	c := newCarriage(t, server, contract.Direction{From: domain.StrategyCollection, To: domain.StrategyShared})
	c.insert(c.move.From, bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "_id", Value: 2}, {Key: "organization_id", Value: "mine"}})
	c.open()
	for what, step := range map[string]func(context.Context, string, int) (ports.MovedPart, error){"Copy": c.Copy, "Check": c.Check} {
		err := c.pass(step, 10)
		if !errors.Is(err, domain.ErrMoveRefused) || !strings.Contains(err.Error(), "organization_id") {
			t.Errorf("%s: %v", what, err)
		}
	}

	c = newCarriage(t, server, contract.Direction{From: domain.StrategyCollection, To: domain.StrategyShared})
	c.insert(c.move.From, bson.D{{Key: "_id", Value: 1}, {Key: "text", Value: strings.Repeat("a", 16<<20-50)}})
	c.open()
	if err := c.pass(c.Copy, 10); !errors.Is(err, domain.ErrMoveRefused) {
		t.Errorf("a document that is too large: %v", err)
	}

	c = newCarriage(t, server, contract.Direction{From: domain.StrategyShared, To: domain.StrategyCollection})
	tenants, s := shareProbe{c.client}.share(t, c.move.From)
	strange := bson.D{{Key: "_id", Value: append(s.id(1), bson.E{Key: "more", Value: 1})}, {Key: "organization_id", Value: s.Organization}}
	if _, err := tenants.InsertOne(t.Context(), strange); err != nil {
		t.Fatal(err)
	}
	c.open()
	if err := c.pass(c.Copy, 10); !errors.Is(err, domain.ErrMoveRefused) {
		t.Errorf("an _id of another form: %v", err)
	}

	// A collection of its own takes what a share doesn't.
	c = newCarriage(t, server, contract.Direction{From: domain.StrategyCollection, To: domain.StrategyDatabase})
	c.insert(c.move.From, bson.D{{Key: "_id", Value: 2}, {Key: "organization_id", Value: "mine"}})
	c.open()
	c.must("Check", c.pass(c.Check, 10))
	c.finish()
	c.wantMoved()
}

// TestMoverWithWriters moves documents that another client of the driver writes all the
// time, until the freeze. What it was told is done is at the target.
func TestMoverWithWriters(t *testing.T) {
	server := mongotest.For(t, mongotest.ReplicaSet)
	for _, way := range contract.Directions() {
		t.Run(fmt.Sprintf("%s to %s", way.From, way.To), func(t *testing.T) {
			c := newCarriage(t, server, way)
			native, stored := c.native(c.move.From)
			const writers, keys = 3, 40
			stop := make(chan struct{})
			results := make(chan map[string]int, writers)
			for w := range writers {
				go func() {
					last := map[string]int{}
					defer func() { results <- last }()
					for n := 1; ; n++ {
						select {
						case <-stop:
							return
						default:
						}
						id := fmt.Sprintf("%d/%d", w, n%keys)
						d := stored(bson.D{{Key: "_id", Value: id}, {Key: "n", Value: n}})
						if n%7 == 0 {
							if _, err := native.DeleteOne(t.Context(), d[:len(d)-1]); err == nil {
								last[id] = 0
							}
							continue
						}
						if _, err := native.ReplaceOne(t.Context(), d[:len(d)-1], d, options.Replace().SetUpsert(true)); err == nil {
							last[id] = n
						}
					}
				}()
			}
			for n := range 500 {
				c.insert(c.move.From, bson.D{{Key: "_id", Value: n}})
			}
			c.open()
			c.must("Copy", c.pass(c.Copy, 50))
			c.must("Check", c.pass(c.Check, 50))
			for range 10 {
				_, err := c.CatchUp(t.Context())
				c.must("CatchUp", err)
			}
			close(stop) // An application's own writers have to stop before the freeze.
			want := map[string]int{}
			for range writers {
				for id, n := range <-results {
					want[id] = n
				}
			}
			c.finish()
			there := c.wantMoved()
			for id, n := range want {
				got, _ := there[fmt.Sprintf("%q", id)].Lookup("n").AsInt64OK()
				if int(got) != n {
					t.Errorf("the document %s: got %d, want %d", id, got, n)
				}
			}
			if len(there) < 500 {
				t.Errorf("%d documents were moved", len(there))
			}
		})
	}
}

// TestMoverLosesChanges when the stream can't go on: that is told.
func TestMoverLosesChanges(t *testing.T) {
	c := newCarriage(t, mongotest.For(t, mongotest.ReplicaSet), contract.Direction{From: domain.StrategyDatabase, To: domain.StrategyShared})
	c.insert(c.move.From, bson.D{{Key: "_id", Value: 1}})
	c.open()
	c.must("Check", c.pass(c.Check, 10))

	// A call that runs out of time is no end of it.
	c.insert(c.move.From, bson.D{{Key: "_id", Value: 2}})
	short, cancel := context.WithTimeout(t.Context(), time.Microsecond)
	defer cancel()
	if _, err := c.CatchUp(short); !errors.Is(err, domain.ErrStoreUnavailable) {
		t.Errorf("CatchUp without time: %v", err)
	}
	c.catchUp()
	c.wantMoved()

	if err := c.client.Database(c.move.From.OwnDatabase()).Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := c.CatchUp(t.Context())
	if !errors.Is(err, ports.ErrChangesLost) && !errors.Is(err, domain.ErrNamespaceMissing) {
		t.Errorf("CatchUp after a drop: %v", err)
	}
}
