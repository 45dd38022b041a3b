package app_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func TestCreateListsEveryWrongField(t *testing.T) {
	r := newRig(t)
	_, err := r.CreateOrganization(t.Context(), app.CreateOrganization{
		Name: "A", Email: "nobody", Password: domain.NewSecret("short"),
	})
	var e *domain.Error
	if !errors.As(err, &e) || e.Code != domain.CodeInvalidRequest {
		t.Fatalf("the error is %v", err)
	}
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field)
	}
	if want := []string{"organization_name", "email", "password"}; !slices.Equal(fields, want) {
		t.Errorf("fields %v, should be %v", fields, want)
	}
}

func TestCreateConflictCostsNoHash(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	r.hasher.hashed = 0
	_, err := r.create("ACME", "other@acme.example")
	wantError(t, err, domain.ErrNameTaken)
	_, err = r.create("Globex", "ADMIN@acme.example")
	wantError(t, err, domain.ErrEmailTaken)
	if r.hasher.hashed != 0 {
		t.Errorf("%d hashes", r.hasher.hashed)
	}
}

func TestCreateFailsBeforeAnythingIsWritten(t *testing.T) {
	r := newRig(t)
	r.hasher.fail = domain.ErrOverloaded
	_, err := r.create("Acme", "admin@acme.example")
	wantError(t, err, domain.ErrOverloaded)
	if len(r.steps) != 0 {
		t.Errorf("steps were taken: %v", r.steps)
	}
}

func TestSignupClosed(t *testing.T) {
	r := newRig(t, func(_ *app.Dependencies, o *app.Options) { o.SignupClosed = true })
	_, err := r.create("Acme", "admin@acme.example")
	wantError(t, err, domain.ErrSignupClosed)
}

// countingCensus counts how often it is asked.
type countingCensus struct {
	ports.Census
	asked int
}

func (c *countingCensus) CountLive(ctx context.Context) (int, error) {
	c.asked++
	return c.Census.CountLive(ctx)
}

func TestMaxOrganizations(t *testing.T) {
	var census *countingCensus
	r := newRig(t, func(d *app.Dependencies, o *app.Options) {
		o.MaxOrganizations = 2
		census = &countingCensus{Census: d.Census}
		d.Census = census
	})
	r.mustCreate(t, "One", "one@acme.example")
	r.mustCreate(t, "Two", "two@acme.example")
	_, err := r.create("Three", "three@acme.example")
	wantError(t, err, domain.ErrOrganizationLimit)

	if err := r.DeleteOrganization(t.Context(), r.session(t, "one@acme.example"), "One"); err != nil {
		t.Fatal(err)
	}
	r.clock.pass(10*time.Second - time.Millisecond)
	_, err = r.create("Three", "three@acme.example")
	wantError(t, err, domain.ErrOrganizationLimit)
	if census.asked != 1 {
		t.Errorf("counted %d times within 10 s", census.asked)
	}
	r.clock.pass(time.Millisecond)
	r.mustCreate(t, "Three", "three@acme.example")
}

func TestNamespaces(t *testing.T) {
	r := newRig(t)
	plain := r.mustCreate(t, "Acme Corp", "a@acme.example")
	if got := plain.Placement.Namespace; got != "org_acme_corp" {
		t.Errorf("namespace %q", got)
	}
	second := r.mustCreate(t, "Acme Corp!", "b@acme.example").Placement.Namespace
	if !strings.HasPrefix(second, "org_acme_corp_") || len(second) != len("org_acme_corp_")+8 {
		t.Errorf("namespace %q", second)
	}
	japanese := r.mustCreate(t, "株式会社", "c@acme.example").Placement.Namespace
	if len(japanese) != len("org_")+8 {
		t.Errorf("namespace %q", japanese)
	}
}

// occupied says of the first namespace that it is asked for that it holds data.
type occupied struct {
	ports.Namespaces
	asked []domain.Placement
}

func (o *occupied) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	if o.asked = append(o.asked, p); len(o.asked) == 1 {
		return domain.ErrNamespaceOccupied
	}
	return o.Namespaces.Ensure(ctx, owner, p)
}

func (o *occupied) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	if o.asked = append(o.asked, to); len(o.asked) == 1 {
		return domain.ErrNamespaceOccupied
	}
	return o.Namespaces.Rename(ctx, identity, from, to)
}

func TestSomebodysDataStandsThere(t *testing.T) {
	var storage *occupied
	r := newRig(t, func(d *app.Dependencies, _ *app.Options) {
		storage = &occupied{Namespaces: d.Storage[domain.StrategyCollection].Namespaces}
		setNamespaces(d, storage)
	})
	o := r.mustCreate(t, "Acme", "a@acme.example")
	if o.Placement.Namespace == "org_acme" || len(o.Reserved) != 2 {
		t.Errorf("created at %+v, reserved %v", o.Placement, o.Reserved)
	}
	storage.asked = nil
	updated, err := r.rename(t, r.session(t, "a@acme.example"), "Globex")
	if err != nil {
		t.Fatal(err)
	}
	if got := updated.New; got.Placement.Namespace == "org_globex" || len(got.Reserved) != 4 || got.Placement.Generation != 2 {
		t.Errorf("renamed to %+v, reserved %v", got.Placement, got.Reserved)
	}
}

func TestClientHangsUp(t *testing.T) {
	r := newRig(t)
	ctx, hangUp := context.WithCancel(t.Context())
	r.before = func(_ context.Context, step string) error {
		if step == "Accounts.Insert" {
			hangUp()
		}
		return nil
	}
	_, err := r.CreateOrganization(ctx, app.CreateOrganization{
		Name: "Acme", Email: "admin@acme.example", Password: domain.NewSecret(password),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.GetOrganization(t.Context(), "Acme"); err != nil {
		t.Error(err)
	}
}
