package mongo_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// wantGone fails t unless every call finds nothing, and none has sent a write.
func (s sharedShelf) wantGone() {
	s.t.Helper()
	s.sent.take()
	for call, err := range s.everyCall(s.at) {
		if !errors.Is(err, domain.ErrNamespaceMissing) {
			s.t.Errorf("%s: %v, want that it is missing", call, err)
		}
	}
	for _, command := range s.sent.take() {
		if slices.Contains([]string{"insert", "update", "delete"}, command.name) {
			s.t.Errorf("sent %s", command.body)
		}
	}
}

// TestDropOfAShareGoesOn calls Drop after each state that one can have left which broke off.
func TestDropOfAShareGoesOn(t *testing.T) {
	for name, half := range map[string]func(s sharedShelf){
		"marked": func(sharedShelf) {},
		"some documents removed": func(s sharedShelf) {
			if _, err := s.native.DeleteMany(s.t.Context(), append(s.stored.all(), bson.E{Key: "i", Value: bson.D{{Key: "$lt", Value: 100}}})); err != nil {
				s.t.Fatal(err)
			}
		},
		"all documents removed": func(s sharedShelf) {
			if _, err := s.native.DeleteMany(s.t.Context(), s.stored.all()); err != nil {
				s.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSharedShelf(t, mongotest.For(t, mongotest.Standalone))
			documents := make([]any, 2*mongo.DropBatch+10)
			for i := range documents {
				documents[i] = bson.D{{Key: "_id", Value: i}, {Key: "i", Value: i}}
			}
			s.insert(documents...)
			s.mark()
			half(s)
			namespaces, inventory, p := s.store.Shared().Namespaces, s.store.Shared().Inventory, s.at.Placement
			s.wantGone()
			if info := s.info(p); !info.Exists || info.Identity != s.at.Identity {
				t.Errorf("Stat: %+v", info)
			}
			if names, err := inventory.List(t.Context(), p.Database, "", 10); err != nil || !slices.Contains(names, p.Namespace) {
				t.Errorf("List: %q, %v", names, err)
			}
			if err := namespaces.Ensure(t.Context(), s.at.Organization, p); !errors.Is(err, domain.ErrNamespaceOccupied) {
				t.Errorf("Ensure: %v", err)
			}
			if err := namespaces.Rename(t.Context(), s.at.Identity, p, inShare(p.Database, "org_new")); !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("Rename: %v", err)
			}
			if _, err := inventory.Quarantine(t.Context(), p); !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("Quarantine: %v", err)
			}
			for _, c := range [][2]string{{p.Namespace, "org_1"}, {"org_1", p.Namespace}} {
				if _, err := inventory.Merge(t.Context(), inShare(p.Database, c[0]), inShare(p.Database, c[1])); !errors.Is(err, domain.ErrNamespaceMissing) {
					t.Errorf("Merge: %v", err)
				}
			}
			for range 2 {
				if err := namespaces.Drop(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if info := s.info(p); info.Exists {
					t.Errorf("after the drop: %+v", info)
				}
				s.wantOthers(0)
			}
			s.wantGone()
		})
	}
}

