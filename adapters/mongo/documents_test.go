package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// shelf is a collection with documents, which applications reach as well.
type shelf struct {
	t         *testing.T
	store     *mongo.Store
	documents ports.Documents
	at        ports.Place
	native    *driver.Collection
	sent      *recorder
	// stored, if set, makes of a document what an application stores.
	stored func(document bson.D) bson.D
}

// newShelf makes an empty one.
func newShelf(t *testing.T, server *mongotest.Server) shelf {
	t.Helper()
	o := optionsFor(t, server)
	o.Tenant = server.Database(t)
	s := shelf{t: t, sent: &recorder{}}
	var err error
	if s.store, err = mongo.OpenMonitored(t.Context(), o, s.sent.monitor()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close(context.Background()) })
	p := placed(o.Tenant, "org_one")
	if err := s.store.Collections().Namespaces.Ensure(t.Context(), "organization", p); err != nil {
		t.Fatal(err)
	}
	s.documents, s.at = s.store.Collections().Documents, ports.Place{Organization: "organization", Placement: p, Identity: identityAt(t, s.store, p)}
	s.native = server.Connect(t).Database(o.Tenant).Collection(p.Namespace)
	s.sent.take()
	return s
}

func identityAt(t *testing.T, store *mongo.Store, p domain.Placement) string {
	t.Helper()
	info, err := store.Collections().Namespaces.Stat(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return info.Identity
}

// insert puts documents there as an application does.
func (s shelf) insert(documents ...any) {
	s.t.Helper()
	for i := range documents {
		if document, ok := documents[i].(bson.D); ok && s.stored != nil {
			documents[i] = s.stored(document)
		}
	}
	if _, err := s.native.InsertMany(s.t.Context(), documents); err != nil {
		s.t.Fatal(err)
	}
}

// write performs the writes.
func (s shelf) write(writes ...ports.DocumentWrite) []ports.DocumentResult {
	s.t.Helper()
	results, err := s.documents.Write(s.t.Context(), s.at, writes)
	if err != nil {
		s.t.Fatalf("Write: %v", err)
	}
	return results
}

// writeOne performs one write and returns its error.
func (s shelf) writeOne(w ports.DocumentWrite) error { return s.write(w)[0].Err }

// wantReplaceable fails the test unless the document is there, gives way to another one by
// its ETag, and comes back.
func (s shelf) wantReplaceable(d domain.Document) {
	s.t.Helper()
	if got := s.get(d.ID); got != d {
		s.t.Errorf("got %q, want %q", got, d)
	}
	next := domain.Document{ID: d.ID, Body: parsed(s.t, "", `{"next":1}`).Body}
	if result := s.write(putting(next, d.ETag()))[0]; result.Err != nil || result.Created {
		s.t.Errorf("put %q: %+v", d.ID, result)
	}
	if result := s.write(putting(d, ""))[0]; result.Err != nil || result.Created {
		s.t.Errorf("put %q back: %+v", d.ID, result)
	}
	if err := s.writeOne(creating(d)); !errors.Is(err, domain.ErrDocumentExists) {
		s.t.Errorf("create %q: %v", d.ID, err)
	}
}

func (s shelf) get(id domain.DocumentID) domain.Document {
	s.t.Helper()
	d, err := s.documents.Get(s.t.Context(), s.at, id)
	if err != nil {
		s.t.Fatalf("Get(%.100q): %v", id, err)
	}
	return d
}

// parsed returns a document of Extended JSON.
func parsed(t *testing.T, id domain.DocumentID, text string) domain.Document {
	t.Helper()
	d, err := domain.ParseDocument([]byte(text), domain.ExtendedJSON)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	d.ID = id
	return d
}

func putting(d domain.Document, condition domain.ETag) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentPut, Document: d, IfMatch: condition}
}

// puttingNew puts what is said to be new.
func puttingNew(d domain.Document) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentPut, Document: d, New: true}
}

func creating(d domain.Document) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentCreate, Document: d}
}

func removing(id domain.DocumentID, condition domain.ETag) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentDelete, Document: domain.Document{ID: id}, IfMatch: condition}
}

