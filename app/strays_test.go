package app_test

import (
	"context"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// TestACreateWhileItsNameIsQuarantined has a create wish for the name between the look
// at the stray and its rename, which would take the new organization's home away.
func TestACreateWhileItsNameIsQuarantined(t *testing.T) {
	r, c := newCollectionsRig(t)
	var o domain.Organization
	c.beforeQuarantine = func() error {
		o = r.mustCreate(t, "Acme", "a@acme.example")
		c.add(o.Placement.Namespace, "acme's own")
		return nil
	}
	c.add("org_acme")
	name, err := r.QuarantineStray(t.Context(), "org_acme")
	if err != nil {
		t.Fatal(err)
	}
	c.want(t, name)
	c.want(t, o.Placement.Namespace, "acme's own")
	if found := r.check(t, false); len(found) > 0 {
		t.Errorf("found: %+v", found)
	}
}

// TestACreateIsFasterThanAQuarantine gives the stray's name away before it is claimed.
func TestACreateIsFasterThanAQuarantine(t *testing.T) {
	r, c := newCollectionsRig(t)
	c.add("org_acme")
	var o domain.Organization
	r.before = func(_ context.Context, step string) error {
		if step == "Organizations.Insert" {
			r.before = nil
			o = r.mustCreate(t, "Acme", "a@acme.example")
			c.add(o.Placement.Namespace, "acme's own")
		}
		return nil
	}
	_, err := r.QuarantineStray(t.Context(), "org_acme")
	wantError(t, err, domain.ErrStrayNotFound)
	if o.Placement.Namespace != "org_acme" {
		t.Errorf("created at %s: the test proves nothing", o.Placement.Namespace)
	}
	c.want(t, "org_acme", "acme's own")
}

// TestAQuarantineThatFailed is asked for again: the name is claimed already.
func TestAQuarantineThatFailed(t *testing.T) {
	r, c := newCollectionsRig(t)
	c.add("org_acme", "somebody's")
	c.beforeQuarantine = func() error { return domain.ErrStoreUnavailable }
	_, err := r.QuarantineStray(t.Context(), "org_acme")
	wantError(t, err, domain.ErrStoreUnavailable)
	c.beforeQuarantine = nil
	name, err := r.QuarantineStray(t.Context(), "org_acme")
	if err != nil {
		t.Fatal(err)
	}
	c.want(t, name, "somebody's")
	_, err = r.QuarantineStray(t.Context(), "org_acme")
	wantError(t, err, domain.ErrStrayNotFound)
	c.add("org_acme", "late") // It was never home to anybody.
	_, err = r.MergeStray(t.Context(), "org_acme")
	wantError(t, err, domain.ErrStatus)
}

// TestSomebodysDocumentsAreNotMerged: the name was given to the organization, and was
// never its home, since somebody's documents stood there.
func TestSomebodysDocumentsAreNotMerged(t *testing.T) {
	for name, take := range map[string]func(t *testing.T, r *rig) domain.Organization{
		"create": func(t *testing.T, r *rig) domain.Organization {
			return r.mustCreate(t, "Acme", "a@acme.example")
		},
		"rename": func(t *testing.T, r *rig) domain.Organization {
			r.mustCreate(t, "Beta", "b@beta.example")
			updated, err := r.rename(t, r.session(t, "b@beta.example"), "Acme")
			if err != nil {
				t.Fatal(err)
			}
			return updated.New
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, c := newCollectionsRig(t)
			c.add("org_acme", "somebody's")
			o := take(t, r)
			strays, err := r.Strays(t.Context())
			if err != nil || len(strays) != 1 || strays[0].Kind != app.StrayReserved || strays[0].Organization != o.ID {
				t.Errorf("strays: %+v, error %v", strays, err)
			}
			_, err = r.MergeStray(t.Context(), "org_acme")
			wantError(t, err, domain.ErrStatus)
			c.want(t, o.Placement.Namespace)
			c.want(t, "org_acme", "somebody's")
		})
	}
}

// TestMergeWhatWasWrittenLate is what a merge is for.
func TestMergeWhatWasWrittenLate(t *testing.T) {
	r, c := newCollectionsRig(t)
	c.add(r.mustCreate(t, "Acme", "a@acme.example").Placement.Namespace, "early")
	if _, err := r.rename(t, r.session(t, "a@acme.example"), "Globex"); err != nil {
		t.Fatal(err)
	}
	c.add("org_acme", "early", "late")
	for _, want := range []int64{1, 0} {
		if copied, err := r.MergeStray(t.Context(), "org_acme"); err != nil || copied != want {
			t.Errorf("merged %d, error %v, should be %d", copied, err, want)
		}
	}
	c.want(t, "org_globex", "early", "late")
	c.want(t, "org_acme", "early", "late")
}
