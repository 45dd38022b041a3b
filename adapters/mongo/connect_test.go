package mongo_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
)

func TestAskAnew(t *testing.T) {
	errRefused := errors.New("refused")
	for name, c := range map[string]struct {
		// deaf is how many calls get no answer.
		deaf int
		// early is how long before their end they give up.
		early  time.Duration
		answer error
		want   error
		calls  int
		took   time.Duration
	}{
		"the first answer counts":      {answer: nil, calls: 1},
		"an error is an answer":        {answer: errRefused, want: errRefused, calls: 1},
		"two without an answer":        {deaf: 2, calls: 3, took: 300 * time.Millisecond},
		"an error after one without":   {deaf: 1, answer: errRefused, want: errRefused, calls: 2, took: 100 * time.Millisecond},
		"two that give up early":       {deaf: 2, early: time.Millisecond, calls: 3, took: 300 * time.Millisecond},
		"no answer until the deadline": {deaf: 99, want: context.DeadlineExceeded, calls: 6, took: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				calls, began := 0, time.Now()
				err := mongo.AskAnew(ctx, func(ctx context.Context) error {
					if calls++; calls > c.deaf {
						return c.answer
					}
					deadline, _ := ctx.Deadline()
					time.Sleep(time.Until(deadline) - c.early)
					return context.DeadlineExceeded
				})
				if took := time.Since(began); !errors.Is(err, c.want) || calls != c.calls || took != c.took {
					t.Errorf("%v after %d calls in %v, want %v after %d in %v", err, calls, took, c.want, c.calls, c.took)
				}
			})
		})
	}
}
