package app_test

import (
	"testing"
	"time"
)

// TestAReleasedRequestIsFreeForAllClocks: the instance that takes it has a clock that is
// behind the one of the instance that has released it.
func TestAReleasedRequestIsFreeForAllClocks(t *testing.T) {
	r := newRig(t)
	first, err := r.BeginRequest(t.Context(), "key", "print")
	if err != nil {
		t.Fatal(err)
	}
	r.clock.pass(5 * time.Second)
	if err := r.ReleaseRequest(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	r.clock.pass(-5 * time.Second)
	if again, err := r.BeginRequest(t.Context(), "key", "print"); err != nil || again.Operation != first.Operation {
		t.Errorf("again: %+v, error %v", again, err)
	}
}
