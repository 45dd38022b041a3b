package domain

import (
	"errors"
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

func share(namespace string, generation int64) Placement {
	p := placement(namespace, generation)
	p.Strategy = StrategyShared
	return p
}

// operations are all that can be pending, by a name.
func operations() map[string]Operation {
	target := placement("org_target", 2)
	name := StoredName("New", "new")
	email, former := StoredEmail("new@example.com"), StoredEmail("old@example.com")
	base := Operation{ID: "op", Phase: PhaseForward, By: ActorOwner, StartedAt: earlier, LeaseUntil: later, Attempt: 1}
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
		"purge":  with(func(op *Operation) { op.Kind, op.By = OperationPurge, ActorRetention }),
		"move":   with(func(op *Operation) { op.Kind, op.Target, op.Source = OperationMove, share("org_share", 2), "identity" }),
	}
	handed := all["move"]
	handed.LeaseUntil = Forever
	all["move handed over"] = handed
	for _, kind := range []string{"create", "rename", "email", "move", "move handed over"} {
		op := all[kind]
		op.Phase, op.Refused = PhaseBack, CodeEmailTaken
		all[kind+" back"] = op
	}
	switching := handed
	switching.Phase = PhaseCommitted
	all["move switching"] = switching
	for _, kind := range []string{"rename", "email"} {
		op := all[kind]
		op.Phase = PhaseCommitted
		all[kind+" committed"] = op
	}
	for _, kind := range []string{"delete", "purge"} {
		op := all[kind]
		op.Phase, op.Measured = PhaseCommitted, Usage{Documents: 7, Bytes: 4096}
		all[kind+" measured"] = op
	}
	all["none"] = Operation{}
	return all
}

// single returns an operation that takes one write.
func single(kind OperationKind) Operation {
	return Operation{ID: "single", Kind: kind, Phase: PhaseForward, By: ActorOperator, StartedAt: earlier, Attempt: 1}
}

// subject returns an organization with spare capacity in Reserved, so that a
// transition that appends in place is found out.
func subject(status Status, op Operation) Organization {
	at := placement("org_old", 1)
	if op.Switching() {
		at.State = PlacementFrozen
	}
	reserved := append(make([]string, 0, 8), at.Reservation())
	if !op.Target.IsZero() {
		reserved = append(reserved, op.Target.Reservation())
	}
	o := Organization{
		ID: "id", Name: StoredName("Old", "old"), Status: status, Placement: at, Reserved: reserved, Owner: "owner",
		Epoch: 3, Pending: op, Version: 5, CreatedAt: earlier, UpdatedAt: earlier,
		Last: Outcome{"before", OperationUpdate, ActorOwner, CodeNameTaken, earlier, earlier, 2},
	}
	if !o.Live() {
		o.DeletedAt = earlier
	}
	if status == StatusDeleted && op.IsZero() {
		o.PurgeAt = later
	}
	if status == StatusPurged {
		o.Placement = Placement{}
		o.Receipt = Receipt{ActorOperator, earlier, Usage{Documents: 1, Bytes: 2}}
	}
	return o
}

// held returns the organization on hold.
func held(o Organization) Organization {
	o.Hold = true
	return o
}

// transition is one of an organization's transitions, with what it needs.
type transition struct {
	name string
	// starts says that it needs an organization on which nothing runs.
	starts bool
	do     func(o Organization) (Organization, error)
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
		{"BeginUpdate", true, func(o Organization) (Organization, error) { return o.BeginUpdate(began("email"), later) }},
		{"BeginUpdate with target", true, func(o Organization) (Organization, error) { return o.BeginUpdate(toTarget, later) }},
		{"BeginDelete", true, func(o Organization) (Organization, error) { return o.BeginDelete(began("delete"), time.Time{}, later) }},
		{"BeginDelete that keeps", true, func(o Organization) (Organization, error) {
			return o.BeginDelete(began("delete"), later.Add(time.Hour), later)
		}},
		{"BeginPurge", true, func(o Organization) (Organization, error) { return o.BeginPurge(began("purge"), later) }},
		{"BeginMove", true, func(o Organization) (Organization, error) { return o.BeginMove(began("move"), later) }},
		{"HandOver", false, func(o Organization) (Organization, error) { return o.HandOver() }},
		{"Restore", true, func(o Organization) (Organization, error) { return o.Restore(single(OperationRestore), o.Name, later) }},
		{"Suspend", true, func(o Organization) (Organization, error) { return o.Suspend(single(OperationSuspend), later) }},
		{"Activate", true, func(o Organization) (Organization, error) { return o.Activate(single(OperationActivate), later) }},
		{"SetHold", true, func(o Organization) (Organization, error) { return o.SetHold(single(OperationHold), true, later) }},
		{"SetHold off", true, func(o Organization) (Organization, error) { return o.SetHold(single(OperationRelease), false, later) }},
		{"TakeOver", false, func(o Organization) (Organization, error) { return o.TakeOver(later.Add(time.Minute)) }},
		{"Retry", false, func(o Organization) (Organization, error) { return o.Retry(later.Add(time.Minute)) }},
		{"Measure", false, func(o Organization) (Organization, error) { return o.Measure(Usage{Documents: 3, Bytes: 4}) }},
		{"Fail", false, func(o Organization) (Organization, error) { return o.Fail(later.Add(time.Minute), false) }},
		{"Fail for good", false, func(o Organization) (Organization, error) { return o.Fail(later.Add(time.Minute), true) }},
		{"TurnBack", false, func(o Organization) (Organization, error) { return o.TurnBack(CodeNameTaken) }},
		{"Commit", false, func(o Organization) (Organization, error) { return o.Commit() }},
		{"Retarget", false, func(o Organization) (Organization, error) { return o.Retarget("org_next") }},
		{"Finish", false, func(o Organization) (Organization, error) { return o.Finish(later) }},
	}
}

