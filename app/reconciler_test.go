package app_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// TestKeepReconciling drives the loop by its waits: the clock moves when it rests. The
// store is away for the first passes; then it finishes a rename that a crash
// interrupted.
func TestKeepReconciling(t *testing.T) {
	const passes, away = 12, 3
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	signals, rests, store := &signals{}, []time.Duration(nil), &absent{}
	var r *rig
	r = newRig(t, func(d *app.Dependencies, o *app.Options) {
		o.OperationLease = 8 * time.Second
		store.Organizations = d.Organizations
		d.Organizations, d.Signals = store, signals
		d.Wait = func(_ context.Context, rest time.Duration) error {
			rests = append(rests, rest)
			r.clock.pass(rest)
			store.away = len(rests) < away
			if len(rests) == passes {
				cancel()
			}
			return ctx.Err()
		}
	})
	r.mustCreate(t, "Acme", "a@acme.example")
	who := r.session(t, "a@acme.example")
	r.broken("Namespaces.Rename")
	if _, err := r.rename(t, who, "Globex"); err == nil {
		t.Fatal("renamed")
	}
	r.before, store.away = nil, true
	r.KeepReconciling(ctx)

	if _, err := r.GetOrganization(t.Context(), "Globex"); err != nil {
		t.Errorf("the rename was not finished: %v", err)
	}
	finished, complete := 0, 0
	for _, pass := range signals.passes {
		finished += pass.Finished
		if pass.Complete {
			complete++
		}
	}
	if len(signals.passes) != passes || finished != 1 || complete != passes-away || signals.taken != 1 {
		t.Errorf("signalled: %+v", signals)
	}
	// Half a lease, give or take a quarter; more and more while the store is away.
	for i, want := range []time.Duration{8 * time.Second, 16 * time.Second, 30 * time.Second, 4 * time.Second} {
		if rest := rests[i]; rest < want*3/4 || rest > want*5/4 {
			t.Errorf("rest %d is %v, should be %v or so", i+1, rest, want)
		}
	}
}

// TestSweepsGoOnBesideAnOutageOfOne has an organization whose step runs into its timeout
// in every pass: the store is there for all others.
func TestSweepsGoOnBesideAnOutageOfOne(t *testing.T) {
	const passes, lease = 5, 8 * time.Second
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var r *rig
	var rests []time.Duration
	r = newRig(t, func(d *app.Dependencies, o *app.Options) {
		o.OperationLease = lease
		d.Wait = func(_ context.Context, rest time.Duration) error {
			r.clock.pass(lease)
			if rests = append(rests, rest); len(rests) == passes {
				cancel()
			}
			return ctx.Err()
		}
	})
	o := r.mustCreate(t, "Acme", "a@acme.example")
	r.away("Namespaces.Drop")
	_, err := r.DeleteByOperator(t.Context(), on(o))
	wantError(t, err, domain.ErrStoreUnavailable)
	r.clock.pass(lease)
	email, err := domain.ParseEmail("orphan@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	orphan := domain.NewAccount("orphan", "nobody", email, domain.NewPasswordHash("x"), r.clock.time())
	if err := r.store.Accounts().Insert(t.Context(), orphan); err != nil {
		t.Fatal(err)
	}
	r.KeepReconciling(ctx)

	if _, err := r.store.Accounts().ByID(t.Context(), orphan.ID); !errors.Is(err, domain.ErrAccountNotFound) {
		t.Errorf("the account without organization: error %v", err)
	}
	for i, rest := range rests {
		if rest > lease/2*5/4 {
			t.Errorf("rest %d is %v", i+1, rest)
		}
	}
}

// absent is a store whose due operations can't be read while it is away.
type absent struct {
	ports.Organizations
	away bool
}

func (a *absent) Due(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	if a.away {
		return nil, domain.ErrStoreUnavailable.Because(errors.New("away"))
	}
	return a.Organizations.Due(ctx, until, limit)
}

func TestOperationsAreSignalled(t *testing.T) {
	signals := &signals{}
	r := newRig(t, func(d *app.Dependencies, o *app.Options) { d.Signals, o.OperationAttempts = signals, 2 })
	o := r.mustCreate(t, "Acme", "a@acme.example")
	if _, err := r.SuspendOrganization(t.Context(), on(o)); err != nil {
		t.Fatal(err)
	}
	stuckOperation := stuckSuspended(t, r, o)
	want := []domain.OperationKind{domain.OperationCreate, domain.OperationSuspend}
	if diff := cmp.Diff(want, signals.ended); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	if signals.failed != 2 || signals.stuck != 1 || !stuckOperation.Stuck {
		t.Errorf("signalled: %+v, operation %+v", signals, stuckOperation)
	}
}

// stuckSuspended lets an operator's rename of a suspended organization get stuck.
func stuckSuspended(t *testing.T, r *rig, o domain.Organization) domain.Operation {
	t.Helper()
	r.broken("Namespaces.Rename")
	name := "Globex"
	_, err := r.UpdateByOperator(t.Context(), on(o), app.Change{Name: &name})
	wantError(t, err, errBroken)
	r.clock.pass(time.Minute)
	wantError(t, r.Reconcile(t.Context()), errBroken)
	d, err := r.InspectOrganization(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d.Organization.Pending
}

// signals notes what it hears.
type signals struct {
	ended                []domain.OperationKind
	failed, stuck, taken int
	lost                 int
	passes               []ports.Pass
	// These are told by the goroutines of moves.
	moved, switched atomic.Int64
}

func (s *signals) OperationEnded(op domain.Operation, _ time.Duration) {
	s.ended = append(s.ended, op.Kind)
}

func (s *signals) OperationFailed(op domain.Operation) {
	s.failed++
	if op.Stuck {
		s.stuck++
	}
}

func (s *signals) OperationTaken(domain.Operation)                 { s.taken++ }
func (s *signals) LeaseLost(domain.Operation)                      { s.lost++ }
func (s *signals) MoveProgressed(_ domain.Move, part domain.Usage) { s.moved.Add(part.Documents) }
func (s *signals) MoveSwitched(domain.Move)                        { s.switched.Add(1) }
func (s *signals) Reconciled(pass ports.Pass)                      { s.passes = append(s.passes, pass) }