// TestEveryCommandNamesTheCollection looks at what is sent for documents: each command is
// for the collection with the UUID, durable, bounded, and tells what a majority has.
func TestEveryCommandNamesTheCollection(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		d := parsed(t, "a", `{"n":1,"zero":{"$timestamp":{"t":0,"i":0}}}`)
		s.write(creating(d), putting(parsed(t, "b", `{"n":1}`), ""), removing("c", ""))
		s.write(putting(d, d.ETag()), creating(parsed(t, "e", `{}`)), putting(d, domain.AnyETag), removing("b", "other"), removing("b", domain.AnyETag))
		s.get("a")
		for _, q := range []ports.DocumentQuery{{Limit: 5}, {Limit: 5, Scan: 1, Filter: []domain.Equal{{Field: "n", Value: int64(1)}}}} {
			if _, err := s.documents.List(t.Context(), s.at, q); err != nil && !errors.Is(err, domain.ErrFilterTooBroad) {
				t.Fatal(err)
			}
		}
		if n, err := s.documents.Count(t.Context(), s.at); err != nil || n != 2 {
			t.Errorf("Count: got %d, %v, want 2", n, err)
		}
		seen := map[string]int{}
		for i, command := range s.sent.take() {
			seen[command.name]++
			wantDurable(t, command)
			if limit, _ := command.body.Lookup("maxTimeMS").AsInt64OK(); limit <= 0 || limit > testTimeout.Milliseconds() {
				t.Errorf("%s: maxTimeMS is %d", command.name, limit)
			}
			kind, uuid := command.body.Lookup("collectionUUID").Binary()
			switch identity := fmt.Sprintf("%x", uuid); {
			case kind != 4 || (identity == strings.ReplaceAll(s.at.Identity, "-", "")) == (i == 0):
				t.Errorf("the command %d, %s, is for %s", i, command.name, identity)
			case i > 0 && (command.name == "find" || command.name == "aggregate"):
				level := command.text("readConcern", "level")
				if comparing := command.body.Lookup("filter", "_id").Value != nil && level == ""; level != "majority" && !comparing {
					t.Errorf("%s: read concern %q", command.name, level)
				}
			}
		}
		for _, name := range []string{"find", "aggregate", "insert", "update", "delete"} {
			if seen[name] == 0 {
				t.Errorf("no %s was sent", name)
			}
		}
	})
}

// TestDocumentsNeedAServerThatLooks has a server that works on another collection than
// was named, and one that doesn't know the field.
func TestDocumentsNeedAServerThatLooks(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		var uuid []byte
		if _, err := fmt.Sscanf(strings.ReplaceAll(s.at.Identity, "-", ""), "%x", &uuid); err != nil {
			t.Fatal(err)
		}
		// With the collection's own UUID the server answers as one that doesn't look.
		if err := s.store.Prove(t.Context(), s.at.Placement, uuid); !errors.Is(err, mongo.ErrNoFence) {
			t.Errorf("a server that doesn't look: %v", err)
		}

		store, f, tenant := openFailing(t, server)
		defer f.off()
		at := s.at
		at.Placement = placed(tenant, "org_one")
		for _, code := range []int{9, 72, 238, 40415} {
			f.always("find", bson.E{Key: "errorCode", Value: code})
			if _, err := store.Collections().Documents.Count(t.Context(), at); !errors.Is(err, mongo.ErrNoFence) || errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("code %d: %v", code, err)
			}
		}
		f.always("find", bson.E{Key: "errorCode", Value: 11601})
		if _, err := store.Collections().Documents.Count(t.Context(), at); !errors.Is(err, domain.ErrStoreUnavailable) {
			t.Errorf("a server that is interrupted: %v", err)
		}
		f.off()
		if _, err := store.Collections().Documents.Count(t.Context(), at); !errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("at last: %v", err)
		}

		// Once is enough, however many begin at once.
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() { _, _ = s.documents.Count(t.Context(), s.at) })
		}
		group.Wait()
		s.sent.take()
		_, _ = s.documents.Count(t.Context(), s.at)
		if n := len(s.sent.take()); n != 1 {
			t.Errorf("%d commands were sent for one call", n)
		}
	})
}

// everyCall calls each method, with a write of each kind.
func (s shelf) everyCall(at ports.Place) map[string]error {
	ctx, d := s.t.Context(), domain.Document{ID: "a"}
	errs := map[string]error{}
	_, errs["Get"] = s.documents.Get(ctx, at, "a")
	_, errs["List"] = s.documents.List(ctx, at, ports.DocumentQuery{Limit: 1})
	_, errs["List of none"] = s.documents.List(ctx, at, ports.DocumentQuery{})
	_, errs["filtered List"] = s.documents.List(ctx, at, ports.DocumentQuery{Limit: 1, Scan: 1, Filter: []domain.Equal{{Field: "a"}}})
	_, errs["filtered List of none"] = s.documents.List(ctx, at, ports.DocumentQuery{Filter: []domain.Equal{{Field: "a"}}})
	_, errs["Scan"] = s.documents.Scan(ctx, at, "", func(domain.Document) error { return nil })
	_, errs["Count"] = s.documents.Count(ctx, at)
	writes := []ports.DocumentWrite{
		creating(d), putting(d, ""), removing("a", ""), putting(d, domain.AnyETag), removing("a", domain.AnyETag), putting(d, "x"), removing("a", "x"),
		creating(parsed(s.t, "a", `{"zero":{"$timestamp":{"t":0,"i":0}}}`)), puttingNew(d),
	}
	for i, w := range writes {
		results, err := s.documents.Write(ctx, at, []ports.DocumentWrite{w})
		if err == nil {
			err = results[0].Err
		}
		errs[fmt.Sprint("Write ", i)] = err
	}
	results, err := s.documents.Write(ctx, at, writes)
	for i, result := range results {
		errs[fmt.Sprint("Write all, ", i)] = result.Err
	}
	if err != nil {
		errs["Write all"] = err
	}
	return errs
}

