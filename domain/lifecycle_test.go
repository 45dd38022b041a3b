package domain

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	statuses = []Status{StatusProvisioning, StatusActive, StatusSuspended, StatusDeleted, StatusPurged}
	earlier  = time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	later    = earlier.Add(time.Hour)
)

func TestStatus(t *testing.T) {
	may := map[Status]string{
		StatusProvisioning: "active purged", StatusActive: "suspended deleted", StatusSuspended: "active deleted",
		StatusDeleted: "active purged", StatusPurged: "", "": "", "unknown": "",
	}
	for from, to := range may {
		for _, next := range append(statuses, "", "unknown") {
			if want := next != "" && slices.Contains(strings.Fields(to), string(next)); from.mayBecome(next) != want {
				t.Errorf("%s may become %s: got %v", from, next, !want)
			}
		}
		if want := slices.Contains([]Status{StatusProvisioning, StatusActive, StatusSuspended}, from); from.Live() != want {
			t.Errorf("%s is live: got %v", from, !want)
		}
	}
}

func placement(namespace string, generation int64) Placement {
	return Placement{StrategyCollection, "tenants", namespace, generation, PlacementOpen}
}

// operations are all that can be pending, by a name.
func operations() map[string]Operation {
	target := placement("org_target", 2)
	name := StoredName("New", "new")
	email, former := StoredEmail("new@example.com"), StoredEmail("old@example.com")
	base := Operation{ID: "op", Phase: PhaseForward, StartedAt: earlier, LeaseUntil: later, Attempt: 1}
	with := func(change func(*Operation)) Operation {
		op := base
		change(&op)
		return op
	}
	all := map[string]Operation{
		"create": with(func(op *Operation) { op.Kind = OperationCreate }),
		"rename": with(func(op *Operation) {
			op.Kind, op.Name, op.Target, op.Source = OperationUpdate, name, target, "identity"
		}),
		"email":  with(func(op *Operation) { op.Kind, op.Email, op.FormerEmail = OperationUpdate, email, former }),
		"delete": with(func(op *Operation) { op.Kind = OperationDelete }),
	}
	for _, kind := range []string{"create", "rename", "email"} {
		op := all[kind]
		op.Phase, op.Refused = PhaseBack, CodeEmailTaken
		all[kind+" back"] = op
	}
	committed := all["rename"]
	committed.Phase = PhaseCommitted
	all["rename committed"] = committed
	all["none"] = Operation{}
	return all
}

// subject returns an organization with spare capacity in Reserved, so that a
// transition that appends in place is found out.
func subject(status Status, op Operation) Organization {
	at := placement("org_old", 1)
	reserved := append(make([]string, 0, 8), at.Reservation())
	if !op.Target.IsZero() {
		reserved = append(reserved, op.Target.Reservation())
	}
	o := Organization{
		ID: "id", Name: StoredName("Old", "old"), Status: status, Placement: at, Reserved: reserved, Owner: "owner",
		Epoch: 3, Pending: op, Last: Outcome{"before", CodeNameTaken}, Version: 5, CreatedAt: earlier, UpdatedAt: earlier,
	}
	if !o.Live() {
		o.DeletedAt = earlier
	}
	if status == StatusPurged {
		o.Placement = Placement{}
	}
	return o
}

// transition is one of an organization's transitions, with what it needs.
type transition struct {
	name string
	do   func(o Organization) (Organization, error)
}

func transitions() []transition {
	ops := operations()
	began := func(name string) Operation {
		op := ops[name]
		op.ID = "next op"
		return op
	}
	toTarget := began("rename")
	toTarget.Target = placement("org_next", 2)
	return []transition{
		{"BeginUpdate", func(o Organization) (Organization, error) { return o.BeginUpdate(began("email"), later) }},
		{"BeginUpdate with target", func(o Organization) (Organization, error) { return o.BeginUpdate(toTarget, later) }},
		{"BeginUpdate of a delete", func(o Organization) (Organization, error) { return o.BeginUpdate(began("delete"), later) }},
		{"BeginDelete", func(o Organization) (Organization, error) { return o.BeginDelete(began("delete"), later) }},
		{"BeginDelete of an update", func(o Organization) (Organization, error) { return o.BeginDelete(began("email"), later) }},
		{"TakeOver", func(o Organization) (Organization, error) { return o.TakeOver(later.Add(time.Minute), later) }},
		{"TurnBack", func(o Organization) (Organization, error) { return o.TurnBack(CodeNameTaken, later) }},
		{"Commit", func(o Organization) (Organization, error) { return o.Commit(later) }},
		{"Retarget", func(o Organization) (Organization, error) { return o.Retarget("org_next", later) }},
		{"Finish", func(o Organization) (Organization, error) { return o.Finish(later) }},
	}
}

