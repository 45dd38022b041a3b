package lifecycle

import (
	"context"
	"crypto/rand"
	"log/slog"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// Store is an empty store to run the operations on.
type Store struct {
	Organizations ports.Organizations
	Accounts      ports.Accounts
	Census        ports.Census
	Namespaces    ports.Namespaces
	// Database is where namespaces are made.
	Database string
}

const (
	lease    = 10 * time.Second
	password = "correct horse"
)

// world is a store, a clock, and the namespaces that were made.
type world struct {
	store Store
	mu    sync.Mutex
	now   time.Time
	// made holds every namespace that anybody ever tried to make.
	made map[domain.Placement]bool
}

func newWorld(store Store) *world {
	w := &world{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), made: map[domain.Placement]bool{}}
	store.Namespaces = recorder{store.Namespaces, w}
	w.store = store
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
	d := app.Dependencies{
		Organizations: w.store.Organizations,
		Accounts:      w.store.Accounts,
		Census:        w.store.Census,
		Namespaces:    map[domain.Strategy]ports.Namespaces{domain.StrategyCollection: w.store.Namespaces},
		Passwords:     plainPasswords{},
		Tokens:        cleartoken.Tokens{},
		Now:           w.time,
		NewID:         func() string { return uuid.Must(uuid.NewV7()).String() },
		Random:        random,
		Log:           slog.New(slog.DiscardHandler),
	}
	if hook != nil {
		d = steps.Wrap(d, hook)
	}
	s, err := app.New(d, app.Options{Database: w.store.Database, OperationLease: lease})
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

func random(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(i.Int64())
}

// plainPasswords compares passwords in no time.
type plainPasswords struct{}

func (plainPasswords) Hash(_ context.Context, p domain.Password) (domain.PasswordHash, error) {
	return domain.NewPasswordHash("plain:" + p.Reveal()), nil
}

func (plainPasswords) Verify(_ context.Context, p domain.Password, h domain.PasswordHash) (ports.Verdict, error) {
	return ports.Verdict{Match: h.Reveal() == "plain:"+p.Reveal()}, nil
}
