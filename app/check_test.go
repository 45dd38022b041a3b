package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// check returns what a check finds, by what it is about.
func (r *rig) check(t *testing.T, repair bool) map[app.FindingKind][]app.Finding {
	t.Helper()
	found := map[app.FindingKind][]app.Finding{}
	err := r.Check(t.Context(), app.CheckOptions{
		Repair: repair,
		Found:  func(f app.Finding) { found[f.Kind] = append(found[f.Kind], f) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// damaged returns a rig with one damage of each kind that a check can find here, and
// what it is to find.
func damaged(t *testing.T) (*rig, map[app.FindingKind]int) {
	t.Helper()
	r := newRig(t)
	ctx, namespaces := t.Context(), r.store.Collections().Namespaces
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	stuck(t, r)
	r.before = nil
	// Namespaces that stand where nobody lives.
	moved := r.mustCreate(t, "Moved", "moved@acme.example")
	_, err := r.rename(t, r.session(t, "moved@acme.example"), "Moved Away")
	must(err)
	must(namespaces.Ensure(ctx, moved.ID, moved.Placement))
	gone := r.mustCreate(t, "Gone", "gone@acme.example")
	r.mustDelete(t, gone)
	must(namespaces.Ensure(ctx, gone.ID, gone.Placement))
	unknown := gone.Placement
	unknown.Namespace = "org_nobody"
	must(namespaces.Ensure(ctx, "nobody", unknown))
	// One that is gone, an owner that is, and an account that shouldn't be there.
	must(namespaces.Drop(ctx, r.mustCreate(t, "Empty", "empty@acme.example").Placement))
	must(r.store.Accounts().Delete(ctx, r.mustCreate(t, "Headless", "headless@acme.example").Owner))
	email, err := domain.ParseEmail("orphan@acme.example")
	must(err)
	must(r.store.Accounts().Insert(ctx, domain.NewAccount("orphan", "nobody", email, domain.NewPasswordHash("x"), r.clock.time())))
	return r, map[app.FindingKind]int{
		app.FindingOperationStuck:   1,
		app.FindingStray:            1, // The two others are empty, under names that were given.
		app.FindingNamespaceMissing: 1,
		app.FindingOwnerMissing:     1,
		app.FindingAccountOrphaned:  1,
	}
}

func count(found map[app.FindingKind][]app.Finding) map[app.FindingKind]int {
	counts := map[app.FindingKind]int{}
	for kind, findings := range found {
		counts[kind] = len(findings)
	}
	return counts
}

func TestCheckFindsEveryDamage(t *testing.T) {
	r, want := damaged(t)
	found := r.check(t, false)
	if diff := cmp.Diff(want, count(found)); diff != "" {
		t.Errorf("found (-want +got):\n%s\n%+v", diff, found)
	}
	for _, findings := range found {
		for _, f := range findings {
			if f.Repaired != "" {
				t.Errorf("repaired without being asked: %+v", f)
			}
		}
	}
	if diff := cmp.Diff(want, count(r.check(t, false))); diff != "" {
		t.Errorf("looking has changed something (-want +got):\n%s", diff)
	}
}

func TestCheckRepairs(t *testing.T) {
	r, want := damaged(t)
	found := r.check(t, true)
	if diff := cmp.Diff(want, count(found)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	for kind, findings := range found {
		for _, f := range findings {
			if (f.Repaired == "") != (kind == app.FindingOwnerMissing) {
				t.Errorf("%s: repaired %q, %s", kind, f.Repaired, f.Detail)
			}
		}
	}
	left := map[app.FindingKind]int{app.FindingOwnerMissing: 1}
	if diff := cmp.Diff(left, count(r.check(t, false))); diff != "" {
		t.Errorf("left after the repair (-want +got):\n%s", diff)
	}
	if _, err := r.GetOrganization(t.Context(), "Globex"); err != nil {
		t.Errorf("the stuck rename: %v", err)
	}
}

// TestCheckLeavesWhatIsUnderWay interrupts every operation before each of its steps.
func TestCheckLeavesWhatIsUnderWay(t *testing.T) {
	operations := map[string]func(r *rig) error{
		"create": func(r *rig) error { _, err := r.create("Beta", "b@beta.example"); return err },
		"rename": func(r *rig) error { _, err := r.rename(t, r.session(t, "a@acme.example"), "Globex"); return err },
		"delete": func(r *rig) error { return r.DeleteOrganization(t.Context(), r.session(t, "a@acme.example"), "Acme") },
	}
	for name, operation := range operations {
		t.Run(name, func(t *testing.T) {
			for at := 1; ; at++ {
				r := newRig(t)
				r.mustCreate(t, "Acme", "a@acme.example")
				n := 0
				r.before = diesAfter(&n, at)
				err := operation(r)
				r.before = nil
				if found := r.check(t, false); len(found) > 0 {
					t.Errorf("dead before step %d: %+v", at+1, found)
				}
				if err == nil {
					return
				}
				r.clock.pass(time.Minute)
				if err := r.Reconcile(t.Context()); err != nil {
					t.Fatal(err)
				}
				if found := r.check(t, false); len(found) > 0 {
					t.Errorf("dead before step %d, reconciled: %+v", at+1, found)
				}
			}
		})
	}
}

// TestCheckFindsWhatNobodyGoesOnWith, ten leases after its own has run out.
func TestCheckFindsWhatNobodyGoesOnWith(t *testing.T) {
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	r.away("Namespaces.Drop")
	_, err := r.DeleteByOperator(t.Context(), on(o))
	wantError(t, err, domain.ErrStoreUnavailable)
	r.before = nil
	r.clock.pass(110*time.Second - time.Millisecond)
	if found := r.check(t, false); len(found) > 0 {
		t.Errorf("before its time: %+v", found)
	}
	r.clock.pass(time.Millisecond)
	for _, repaired := range []string{"", "finished"} {
		found := r.check(t, repaired != "")[app.FindingOperationOverdue]
		if len(found) != 1 || found[0].Organization != o.ID || found[0].Repaired != repaired {
			t.Errorf("found: %+v", found)
		}
	}
	if found := r.check(t, false); len(found) > 0 {
		t.Errorf("after the repair: %+v", found)
	}
}

// TestCheckFindsWhatNobodyCanFinish: every attempt meets an outage, which makes no
// operation stuck.
func TestCheckFindsWhatNobodyCanFinish(t *testing.T) {
	r := newRig(t, func(_ *app.Dependencies, o *app.Options) { o.OperationAttempts = 1 })
	o := r.mustCreate(t, "Acme", "a@acme.example")
	r.away("Namespaces.Drop")
	_, err := r.DeleteByOperator(t.Context(), on(o))
	wantError(t, err, domain.ErrStoreUnavailable)
	for range 9 {
		r.clock.pass(10 * time.Second)
		wantError(t, r.Reconcile(t.Context()), domain.ErrStoreUnavailable)
	}
	if found := r.check(t, false); len(found) > 0 {
		t.Errorf("after 10 attempts: %+v", found)
	}
	r.clock.pass(10 * time.Second)
	wantError(t, r.Reconcile(t.Context()), domain.ErrStoreUnavailable)
	if found := r.check(t, false)[app.FindingOperationOverdue]; len(found) != 1 || found[0].Organization != o.ID {
		t.Errorf("after 11 attempts: %+v", found)
	}
}

// TestARepairThatFailsIsReportedAsNone leaves broken what broke the operation.
func TestARepairThatFailsIsReportedAsNone(t *testing.T) {
	r := newRig(t)
	stuck(t, r)
	found := r.check(t, true)[app.FindingOperationStuck]
	if len(found) != 1 || found[0].Repaired != "" || !strings.Contains(found[0].Detail, "could not be repaired") {
		t.Errorf("found: %+v", found)
	}
}

// TestCheckOfManyOrphansEnds has more accounts without organization than a check reads at
// once, and a store that removes none.
func TestCheckOfManyOrphansEnds(t *testing.T) {
	const orphans = 501
	r := newRig(t)
	for n := range orphans {
		email, err := domain.ParseEmail(fmt.Sprintf("orphan%d@acme.example", n))
		if err != nil {
			t.Fatal(err)
		}
		id := domain.AccountID(fmt.Sprintf("orphan-%d", n))
		err = r.store.Accounts().Insert(t.Context(), domain.NewAccount(id, "nobody", email, domain.NewPasswordHash("x"), r.clock.time()))
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(repair bool) (found []app.Finding) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := r.Check(ctx, app.CheckOptions{Repair: repair, Found: func(f app.Finding) {
			if found = append(found, f); len(found) > 2*orphans {
				cancel()
			}
		}})
		if err != nil {
			t.Fatalf("repairing %v: no end after %d findings: %v", repair, len(found), err)
		}
		return found
	}
	r.broken("Accounts.Delete")
	for _, repair := range []bool{false, true} {
		found := check(repair)
		if len(found) < orphans-1 {
			t.Errorf("repairing %v: found %d", repair, len(found))
		}
		for _, f := range found {
			if f.Repaired != "" {
				t.Fatalf("repairing %v: %+v", repair, f)
			}
		}
	}
	r.before = nil
	if found := check(true); len(found) != orphans {
		t.Errorf("repaired %d, should be %d", len(found), orphans)
	}
	if left := check(false); len(left) > 0 {
		t.Errorf("left after the repair: %+v", left)
	}
}

func TestMergeAndQuarantineStrays(t *testing.T) {
	r, _ := damaged(t)
	strays, err := r.Strays(t.Context())
	if err != nil || len(strays) != 3 {
		t.Fatalf("strays: %+v, error %v", strays, err)
	}
	kinds := map[app.StrayKind]string{}
	for _, s := range strays {
		kinds[s.Kind] = s.Placement.Namespace
	}
	if _, err := r.MergeStray(t.Context(), kinds[app.StrayLeft]); err != nil {
		t.Errorf("merging: %v", err)
	}
	for _, kind := range []app.StrayKind{app.StrayPurged, app.StrayUnknown} {
		_, err := r.MergeStray(t.Context(), kinds[kind])
		wantError(t, err, domain.ErrStatus)
	}
	for kind, namespace := range kinds {
		if _, err := r.QuarantineStray(t.Context(), namespace); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		_, err := r.QuarantineStray(t.Context(), namespace)
		wantError(t, err, domain.ErrStrayNotFound)
	}
	_, err = r.QuarantineStray(t.Context(), "org_acme") // Where an organization lives.
	wantError(t, err, domain.ErrStrayNotFound)
	if strays, err := r.Strays(t.Context()); err != nil || len(strays) > 0 {
		t.Errorf("strays left: %+v, error %v", strays, err)
	}
}
