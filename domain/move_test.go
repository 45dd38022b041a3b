package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAMove(t *testing.T) {
	op, idle := operations()["move"], subject(StatusSuspended, Operation{})
	begun, err := idle.BeginMove(op, later)
	wantOrganization(t, begun, err, idle, func(o *Organization) {
		o.Pending, o.UpdatedAt = op, later
		o.Reserved = append(o.Reserved, "s:tenants.org_share")
	})
	handed, err := begun.HandOver()
	wantOrganization(t, handed, err, begun, func(o *Organization) { o.Pending.LeaseUntil = Forever })
	if begun.Pending.HandedOver() || !handed.Pending.HandedOver() || handed.Pending.Switching() {
		t.Errorf("handed over: %v, then %v", begun.Pending, handed.Pending)
	}
	elsewhere, err := handed.Retarget("org_other")
	wantOrganization(t, elsewhere, err, handed, func(o *Organization) {
		o.Pending.Target.Namespace = "org_other"
		o.Reserved = append(o.Reserved, "s:tenants.org_other")
	})
	switching, err := elsewhere.Commit()
	wantOrganization(t, switching, err, elsewhere, func(o *Organization) {
		o.Pending.Phase, o.Placement.State = PhaseCommitted, PlacementFrozen
	})
	if !switching.Pending.Switching() || switching.Pending.CanAbort() || !handed.Pending.CanAbort() {
		t.Errorf("switching: %v, before %v", switching.Pending, handed.Pending)
	}
	moved, err := switching.Finish(later.Add(time.Minute))
	wantOrganization(t, moved, err, switching, func(o *Organization) {
		o.Pending, o.Placement, o.UpdatedAt = Operation{}, share("org_other", 2), later.Add(time.Minute)
		o.Last = Outcome{"op", OperationMove, ActorOwner, "", earlier, later.Add(time.Minute), 1}
	})
}

func TestAMoveThatGoesBack(t *testing.T) {
	moving := subject(StatusActive, operations()["move handed over"])
	back, err := moving.TurnBack(CodeMoveRefused)
	wantOrganization(t, back, err, moving, func(o *Organization) { o.Pending.Phase, o.Pending.Refused = PhaseBack, CodeMoveRefused })
	ended, err := back.Finish(later)
	wantOrganization(t, ended, err, back, func(o *Organization) {
		o.Pending, o.UpdatedAt = Operation{}, later
		o.Last = Outcome{"op", OperationMove, ActorOwner, CodeMoveRefused, earlier, later, 1}
	})
}

func TestMoveRecord(t *testing.T) {
	o := subject(StatusActive, operations()["move handed over"])
	m := NewMove(o, later)
	want := Move{
		Operation: "op", Organization: "id", By: ActorOwner, From: o.Placement, Source: "identity", To: share("org_share", 2),
		Stage: MoveCopying, StartedAt: earlier, UpdatedAt: later, DueAt: later, Version: 1,
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	if m.Rate() != (Usage{}) || m.Left() != 0 || m.Ended() {
		t.Errorf("at first: %v, %v", m.Rate(), m.Left())
	}
	m.Total, m.Done, m.Took, m.Position = Usage{1000, 50_000}, Usage{250, 12_500}, 5*time.Second, "x"
	if m.Rate() != (Usage{50, 2500}) || m.Left() != 15*time.Second {
		t.Errorf("a quarter: %v, %v", m.Rate(), m.Left())
	}
	m.Done.Documents = 1001
	if m.Left() != 0 {
		t.Errorf("more than there was: %v", m.Left())
	}
	kept := m.Enter(MoveKept, later.Add(time.Second))
	want = m
	want.Stage, want.Position, want.Done, want.Took = MoveKept, "", Usage{}, 0
	want.UpdatedAt, want.Version = later.Add(time.Second), 2
	if diff := cmp.Diff(want, kept); diff != "" || !kept.Ended() {
		t.Error(diff)
	}
}

func TestWhatIsLeft(t *testing.T) {
	for strategy, want := range map[Strategy]string{
		StrategyCollection: "org_acme.left", StrategyDatabase: "documents.left", StrategyShared: "tenants",
	} {
		p := placement("org_acme", 3)
		p.Strategy = strategy
		left := p.Left()
		if left.Collection() != want || left.OwnDatabase() != p.OwnDatabase() || left.Reservation() != p.Reservation() {
			t.Errorf("%s: %q in %q", strategy, left.Collection(), left.OwnDatabase())
		}
	}
	if got := (Placement{}).Left().Collection(); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
