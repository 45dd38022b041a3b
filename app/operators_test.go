package app_test

import (
	"errors"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

const retention = 30 * 24 * time.Hour

func keeping(_ *app.Dependencies, o *app.Options) { o.DeleteRetention = retention }

func on(o domain.Organization) app.Command { return app.Command{Organization: o.ID} }

func (r *rig) logIn(t *testing.T, email string) error {
	t.Helper()
	_, err := r.LogIn(t.Context(), app.LogIn{Email: email, Password: domain.NewSecret(password)})
	return err
}

func (r *rig) mustDelete(t *testing.T, o domain.Organization) domain.Organization {
	t.Helper()
	o, err := r.DeleteByOperator(t.Context(), on(o))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestSuspend(t *testing.T) {
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	in, err := r.LogIn(t.Context(), app.LogIn{Email: "a@acme.example", Password: domain.NewSecret(password)})
	if err != nil {
		t.Fatal(err)
	}
	who := r.session(t, "a@acme.example")

	suspended, err := r.SuspendOrganization(t.Context(), on(o))
	if err != nil || suspended.Status != domain.StatusSuspended || suspended.Last.Kind != domain.OperationSuspend {
		t.Fatalf("suspended: %+v, error %v", suspended, err)
	}
	_, err = r.Authenticate(t.Context(), in.Token)
	wantError(t, err, domain.ErrSuspended)
	wantError(t, r.logIn(t, "a@acme.example"), domain.ErrSuspended)
	_, err = r.LogIn(t.Context(), app.LogIn{Email: "a@acme.example", Password: domain.NewSecret("wrong password")})
	wantError(t, err, domain.ErrInvalidCredentials)
	_, err = r.create("acme", "b@acme.example")
	wantError(t, err, domain.ErrNameTaken)
	// A request that was let in before can't change anything any more.
	_, err = r.rename(t, who, "Globex")
	wantError(t, err, domain.ErrSuspended)
	wantError(t, r.DeleteOrganization(t.Context(), who, "Acme"), domain.ErrSuspended)

	again, err := r.SuspendOrganization(t.Context(), on(o))
	if err != nil || again.Version != suspended.Version {
		t.Errorf("suspending again: %+v, error %v", again, err)
	}
	if _, err := r.ActivateOrganization(t.Context(), on(o)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Authenticate(t.Context(), in.Token); err != nil {
		t.Errorf("the token after the suspension: %v", err)
	}
}

func TestRetention(t *testing.T) {
	r := newRig(t, keeping)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	in := r.session(t, "a@acme.example")
	if err := r.DeleteOrganization(t.Context(), in, "Acme"); err != nil {
		t.Fatal(err)
	}
	_, err := r.GetOrganization(t.Context(), "Acme")
	wantError(t, err, domain.ErrOrganizationNotFound)
	wantError(t, r.logIn(t, "a@acme.example"), domain.ErrInvalidCredentials)
	_, err = r.create("Other", "a@acme.example")
	wantError(t, err, domain.ErrEmailTaken)

	// Its name is free, and taken by somebody else.
	r.mustCreate(t, "Acme", "b@acme.example")
	_, err = r.RestoreOrganization(t.Context(), on(o), "")
	wantError(t, err, domain.ErrNameTaken)
	restored, err := r.RestoreOrganization(t.Context(), on(o), "Acme Again")
	if err != nil {
		t.Fatal(err)
	}
	if restored.Placement != o.Placement || restored.Status != domain.StatusActive || !restored.PurgeAt.IsZero() {
		t.Errorf("restored: %+v", restored)
	}
	if err := r.logIn(t, "a@acme.example"); err != nil {
		t.Errorf("logging in after the restore: %v", err)
	}
	_, err = r.RestoreOrganization(t.Context(), on(o), "")
	wantError(t, err, domain.ErrStatus)
}

func TestPurge(t *testing.T) {
	r := newRig(t, keeping)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	_, err := r.PurgeOrganization(t.Context(), on(o))
	wantError(t, err, domain.ErrStatus)
	r.mustDelete(t, o)

	r.clock.pass(retention - time.Second)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, _ := r.InspectOrganization(t.Context(), o.ID); d.Organization.Status != domain.StatusDeleted {
		t.Fatalf("purged before its time: %+v", d)
	}
	r.clock.pass(2 * time.Second)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := r.InspectOrganization(t.Context(), o.ID)
	if err != nil || d.Organization.Status != domain.StatusPurged || d.Organization.Receipt.By != domain.ActorRetention ||
		!d.Organization.Receipt.At.Equal(r.clock.time()) || !d.AdminEmail.IsZero() {
		t.Errorf("purged: %+v, error %v", d, err)
	}
	info, err := r.store.Collections().Namespaces.Stat(t.Context(), o.Placement)
	if err != nil || info.Exists {
		t.Errorf("the namespace: %+v, error %v", info, err)
	}
	_, err = r.RestoreOrganization(t.Context(), on(o), "")
	wantError(t, err, domain.ErrStatus)
	r.mustCreate(t, "Other", "a@acme.example") // The email is free.
}

func TestHold(t *testing.T) {
	for name, change := range map[string]func(*app.Dependencies, *app.Options){
		"retention": keeping, "none": func(*app.Dependencies, *app.Options) {},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, change)
			o := r.mustCreate(t, "Acme", "a@acme.example")
			if _, err := r.HoldOrganization(t.Context(), on(o), true); err != nil {
				t.Fatal(err)
			}
			if err := r.DeleteOrganization(t.Context(), r.session(t, "a@acme.example"), "Acme"); err != nil {
				t.Fatal(err)
			}
			_, err := r.PurgeOrganization(t.Context(), on(o))
			wantError(t, err, domain.ErrHeld)
			r.clock.pass(2 * retention)
			if err := r.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			if info, err := r.store.Collections().Namespaces.Stat(t.Context(), o.Placement); err != nil || !info.Exists {
				t.Fatalf("dropped on hold: %+v, error %v", info, err)
			}
			if _, err := r.HoldOrganization(t.Context(), on(o), false); err != nil {
				t.Fatal(err)
			}
			if err := r.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			if d, err := r.InspectOrganization(t.Context(), o.ID); err != nil || d.Organization.Status != domain.StatusPurged {
				t.Errorf("after the hold: %+v, error %v", d, err)
			}
		})
	}
}

