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

// step tries a transition and checks what came of it.
func (l *life) step(t *rapid.T, name string, do func(o Organization) (Organization, error)) {
	l.now = l.now.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "passed")) * time.Second)
	before := l.o
	kept := before
	kept.Reserved = slices.Clone(before.Reserved)
	next, err := do(before)
	if !reflect.DeepEqual(before, kept) {
		t.Fatalf("%s changed its receiver", name)
	}
	if err != nil {
		if !errors.Is(err, ErrTransition) && !errors.Is(err, ErrOperationInProgress) && !errors.Is(err, ErrNamespaceTaken) {
			t.Fatalf("%s: %v", name, err)
		}
		if errors.Is(err, ErrOperationInProgress) != (before.Busy() && (name == "BeginUpdate" || name == "BeginDelete")) {
			t.Fatalf("%s: %v, busy %v", name, err, before.Busy())
		}
		if !reflect.DeepEqual(next, before) {
			t.Fatalf("%s failed and gave another organization", name)
		}
		return
	}
	checkNext(t, before, next)
	if before.Status == StatusPurged {
		t.Fatalf("%s is possible on a purged organization", name)
	}
	if before.Busy() && !next.Busy() && next.Last.Operation != before.Pending.ID {
		t.Fatalf("%s: the outcome is of %q, not of %q", name, next.Last.Operation, before.Pending.ID)
	}
	if next.Placement != before.Placement && next.Status != StatusPurged && next.Placement.Generation < before.Placement.Generation {
		t.Fatalf("%s: the generation shrank", name)
	}
	l.o = next
}

// operation draws an intent.
func (l *life) operation(t *rapid.T) Operation {
	l.ops++
	op := Operation{
		ID:         OperationID(fmt.Sprint("op ", l.ops)),
		Kind:       rapid.SampledFrom([]OperationKind{OperationUpdate, OperationDelete, OperationCreate}).Draw(t, "kind"),
		Phase:      PhaseForward,
		StartedAt:  l.now,
		LeaseUntil: l.now.Add(10 * time.Second),
		Attempt:    1,
	}
	if op.Kind == OperationUpdate {
		if key := rapid.SampledFrom([]string{"", "acme", "beta", "gamma"}).Draw(t, "name"); key != "" {
			op.Name = StoredName(key, key)
		}
		if rapid.Bool().Draw(t, "moves") {
			op.Target = l.o.NextPlacement(l.namespace(t))
		}
	}
	return op
}

// namespace draws a name, one that was given before among them.
func (l *life) namespace(t *rapid.T) string {
	return rapid.SampledFrom([]string{"org_1", "org_2", "org_3", fmt.Sprint("org_new_", l.ops, len(l.o.Reserved))}).Draw(t, "namespace")
}

func TestLifeOfAnOrganization(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := life{now: earlier}
		create := Operation{ID: "op 0", Kind: OperationCreate, Phase: PhaseForward, StartedAt: l.now, LeaseUntil: l.now, Attempt: 1}
		l.o = NewOrganization("id", "owner", StoredName("Acme", "acme"), placement("org_1", 1), create, l.now)
		t.Repeat(map[string]func(*rapid.T){
			"BeginUpdate": func(t *rapid.T) {
				op := l.operation(t)
				l.step(t, "BeginUpdate", func(o Organization) (Organization, error) { return o.BeginUpdate(op, l.now) })
			},
			"BeginDelete": func(t *rapid.T) {
				op := l.operation(t)
				l.step(t, "BeginDelete", func(o Organization) (Organization, error) { return o.BeginDelete(op, l.now) })
			},
			"TakeOver": func(t *rapid.T) {
				l.step(t, "TakeOver", func(o Organization) (Organization, error) { return o.TakeOver(l.now.Add(time.Second), l.now) })
			},
			"TurnBack": func(t *rapid.T) {
				l.step(t, "TurnBack", func(o Organization) (Organization, error) { return o.TurnBack(CodeEmailTaken, l.now) })
			},
			"Retarget": func(t *rapid.T) {
				namespace := l.namespace(t)
				l.step(t, "Retarget", func(o Organization) (Organization, error) { return o.Retarget(namespace, l.now) })
			},
			"Finish": func(t *rapid.T) {
				l.step(t, "Finish", func(o Organization) (Organization, error) { return o.Finish(l.now) })
			},
		})
	})
}
