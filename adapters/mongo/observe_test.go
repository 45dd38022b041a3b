package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// observed keeps what Options.Observe was told.
type observed struct {
	mu      sync.Mutex
	running int
	ended   []string
}

type callerKey struct{}

func (o *observed) observe(ctx context.Context, command string) func(bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running++
	return func(failed bool) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.running--
		o.ended = append(o.ended, fmt.Sprint(command, " ", failed, " ", ctx.Value(callerKey{})))
	}
}

func TestCommandsAreObserved(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		var o observed
		with := optionsFor(t, server)
		with.Observe = o.observe
		store := open(t, with)
		o.mu.Lock()
		if len(o.ended) == 0 || o.running != 0 {
			t.Errorf("at start %d run, ended %q", o.running, o.ended)
		}
		o.ended = nil
		o.mu.Unlock()

		ctx := context.WithValue(t.Context(), callerKey{}, "caller")
		if err := store.Organizations().Insert(ctx, numbered(t, 1)); err != nil {
			t.Fatal(err)
		}
		// A unique index refuses it: the server has done what it was asked.
		if err := store.Organizations().Insert(ctx, numbered(t, 1)); err == nil {
			t.Fatal("inserted twice")
		}
		if _, err := store.Accounts().ByID(ctx, "nobody"); !errors.Is(err, domain.ErrAccountNotFound) {
			t.Fatal(err)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		want := []string{"insert false caller", "insert false caller", "find false caller"}
		if o.running != 0 || !slices.Equal(o.ended, want) {
			t.Errorf("%d run, ended %q, want %q", o.running, o.ended, want)
		}
	})
}
