package argon2id

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/orgkeeper/orgkeeper/domain"
)

// errQueueFull is the cause of an ErrOverloaded.
var errQueueFull = errors.New("argon2id: the queue is full")

// queue lets a bounded number in at once, and a bounded number wait.
type queue struct {
	// slots holds a value for each one that is in. Those that wait to send are
	// served in the order they came, as the runtime does for every channel.
	slots   chan struct{}
	waiting atomic.Int64
	limit   int64
}

func newQueue(running, waiting int) *queue {
	return &queue{slots: make(chan struct{}, running), limit: int64(waiting)}
}

// enter waits for a slot. Whoever got nil must call leave.
func (q *queue) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return gaveUp(ctx)
	}
	select {
	case q.slots <- struct{}{}:
		return nil
	default:
	}
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > q.limit {
		return domain.ErrOverloaded.Because(errQueueFull)
	}
	select {
	case q.slots <- struct{}{}:
		if ctx.Err() != nil { // Both were ready: don't hash for nobody.
			q.leave()
			return gaveUp(ctx)
		}
		return nil
	case <-ctx.Done():
		return gaveUp(ctx)
	}
}

// leave frees a slot.
func (q *queue) leave() { <-q.slots }

// load returns how many are in and how many wait.
func (q *queue) load() (running, waiting int) {
	// One that finds the queue full counts as waiting for an instant.
	return len(q.slots), int(min(q.waiting.Load(), q.limit))
}

// gaveUp tells a deadline, which means that there is too much to do, from a
// caller that went away.
func gaveUp(ctx context.Context) error {
	err := ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		return domain.ErrOverloaded.Because(err)
	}
	return fmt.Errorf("argon2id: while waiting: %w", err)
}
