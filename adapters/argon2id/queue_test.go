package argon2id

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// hashTime is how long a hash takes in these tests, by the clock of synctest.
const hashTime = time.Second

// slow returns a Hasher whose hashes take hashTime and nothing else, and the
// passwords that it has hashed, in the order in which it began. Read it when no
// hash runs.
func slow(t *testing.T, concurrency, queue int) (h *Hasher, begun *[]string) {
	t.Helper()
	h, err := New(Options{Concurrency: concurrency, Queue: queue})
	if err != nil {
		t.Fatal(err)
	}
	begun = new([]string)
	turn := make(chan struct{}, 1)
	h.derive = func(password string) (string, error) {
		turn <- struct{}{}
		*begun = append(*begun, password)
		<-turn
		time.Sleep(hashTime)
		return "hash", nil
	}
	return h, begun
}

func hash(ctx context.Context, h *Hasher, password string) error {
	_, err := h.Hash(ctx, domain.Password{Secret: domain.NewSecret(password)})
	return err
}

func TestQueueIsBoundedAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const concurrency, length = 2, 5
		h, begun := slow(t, concurrency, length)
		began := time.Now()
		var want []string
		for i := range concurrency + length {
			name := fmt.Sprint(i)
			want = append(want, name)
			go func() {
				if err := hash(t.Context(), h, name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}()
			synctest.Wait() // so that they come one after the other
		}
		if err := hash(t.Context(), h, "one too many"); !errors.Is(err, domain.ErrOverloaded) {
			t.Errorf("beyond the queue: got %v, want ErrOverloaded", err)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("the refusal took %v", waited)
		}
		time.Sleep(hashTime * (concurrency + length) / concurrency)
		time.Sleep(hashTime)
		synctest.Wait()
		// Two begin at the same moment; their order is the scheduler's.
		for i := range concurrency + length {
			if at := slices.Index(*begun, want[i]); at/concurrency != i/concurrency {
				t.Errorf("%s began as number %d: %v", want[i], at, *begun)
			}
		}
		if err := hash(t.Context(), h, "later"); err != nil {
			t.Errorf("after the queue has emptied: %v", err)
		}
	})
}

func TestAtMostConcurrencyRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const concurrency, calls = 3, 12
		h, _ := slow(t, concurrency, calls)
		began := time.Now()
		done := make(chan error, calls)
		for range calls {
			go func() { done <- hash(t.Context(), h, "p") }()
		}
		for range calls {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took != hashTime*calls/concurrency {
			t.Errorf("%d hashes, %d at once, took %v", calls, concurrency, took)
		}
	})
}

func TestQueueLeftWhenContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, begun := slow(t, 1, 2)
		go func() { _ = hash(t.Context(), h, "first") }()
		synctest.Wait()

		deadline, stop := context.WithTimeout(t.Context(), hashTime/4)
		defer stop()
		cancelled, cancel := context.WithCancel(t.Context())
		timedOut, gone := make(chan error, 1), make(chan error, 1)
		go func() { timedOut <- hash(deadline, h, "timed out") }()
		go func() { gone <- hash(cancelled, h, "cancelled") }()
		synctest.Wait()
		if err := hash(t.Context(), h, "no room"); !errors.Is(err, domain.ErrOverloaded) {
			t.Errorf("with two waiting: got %v, want ErrOverloaded", err)
		}

		err := <-timedOut
		if !errors.Is(err, domain.ErrOverloaded) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("past the deadline: got %v, want ErrOverloaded because of it", err)
		}
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrOverloaded) {
			t.Errorf("cancelled: got %v, want context.Canceled", err)
		}
		// Both places are free again, and neither gets its turn later.
		for _, name := range []string{"second", "third"} {
			go func() {
				if err := hash(t.Context(), h, name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(4 * hashTime)
		synctest.Wait()
		if want := []string{"first", "second", "third"}; !slices.Equal(*begun, want) {
			t.Errorf("hashed %v, want %v", *begun, want)
		}
	})
}

func TestContextThatHasEnded(t *testing.T) {
	h := counting(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := hash(cancelled, h.Hasher, "p"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	expired, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	_, err := h.Verify(expired, domain.Password{}, domain.PasswordHash{})
	if !errors.Is(err, domain.ErrOverloaded) {
		t.Errorf("expired: got %v", err)
	}
	if h.derived != 0 {
		t.Errorf("%d hashes were made for nobody", h.derived)
	}
}

func TestSlotIsFreedByAPanic(t *testing.T) {
	h, err := New(Options{Concurrency: 1, Queue: 1})
	if err != nil {
		t.Fatal(err)
	}
	h.derive = func(string) (string, error) { panic("bug") }
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			_ = hash(t.Context(), h, "p")
		}()
	}
	if n := len(h.queue.slots); n != 0 {
		t.Errorf("%d slots are still held", n)
	}
}

func TestWaitsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := slow(t, 1, 1)
		told := make(chan string, 3)
		h.waited = func(waited time.Duration, refused bool) { told <- fmt.Sprint(waited, " ", refused) }
		loaded := func(running, waiting int) {
			t.Helper()
			if r, w := h.Load(); r != running || w != waiting {
				t.Errorf("%d run and %d wait, want %d and %d", r, w, running, waiting)
			}
		}
		loaded(0, 0)
		for range 2 {
			go func() { _ = hash(t.Context(), h, "p") }()
			synctest.Wait()
		}
		loaded(1, 1)
		_ = hash(t.Context(), h, "one too many")
		loaded(1, 1)
		time.Sleep(3 * hashTime)
		synctest.Wait()
		loaded(0, 0)
		for _, want := range []string{"0s false", "0s true", "1s false"} {
			if got := <-told; got != want {
				t.Errorf("told %s, want %s", got, want)
			}
		}
	})
}
