package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// faulty are organizations whose calls a test replaces.
type faulty struct {
	ports.Organizations
	replace func(ctx context.Context, o domain.Organization, ifVersion int64) error
	byID    func(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
}

func (f *faulty) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	if f.replace != nil {
		return f.replace(ctx, o, ifVersion)
	}
	return f.Organizations.Replace(ctx, o, ifVersion)
}

func (f *faulty) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	if f.byID != nil {
		return f.byID(ctx, id)
	}
	return f.Organizations.ByID(ctx, id)
}

func newFaultyRig(t *testing.T) (*rig, *faulty) {
	t.Helper()
	f := &faulty{}
	r := newRig(t, func(d *app.Dependencies, o *app.Options) {
		f.Organizations = d.Organizations
		d.Organizations = f
		o.DeleteRetention = time.Hour
	})
	return r, f
}

func TestConflictDuringAnOutage(t *testing.T) {
	r, f := newFaultyRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	who := r.session(t, "admin@acme.example")
	f.replace = func(context.Context, domain.Organization, int64) error { return domain.ErrVersionConflict }
	f.byID = func(context.Context, domain.OrganizationID) (domain.Organization, error) {
		return domain.Organization{}, domain.ErrStoreUnavailable
	}
	_, err := r.rename(t, who, "Globex")
	wantError(t, err, domain.ErrStoreUnavailable)
	wantError(t, r.DeleteOrganization(t.Context(), who, "Acme"), domain.ErrStoreUnavailable)
}

// TestRequesterFollowsItsOwnOperation loses the answer of an intent's write. Until the
// requester looks, another process has finished its operation and begun the next one.
func TestRequesterFollowsItsOwnOperation(t *testing.T) {
	r, f := newFaultyRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	who := r.session(t, "admin@acme.example")
	f.replace = func(ctx context.Context, o domain.Organization, ifVersion int64) error {
		f.replace = nil
		if err := f.Organizations.Replace(ctx, o, ifVersion); err != nil {
			t.Error(err)
		}
		r.clock.pass(time.Minute)
		if err := r.Reconcile(ctx); err != nil {
			t.Error(err)
		}
		r.before = func(_ context.Context, step string) error {
			if step == "Namespaces.Rename" {
				return domain.ErrStoreUnavailable
			}
			return nil
		}
		_, err := r.rename(t, r.session(t, "admin@acme.example"), "Initech")
		wantError(t, err, domain.ErrStoreUnavailable)
		r.before = nil
		return domain.ErrStoreUnavailable
	}
	updated, err := r.rename(t, who, "Globex")
	if err != nil {
		t.Fatal(err)
	}
	if got := updated.New; got.Name.String() != "Globex" || got.Pending.Name.String() != "Initech" {
		t.Errorf("the organization is %s, with %q pending", got.Name, got.Pending.Name)
	}
}

// TestNothingIsDoneTwice loses the answer of a delete's one write. Until the requester
// looks, an operator has restored the organization: what has become of the delete is not
// recorded any more, and it must not be begun anew.
func TestNothingIsDoneTwice(t *testing.T) {
	r, f := newFaultyRig(t)
	o := r.mustCreate(t, "Acme", "admin@acme.example")
	who := r.session(t, "admin@acme.example")
	f.replace = func(ctx context.Context, next domain.Organization, ifVersion int64) error {
		f.replace = nil
		if err := f.Organizations.Replace(ctx, next, ifVersion); err != nil {
			t.Error(err)
		}
		if _, err := r.RestoreOrganization(ctx, on(o), ""); err != nil {
			t.Error(err)
		}
		return domain.ErrStoreUnavailable
	}
	wantError(t, r.DeleteOrganization(t.Context(), who, "Acme"), domain.ErrStoreUnavailable)
	if _, err := r.GetOrganization(t.Context(), "Acme"); err != nil {
		t.Errorf("deleted twice: %v", err)
	}
}

// TestRestoredMeanwhile deletes and restores the organization while a request of its owner
// is about to write its intent: its token is dead.
func TestRestoredMeanwhile(t *testing.T) {
	for name, request := range map[string]func(r *rig, who app.Session) error{
		"rename": func(r *rig, who app.Session) error { _, err := r.rename(t, who, "Globex"); return err },
		"delete": func(r *rig, who app.Session) error { return r.DeleteOrganization(t.Context(), who, "Acme") },
	} {
		t.Run(name, func(t *testing.T) {
			r, f := newFaultyRig(t)
			o := r.mustCreate(t, "Acme", "admin@acme.example")
			who := r.session(t, "admin@acme.example")
			f.replace = func(ctx context.Context, next domain.Organization, ifVersion int64) error {
				f.replace = nil
				r.mustDelete(t, o)
				if _, err := r.RestoreOrganization(ctx, on(o), ""); err != nil {
					t.Error(err)
				}
				return f.Organizations.Replace(ctx, next, ifVersion)
			}
			wantError(t, request(r, who), domain.ErrUnauthenticated)
			if _, err := r.GetOrganization(t.Context(), "Acme"); err != nil {
				t.Errorf("changed with a dead token: %v", err)
			}
		})
	}
}
