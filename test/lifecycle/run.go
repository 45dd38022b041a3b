package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// Run proves the operations on stores that open returns, each empty.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			boundaries := dryRun(t, open, sc)
			t.Run("dead", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, dead) })
			t.Run("dead, then met", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, deadThenMet) })
			if sc.before == (state{}) && !sc.refused {
				t.Run("dead, then retried", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, deadThenRetried) })
			}
			t.Run("fault", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, fault) })
			t.Run("frozen", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, frozen) })
			if sc.before.Name != "" && sc.after.Name != "" {
				t.Run("frozen, then moved", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, frozenThenMoved) })
			}
			t.Run("frozen, then aborted", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, frozenThenAborted) })
			t.Run("frozen, then dead", func(t *testing.T) { eachBoundary(t, open, sc, boundaries, frozenThenDead) })
		})
	}
	t.Run("two slow runners", func(t *testing.T) { twoSlowRunners(t, open) })
	t.Run("races", func(t *testing.T) { races(t, open) })
}

// dryRun returns how many boundaries the scenario's operation has.
func dryRun(t *testing.T, open func(t *testing.T) Store, sc scenario) int {
	t.Helper()
	w := newWorld(open(t))
	begun := w.prepare(t, sc)
	var count atomic.Int64
	s := w.retaining(t, sc.retention, w.meddle(t, sc, func(context.Context, steps.Step) error { count.Add(1); return nil }))
	if err := sc.run(t.Context(), s); !errors.Is(err, sc.refusal()) {
		t.Fatalf("the error is %v, should be %v", err, sc.refusal())
	}
	w.check(t, sc, begun, true)
	if count.Load() < 2 {
		t.Fatalf("only %d boundaries: the test would prove nothing", count.Load())
	}
	return int(count.Load())
}

func eachBoundary(t *testing.T, open func(t *testing.T) Store, sc scenario, boundaries int,
	run func(t *testing.T, w *world, sc scenario, at int),
) {
	for at := range boundaries {
		t.Run(fmt.Sprintf("%d of %d", at+1, boundaries), func(t *testing.T) {
			run(t, newWorld(open(t)), sc, at)
		})
	}
}

var errDead = errors.New("the process is dead")

// dead kills the process at the boundary: nothing it does takes effect any more.
func dead(t *testing.T, w *world, sc scenario, at int) {
	w.check(t, sc, die(t, w, sc, at), false)
}

// deadThenMet is dead, but nobody reconciles: requests meet what was left behind.
func deadThenMet(t *testing.T, w *world, sc scenario, at int) {
	begun := die(t, w, sc, at)
	w.dismiss(t)
	w.meet(t, sc.orGranted(begun), begun, false)
}

// deadThenRetried lets the client of a create ask again once the lease has run out,
// when nobody has reconciled.
func deadThenRetried(t *testing.T, w *world, sc scenario, at int) {
	if at%2 == 0 {
		die(t, w, sc, at)
	} else {
		freeze(t, w, sc, at, w.reconcileBeside(t), dieAfter(1))
	}
	w.pass()
	s := w.process(t, nil)
	err := sc.run(t.Context(), s)
	if err != nil && !errors.Is(err, domain.ErrNameTaken) {
		t.Fatalf("creating again: %v", err)
	}
	if seen := w.look(t, s, sc); seen != sc.after {
		t.Fatalf("creating again returned %v, but now %+v", err, seen)
	}
	w.check(t, sc, beginning{}, true)
}

func die(t *testing.T, w *world, sc scenario, at int) beginning {
	t.Helper()
	begun := w.prepare(t, sc)
	var count atomic.Int64
	s := w.retaining(t, sc.retention, w.meddle(t, sc, func(context.Context, steps.Step) error {
		if int(count.Add(1)) > at {
			return errDead
		}
		return nil
	}))
	if err := sc.run(t.Context(), s); err == nil {
		t.Fatal("acknowledged by a dead process")
	}
	return begun
}

// fault makes one call fail as by a store that is away for a moment: before a step
// it isn't made, after it its answer is lost.
func fault(t *testing.T, w *world, sc scenario, at int) {
	begun := w.prepare(t, sc)
	var count atomic.Int64
	s := w.retaining(t, sc.retention, w.meddle(t, sc, func(context.Context, steps.Step) error {
		if int(count.Add(1)) == at+1 {
			return domain.ErrStoreUnavailable.Because(errors.New("a fault"))
		}
		return nil
	}))
	err := sc.run(t.Context(), s)
	if !errors.Is(err, sc.refusal()) && !errors.Is(err, domain.ErrStoreUnavailable) {
		t.Fatalf("the error is %v, should be store_unavailable", err)
	}
	w.check(t, sc, begun, err == nil)
}

// frozen stops the process at the boundary until its lease has run out and another
// one has gone on with the operation; then it wakes up and goes on as well.
func frozen(t *testing.T, w *world, sc scenario, at int) {
	begun, err := freeze(t, w, sc, at, w.reconcileBeside(t), func() error { return nil })
	w.check(t, sc.orGranted(begun), begun, err == nil)
}

