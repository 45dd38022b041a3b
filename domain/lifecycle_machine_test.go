package domain

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// life is an organization that random transitions are tried on.
type life struct {
	o   Organization
	now time.Time
	ops int
}

// operation draws an intent of the kind, or now and then of another one.
func (l *life) operation(t *rapid.T, kind OperationKind) Operation {
	l.ops++
	kinds := []OperationKind{kind, kind, kind, OperationUpdate, OperationDelete, OperationPurge, OperationCreate, OperationMove}
	op := Operation{
		ID:         OperationID(fmt.Sprint("op ", l.ops)),
		Kind:       rapid.SampledFrom(kinds).Draw(t, "kind"),
		Phase:      PhaseForward,
		By:         rapid.SampledFrom([]Actor{ActorOwner, ActorOperator, ActorRetention}).Draw(t, "by"),
		StartedAt:  l.now,
		LeaseUntil: l.now.Add(10 * time.Second),
		Attempt:    1,
	}
	switch op.Kind {
	case OperationMove:
		op.Target = l.o.NextPlacement(l.namespace(t))
		op.Target.Strategy = rapid.SampledFrom(Strategies()).Draw(t, "strategy")
		return op
	case OperationUpdate:
	default:
		return op
	}
	if rapid.Bool().Draw(t, "renames") {
		op.Name = l.name(t)
	}
	if rapid.Bool().Draw(t, "moves") {
		op.Target = l.o.NextPlacement(l.namespace(t))
	}
	return op
}

// single draws an operation that takes one write.
func (l *life) single(kind OperationKind) Operation {
	l.ops++
	return Operation{ID: OperationID(fmt.Sprint("op ", l.ops)), Kind: kind, Phase: PhaseForward, By: ActorOperator, StartedAt: l.now, Attempt: 1}
}

func (l *life) name(t *rapid.T) Name {
	key := rapid.SampledFrom([]string{"acme", "beta", "gamma"}).Draw(t, "name")
	return StoredName(key, key)
}

// namespace draws a name, one that was given before among them.
func (l *life) namespace(t *rapid.T) string {
	return rapid.SampledFrom([]string{"org_1", "org_2", "org_3", fmt.Sprint("org_new_", l.ops, len(l.o.Reserved))}).Draw(t, "namespace")
}

// transitions draws all of them, with what they need. Rapid prefers the first: Finish,
// so that a life gets on.
func (l *life) transitions(t *rapid.T) []transition {
	update, remove, purge := l.operation(t, OperationUpdate), l.operation(t, OperationDelete), l.operation(t, OperationPurge)
	move := l.operation(t, OperationMove)
	keep := rapid.SampledFrom([]time.Time{{}, l.now, l.now.Add(time.Hour)}).Draw(t, "keep")
	name, namespace := l.name(t), l.namespace(t)
	now, soon := l.now, l.now.Add(time.Second)
	return []transition{
		{"Finish", false, func(o Organization) (Organization, error) { return o.Finish(now) }},
		{"BeginUpdate", true, func(o Organization) (Organization, error) { return o.BeginUpdate(update, now) }},
		{"BeginDelete", true, func(o Organization) (Organization, error) { return o.BeginDelete(remove, keep, now) }},
		{"BeginPurge", true, func(o Organization) (Organization, error) { return o.BeginPurge(purge, now) }},
		{"BeginMove", true, func(o Organization) (Organization, error) { return o.BeginMove(move, now) }},
		{"HandOver", false, func(o Organization) (Organization, error) { return o.HandOver() }},
		{"Restore", true, func(o Organization) (Organization, error) { return o.Restore(l.single(OperationRestore), name, now) }},
		{"Suspend", true, func(o Organization) (Organization, error) { return o.Suspend(l.single(OperationSuspend), now) }},
		{"Activate", true, func(o Organization) (Organization, error) { return o.Activate(l.single(OperationActivate), now) }},
		{"SetHold", true, func(o Organization) (Organization, error) { return o.SetHold(l.single(OperationHold), !o.Hold, now) }},
		{"TakeOver", false, func(o Organization) (Organization, error) { return o.TakeOver(soon) }},
		{"Retry", false, func(o Organization) (Organization, error) { return o.Retry(soon) }},
		{"Measure", false, func(o Organization) (Organization, error) { return o.Measure(Usage{Documents: 3, Bytes: 4}) }},
		{"Fail", false, func(o Organization) (Organization, error) { return o.Fail(soon, false) }},
		{"Fail for good", false, func(o Organization) (Organization, error) { return o.Fail(soon, true) }},
		{"TurnBack", false, func(o Organization) (Organization, error) { return o.TurnBack(CodeEmailTaken) }},
		{"Commit", false, func(o Organization) (Organization, error) { return o.Commit() }},
		{"Retarget", false, func(o Organization) (Organization, error) { return o.Retarget(namespace) }},
	}
}

// try does a transition, checks what comes of it and reports whether it was possible.
func (l *life) try(t *rapid.T, tr transition) (Organization, bool) {
	before, kept := l.o, l.o
	before.Reserved = append(make([]string, 0, len(l.o.Reserved)+4), l.o.Reserved...)
	next, err := tr.do(before)
	checkPure(t, before, kept)
	if err == nil {
		checkOrganization(t, next)
		checkNext(t, tr.name, before, next)
		return next, true
	}
	if !reflect.DeepEqual(next, before) {
		t.Errorf("%s failed and gave another organization", tr.name)
	}
	if errors.Is(err, ErrOperationInProgress) != (tr.starts && before.Busy()) {
		t.Errorf("%s: %v, busy %v", tr.name, err, before.Busy())
	}
	if errors.Is(err, ErrHeld) && (tr.name != "BeginPurge" || !before.Hold) {
		t.Errorf("%s: %v, hold %v", tr.name, err, before.Hold)
	}
	legal := []error{ErrOperationInProgress, ErrStatus, ErrHeld, ErrTransition, ErrNamespaceTaken}
	if !tr.starts {
		legal = []error{ErrTransition, ErrNamespaceTaken}
	}
	if !slices.ContainsFunc(legal, func(want error) bool { return errors.Is(err, want) }) {
		t.Errorf("%s: %v", tr.name, err)
	}
	checkSays(t, err, before)
	return before, false
}

// TestLifeOfAnOrganization tries all transitions in every state that it comes to, and
// goes on with one of those that are possible.
func TestLifeOfAnOrganization(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := life{now: earlier}
		create := Operation{ID: "op 0", Kind: OperationCreate, Phase: PhaseForward, By: ActorOwner, StartedAt: l.now, LeaseUntil: l.now, Attempt: 1}
		l.o = NewOrganization("id", "owner", StoredName("Acme", "acme"), placement("org_1", 1), create, l.now)
		checkOrganization(t, l.o)
		if rapid.Bool().Draw(t, "created") {
			l.o, _ = l.try(t, transition{"Finish", false, func(o Organization) (Organization, error) { return o.Finish(l.now) }})
		}
		for range 40 {
			l.now = l.now.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "passed")) * time.Second)
			var names []string
			next := map[string]Organization{}
			for _, tr := range l.transitions(t) {
				if o, ok := l.try(t, tr); ok {
					names = append(names, tr.name)
					next[tr.name] = o
				}
			}
			if len(names) == 0 {
				if l.o.Status != StatusPurged {
					t.Fatalf("nothing is possible with %+v", l.o)
				}
				return
			}
			l.o = next[rapid.SampledFrom(names).Draw(t, "goes on with")]
		}
	})
}