func TestOperatorsActOnTheVersionThatTheySaw(t *testing.T) {
	r := newRig(t, keeping)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	stale := app.Command{Organization: o.ID, IfVersion: o.Version - 1}
	name := "Globex"
	_, err := r.UpdateByOperator(t.Context(), stale, app.Change{Name: &name})
	wantError(t, err, domain.ErrPreconditionFailed)
	for what, do := range map[string]func(app.Command) (domain.Organization, error){
		"suspend": func(c app.Command) (domain.Organization, error) { return r.SuspendOrganization(t.Context(), c) },
		"hold":    func(c app.Command) (domain.Organization, error) { return r.HoldOrganization(t.Context(), c, true) },
		"delete":  func(c app.Command) (domain.Organization, error) { return r.DeleteByOperator(t.Context(), c) },
	} {
		if _, err := do(stale); !errors.Is(err, domain.ErrPreconditionFailed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	changed, err := r.UpdateByOperator(t.Context(), app.Command{Organization: o.ID, IfVersion: o.Version}, app.Change{Name: &name})
	if err != nil || changed.New.Name.String() != name || changed.AdminEmail.String() != "a@acme.example" {
		t.Errorf("changed: %+v, error %v", changed, err)
	}
	email := "b@acme.example"
	changed, err = r.UpdateByOperator(t.Context(), on(o), app.Change{Email: &email})
	if err != nil || changed.New.Name.String() != name || changed.AdminEmail.String() != email ||
		changed.New.Last.By != domain.ActorOperator {
		t.Errorf("changed: %+v, error %v", changed, err)
	}
	_, err = r.UpdateByOperator(t.Context(), app.Command{Organization: "nobody"}, app.Change{Name: &name})
	wantError(t, err, domain.ErrOrganizationNotFound)
}

func TestCommandsAreDoneOnce(t *testing.T) {
	r := newRig(t, keeping)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	r.mustDelete(t, o)
	c := app.Command{Organization: o.ID, Operation: "the-restore"}
	first, err := r.RestoreOrganization(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.RestoreOrganization(t.Context(), c, "")
	if err != nil || again.Version != first.Version {
		t.Errorf("restoring again: %+v, error %v", again, err)
	}
}

func TestListOrganizations(t *testing.T) {
	r := newRig(t)
	a, b := r.mustCreate(t, "Acme", "a@acme.example"), r.mustCreate(t, "Beta", "b@beta.example")
	r.mustDelete(t, a)
	all, err := r.ListOrganizations(t.Context(), ports.OrganizationQuery{})
	if err != nil || len(all) != 1 || all[0].ID != b.ID {
		t.Errorf("all but purged: %+v, error %v", all, err)
	}
	all, err = r.ListOrganizations(t.Context(), ports.OrganizationQuery{Statuses: []domain.Status{domain.StatusPurged}})
	if err != nil || len(all) != 1 || all[0].ID != a.ID || all[0].Receipt.By != domain.ActorOperator {
		t.Errorf("purged: %+v, error %v", all, err)
	}
}
