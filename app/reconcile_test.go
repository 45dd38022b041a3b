package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// away makes the step fail as if the store were away.
func (r *rig) away(step string) {
	r.before = func(_ context.Context, s string) error {
		if s == step {
			return domain.ErrStoreUnavailable
		}
		return nil
	}
}

// TestALeaseOfAClockThatWasAhead ends in a year, and is not waited for.
func TestALeaseOfAClockThatWasAhead(t *testing.T) {
	const year = 365 * 24 * time.Hour
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	r.clock.pass(year)
	r.away("Namespaces.Drop")
	_, err := r.DeleteByOperator(t.Context(), on(o))
	wantError(t, err, domain.ErrStoreUnavailable)
	r.before = nil
	r.clock.pass(-year)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, err := r.InspectOrganization(t.Context(), o.ID); err != nil || d.Organization.Status != domain.StatusPurged {
		t.Errorf("reconciled: %+v, error %v", d, err)
	}
}

// TestALateRunnerOfACreateLeavesNoNamespace freezes a runner before it makes the
// namespace. Until it wakes, another has finished the create, and the organization has
// left that namespace.
func TestALateRunnerOfACreateLeavesNoNamespace(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, r *rig) error{
		"delete": func(t *testing.T, r *rig) error {
			return r.DeleteOrganization(t.Context(), r.session(t, "a@acme.example"), "Acme")
		},
		"rename": func(t *testing.T, r *rig) error {
			_, err := r.rename(t, r.session(t, "a@acme.example"), "Globex")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, c := newCollectionsRig(t)
			r.away("Namespaces.Ensure")
			_, err := r.create("Acme", "a@acme.example")
			wantError(t, err, domain.ErrStoreUnavailable)
			r.clock.pass(time.Minute)
			r.before = func(ctx context.Context, step string) error {
				if step != "Namespaces.Ensure" {
					return nil
				}
				r.before = nil
				r.clock.pass(time.Minute)
				if err := r.Reconcile(ctx); err != nil {
					t.Error(err)
				}
				return leave(t, r)
			}
			if err := r.Reconcile(t.Context()); err != nil {
				t.Error(err)
			}
			if c.under["org_acme"] != nil {
				t.Error("org_acme was made late, and stands")
			}
		})
	}
}

// TestRecoverGoesOnPastFailures has more operations that can't be finished than it reads
// at once, before one that can.
func TestRecoverGoesOnPastFailures(t *testing.T) {
	const failing = 101
	r := newRig(t)
	var last domain.Organization
	for n := range failing + 1 {
		last = r.mustCreate(t, fmt.Sprintf("Number %d", n), fmt.Sprintf("a%d@acme.example", n))
		r.away("Namespaces.Drop")
		_, err := r.DeleteByOperator(t.Context(), app.Command{Organization: last.ID})
		wantError(t, err, domain.ErrStoreUnavailable)
		r.before = nil
		if n == failing-1 {
			r.clock.pass(9 * time.Second) // All that failed comes before the last one.
		}
	}
	drops := 0
	r.before = func(_ context.Context, step string) error {
		if step == "Namespaces.Drop" {
			if drops++; drops <= failing {
				return errBroken
			}
		}
		return nil
	}
	wantError(t, r.Recover(t.Context()), errBroken)
	if d, err := r.InspectOrganization(t.Context(), last.ID); err != nil || d.Organization.Status != domain.StatusPurged {
		t.Errorf("the last one: %+v, error %v", d, err)
	}
}
