package history

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// wanted returns how many operations to check: HISTORY_OPERATIONS, or few.
func wanted(t *testing.T) int {
	t.Helper()
	text := os.Getenv("HISTORY_OPERATIONS")
	if text == "" {
		return 2000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal("HISTORY_OPERATIONS is no number")
	}
	return n
}

// run checks rounds until there are as many operations as wanted.
func run(t *testing.T, store app.Store, database string, operations int) {
	t.Helper()
	seed, checked := uint64(time.Now().UnixNano()), 0
	for ; checked < operations && !t.Failed(); seed++ {
		n, result := round(t.Context(), t.Errorf, cleartoken.On(store), database, seed)
		checked += n
		if result != porcupine.Ok {
			t.Errorf("the history of seed %d is %s", seed, result)
		}
	}
	t.Logf("%d operations checked", checked)
}

// storeOperations is for how many operations a store in memory is used.
const storeOperations = 5000

func openSQLite(t *testing.T) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestHistory(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		// Sweeps look at all that was ever made, so that a store gets slower with the rounds.
		for left := wanted(t); left > 0; left -= storeOperations {
			run(t, openSQLite(t), "data", min(left, storeOperations))
		}
	})
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		t.Parallel()
		database := server.Database(t)
		store, err := mongo.Open(t.Context(), mongo.Options{
			URI: domain.NewSecret(server.URI), Master: database, Tenant: database,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close(context.WithoutCancel(t.Context())) })
		run(t, store, database, wanted(t)/10)
	})
}

// TestTheCheckerSees plants faults: each must be found within a few rounds.
func TestTheCheckerSees(t *testing.T) {
	for name, plant := range map[string]func(app.Dependencies) app.Dependencies{
		"a look-up that reads what was": func(d app.Dependencies) app.Dependencies {
			d.Organizations = &late{Organizations: d.Organizations, last: map[string]domain.Organization{}}
			return d
		},
		"a delete that is acknowledged and not written": func(d app.Dependencies) app.Dependencies {
			d.Organizations = forgetful{d.Organizations}
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := openSQLite(t)
			for seed := range uint64(20) {
				complaints := 0
				complain := func(string, ...any) { complaints++ }
				_, result := round(t.Context(), complain, plant(cleartoken.On(store)), "data", seed)
				if result == porcupine.Illegal || complaints > 0 {
					t.Logf("found in round %d: the history is %s, %d complaints", seed+1, result, complaints)
					return
				}
			}
			t.Error("not found in 20 rounds")
		})
	}
}

// late answers every fifth look-up with what the one before it saw.
type late struct {
	ports.Organizations
	mu   sync.Mutex
	n    int
	last map[string]domain.Organization
}

func (l *late) ByNameKey(ctx context.Context, key string) (domain.Organization, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n++; l.n%5 == 0 && l.last[key].ID != "" {
		return l.last[key], nil
	}
	o, err := l.Organizations.ByNameKey(ctx, key)
	if err == nil {
		l.last[key] = o
	}
	return o, err
}

// forgetful says that a delete is written, and doesn't write it.
type forgetful struct{ ports.Organizations }

func (f forgetful) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	if o.Last.Kind == domain.OperationDelete && o.Status == domain.StatusDeleted {
		return nil
	}
	return f.Organizations.Replace(ctx, o, ifVersion)
}
