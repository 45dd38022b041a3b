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
	r := newRig(t, func(d *app.Dependencies, _ *app.Options) {
		f.Organizations = d.Organizations
		d.Organizations = f
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
