package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func TestUpdateThatChangesNothing(t *testing.T) {
	r := newRig(t)
	before := r.mustCreate(t, "Acme", "admin@acme.example")
	who := r.session(t, "admin@acme.example")
	r.steps = nil
	email := " admin@acme.example "
	updated, err := r.UpdateOrganization(t.Context(), who, app.UpdateOrganization{
		Name: " Acme ", Email: &email, Password: domain.NewSecret(password),
	})
	if err != nil || len(r.steps) != 0 || updated.New.Version != before.Version {
		t.Errorf("error %v, steps %v, version %d after %d", err, r.steps, updated.New.Version, before.Version)
	}
}

func TestUpdateWithWrongPassword(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	r.mustCreate(t, "Globex", "boss@globex.example")
	who := r.session(t, "admin@acme.example")
	r.steps = nil
	for _, name := range []string{"Initech", "Globex"} { // neither free nor taken names tell anything
		_, err := r.UpdateOrganization(t.Context(), who, app.UpdateOrganization{Name: name, Password: domain.NewSecret("wrong")})
		wantError(t, err, domain.ErrInvalidCredentials)
	}
	if len(r.steps) != 0 {
		t.Errorf("steps were taken: %v", r.steps)
	}
}

func TestUpdateConflicts(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	r.mustCreate(t, "Globex", "boss@globex.example")
	who := r.session(t, "admin@acme.example")
	_, err := r.rename(t, who, "GLOBEX")
	wantError(t, err, domain.ErrNameTaken)
	email := "BOSS@globex.example"
	_, err = r.UpdateOrganization(t.Context(), who, app.UpdateOrganization{
		Name: "Acme", Email: &email, Password: domain.NewSecret(password),
	})
	wantError(t, err, domain.ErrEmailTaken)
}

func TestRenameKeepsOrMovesTheNamespace(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	moves := []struct{ name, namespace string }{
		{"ACME", "org_acme"},
		{"Acme!", "org_acme"}, // equal slugs
		{"Globex", "org_globex"},
		{"Acme", "org_acme_"}, // given before, to itself
		{"株式会社", "org_"},
	}
	for _, move := range moves {
		updated, err := r.rename(t, r.session(t, "admin@acme.example"), move.name)
		if err != nil {
			t.Fatalf("%s: %v", move.name, err)
		}
		got := updated.New.Placement.Namespace
		suffix, ok := strings.CutPrefix(got, move.namespace)
		if random := strings.HasSuffix(move.namespace, "_"); !ok || random != (len(suffix) == 8) || !random && suffix != "" {
			t.Errorf("%s: namespace %q, should be %q", move.name, got, move.namespace)
		}
	}
}

func TestOneOperationAtATime(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	who := r.session(t, "admin@acme.example")
	away := errors.New("away")
	r.before = func(_ context.Context, step string) error {
		if step == "Namespaces.Rename" {
			return domain.ErrStoreUnavailable.Because(away)
		}
		return nil
	}
	_, err := r.rename(t, who, "Globex")
	wantError(t, err, domain.ErrStoreUnavailable)
	r.before = nil

	_, err = r.rename(t, who, "Initech")
	wantError(t, err, domain.ErrOperationInProgress)
	var e *domain.Error
	if errors.As(err, &e); !strings.Contains(e.Message, "update") {
		t.Errorf("the message doesn't say which one is running: %s", e.Message)
	}
	wantError(t, r.DeleteOrganization(t.Context(), who, "Acme"), domain.ErrOperationInProgress)

	// Found by its old name alone, and both names are held.
	if _, err := r.GetOrganization(t.Context(), "Acme"); err != nil {
		t.Error(err)
	}
	_, err = r.GetOrganization(t.Context(), "Globex")
	wantError(t, err, domain.ErrOrganizationNotFound)
	_, err = r.create("Globex", "boss@globex.example")
	wantError(t, err, domain.ErrNameTaken)

	// Whoever meets it after the lease finishes it.
	r.clock.pass(11 * time.Second)
	if _, err := r.GetOrganization(t.Context(), "Globex"); err != nil {
		t.Error(err)
	}
}

