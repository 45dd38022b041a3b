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
		if begun, err = begun.Retarget(namespace, now); err != nil {
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
