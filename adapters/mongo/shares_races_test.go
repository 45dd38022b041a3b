package mongo_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// meeting returns a store that calls meet before the next command of that name goes to the
// server.
func (s sharedShelf) meeting(command string, meet func()) *mongo.Store {
	s.t.Helper()
	var met atomic.Bool
	o := s.options
	o.AsIs = true
	var ready atomic.Bool // Open sends commands, too.
	o.Observe = func(_ context.Context, name string) func(bool) {
		if name == command && ready.Load() && met.CompareAndSwap(false, true) {
			meet()
		}
		return func(bool) {}
	}
	store := open(s.t, o)
	ready.Store(true)
	s.t.Cleanup(func() {
		if !met.Load() {
			s.t.Errorf("no %s was sent", command)
		}
	})
	return store
}

// by returns the shelf with the documents of another store.
func (s shelf) by(store *mongo.Store) shelf {
	s.documents = store.Shared().Documents
	return s
}

// lateWrites are writes of all kinds, and the command that does each.
func lateWrites(t *testing.T) []struct {
	command string
	write   ports.DocumentWrite
} {
	t.Helper()
	old := parsed(t, "old", `{"n":1}`)
	next := parsed(t, "old", `{"n":2}`)
	return []struct {
		command string
		write   ports.DocumentWrite
	}{
		{"insert", creating(parsed(t, "late", `{"n":1}`))},
		{"update", putting(parsed(t, "late", `{"n":1}`), "")},
		{"insert", puttingNew(parsed(t, "late", `{"n":1}`))},
		{"update", puttingNew(next)},
		{"update", creating(parsed(t, "late", `{"zero":{"$timestamp":{"t":0,"i":0}}}`))},
		{"update", putting(next, "")},
		{"update", putting(next, old.ETag())},
		{"update", putting(next, domain.AnyETag)},
		{"delete", removing("old", "")},
		{"delete", removing("old", old.ETag())},
		{"delete", removing("old", domain.AnyETag)},
	}
}

// TestWritesThatADropOvertakes drops the share when a write has seen that it is there, and
// before the server does it. Nothing is told to be done, and nothing is left.
func TestWritesThatADropOvertakes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for _, c := range lateWrites(t) {
		for _, begun := range []bool{false, true} {
			s := newSharedShelf(t, server)
			s.write(puttingText(t, "old", `{"n":1}`, ""))
			late := s.by(s.meeting(c.command, func() {
				if begun { // past the documents, and not yet at the record
					s.mark()
					if _, err := s.native.DeleteMany(t.Context(), s.stored.all()); err != nil {
						t.Error(err)
					}
					return
				}
				if err := s.store.Shared().Namespaces.Drop(t.Context(), s.at.Placement); err != nil {
					t.Error(err)
				}
				s.ensure("another", s.at.Placement)
			}))
			if err := late.writeOne(c.write); !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("%s of %s: %v, want that it is missing", c.command, c.write.Document.ID, err)
			}
			s.wantOthers(0)
			if n, err := s.native.CountDocuments(t.Context(), bson.D{{Key: "organization_id", Value: "another"}}); err != nil || n != 0 {
				t.Errorf("%d documents, %v, are in the next share", n, err)
			}
		}
	}
}

// TestWritesThatARenameOvertakes renames the share when a write has seen its name. The
// write is done where the documents are.
func TestWritesThatARenameOvertakes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for _, c := range lateWrites(t) {
		s := newSharedShelf(t, server)
		s.write(puttingText(t, "old", `{"n":1}`, ""))
		now := s
		now.at.Placement = inShare(s.at.Placement.Database, "org_now")
		late := s.by(s.meeting(c.command, func() {
			if err := s.store.Shared().Namespaces.Rename(t.Context(), s.at.Identity, s.at.Placement, now.at.Placement); err != nil {
				t.Error(err)
			}
			s.ensure("another", s.at.Placement)
		}))
		if err := late.writeOne(c.write); err != nil {
			t.Errorf("%s of %s: %v", c.command, c.write.Document.ID, err)
		}
		d, err := now.documents.Get(t.Context(), now.at, c.write.Document.ID)
		if c.write.Action == ports.DocumentDelete {
			if !errors.Is(err, domain.ErrDocumentNotFound) {
				t.Errorf("what was deleted: %v, %v", d, err)
			}
		} else if err != nil || d != c.write.Document {
			t.Errorf("what was written: %v, %v", d, err)
		}
		s.wantGone()
		if n, err := s.native.CountDocuments(t.Context(), bson.D{{Key: "organization_id", Value: "another"}}); err != nil || n != 0 {
			t.Errorf("%d documents, %v, are in the next share", n, err)
		}
	}
}

