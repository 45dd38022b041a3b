package mongo_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/contract"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// freeze freezes the share as a move does.
func (s sharedShelf) freeze() {
	s.t.Helper()
	to := placed(s.at.Placement.Database, "org_moved")
	g, err := s.store.Mover().Open(s.t.Context(), domain.Move{
		Operation: "operation", Organization: s.at.Organization, From: s.at.Placement, Source: s.at.Identity, To: to,
	})
	if err == nil {
		defer g.Close()
		err = g.Freeze(s.t.Context())
	}
	if err != nil {
		s.t.Error(err)
	}
}

// TestWritesThatAFreezeOvertakes freezes the share when a write has seen that it isn't, and
// before the server does it. What can't be repeated isn't told as missing.
func TestWritesThatAFreezeOvertakes(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for _, c := range lateWrites(t) {
		s := newSharedShelf(t, server)
		s.write(puttingText(t, "old", `{"n":1}`, ""))
		late := s.by(s.meeting(c.command, s.freeze))
		want := error(domain.ErrNamespaceMissing)
		if c.write.Action == ports.DocumentCreate || c.write.IfMatch != "" {
			want = domain.ErrStoreUnavailable
		}
		if _, err := late.documents.Write(t.Context(), s.at, []ports.DocumentWrite{c.write}); !errors.Is(err, want) {
			t.Errorf("%s of %s: %v, want %v", c.command, c.write.Document.ID, err, want)
		}
		// A later one isn't sent, whatever its condition.
		s.sent.take()
		if err := s.writeOne(c.write); !errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("%s of %s in a frozen share: %v", c.command, c.write.Document.ID, err)
		}
		for _, command := range s.sent.take() {
			if command.onTenants() && command.name != "find" {
				t.Errorf("a frozen share got %s", command.body)
			}
		}
	}
}

// TestFrozenShares are read, and neither made anew nor merged into.
func TestFrozenShares(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	s := newSharedShelf(t, server)
	to := inShare(s.at.Placement.Database, "org_to")
	s.ensure(s.at.Organization, to)
	s.write(puttingText(t, "old", `{"n":1}`, ""))
	storage := s.store.Shared()
	late := s.meeting("insert", s.freeze)
	if _, err := storage.Inventory.Merge(t.Context(), s.at.Placement, to); err != nil {
		t.Fatal(err)
	}
	if _, err := late.Shared().Inventory.Merge(t.Context(), to, s.at.Placement); !errors.Is(err, domain.ErrNamespaceMissing) {
		t.Errorf("Merge beside a freeze: %v", err)
	}
	s.sent.take()
	if _, err := storage.Inventory.Merge(t.Context(), to, s.at.Placement); !errors.Is(err, domain.ErrNamespaceMissing) {
		t.Errorf("Merge: %v", err)
	}
	for _, command := range s.sent.take() {
		if command.name == "insert" {
			t.Errorf("a frozen share got %s", command.body)
		}
	}
	left := s.at
	left.Placement = left.Placement.Left()
	for _, at := range []ports.Place{s.at, left} {
		if n, err := storage.Documents.Count(t.Context(), at); err != nil || n != 1 {
			t.Errorf("Count: %d, %v", n, err)
		}
	}
	if err := storage.Namespaces.Drop(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if _, err := s.native.DeleteMany(t.Context(), s.stored.all()); err != nil {
		t.Fatal(err)
	}
	if err := storage.Namespaces.Ensure(t.Context(), s.at.Organization, s.at.Placement); !errors.Is(err, domain.ErrNamespaceOccupied) {
		t.Errorf("Ensure of one that is empty: %v", err)
	}
	if err := storage.Namespaces.Drop(t.Context(), left.Placement); err != nil {
		t.Error(err)
	}
	if s.info(left.Placement).Exists {
		t.Error("the share is left")
	}
}

// TestWhatMovesLeave isn't found by inventories, and strays beside it are.
func TestWhatMovesLeave(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for _, strategy := range []domain.Strategy{domain.StrategyCollection, domain.StrategyDatabase} {
		t.Run(string(strategy), func(t *testing.T) {
			c := newCarriage(t, server, contract.Direction{From: strategy, To: domain.StrategyShared})
			c.insert(c.move.From, bson.D{{Key: "_id", Value: 1}})
			c.open()
			c.must("Check", c.pass(c.Check, 10))
			c.finish()
			from, left := c.move.From, c.move.From.Left()
			storage := c.store.Storage()[strategy]
			names := func() []string {
				t.Helper()
				names, err := storage.Inventory.List(t.Context(), from.Database, "", 10)
				c.must("List", err)
				return names
			}
			if info := c.stat(left); !info.Exists || info.Identity != c.move.Source || info.Empty {
				t.Errorf("Stat: %+v", info)
			}
			if usage, err := storage.Inventory.Measure(t.Context(), left); err != nil || usage.Documents != 1 {
				t.Errorf("Measure: %+v, %v", usage, err)
			}
			if info := c.stat(from); info.Exists {
				t.Errorf("Stat of where it was: %+v", info)
			}
			if got := names(); len(got) != 0 {
				t.Errorf("List: %q", got)
			}
			at := ports.Place{Organization: c.move.Organization, Placement: left, Identity: c.move.Source}
			if _, err := storage.Documents.Write(t.Context(), at, []ports.DocumentWrite{removing("1", "")}); !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("Write to what was left: %v", err)
			}

			// A writer that is late makes a stray.
			c.insert(from, bson.D{{Key: "_id", Value: "late"}})
			if got := names(); !slices.Equal(got, []string{from.Namespace}) {
				t.Errorf("List: %q", got)
			}
			name, err := storage.Inventory.Quarantine(t.Context(), from)
			c.must("Quarantine", err)
			if got := names(); !slices.Equal(got, []string{name}) {
				t.Errorf("List: %q, want %q", got, name)
			}
			if got := len(c.own(left)); got != 1 {
				t.Errorf("%d documents are left", got)
			}
			for range 2 {
				c.must("Drop", storage.Namespaces.Drop(t.Context(), left))
			}
			if c.stat(left).Exists {
				t.Error("it wasn't dropped")
			}
		})
	}
}