// possible tells which transitions are possible, by "status: operation". These are
// the pairs that transitions lead to; what others do with a record that is damaged is
// left open. Every pending operation can be taken over, fail, but for a move that was handed
// over, and be finished, but for a move that goes forward.
var possible = map[string]string{
	"provisioning: create":          "TurnBack, Retarget",
	"provisioning: create back":     "",
	"active: none":                  "BeginMove, BeginUpdate, BeginUpdate with target, BeginDelete, BeginDelete that keeps, Suspend, SetHold, SetHold off",
	"active: rename":                "Commit, Retarget",
	"active: rename committed":      "Retarget",
	"active: rename back":           "",
	"active: email":                 "TurnBack, Commit",
	"active: email committed":       "",
	"active: email back":            "",
	"suspended: none":               "BeginMove, BeginUpdate, BeginUpdate with target, BeginDelete, BeginDelete that keeps, Activate, SetHold, SetHold off",
	"suspended: rename":             "Commit, Retarget",
	"suspended: rename committed":   "Retarget",
	"suspended: rename back":        "",
	"suspended: email":              "TurnBack, Commit",
	"suspended: email committed":    "",
	"suspended: email back":         "",
	"active: move":                  "TurnBack, Commit, Retarget, HandOver",
	"active: move back":             "HandOver",
	"active: move handed over":      "TurnBack, Commit, Retarget",
	"active: move handed over back": "",
	"suspended: move switching":     "",
	"deleted: none":                 "BeginPurge, Restore, SetHold, SetHold off",
	"deleted: delete":               "Measure",
	"deleted: delete measured":      "",
	"deleted: purge":                "Measure",
	"deleted: purge measured":       "",
	"purged: none":                  "",
}

// wanted returns the error that the transition is to give, or nil if it is possible.
func wanted(o Organization, state string, tr transition) error {
	allowed := strings.Split(possible[state], ", ")
	if o.Busy() {
		allowed = append(allowed, "TakeOver", "Retry")
	}
	if o.Busy() && !o.Pending.HandedOver() {
		allowed = append(allowed, "Fail", "Fail for good")
	}
	if o.Busy() && (o.Pending.Kind != OperationMove || o.Pending.Phase != PhaseForward) {
		allowed = append(allowed, "Finish")
	}
	switch {
	case tr.name == "BeginPurge" && state == "deleted: none" && o.Hold:
		return ErrHeld
	case slices.Contains(allowed, tr.name):
		return nil
	case !tr.starts:
		return ErrTransition
	case o.Busy():
		return ErrOperationInProgress
	default:
		return ErrStatus
	}
}

func TestTransitions(t *testing.T) {
	for _, status := range statuses {
		for opName, op := range operations() {
			state := string(status) + ": " + opName
			if _, ok := possible[state]; !ok {
				continue
			}
			t.Run(state, func(t *testing.T) { checkTransitions(t, state, subject(status, op)) })
			if op.IsZero() && status != StatusPurged {
				t.Run(state+" on hold", func(t *testing.T) { checkTransitions(t, state, held(subject(status, op))) })
			}
			if !op.IsZero() {
				op.Stuck, op.Failures = true, 4
				t.Run(state+" stuck", func(t *testing.T) { checkTransitions(t, state, subject(status, op)) })
			}
		}
	}
}

// checkTransitions tries all transitions on an organization in that state.
func checkTransitions(t *testing.T, state string, o Organization) {
	t.Helper()
	checkOrganization(t, o)
	for _, tr := range transitions() {
		t.Run(tr.name, func(t *testing.T) {
			before, kept := o, o
			before.Reserved = append(make([]string, 0, 8), o.Reserved...)
			next, err := tr.do(before)
			checkPure(t, before, kept)
			want := wanted(o, state, tr)
			if want == nil && err == nil {
				checkOrganization(t, next)
				checkNext(t, tr.name, before, next)
				return
			}
			if !errors.Is(err, want) {
				t.Fatalf("got error %v, want %v", err, want)
			}
			if !reflect.DeepEqual(next, before) {
				t.Errorf("got another organization beside the error: %+v", next)
			}
			checkSays(t, err, o)
		})
	}
}

// checkSays fails t unless the error names what stands in the way.
func checkSays(t reporter, err error, o Organization) {
	t.Helper()
	if errors.Is(err, ErrOperationInProgress) && !strings.HasSuffix(err.Error(), ": "+string(o.Pending.Kind)+".") {
		t.Errorf("the error doesn't say that a %s is running: %v", o.Pending.Kind, err)
	}
	if errors.Is(err, ErrStatus) && !strings.HasSuffix(err.Error(), " is "+string(o.Status)+".") {
		t.Errorf("the error doesn't say that the organization is %s: %v", o.Status, err)
	}
}
