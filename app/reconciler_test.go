package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// TestKeepReconciling drives the loop by its waits: the clock moves when it rests.
func TestKeepReconciling(t *testing.T) {
	seen := make(chan ports.Pass, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var rests []time.Duration
	var r *rig
	r = newRig(t, func(d *app.Dependencies, o *app.Options) {
		o.OperationLease = 8 * time.Second
		d.Signals = passes{silent{}, seen}
		d.Wait = func(_ context.Context, rest time.Duration) error {
			rests = append(rests, rest)
			r.clock.pass(rest)
			switch len(rests) {
			case 3:
				r.before = func(context.Context, string) error { return domain.ErrStoreUnavailable }
			case 6:
				r.before = nil
			case 12:
				cancel()
				return ctx.Err()
			}
			return nil
		}
	})
	r.mustCreate(t, "Acme", "a@acme.example")
	who := r.session(t, "a@acme.example")
	r.before = func(_ context.Context, step string) error {
		if step == "Namespaces.Rename" {
			return domain.ErrStoreUnavailable.Because(errors.New("dead"))
		}
		return nil
	}
	if _, err := r.rename(t, who, "Globex"); err == nil {
		t.Fatal("renamed")
	}
	r.before = nil
	r.KeepReconciling(ctx)

	if _, err := r.GetOrganization(t.Context(), "Globex"); err != nil {
		t.Errorf("the rename was not finished: %v", err)
	}
	finished := 0
	for len(seen) > 0 {
		finished += (<-seen).Finished
	}
	if finished != 1 {
		t.Errorf("%d operations were finished", finished)
	}
	for i, rest := range rests {
		if rest < 3*time.Second || rest > 40*time.Second {
			t.Errorf("rest %d took %v", i, rest)
		}
	}
}

// silent hears nothing.
type silent struct{}

func (silent) OperationEnded(domain.Operation, time.Duration) {}
func (silent) OperationFailed(domain.Operation)               {}
func (silent) OperationTaken(domain.Operation)                {}
func (silent) LeaseLost(domain.Operation)                     {}
func (silent) Reconciled(ports.Pass)                          {}