func TestDeleteByName(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	r.mustCreate(t, "Globex", "boss@globex.example")
	who := r.session(t, "admin@acme.example")
	wantError(t, r.DeleteOrganization(t.Context(), who, "Globex"), domain.ErrForbidden)
	wantError(t, r.DeleteOrganization(t.Context(), who, "Initech"), domain.ErrOrganizationNotFound)
	if err := r.DeleteOrganization(t.Context(), who, " acme "); err != nil {
		t.Error(err)
	}
	wantError(t, r.DeleteOrganization(t.Context(), who, "Acme"), domain.ErrUnauthenticated)
	_, err := r.rename(t, who, "Initech")
	wantError(t, err, domain.ErrUnauthenticated)
}

// slowRename moves the namespace to the first target although it says that data
// stands there: another runner, which was slow, got there when it was gone.
type slowRename struct {
	ports.Namespaces
	done bool
}

func (s *slowRename) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	if s.done {
		return s.Namespaces.Rename(ctx, identity, from, to)
	}
	s.done = true
	if err := s.Namespaces.Rename(ctx, identity, from, to); err != nil {
		return err
	}
	return domain.ErrNamespaceOccupied
}

func TestRenameFollowsASlowRunner(t *testing.T) {
	r := newRig(t, func(d *app.Dependencies, _ *app.Options) {
		setNamespaces(d, &slowRename{Namespaces: d.Storage[domain.StrategyCollection].Namespaces})
	})
	before := r.mustCreate(t, "Acme", "admin@acme.example")
	info, err := r.store.Collections().Namespaces.Stat(t.Context(), before.Placement)
	if err != nil {
		t.Fatal(err)
	}
	updated, err := r.rename(t, r.session(t, "admin@acme.example"), "Globex")
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.store.Collections().Namespaces.Stat(t.Context(), updated.New.Placement)
	if err != nil || got.Identity != info.Identity {
		t.Errorf("the namespace is %+v now, was %+v; error %v", got, info, err)
	}
}

func TestUpdateWithoutEmailLeavesTheEmail(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	old := r.session(t, "admin@acme.example")
	email := "boss@acme.example"
	if _, err := r.UpdateOrganization(t.Context(), old, app.UpdateOrganization{
		Name: "Acme", Email: &email, Password: domain.NewSecret(password),
	}); err != nil {
		t.Fatal(err)
	}
	// This one was authenticated before the email changed.
	updated, err := r.rename(t, old, "Globex")
	if err != nil {
		t.Fatal(err)
	}
	if updated.AdminEmail.String() != email {
		t.Errorf("the answer says %v", updated.AdminEmail)
	}
	r.session(t, email)
}

// stuckRename can't rename anything, for a reason that doesn't pass.
type stuckRename struct{ ports.Namespaces }

func (stuckRename) Rename(context.Context, string, domain.Placement, domain.Placement) error {
	return errors.New("not allowed to rename")
}

func TestAStuckOperationKeepsNobodyOut(t *testing.T) {
	r := newRig(t, func(d *app.Dependencies, _ *app.Options) {
		setNamespaces(d, stuckRename{d.Storage[domain.StrategyCollection].Namespaces})
	})
	r.mustCreate(t, "Acme", "admin@acme.example")
	if _, err := r.rename(t, r.session(t, "admin@acme.example"), "Globex"); err == nil {
		t.Fatal("it was renamed")
	}
	for range 2 {
		r.clock.pass(time.Minute)
		if _, err := r.GetOrganization(t.Context(), "Acme"); err != nil {
			t.Error(err)
		}
		who := r.session(t, "admin@acme.example")
		_, err := r.rename(t, who, "Initech")
		wantError(t, err, domain.ErrOperationInProgress)
		_, err = r.create("Globex", "boss@globex.example")
		wantError(t, err, domain.ErrNameTaken)
		_, err = r.create("Umbrella", "admin@acme.example")
		wantError(t, err, domain.ErrEmailTaken)
	}
	if err := r.Reconcile(t.Context()); err != nil {
		t.Errorf("the lease runs: %v", err)
	}
}

func TestALeaseFromAClockThatWasAhead(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	who := r.session(t, "admin@acme.example")
	r.before = func(_ context.Context, step string) error {
		if step == "Namespaces.Rename" {
			return domain.ErrStoreUnavailable
		}
		return nil
	}
	r.clock.pass(time.Hour)
	_, err := r.rename(t, who, "Globex")
	wantError(t, err, domain.ErrStoreUnavailable)
	r.before = nil
	r.clock.pass(-time.Hour)
	if _, err := r.GetOrganization(t.Context(), "Globex"); err != nil {
		t.Error(err)
	}
}
