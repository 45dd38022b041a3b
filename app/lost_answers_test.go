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
	insert    func(ctx context.Context, o domain.Organization) error
	replace   func(ctx context.Context, o domain.Organization, ifVersion int64) error
	byID      func(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
	byNameKey func(ctx context.Context, key string) (domain.Organization, error)
}

func (f *faulty) Insert(ctx context.Context, o domain.Organization) error {
	if f.insert != nil {
		return f.insert(ctx, o)
	}
	return f.Organizations.Insert(ctx, o)
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

func (f *faulty) ByNameKey(ctx context.Context, key string) (domain.Organization, error) {
	if f.byNameKey != nil {
		return f.byNameKey(ctx, key)
	}
	return f.Organizations.ByNameKey(ctx, key)
}

func newFaultyRig(t *testing.T, change ...func(*app.Dependencies, *app.Options)) (*rig, *faulty) {
	t.Helper()
	f := &faulty{}
	r := newRig(t, append(change, func(d *app.Dependencies, _ *app.Options) {
		f.Organizations = d.Organizations
		d.Organizations = f
	})...)
	return r, f
}

// losesTheNextAnswer makes the next write lose its answer, after something else.
func (f *faulty) losesTheNextAnswer(t *testing.T, meanwhile func(ctx context.Context)) {
	t.Helper()
	f.replace = func(ctx context.Context, o domain.Organization, ifVersion int64) error {
		f.replace = nil
		if err := f.Organizations.Replace(ctx, o, ifVersion); err != nil {
			t.Error(err)
		}
		meanwhile(ctx)
		return domain.ErrStoreUnavailable
	}
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
	f.losesTheNextAnswer(t, func(ctx context.Context) {
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
	})
	updated, err := r.rename(t, who, "Globex")
	if err != nil {
		t.Fatal(err)
	}
	if got := updated.New; got.Name.String() != "Globex" || got.Pending.Name.String() != "Initech" {
		t.Errorf("the organization is %s, with %q pending", got.Name, got.Pending.Name)
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
			r, f := newFaultyRig(t, keeping)
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

// TestADeleteIsNotRepeated: the organization was deleted, and an operator has restored
// it, which was acknowledged.
func TestADeleteIsNotRepeated(t *testing.T) {
	r, f := newFaultyRig(t, keeping)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	who := r.session(t, "a@acme.example")
	f.losesTheNextAnswer(t, func(ctx context.Context) {
		if _, err := r.RestoreOrganization(ctx, on(o), ""); err != nil {
			t.Error(err)
		}
	})
	wantError(t, r.DeleteOrganization(t.Context(), who, "Acme"), domain.ErrStoreUnavailable)
	if _, err := r.GetOrganization(t.Context(), "Acme"); err != nil {
		t.Errorf("after the restore: %v", err)
	}
}

// TestARenameIsNotRepeated: another process has finished it, and the organization was
// renamed once more, which was acknowledged.
func TestARenameIsNotRepeated(t *testing.T) {
	r, f := newFaultyRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	who := r.session(t, "a@acme.example")
	f.losesTheNextAnswer(t, func(ctx context.Context) {
		r.clock.pass(time.Minute)
		if err := r.Reconcile(ctx); err != nil {
			t.Error(err)
		}
		if _, err := r.rename(t, r.session(t, "a@acme.example"), "Initech"); err != nil {
			t.Error(err)
		}
	})
	_, err := r.rename(t, who, "Globex")
	wantError(t, err, domain.ErrStoreUnavailable)
	if found, err := r.GetOrganization(t.Context(), "Initech"); err != nil || found.ID != o.ID {
		t.Errorf("after the second rename: %+v, error %v", found, err)
	}
}