// mark does the first step of a drop.
func (s sharedShelf) mark() {
	s.t.Helper()
	_, err := s.native.Database().Collection("tenant_shares").UpdateOne(s.t.Context(),
		bson.D{{Key: "_id", Value: s.stored.Key}}, bson.D{{Key: "$set", Value: bson.D{{Key: "dropping", Value: true}}}})
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestPlacesOfOtherShares has an identity, a name and an organization that don't belong
// together.
func TestPlacesOfOtherShares(t *testing.T) {
	s := newSharedShelf(t, mongotest.For(t, mongotest.Standalone))
	s.write(puttingText(t, "a", `{"n":1}`, ""))
	database := s.at.Placement.Database
	other := s.info(inShare(database, "org_1")).Identity
	for _, at := range []ports.Place{
		{Organization: "another", Placement: s.at.Placement, Identity: s.at.Identity},
		{Organization: s.at.Organization, Placement: s.at.Placement, Identity: other},
		{Organization: s.at.Organization, Placement: inShare(database, "org_1"), Identity: s.at.Identity},
		{Organization: s.at.Organization, Placement: s.at.Placement, Identity: bson.NewObjectID().Hex()},
		{Organization: s.at.Organization, Placement: s.at.Placement},
	} {
		wrong := s
		wrong.at = at
		wrong.wantGone()
		s.wantOthers(1)
	}
	for name, owner := range map[string]domain.OrganizationID{"org_0": "organization", "org_9": "organization"} {
		p := inShare(database, name)
		if name == "org_9" { // empty, and another's
			s.ensure("another", p)
		}
		if err := s.store.Shared().Namespaces.Ensure(t.Context(), owner, p); !errors.Is(err, domain.ErrNamespaceOccupied) {
			t.Errorf("Ensure(%s): %v, want occupied", name, err)
		}
	}
	// A placement of another strategy is no share's.
	for _, p := range []domain.Placement{placed(database, "org_2"), inDatabase(database, "org_2"), inShare(database, ""), inShare("admin", "org_2")} {
		if err := s.store.Shared().Namespaces.Drop(t.Context(), p); err == nil {
			t.Errorf("Drop of %+v: no error", p)
		}
		if err := s.store.Collections().Namespaces.Drop(t.Context(), inShare(database, "org_2")); err == nil {
			t.Error("a collection's Drop of a share: no error")
		}
	}
	s.wantOthers(1)
}

// TestDropOfAShareTakesBatches: none is longer than another.
func TestDropOfAShareTakesBatches(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		s := newSharedShelf(t, server)
		documents := make([]any, 2*mongo.DropBatch+10)
		for i := range documents {
			documents[i] = bson.D{{Key: "_id", Value: i}}
		}
		s.insert(documents...)
		s.sent.take()
		if err := s.store.Shared().Namespaces.Drop(t.Context(), s.at.Placement); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, command := range s.sent.take() {
			names = append(names, command.name)
			wantDurable(t, command)
			if limit, _ := command.body.Lookup("limit").AsInt64OK(); command.name == "find" && limit != mongo.DropBatch {
				t.Errorf("a batch of %d", limit)
			}
		}
		want := []string{"findAndModify", "find", "delete", "find", "delete", "find", "delete", "find", "listIndexes", "delete"}
		if !slices.Equal(names, want) {
			t.Errorf("sent %q, want %q", names, want)
		}
		s.wantOthers(0)
	})
}