// frozenThenAborted lets an operator abort the operation while its process is frozen.
func frozenThenAborted(t *testing.T, w *world, sc scenario, at int) {
	begun, err := freeze(t, w, sc, at, func() { w.abort(t) }, func() error { return nil })
	w.check(t, sc.orGranted(begun), begun, err == nil)
}

// frozenThenMoved is frozen, but before the process wakes up the organization has
// been renamed once more: the steps that it still takes must not touch the place
// where the documents are by then.
func frozenThenMoved(t *testing.T, w *world, sc scenario, at int) {
	moved := sc
	begun, _ := freeze(t, w, sc, at, func() {
		w.reconcileBeside(t)()
		s := w.process(t, nil)
		now := w.look(t, s, sc.orGranted(beginning{}))
		who, err := session(t.Context(), s, now.Email)
		if err != nil {
			t.Error(err)
			return
		}
		moved.before = state{Name: "Initech", Email: now.Email}
		_, err = s.UpdateOrganization(t.Context(), who, app.UpdateOrganization{
			Name: moved.before.Name, Password: domain.NewSecret(password),
		})
		if err != nil {
			t.Error(err)
		}
	}, func() error { return nil })
	// A process that froze before it had written its intent may write it now.
	w.check(t, moved.orGranted(begun), begun, false)
}

// frozenThenDead is frozen, but the process that wakes up dies after the next step.
func frozenThenDead(t *testing.T, w *world, sc scenario, at int) {
	begun, err := freeze(t, w, sc, at, w.reconcileBeside(t), dieAfter(1))
	w.check(t, sc.orGranted(begun), begun, err == nil)
}

// dieAfter returns a function that reports death after so many steps, each of which
// has two boundaries.
func dieAfter(steps int) func() error {
	left := 2 * steps
	return func() error {
		if left--; left < 0 {
			return errDead
		}
		return nil
	}
}

// freeze runs the scenario's operation in a process that is frozen at the boundary.
// When its lease has run out and meanwhile has run, the process goes on; awake is asked
// before each of its steps.
func freeze(t *testing.T, w *world, sc scenario, at int, meanwhile func(), awake func() error) (beginning, error) {
	t.Helper()
	begun := w.prepare(t, sc)
	asleep, wake := make(chan struct{}), make(chan struct{})
	var count atomic.Int64
	s := w.retaining(t, sc.retention, w.meddle(t, sc, func(context.Context, steps.Step) error {
		switch n := int(count.Add(1)); {
		case n <= at:
			return nil
		case n == at+1:
			close(asleep)
			<-wake
		}
		return awake()
	}))
	done := make(chan error, 1)
	go func() { done <- sc.run(t.Context(), s) }()
	<-asleep
	w.pass()
	meanwhile()
	close(wake)
	err := <-done
	if err != nil && !slices.ContainsFunc([]error{
		sc.refusal(), errDead, domain.ErrStoreUnavailable, domain.ErrUnauthenticated, domain.ErrOperationAborted,
	}, func(allowed error) bool { return errors.Is(err, allowed) }) {
		t.Errorf("the frozen process returned %v", err)
	}
	return begun, err
}

// reconcileBeside returns what others do beside a frozen process: they finish its
// operation, and the rival goes.
func (w *world) reconcileBeside(t *testing.T) func() {
	t.Helper()
	return func() {
		if err := w.process(t, nil).Reconcile(t.Context()); err != nil {
			t.Errorf("reconciling beside a frozen process: %v", err)
		}
		w.dismiss(t)
	}
}

// abort aborts whatever is pending, if it can still go back.
func (w *world) abort(t *testing.T) {
	t.Helper()
	s := w.process(t, nil)
	all, err := s.ListOrganizations(t.Context(), ports.OrganizationQuery{})
	if err != nil {
		t.Error(err)
	}
	for _, o := range all {
		if !o.Busy() {
			continue
		}
		_, err := s.AbortOperation(t.Context(), app.Command{Organization: o.ID})
		mayGoBack := o.Pending.CanAbort() || o.Pending.Phase == domain.PhaseBack
		if mayGoBack != (err == nil) && !errors.Is(err, domain.ErrOperationNotAbortable) {
			t.Errorf("aborting a %s that goes %s: %v", o.Pending.Kind, o.Pending.Phase, err)
		}
	}
	w.dismiss(t)
}

// orGranted returns the scenario with the state after it that may be seen when the
// rival is dismissed before the operation has come to rest.
func (sc scenario) orGranted(begun beginning) scenario {
	switch {
	case sc.refused && begun.ID != "":
		sc.after = state{Name: "Globex", Email: rival.Email}
	case sc.refused:
		sc.after = state{Name: start.Name, Email: rival.Email}
	}
	return sc
}

// refusal is the error that the operation ends with when nothing disturbs it.
func (sc scenario) refusal() error {
	if sc.refused {
		return domain.ErrEmailTaken
	}
	return nil
}
