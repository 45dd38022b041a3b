package lifecycle

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// Store is an empty store to run the operations on.
type Store struct {
	app.Store
	// Database is where namespaces are made.
	Database string
}

const (
	lease    = 10 * time.Second
	password = "correct horse"
)

// world is a store, a clock, and the namespaces that were made.
type world struct {
	database string
	store    app.Dependencies
	mu       sync.Mutex
	now      time.Time
	// made holds every namespace that anybody ever tried to make.
	made map[domain.Placement]bool
}

// namespaces returns where documents live.
func (w *world) namespaces() ports.Namespaces {
	return w.store.Storage[domain.StrategyCollection].Namespaces
}

func newWorld(store Store) *world {
	w := &world{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), made: map[domain.Placement]bool{}}
	w.database, w.store = store.Database, cleartoken.On(store)
	recorded := w.store.Storage[domain.StrategyCollection]
	recorded.Namespaces = recorder{recorded.Namespaces, w}
	w.store.Storage[domain.StrategyCollection] = recorded
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass lets every lease run out.
func (w *world) pass() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(lease + time.Second)
}

// process starts another process on the store, whose steps call hook.
func (w *world) process(t *testing.T, hook steps.Hook) *app.Service {
	t.Helper()
	return w.retaining(t, 0, hook)
}

// retaining is process, and what it deletes is kept.
func (w *world) retaining(t *testing.T, retention time.Duration, hook steps.Hook) *app.Service {
	t.Helper()
	d := w.store
	d.Now = w.time
	if hook != nil {
		d = steps.Wrap(d, hook)
	}
	s, err := app.New(d, app.Options{Database: w.database, OperationLease: lease, DeleteRetention: retention})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// recorder notes which namespaces are made.
type recorder struct {
	ports.Namespaces
	world *world
}

func (r recorder) note(p domain.Placement) {
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	r.world.made[p] = true
}

func (r recorder) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	r.note(p)
	return r.Namespaces.Ensure(ctx, owner, p)
}

func (r recorder) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	r.note(to)
	return r.Namespaces.Rename(ctx, identity, from, to)
}