// TestDocumentsKeepToTheirCollection moves and drops collections behind the store's back,
// and puts others where they were.
func TestDocumentsKeepToTheirCollection(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		db := s.native.Database()
		want := func(what string, at ports.Place, collections ...string) {
			t.Helper()
			for call, err := range s.everyCall(at) {
				if !errors.Is(err, domain.ErrNamespaceMissing) {
					t.Errorf("%s: %s: %v, want that it is missing", what, call, err)
				}
			}
			names, err := db.ListCollectionNames(t.Context(), bson.D{{Key: "name", Value: bson.D{{Key: "$regex", Value: "^org"}}}})
			slices.Sort(names)
			if err != nil || !slices.Equal(names, collections) {
				t.Errorf("%s: there are %q, %v, want %q", what, names, err, collections)
			}
			for _, name := range collections {
				var all []bson.M
				cursor, err := db.Collection(name).Find(t.Context(), bson.D{})
				if err == nil {
					err = cursor.All(t.Context(), &all)
				}
				if diff := cmp.Diff([]bson.M{{"_id": "a", "v": int32(1)}}, all); err != nil || diff != "" {
					t.Errorf("%s: in %s, %v (-want +got):\n%s", what, name, err, diff)
				}
			}
		}
		document := bson.D{{Key: "_id", Value: "a"}, {Key: "v", Value: 1}}
		s.insert(document)
		for _, identity := range []string{"", "x", strings.ToUpper(s.at.Identity), strings.ReplaceAll(s.at.Identity, "-", ""), "{" + s.at.Identity + "}"} {
			at := s.at
			at.Identity = identity
			s.sent.take()
			want("no identity", at, "org_one")
			if n := len(s.sent.take()); n > 0 {
				t.Errorf("identity %q: %d commands were sent", identity, n)
			}
		}
		err := db.Client().Database("admin").RunCommand(t.Context(), bson.D{
			{Key: "renameCollection", Value: db.Name() + ".org_one"}, {Key: "to", Value: db.Name() + ".org_two"},
		}).Err()
		if err != nil {
			t.Fatal(err)
		}
		want("renamed", s.at, "org_two")
		s.insert(document) // into a new one
		want("made anew", s.at, "org_one", "org_two")
		if err := s.native.Drop(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("dropped", s.at, "org_two")
		if err := db.CreateView(t.Context(), "org_one", "org_two", driver.Pipeline{}); err != nil {
			t.Fatal(err)
		}
		want("a view", s.at, "org_one", "org_two")
		if err := db.Drop(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("no database", s.at)

		at := s.at
		at.Placement = placed("config", "org_one")
		for call, err := range s.everyCall(at) {
			if err == nil || errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("%s in a database of the server's: %v", call, err)
			}
		}
	})
}

// TestDocumentsOfAllIDs walks over _ids of all types, and gets each.
func TestDocumentsOfAllIDs(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		var all []any
		for i, id := range allIDs() {
			all = append(all, bson.D{{Key: "_id", Value: id}, {Key: "i", Value: i}})
		}
		s.insert(all...)
		cursor, err := s.native.Find(t.Context(), bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
		if err != nil {
			t.Fatal(err)
		}
		var want []domain.Document
		for cursor.Next(t.Context()) {
			d, err := mongo.DocumentOf(cursor.Current)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, d)
		}
		for _, limit := range []int{1, 3, 7, len(all), 1000} {
			for _, filter := range [][]domain.Equal{nil, {{Field: "absent", Value: nil}}} {
				var got []domain.Document
				after := domain.DocumentID("")
				for len(got) <= len(all) {
					found, err := s.documents.List(t.Context(), s.at, ports.DocumentQuery{After: after, Limit: limit, Filter: filter, Scan: 1000})
					if err != nil {
						t.Fatal(err)
					}
					page := found.Documents
					if len(page) == 0 {
						break
					}
					got, after = append(got, page...), page[len(page)-1].ID
				}
				if filter == nil && !slices.Equal(got, want) || filter != nil && len(got) > 0 {
					t.Errorf("by %d, filter %v: got %q, want %q", limit, filter, got, want)
				}
			}
		}
		for _, d := range want {
			s.wantReplaceable(d)
			if got := s.get(d.ID); got != d {
				t.Errorf("at last got %q, want %q", got, d)
			}
			if err := s.writeOne(removing(d.ID, d.ETag())); err != nil {
				t.Errorf("delete %q: %v", d.ID, err)
			}
		}
		if n, err := s.native.CountDocuments(t.Context(), bson.D{}); err != nil || n != 0 {
			t.Errorf("%d documents are left, %v", n, err)
		}
	})
}
