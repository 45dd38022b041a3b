package domain

import (
	"errors"
	"reflect"
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

func TestBegin(t *testing.T) {
	for _, kind := range []string{"rename", "email"} {
		op := operations()[kind]
		idle := subject(StatusActive, Operation{})
		got, err := idle.BeginUpdate(op, later)
		wantOrganization(t, got, err, idle, func(o *Organization) {
			o.Pending, o.UpdatedAt = op, later
			if kind == "rename" {
				o.Reserved = append(o.Reserved, "c:tenants.org_target")
			}
		})
	}
	op := operations()["delete"]
	for _, status := range []Status{StatusActive, StatusSuspended} {
		idle := subject(status, Operation{})
		got, err := idle.BeginDelete(op, later)
		wantOrganization(t, got, err, idle, func(o *Organization) {
			o.Pending, o.Status, o.Epoch, o.UpdatedAt, o.DeletedAt = op, StatusDeleted, 4, later, later
		})
	}
}

func TestTakeOverAndTurnBack(t *testing.T) {
	busy := subject(StatusActive, operations()["rename"])
	until := later.Add(time.Minute)
	got, err := busy.TakeOver(until, later)
	wantOrganization(t, got, err, busy, func(o *Organization) { o.Pending.Attempt, o.Pending.LeaseUntil = 2, until })
	got, err = busy.TurnBack(CodeEmailTaken, later)
	wantOrganization(t, got, err, busy, func(o *Organization) { o.Pending.Phase, o.Pending.Refused = PhaseBack, CodeEmailTaken })
}

func TestRetarget(t *testing.T) {
	creating := subject(StatusProvisioning, operations()["create"])
	got, err := creating.Retarget("org_next", later)
	wantOrganization(t, got, err, creating, func(o *Organization) {
		o.Placement.Namespace = "org_next"
		o.Reserved = append(o.Reserved, "c:tenants.org_next")
	})
	renaming := subject(StatusActive, operations()["rename"])
	got, err = renaming.Retarget("org_next", later)
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
		got, err := busy.Retarget("org_old", later)
		if !errors.Is(err, ErrNamespaceTaken) || !reflect.DeepEqual(got, busy) {
			t.Errorf("Retarget: got error %v, want %v", err, ErrNamespaceTaken)
		}
	}
}

func TestFinish(t *testing.T) {
	ops := operations()
	for _, c := range []struct {
		status Status
		op     string
		change func(o *Organization)
	}{
		{StatusProvisioning, "create", func(o *Organization) { o.Status = StatusActive }},
		{StatusProvisioning, "create back", func(o *Organization) {
			o.Status, o.DeletedAt, o.Placement = StatusPurged, later, Placement{}
		}},
		{StatusActive, "rename", func(o *Organization) { o.Name, o.Placement = ops["rename"].Name, ops["rename"].Target }},
		{StatusActive, "rename back", func(*Organization) {}},
		{StatusActive, "email", func(*Organization) {}},
		{StatusActive, "email back", func(*Organization) {}},
		{StatusDeleted, "delete", func(o *Organization) { o.Status, o.Placement = StatusPurged, Placement{} }},
	} {
		t.Run(c.op, func(t *testing.T) {
			busy := subject(c.status, ops[c.op])
			got, err := busy.Finish(later)
			wantOrganization(t, got, err, busy, func(o *Organization) {
				o.Pending, o.Last, o.UpdatedAt = Operation{}, Outcome{"op", ops[c.op].Refused}, later
				c.change(o)
			})
		})
	}
}

func TestNameKeys(t *testing.T) {
	rename := operations()["rename"]
	sameKey := rename
	sameKey.Name = StoredName("OLD", "old")
	for _, status := range statuses {
		live := status == StatusProvisioning || status == StatusActive || status == StatusSuspended
		for _, c := range []struct {
			op   Operation
			want []string
		}{
			{Operation{}, []string{"old"}},
			{operations()["email"], []string{"old"}},
			{rename, []string{"old", "new"}},
			{operations()["rename back"], []string{"old", "new"}},
			{sameKey, []string{"old"}},
		} {
			want := c.want
			if !live {
				want = nil
			}
			if got := subject(status, c.op).NameKeys(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s with %q: got %q, want %q", status, c.op.Kind, got, want)
			}
		}
	}
}

func TestAccount(t *testing.T) {
	email, hash := StoredEmail("a@example.com"), NewPasswordHash("hash")
	first := NewAccount("account", "organization", email, hash, earlier)
	want := Account{"account", email, hash, "organization", 1, 1, earlier, earlier}
	if first != want {
		t.Errorf("NewAccount: got %+v, want %+v", first, want)
	}
	second := first.WithEmail(StoredEmail("b@example.com"), later)
	third := second.WithPasswordHash(NewPasswordHash("other"), later)
	if first != want {
		t.Error("a change changed the receiver")
	}
	want.Email, want.Version, want.UpdatedAt = StoredEmail("b@example.com"), 2, later
	if second != want {
		t.Errorf("WithEmail: got %+v, want %+v", second, want)
	}
	want.PasswordHash, want.Version = NewPasswordHash("other"), 3
	if third != want {
		t.Errorf("WithPasswordHash: got %+v, want %+v", third, want)
	}
	if same := third.WithEmail(third.Email, later); same.Version != 4 {
		t.Error("WithEmail with the same email doesn't raise the version")
	}
}