// possible tells which transitions are possible, by "status: operation". All
// others give ErrOperationInProgress, if one begins another operation beside a
// pending one, else ErrTransition.
var possible = map[string]string{
	"provisioning: create":      "TakeOver, TurnBack, Retarget, Finish",
	"provisioning: create back": "TakeOver, Finish",
	"active: none":              "BeginUpdate, BeginUpdate with target, BeginDelete",
	"active: rename":            "TakeOver, TurnBack, Commit, Retarget, Finish",
	"active: rename committed":  "TakeOver, Retarget, Finish",
	"active: rename back":       "TakeOver, Finish",
	"active: email":             "TakeOver, TurnBack, Commit, Finish",
	"active: email back":        "TakeOver, Finish",
	"suspended: none":           "BeginDelete",
	"deleted: delete":           "TakeOver, Finish",
}

// reachable are the pairs of status and operation that transitions lead to. What
// others do with a record that is damaged is left open.
func reachable(status Status, op string) bool {
	return op == "none" || possible[string(status)+": "+op] != ""
}

func TestTransitions(t *testing.T) {
	for _, status := range statuses {
		for opName, op := range operations() {
			if !reachable(status, opName) {
				continue
			}
			for _, tr := range transitions() {
				state := string(status) + ": " + opName
				t.Run(state+"/"+tr.name, func(t *testing.T) {
					before, kept := subject(status, op), subject(status, op)
					next, err := tr.do(before)
					checkPure(t, before, kept)
					if slices.Contains(strings.Split(possible[state], ", "), tr.name) {
						if err != nil {
							t.Fatalf("got error %v", err)
						}
						checkNext(t, before, next)
						return
					}
					want := ErrTransition
					if strings.HasPrefix(tr.name, "Begin") && !op.IsZero() {
						want = ErrOperationInProgress
					}
					if !errors.Is(err, want) {
						t.Fatalf("got error %v, want %v", err, want)
					}
					if want == ErrOperationInProgress && !strings.Contains(err.Error(), string(op.Kind)) {
						t.Errorf("the error doesn't say that a %s is running: %v", op.Kind, err)
					}
					if !reflect.DeepEqual(next, before) {
						t.Errorf("got another organization beside the error: %+v", next)
					}
				})
			}
		}
	}
}

// checkPure fails t unless o is as it was, also behind the end of its list of
// reservations.
func checkPure(t reporter, o, kept Organization) {
	t.Helper()
	if !reflect.DeepEqual(o, kept) {
		t.Errorf("the receiver is now %+v, it was %+v", o, kept)
	}
	for _, spare := range o.Reserved[len(o.Reserved):cap(o.Reserved)] {
		if spare != "" {
			t.Errorf("%q was written behind the receiver's reservations", spare)
		}
	}
}

// checkNext fails t unless next may follow before.
func checkNext(t reporter, before, next Organization) {
	t.Helper()
	fail := func(what string) { t.Errorf("%s: from %+v to %+v", what, before, next) }
	switch {
	case next.ID != before.ID || next.Owner != before.Owner || !next.CreatedAt.Equal(before.CreatedAt):
		fail("what never changes did")
	case next.Version != before.Version+1:
		fail("the version didn't grow by one")
	case next.Epoch < before.Epoch:
		fail("the epoch shrank")
	case next.Status != before.Status && !before.Status.mayBecome(next.Status):
		fail("the status may not follow")
	case len(next.Reserved) < len(before.Reserved) || !slices.Equal(next.Reserved[:len(before.Reserved)], before.Reserved):
		fail("a reservation was lost")
	case !slices.Equal(slices.Compact(slices.Sorted(slices.Values(next.Reserved))), slices.Sorted(slices.Values(next.Reserved))):
		fail("a namespace was given twice")
	case next.UpdatedAt.Before(before.UpdatedAt):
		fail("it was updated before it was")
	case next.Live() == (next.Status == StatusDeleted || next.Status == StatusPurged):
		fail("live")
	case next.Live() != next.DeletedAt.IsZero():
		fail("the time of the deletion doesn't fit")
	case (next.Status == StatusPurged) != next.Placement.IsZero():
		fail("the placement doesn't fit")
	case next.Busy() != (next.Pending != Operation{}):
		fail("busy")
	case len(next.NameKeys()) > 2 || next.Live() != (len(next.NameKeys()) > 0):
		fail(fmt.Sprintf("the name keys %q", next.NameKeys()))
	case !next.Placement.IsZero() && !slices.Contains(next.Reserved, next.Placement.Reservation()):
		fail("the placement isn't reserved")
	case !next.Pending.Target.IsZero() && !slices.Contains(next.Reserved, next.Pending.Target.Reservation()):
		fail("the target isn't reserved")
	}
	if len(before.Reserved) > 0 && &next.Reserved[0] == &before.Reserved[0] {
		fail("the two share their reservations")
	}
}