// TestAllIDsInAShare walks over _ids of all types, in the order that a collection has.
func TestAllIDsInAShare(t *testing.T) {
	server := mongotest.For(t, mongotest.ReplicaSet)
	alone, s := newShelf(t, server), newSharedShelf(t, server)
	for i, id := range allIDs() {
		alone.insert(bson.D{{Key: "_id", Value: id}, {Key: "i", Value: i}})
		s.insert(bson.D{{Key: "_id", Value: id}, {Key: "i", Value: i}})
	}
	walk := func(s shelf, limit int) (all []domain.Document) {
		t.Helper()
		for after := domain.DocumentID(""); len(all) <= len(allIDs()); after = all[len(all)-1].ID {
			page, err := s.documents.List(t.Context(), s.at, ports.DocumentQuery{After: after, Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Documents) == 0 {
				break
			}
			all = append(all, page.Documents...)
		}
		return all
	}
	want := walk(alone, 1000)
	if len(want) != len(allIDs()) {
		t.Fatalf("%d documents in the collection", len(want))
	}
	for _, limit := range []int{1, 7, 1000} {
		if got := walk(s.shelf, limit); !slices.Equal(got, want) {
			t.Errorf("by %d: got %q, want %q", limit, got, want)
		}
	}
	var scanned []domain.Document
	if _, err := s.documents.Scan(t.Context(), s.at, "", func(d domain.Document) error {
		scanned = append(scanned, d)
		return nil
	}); err != nil || !slices.Equal(scanned, want) {
		t.Errorf("Scan: got %q, %v, want %q", scanned, err, want)
	}
	if n, err := s.documents.Count(t.Context(), s.at); err != nil || n != int64(len(want)) {
		t.Errorf("Count: %d, %v", n, err)
	}
	to := inShare(s.at.Placement.Database, "org_copy")
	s.ensure("another", to)
	if n, err := s.store.Shared().Inventory.Merge(t.Context(), s.at.Placement, to); err != nil || n != int64(len(want)) {
		t.Errorf("Merge: %d, %v", n, err)
	}
	copied := s.shelf
	copied.at = ports.Place{Organization: "another", Placement: to, Identity: s.info(to).Identity}
	if got := walk(copied, 1000); !slices.Equal(got, want) {
		t.Errorf("merged: got %q, want %q", got, want)
	}
	merged, err := s.native.FindOne(t.Context(), bson.D{{Key: "organization_id", Value: "another"}}).Raw()
	if err != nil {
		t.Fatal(err)
	}
	elements, _ := merged.Elements()
	if len(elements) != 3 || elements[1].Key() != "organization_id" || elements[2].Key() != "i" {
		t.Errorf("a merged document is stored as %s", merged)
	}
	for _, d := range want {
		s.wantReplaceable(d)
		if err := s.writeOne(removing(d.ID, d.ETag())); err != nil {
			t.Errorf("delete %q: %v", d.ID, err)
		}
		if result := s.write(creating(d))[0]; result.Err != nil || !result.Created {
			t.Errorf("create %q: %+v", d.ID, result)
		}
	}
	if got := walk(s.shelf, 1000); !slices.Equal(got, want) {
		t.Errorf("at last: got %q, want %q", got, want)
	}
	s.wantOthers(int64(len(want)))
}

// TestStrangeIDsInAShare are an application's. They end a walk, which would otherwise have
// no end.
func TestStrangeIDsInAShare(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for name, id := range map[string]func(s storedShare) bson.D{
		"one field more": func(s storedShare) bson.D { return append(s.id("a"), bson.E{Key: "more", Value: 1}) },
		"another name":   func(s storedShare) bson.D { return append(s.id(nil)[:2], bson.E{Key: "x", Value: 1}) },
	} {
		s := newSharedShelf(t, server)
		s.write(puttingText(t, "a", `{"n":1}`, ""))
		insertRaw(t, s.native.Database(), "tenants", bson.D{{Key: "_id", Value: id(s.stored)}, {Key: "organization_id", Value: s.stored.Organization}})
		to := inShare(s.at.Placement.Database, "org_to")
		s.ensure("another", to)
		_, list := s.documents.List(t.Context(), s.at, ports.DocumentQuery{Limit: 10})
		_, scan := s.documents.Scan(t.Context(), s.at, "", func(domain.Document) error { return nil })
		_, merge := s.store.Shared().Inventory.Merge(t.Context(), s.at.Placement, to)
		for what, err := range map[string]error{"List": list, "Scan": scan, "Merge": merge} {
			if !errors.Is(err, mongo.ErrStrangeID) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		s.get("a")
		if err := s.store.Shared().Namespaces.Drop(t.Context(), s.at.Placement); err != nil {
			t.Error(err)
		}
		s.wantOthers(0)
	}
}

// TestIDsThatAreNoneInAShare are those that a collection refuses.
func TestIDsThatAreNoneInAShare(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	alone, s := newShelf(t, server), newSharedShelf(t, server)
	for _, id := range []any{
		bson.A{1},
		bson.A{},
		bson.Regex{Pattern: "a"},
		bson.D{{Key: "$a", Value: 1}},
		bson.D{{Key: "a", Value: 1}, {Key: "$b", Value: 1}},
		bson.D{{Key: "a", Value: bson.D{{Key: "$b", Value: 1}}}},
		bson.D{{Key: "", Value: 1}},
		bson.D{{Key: "a.b", Value: bson.A{}}},
		7,
	} {
		kind, data, err := bson.MarshalValue(id)
		if err != nil {
			t.Fatal(err)
		}
		d := parsed(t, domain.DocumentID(`{"$bson":"`+base64.StdEncoding.EncodeToString(append([]byte{byte(kind)}, data...))+`"}`), `{"n":1}`)
		zero := parsed(t, d.ID, `{"zero":{"$timestamp":{"t":0,"i":0}}}`)
		for i, w := range []ports.DocumentWrite{
			putting(d, "x"), putting(d, domain.AnyETag), creating(d), removing(d.ID, ""), putting(d, ""), removing(d.ID, domain.AnyETag), creating(zero),
		} {
			want, got := alone.writeOne(w), s.writeOne(w)
			if (want == nil) != (got == nil) || want != nil && codeOf(want) != codeOf(got) {
				t.Errorf("%v, write %d: %v, and in a collection %v", id, i, got, want)
			}
		}
	}
}

func codeOf(err error) domain.Code {
	if e, ok := errors.AsType[*domain.Error](err); ok {
		return e.Code
	}
	return domain.Code(fmt.Sprint(err))
}
