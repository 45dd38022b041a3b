package domain

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"
)

// wantOrganization fails t unless got is want after the change.
func wantOrganization(t *testing.T, got Organization, err error, want Organization, change func(o *Organization)) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	want.Reserved = append([]string(nil), want.Reserved...)
	want.Version++
	change(&want)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestNewOrganization(t *testing.T) {
	name, at, op := StoredName("Acme", "acme"), placement("org_acme", 1), operations()["create"]
	got := NewOrganization("id", "owner", name, at, op, earlier)
	want := Organization{
		ID: "id", Name: name, Status: StatusProvisioning, Placement: at, Reserved: []string{"c:tenants.org_acme"}, Owner: "owner",
		Epoch: 1, Pending: op, Version: 1, CreatedAt: earlier, UpdatedAt: earlier,
	}
	if !reflect.DeepEqual(got, want) || !got.Live() || !got.Busy() {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNewTombstone(t *testing.T) {
	got := NewTombstone("id", placement("org_stray", 1), later)
	want := Organization{
		ID: "id", Status: StatusPurged, Reserved: []string{"c:tenants.org_stray"},
		Epoch: 1, Version: 1, CreatedAt: later, UpdatedAt: later, DeletedAt: later,
	}
	if !reflect.DeepEqual(got, want) || got.Live() || got.Busy() || len(got.NameKeys()) > 0 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBeginUpdate(t *testing.T) {
	for _, status := range []Status{StatusActive, StatusSuspended} {
		for _, kind := range []string{"rename", "email"} {
			op := operations()[kind]
			idle := held(subject(status, Operation{}))
			got, err := idle.BeginUpdate(op, later)
			wantOrganization(t, got, err, idle, func(o *Organization) {
				o.Pending, o.UpdatedAt = op, later
				if kind == "rename" {
					o.Pending.Phase = PhaseCommitted // No step of it can be refused.
					o.Reserved = append(o.Reserved, "c:tenants.org_target")
				}
			})
		}
	}
}

func TestBeginDelete(t *testing.T) {
	op, until := operations()["delete"], later.Add(time.Hour)
	ended := Outcome{"op", OperationDelete, ActorOwner, "", earlier, later, 1}
	for name, c := range map[string]struct {
		hold   bool
		keep   time.Time
		change func(o *Organization)
	}{
		"drops":             {false, time.Time{}, func(o *Organization) { o.Pending = op }},
		"keeps":             {false, until, func(o *Organization) { o.PurgeAt, o.Last = until, ended }},
		"on hold":           {true, time.Time{}, func(o *Organization) { o.PurgeAt, o.Last = later, ended }},
		"keeps and on hold": {true, until, func(o *Organization) { o.PurgeAt, o.Last = until, ended }},
	} {
		for _, status := range []Status{StatusActive, StatusSuspended} {
			t.Run(name+"/"+string(status), func(t *testing.T) {
				idle := subject(status, Operation{})
				idle.Hold = c.hold
				got, err := idle.BeginDelete(op, c.keep, later)
				wantOrganization(t, got, err, idle, func(o *Organization) {
					o.Status, o.Epoch, o.UpdatedAt, o.DeletedAt = StatusDeleted, 4, later, later
					c.change(o)
				})
			})
		}
	}
}

func TestBeginPurge(t *testing.T) {
	op, kept := operations()["purge"], subject(StatusDeleted, Operation{})
	got, err := kept.BeginPurge(op, later)
	wantOrganization(t, got, err, kept, func(o *Organization) { o.Pending, o.PurgeAt, o.UpdatedAt = op, time.Time{}, later })
}

// TestBeginOfAnotherKind hands each an operation that it is not for: what drops data
// would come round the guards.
func TestBeginOfAnotherKind(t *testing.T) {
	kinds := []OperationKind{
		"", OperationCreate, OperationUpdate, OperationDelete, OperationPurge, OperationMove,
		OperationRestore, OperationSuspend, OperationActivate, OperationHold, OperationRelease,
	}
	for _, kind := range kinds {
		op := single(kind)
		for _, c := range []struct {
			own    OperationKind
			status Status
			begin  func(o Organization) (Organization, error)
		}{
			{OperationUpdate, StatusActive, func(o Organization) (Organization, error) { return o.BeginUpdate(op, later) }},
			{OperationDelete, StatusActive, func(o Organization) (Organization, error) { return o.BeginDelete(op, time.Time{}, later) }},
			{OperationDelete, StatusActive, func(o Organization) (Organization, error) { return o.BeginDelete(op, later, later) }},
			{OperationMove, StatusActive, func(o Organization) (Organization, error) {
				op.Target = share("org_share", 2)
				defer func() { op.Target = Placement{} }()
				return o.BeginMove(op, later)
			}},
			{OperationPurge, StatusDeleted, func(o Organization) (Organization, error) { return o.BeginPurge(op, later) }},
		} {
			before := subject(c.status, Operation{})
			got, err := c.begin(before)
			if kind == c.own {
				if err != nil {
					t.Errorf("%s: got error %v", kind, err)
				}
				continue
			}
			if !errors.Is(err, ErrTransition) || !reflect.DeepEqual(got, before) {
				t.Errorf("%q as %s: got error %v, want %v", kind, c.own, err, ErrTransition)
			}
		}
	}
}

func TestRestore(t *testing.T) {
	op := single(OperationRestore)
	for _, name := range []Name{StoredName("Old", "old"), StoredName("Other", "other")} {
		kept := held(subject(StatusDeleted, Operation{}))
		got, err := kept.Restore(op, name, later)
		wantOrganization(t, got, err, kept, func(o *Organization) {
			o.Status, o.Name, o.UpdatedAt = StatusActive, name, later
			o.DeletedAt, o.PurgeAt = time.Time{}, time.Time{}
			o.Last = Outcome{"single", OperationRestore, ActorOperator, "", earlier, later, 1}
		})
	}
}

// TestRestoreOfNothing restores a record whose data is nowhere.
func TestRestoreOfNothing(t *testing.T) {
	gone := subject(StatusDeleted, Operation{})
	gone.Placement = Placement{}
	got, err := gone.Restore(single(OperationRestore), gone.Name, later)
	if !errors.Is(err, ErrStatus) || !reflect.DeepEqual(got, gone) {
		t.Errorf("got error %v, want %v", err, ErrStatus)
	}
}

func TestSuspendAndActivate(t *testing.T) {
	for _, on := range []bool{false, true} {
		active, suspended := subject(StatusActive, Operation{}), subject(StatusSuspended, Operation{})
		active.Hold, suspended.Hold = on, on
		got, err := active.Suspend(single(OperationSuspend), later)
		wantOrganization(t, got, err, active, func(o *Organization) {
			o.Status, o.UpdatedAt, o.Last = StatusSuspended, later, Outcome{"single", OperationSuspend, ActorOperator, "", earlier, later, 1}
		})
		got, err = suspended.Activate(single(OperationActivate), later)
		wantOrganization(t, got, err, suspended, func(o *Organization) {
			o.Status, o.UpdatedAt, o.Last = StatusActive, later, Outcome{"single", OperationActivate, ActorOperator, "", earlier, later, 1}
		})
	}
}

func TestSetHold(t *testing.T) {
	for _, status := range []Status{StatusActive, StatusSuspended, StatusDeleted} {
		for _, was := range []bool{false, true} {
			for kind, hold := range map[OperationKind]bool{OperationHold: true, OperationRelease: false} {
				idle := subject(status, Operation{})
				idle.Hold = was
				got, err := idle.SetHold(single(kind), hold, later)
				wantOrganization(t, got, err, idle, func(o *Organization) {
					o.Hold, o.UpdatedAt, o.Last = hold, later, Outcome{"single", kind, ActorOperator, "", earlier, later, 1}
				})
			}
		}
	}
}

func TestStepsOfARunner(t *testing.T) {
	until := later.Add(time.Minute)
	op := operations()["email"]
	op.Stuck, op.Failures = true, 4
	stuck := subject(StatusActive, op)
	got, err := stuck.TakeOver(until)
	wantOrganization(t, got, err, stuck, func(o *Organization) {
		o.Pending.Attempt, o.Pending.LeaseUntil, o.Pending.Stuck = 2, until, false
	})
	got, err = stuck.TurnBack(CodeOperationAborted)
	wantOrganization(t, got, err, stuck, func(o *Organization) {
		o.Pending.Phase, o.Pending.Refused, o.Pending.Stuck, o.Pending.Failures = PhaseBack, CodeOperationAborted, false, 0
	})
	got, err = stuck.Retry(until)
	wantOrganization(t, got, err, stuck, func(o *Organization) {
		o.Pending.Attempt, o.Pending.LeaseUntil, o.Pending.Stuck, o.Pending.Failures = 2, until, false, 0
	})
	dropping, usage := subject(StatusDeleted, operations()["purge"]), Usage{Documents: 3, Bytes: 4}
	got, err = dropping.Measure(usage)
	wantOrganization(t, got, err, dropping, func(o *Organization) { o.Pending.Phase, o.Pending.Measured = PhaseCommitted, usage })
	busy := subject(StatusActive, operations()["rename"])
	for _, forGood := range []bool{false, true} {
		got, err = busy.Fail(until, forGood)
		wantOrganization(t, got, err, busy, func(o *Organization) {
			o.Pending.Failures, o.Pending.LeaseUntil, o.Pending.Stuck = 1, until, forGood
		})
	}
	got, err = busy.Commit()
	wantOrganization(t, got, err, busy, func(o *Organization) { o.Pending.Phase = PhaseCommitted })
}

func TestCanAbort(t *testing.T) {
	for name, op := range operations() {
		if want := slices.Contains([]string{"create", "email", "move", "move handed over"}, name); op.CanAbort() != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
}

func TestRetarget(t *testing.T) {
	creating := subject(StatusProvisioning, operations()["create"])
	got, err := creating.Retarget("org_next")
	wantOrganization(t, got, err, creating, func(o *Organization) {
		o.Placement.Namespace = "org_next"
		o.Reserved = append(o.Reserved, "c:tenants.org_next")
	})
	renaming := subject(StatusActive, operations()["rename"])
	got, err = renaming.Retarget("org_next")
	wantOrganization(t, got, err, renaming, func(o *Organization) {
		o.Pending.Target.Namespace = "org_next"
		o.Reserved = append(o.Reserved, "c:tenants.org_next")
	})
}

// TestNamespacesAreGivenOnce has an organization ask for a namespace that it had
// before. The store's index would not notice.
func TestNamespacesAreGivenOnce(t *testing.T) {
	idle := subject(StatusActive, Operation{})
	op := operations()["rename"]
	op.Target = placement("org_old", 2)
	if _, err := idle.BeginUpdate(op, later); !errors.Is(err, ErrNamespaceTaken) {
		t.Errorf("BeginUpdate: got error %v, want %v", err, ErrNamespaceTaken)
	}
	for _, busy := range []Organization{
		subject(StatusProvisioning, operations()["create"]),
		subject(StatusActive, operations()["rename"]),
	} {
		got, err := busy.Retarget("org_old")
		if !errors.Is(err, ErrNamespaceTaken) || !reflect.DeepEqual(got, busy) {
			t.Errorf("Retarget: got error %v, want %v", err, ErrNamespaceTaken)
		}
	}
}

func TestFinish(t *testing.T) {
	ops := operations()
	unchanged := func(*Organization) {}
	renamed := func(o *Organization) { o.Name, o.Placement = ops["rename"].Name, ops["rename"].Target }
	for _, c := range []struct {
		status Status
		op     string
		change func(o *Organization)
	}{
		{StatusProvisioning, "create", func(o *Organization) { o.Status = StatusActive }},
		{StatusProvisioning, "create back", func(o *Organization) {
			o.Status, o.DeletedAt, o.Placement = StatusPurged, later, Placement{}
		}},
		{StatusActive, "rename", renamed},
		{StatusActive, "rename committed", renamed},
		{StatusActive, "rename back", unchanged},
		{StatusActive, "email", unchanged},
		{StatusActive, "email back", unchanged},
		{StatusSuspended, "rename", renamed},
		{StatusSuspended, "rename back", unchanged},
		{StatusDeleted, "delete", func(o *Organization) {
			o.Status, o.Placement, o.Receipt = StatusPurged, Placement{}, Receipt{By: ActorOwner, At: later}
		}},
		{StatusDeleted, "purge measured", func(o *Organization) {
			o.Status, o.Placement, o.Receipt = StatusPurged, Placement{}, Receipt{ActorRetention, later, Usage{Documents: 7, Bytes: 4096}}
		}},
	} {
		t.Run(string(c.status)+" "+c.op, func(t *testing.T) {
			op := ops[c.op]
			op.Attempt, op.Failures, op.Stuck = 3, 2, true
			busy := subject(c.status, op)
			got, err := busy.Finish(later)
			wantOrganization(t, got, err, busy, func(o *Organization) {
				o.Pending, o.UpdatedAt = Operation{}, later
				o.Last = Outcome{"op", op.Kind, op.By, op.Refused, earlier, later, 3}
				c.change(o)
			})
		})
	}
}

// TestFinishKeepsToTheStatuses finishes a drop that no transition can have begun.
func TestFinishKeepsToTheStatuses(t *testing.T) {
	for _, status := range []Status{StatusActive, StatusSuspended} {
		for _, kind := range []string{"delete", "purge"} {
			damaged := subject(status, operations()[kind])
			got, err := damaged.Finish(later)
			if !errors.Is(err, ErrTransition) || !reflect.DeepEqual(got, damaged) {
				t.Errorf("%s of one that is %s: got error %v, want %v", kind, status, err, ErrTransition)
			}
		}
	}
}