// TestResolverWithinAMove writes by the resolver while documents are moved, until they are
// where they go.
func TestResolverWithinAMove(t *testing.T) {
	server := mongotest.For(t, mongotest.ReplicaSet)
	for _, way := range []contract.Direction{
		{From: domain.StrategyCollection, To: domain.StrategyShared}, {From: domain.StrategyShared, To: domain.StrategyDatabase},
	} {
		c := newCarriage(t, server, way)
		o := numbered(t, 1)
		o.ID, o.Placement, o.Status, o.Pending, o.Reserved = c.move.Organization, c.move.From, domain.StatusActive, domain.Operation{}, nil
		c.must("Insert", c.store.Organizations().Insert(t.Context(), o))
		become := func(next domain.Organization) {
			t.Helper()
			next.Version = o.Version + 1
			c.must("Replace", c.store.Organizations().Replace(t.Context(), next, o.Version))
			o = next
		}
		put := func(ctx context.Context, n int) error {
			return c.store.Resolver().Within(ctx, o.ID, func(ctx context.Context, h mongo.Home) error {
				_, err := h.Collection.ReplaceOne(ctx, h.ByID(n), h.Fields, options.Replace().SetUpsert(true))
				return err
			})
		}
		stop := steadily(t, put)
		moving := o
		moving.Pending = domain.Operation{
			ID: "operation", Kind: domain.OperationMove, Phase: domain.PhaseForward, StartedAt: epoch, LeaseUntil: domain.Forever,
			Target: c.move.To, Source: c.move.Source, Attempt: 1,
		}
		become(moving)
		before := time.Now()
		c.must("Within a move", put(t.Context(), -1))
		if took := time.Since(before); took > testTimeout/2 {
			t.Errorf("it took %v", took)
		}
		c.open()
		c.must("Copy", c.pass(c.Copy, 10))
		c.must("Check", c.pass(c.Check, 10))
		_, err := c.CatchUp(t.Context())
		c.must("CatchUp", err)
		switching, err := o.Commit()
		c.must("Commit", err)
		become(switching)
		waiting, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if err := put(waiting, -2); !errors.Is(err, domain.ErrStoreUnavailable) {
			t.Errorf("Within while the move switches: %v", err)
		}
		cancel()
		c.finish()
		moved := o
		moved.Placement, moved.Pending = c.move.To, domain.Operation{}
		become(moved)
		c.must("Within", put(t.Context(), -3))
		want := int64(stop()) + 2
		err = c.store.Resolver().Within(t.Context(), o.ID, func(ctx context.Context, h mongo.Home) error {
			got, err := h.Collection.CountDocuments(ctx, h.Filter)
			if got != want || h.Placement != c.move.To {
				t.Errorf("%s has %d documents, want %d", h.Placement.Namespace, got, want)
			}
			return err
		})
		c.must("Within", err)
	}
}
