package contract

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// racers is how many goroutines a race has.
const racers = 32

// promptly is how long a call may take after its context has ended. It is
// generous: what it must catch is a call that doesn't end.
const promptly = 5 * time.Second

// check is one test of a suite. It gets a new T.
type check[T any] struct {
	name string
	run  func(t *testing.T, subject T)
}

// runAll runs each check with a subject of its own.
func runAll[T any](t *testing.T, open func(t *testing.T) T, checks []check[T]) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// wantError fails t unless err is the wanted error; nil wants success.
func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, describe(err), describe(want))
	}
}

// must stops t on an error.
func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %s", what, describe(err))
	}
}

// describe gives an error with its cause, which (*domain.Error).Error leaves out.
func describe(err error) string {
	if err == nil {
		return "nil"
	}
	text := err.Error()
	if cause := errors.Unwrap(err); cause != nil {
		text += " (cause: " + cause.Error() + ")"
	}
	return text
}

// race calls do racers times at once and returns its results by number.
func race(do func(i int) error) []error {
	var (
		results = make([]error, racers)
		start   = make(chan struct{})
		group   sync.WaitGroup
	)
	for i := range racers {
		group.Go(func() {
			<-start
			results[i] = do(i)
		})
	}
	close(start)
	group.Wait()
	return results
}

// wantOneWinner fails t unless one result is success and all others are want. It
// returns the winner's number, or -1.
func wantOneWinner(t *testing.T, results []error, want error) int {
	t.Helper()
	winner, winners := -1, 0
	for i, err := range results {
		if err == nil {
			winner = i
			winners++
			continue
		}
		wantError(t, "a loser", err, want)
	}
	if winners != 1 {
		t.Errorf("%d of %d won, want 1", winners, len(results))
		return -1
	}
	return winner
}

// wantAllWin fails t unless every result is success.
func wantAllWin(t *testing.T, what string, results []error) {
	t.Helper()
	for _, err := range results {
		wantError(t, what, err, nil)
	}
}

// call is one call of a port's method.
type call struct {
	name string
	do   func(ctx context.Context) error
}

// wantContextError calls everything with a context that was cancelled and with
// one whose deadline is over. Each call ends promptly, with want.
func wantContextError(t *testing.T, want error, calls []call) {
	t.Helper()
	for _, c := range calls {
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		expired, release := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		for state, ctx := range map[string]context.Context{"cancelled": cancelled, "expired": expired} {
			began := time.Now()
			err := c.do(ctx)
			wantError(t, c.name+" with a context that is "+state, err, want)
			if took := time.Since(began); took > promptly {
				t.Errorf("%s with a context that is %s took %v", c.name, state, took)
			}
		}
		release()
	}
}

// wantUnavailable is wantContextError for a store.
func wantUnavailable(t *testing.T, calls []call) {
	t.Helper()
	wantContextError(t, domain.ErrStoreUnavailable, calls)
}
