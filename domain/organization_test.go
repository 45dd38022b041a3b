package domain

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFormerTargets(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := Placement{Strategy: StrategyCollection, Database: "tenants", Namespace: "org_b", Generation: 2, State: PlacementOpen}
	o := Organization{
		Status: StatusActive, Placement: at, Version: 5,
		Reserved: []string{"c:tenants.org_a", "c:tenants.org_b"},
	}
	begun, err := o.BeginUpdate(Operation{ID: "op", Kind: OperationUpdate, Phase: PhaseForward, Target: o.NextPlacement("org_c")}, now)
	if err != nil {
		t.Fatal(err)
	}
	if got := begun.FormerTargets(); len(got) != 0 {
		t.Errorf("before it is retargeted: %+v", got)
	}
	for _, namespace := range []string{"org_c_1", "org_c_2"} {
		if begun, err = begun.Retarget(namespace); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, p := range begun.FormerTargets() {
		got = append(got, p.Reservation())
	}
	if diff := cmp.Diff([]string{"c:tenants.org_c", "c:tenants.org_c_1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEverywhereHome follows organizations whose namespaces met somebody's documents, or
// were to move in vain.
func TestEverywhereHome(t *testing.T) {
	created := NewOrganization("id", "owner", StoredName("A", "a"), placement("org_a", 1), operations()["create"], earlier)
	renamed := Operation{ID: "op", Kind: OperationUpdate, Phase: PhaseForward, Email: StoredEmail("b@example.com"), Target: placement("org_b", 2)}
	finish := func(o Organization, err error) Organization {
		if err == nil {
			o, err = o.Finish(later)
		}
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	active := finish(created, nil)
	begun, err := active.BeginUpdate(renamed, later)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    Organization
		want bool
	}{
		"created":            {active, true},
		"created elsewhere":  {finish(created.Retarget("org_a_1")), false},
		"renamed":            {finish(begun, nil), true},
		"renamed elsewhere":  {finish(begun.Retarget("org_b_1")), false},
		"rename turned back": {finish(begun.TurnBack(CodeEmailTaken)), false},
		"never anywhere":     {NewTombstone("id", placement("org_stray", 1), later), false},
		"of older services":  {Organization{Status: StatusActive, Placement: placement("org_old", 1)}, false}, // Nobody knows.
	} {
		if got := c.o.EverywhereHome(); got != c.want {
			t.Errorf("%s: got %v, reserved %q", name, got, c.o.Reserved)
		}
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
