package app_test

import (
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
	ctx, namespaces := t.Context(), r.store.Namespaces()
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
