package middleware

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestExchangeIsAContext sees that an exchange keeps the promises of
// context.Context, with and without a deadline, waited for or not.
func TestExchangeIsAContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &Exchange{base: context.Background()}
		if _, ok := e.Deadline(); ok || e.Err() != nil || FromContext(e) != e {
			t.Error("a fresh exchange has ended")
		}
		e.Bound(time.Second)
		e.Bound(time.Hour)
		if d, ok := e.Deadline(); !ok || time.Until(d) != time.Second {
			t.Errorf("deadline %v", d)
		}
		type key struct{}
		child, cancel := context.WithCancel(context.WithValue(e, key{}, "value"))
		defer cancel()
		if child.Value(key{}) != "value" || FromContext(child) != e {
			t.Error("values are lost")
		}
		<-child.Done()
		if !errors.Is(child.Err(), context.DeadlineExceeded) || !errors.Is(e.Err(), context.DeadlineExceeded) {
			t.Errorf("%v, %v", child.Err(), e.Err())
		}
		e.stop()
	})
}

func TestExchangeEndsUnwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &Exchange{base: context.Background()}
		e.Bound(time.Second)
		time.Sleep(time.Second)
		if !errors.Is(e.Err(), context.DeadlineExceeded) {
			t.Errorf("%v", e.Err())
		}
		select {
		case <-e.Done():
		default:
			t.Error("ended, but not done")
		}
		e.stop()
	})
}

func TestExchangeEndsWithItsRequest(t *testing.T) {
	for _, waited := range []bool{false, true} {
		base, cancel := context.WithCancel(context.Background())
		e := &Exchange{base: base}
		e.Bound(time.Hour)
		if waited {
			_ = e.Done()
		}
		cancel()
		if !errors.Is(e.Err(), context.Canceled) {
			t.Errorf("waited %t: %v", waited, e.Err())
		}
		<-e.Done()
		e.stop()
	}
}