// TestReadsThatADropOvertakes: what is read is all of the share, or nothing.
func TestReadsThatADropOvertakes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	filter := []domain.Equal{{Field: "n", Value: int64(1)}}
	for name, c := range map[string]struct {
		command string
		read    func(s shelf) error
	}{
		"Get": {"find", func(s shelf) error {
			_, err := s.documents.Get(t.Context(), s.at, "old")
			return err
		}},
		"List": {"find", func(s shelf) error {
			_, err := s.documents.List(t.Context(), s.at, ports.DocumentQuery{Limit: 5})
			return err
		}},
		"List with a filter": {"aggregate", func(s shelf) error {
			_, err := s.documents.List(t.Context(), s.at, ports.DocumentQuery{Limit: 5, Scan: 5, Filter: filter})
			return err
		}},
		"Count": {"aggregate", func(s shelf) error {
			_, err := s.documents.Count(t.Context(), s.at)
			return err
		}},
		"Scan": {"find", func(s shelf) error {
			_, err := s.documents.Scan(t.Context(), s.at, "", func(domain.Document) error { return nil })
			return err
		}},
		"a condition": {"find", func(s shelf) error { return s.writeOne(removing("old", "x")) }},
	} {
		s := newSharedShelf(t, server)
		s.write(puttingText(t, "old", `{"n":1}`, ""))
		late := s.by(s.meeting(c.command, func() {
			s.mark()
			if _, err := s.native.DeleteMany(t.Context(), s.stored.all()); err != nil {
				t.Error(err)
			}
		}))
		if err := c.read(late); !errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("%s: %v, want that it is missing", name, err)
		}
	}
}

// TestGetThatADropOvertakes drops the share after it was seen, and before the document is
// looked for: the two are done at once.
func TestGetThatADropOvertakes(t *testing.T) {
	s := newSharedShelf(t, mongotest.For(t, mongotest.Standalone))
	s.write(puttingText(t, "old", `{"n":1}`, ""))
	seen := make(chan struct{})
	var once sync.Once
	store, err := mongo.OpenMonitored(t.Context(), s.options, &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			if name, _ := e.Command.Lookup("find").StringValueOK(); name != "tenants" {
				return
			}
			select {
			case <-seen:
			case <-time.After(testTimeout):
			}
			s.mark()
			if _, err := s.native.DeleteMany(t.Context(), s.stored.all()); err != nil {
				t.Error(err)
			}
		},
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			if e.CommandName == "find" && strings.HasSuffix(e.Reply.Lookup("cursor", "ns").StringValue(), ".tenant_shares") {
				once.Do(func() { close(seen) })
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close(context.Background()) })
	if _, err := s.by(store).documents.Get(t.Context(), s.at, "old"); !errors.Is(err, domain.ErrNamespaceMissing) {
		t.Errorf("got %v, want that it is missing", err)
	}
}

// TestMergeThatADropOvertakes copies between shares of which one is dropped meanwhile.
func TestMergeThatADropOvertakes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for copied, name := range []string{"org_to", "org_2"} {
		s := newSharedShelf(t, server)
		s.write(puttingText(t, "old", `{"n":1}`, ""))
		to, dropped := inShare(s.at.Placement.Database, "org_to"), inShare(s.at.Placement.Database, name)
		s.ensure("another", to)
		store := s.meeting("insert", func() {
			if err := s.store.Shared().Namespaces.Drop(t.Context(), dropped); err != nil {
				t.Error(err)
			}
		})
		n, err := store.Shared().Inventory.Merge(t.Context(), s.at.Placement, to)
		if n != int64(copied) || !errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("%s is dropped: %d, %v, want %d", name, n, err, copied)
		}
		if n, err := s.native.CountDocuments(t.Context(), bson.D{{Key: "organization_id", Value: "another"}}); err != nil || n != int64(copied) {
			t.Errorf("%s is dropped: %d documents, %v, want %d", name, n, err, copied)
		}
		s.wantOthers(int64(1 - copied))
	}

	// Before it reads on: what it reads then looks like the end.
	s := newSharedShelf(t, server)
	s.write(puttingText(t, "old", `{"n":1}`, ""))
	to, reads := inShare(s.at.Placement.Database, "org_to"), 0
	s.ensure("another", to)
	store, err := mongo.OpenMonitored(t.Context(), s.options, &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			if name, _ := e.Command.Lookup("find").StringValueOK(); name == "tenants" {
				if reads++; reads == 2 {
					s.mark()
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close(context.Background()) })
	if n, err := store.Shared().Inventory.Merge(t.Context(), s.at.Placement, to); n != 1 || !errors.Is(err, domain.ErrNamespaceMissing) {
		t.Errorf("dropped before the last read: %d, %v", n, err)
	}
}
