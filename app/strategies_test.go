package app_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// eachStrategy runs the test with organizations of each strategy.
func eachStrategy(t *testing.T, run func(t *testing.T, strategy domain.Strategy, change func(*app.Dependencies, *app.Options))) {
	for _, strategy := range domain.Strategies() {
		t.Run(string(strategy), func(t *testing.T) {
			run(t, strategy, func(_ *app.Dependencies, o *app.Options) { o.Strategy = strategy })
		})
	}
}

func TestLifeByStrategy(t *testing.T) {
	eachStrategy(t, func(t *testing.T, strategy domain.Strategy, change func(*app.Dependencies, *app.Options)) {
		r := newRig(t, change, func(_ *app.Dependencies, o *app.Options) { o.DeleteRetention = 3600e9 })
		o := r.mustCreate(t, "Acme", "admin@acme.example")
		if o.Placement.Strategy != strategy {
			t.Fatalf("created at %+v", o.Placement)
		}
		beside := r.mustCreate(t, "Globex", "admin@globex.example")
		r.put(t, o.ID, "kept", `{"of":"acme"}`)
		r.put(t, beside.ID, "kept", `{"of":"globex"}`)

		before := o.Placement
		updated, err := r.rename(t, r.session(t, "admin@acme.example"), "Initech")
		if err != nil {
			t.Fatal(err)
		}
		if moved := updated.New.Placement != before; moved != (strategy == domain.StrategyCollection) {
			t.Errorf("renamed from %+v to %+v", before, updated.New.Placement)
		}
		r.want(t, o.ID, "kept", `{"of":"acme"}`)

		if _, err := r.DeleteByOperator(t.Context(), app.Command{Organization: o.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Documents(t.Context(), o.ID); !errors.Is(err, domain.ErrOrganizationNotFound) {
			t.Errorf("documents of a deleted organization: %v", err)
		}
		if _, err := r.RestoreOrganization(t.Context(), app.Command{Organization: o.ID}, ""); err != nil {
			t.Fatal(err)
		}
		r.want(t, o.ID, "kept", `{"of":"acme"}`)
		if _, err := r.DeleteByOperator(t.Context(), app.Command{Organization: o.ID}); err != nil {
			t.Fatal(err)
		}
		purged, err := r.PurgeOrganization(t.Context(), app.Command{Organization: o.ID})
		if err != nil || purged.Status != domain.StatusPurged || purged.Receipt.Documents != 1 {
			t.Fatalf("purged: %+v, %v", purged.Receipt, err)
		}
		r.want(t, beside.ID, "kept", `{"of":"globex"}`)
		again := r.mustCreate(t, "Initech", "admin@initech.example")
		handle, err := r.Documents(t.Context(), again.ID)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := handle.Count(t.Context()); err != nil || n != 0 {
			t.Errorf("a new organization has %d documents, %v", n, err)
		}
		r.wantClean(t)
	})
}

// put puts a document of an organization.
func (r *rig) put(t *testing.T, id domain.OrganizationID, document domain.DocumentID, body string) {
	t.Helper()
	handle, err := r.Documents(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	d, err := domain.ParseDocument([]byte(body), domain.PlainJSON)
	if err != nil {
		t.Fatal(err)
	}
	d.ID = document
	if _, err := handle.Put(t.Context(), d, ""); err != nil {
		t.Fatal(err)
	}
}

// want fails t unless the organization has the document.
func (r *rig) want(t *testing.T, id domain.OrganizationID, document domain.DocumentID, body string) {
	t.Helper()
	handle, err := r.Documents(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := handle.Get(t.Context(), document)
	if err != nil || got.Body.String() != body {
		t.Errorf("got %s, %v; want %s", got.Body.String(), err, body)
	}
}

// wantClean fails t unless a check finds nothing.
func (r *rig) wantClean(t *testing.T) {
	t.Helper()
	err := r.Check(t.Context(), app.CheckOptions{Found: func(f app.Finding) { t.Errorf("found %+v", f) }})
	if err != nil {
		t.Error(err)
	}
}

// TestCrashByStrategy lets each step of a create and of a delete be the last one of a
// process.
func TestCrashByStrategy(t *testing.T) {
	eachStrategy(t, func(t *testing.T, _ domain.Strategy, change func(*app.Dependencies, *app.Options)) {
		r := newRig(t, change)
		gone := errors.New("the process is gone")
		for kill := range 12 {
			name, email := fmt.Sprintf("Acme %d", kill), fmt.Sprintf("admin%d@acme.example", kill)
			left := kill
			r.before = func(context.Context, string) error {
				if left--; left < 0 {
					return gone
				}
				return nil
			}
			created, err := r.create(name, email)
			if err == nil {
				_, err = r.DeleteByOperator(t.Context(), app.Command{Organization: created.Organization.ID})
			}
			r.before = nil
			r.clock.pass(3600e9)
			if reconcileErr := r.Reconcile(t.Context()); reconcileErr != nil {
				t.Fatalf("after %d steps: %v", kill, reconcileErr)
			}
			if err == nil && kill < 6 {
				t.Errorf("%d steps were enough", kill)
			}
			r.wantClean(t)
		}
	})
}

func TestStrategyIsTheOperatorsChoice(t *testing.T) {
	r := newRig(t)
	in := app.CreateOrganization{
		Name: "Acme", Email: "admin@acme.example", Password: domain.NewSecret(password), Strategy: domain.StrategyShared,
	}
	var invalid *domain.Error
	if _, err := r.CreateOrganization(t.Context(), in); !errors.As(err, &invalid) || invalid.Code != domain.CodeInvalidRequest {
		t.Errorf("an owner chose: %v", err)
	}
	in.By = domain.ActorOperator
	created, err := r.CreateOrganization(t.Context(), in)
	if err != nil || created.Organization.Placement.Strategy != domain.StrategyShared {
		t.Errorf("%+v, %v", created.Organization.Placement, err)
	}
	in.Name, in.Email, in.Strategy = "Globex", "admin@globex.example", "no strategy"
	if _, err := r.CreateOrganization(t.Context(), in); !errors.As(err, &invalid) || invalid.Code != domain.CodeInvalidRequest {
		t.Errorf("an unknown strategy: %v", err)
	}
}

func TestNamespacesCalledByID(t *testing.T) {
	r := newRig(t, func(_ *app.Dependencies, o *app.Options) { o.NamespaceNames = domain.NamesByID })
	o := r.mustCreate(t, "Acme", "admin@acme.example")
	if want := "org_" + string(o.ID); o.Placement.Namespace != want {
		t.Errorf("created at %s, want %s", o.Placement.Namespace, want)
	}
	r.put(t, o.ID, "kept", `{"a":1}`)
	r.steps = nil
	updated, err := r.rename(t, r.session(t, "admin@acme.example"), "Globex")
	if err != nil || updated.New.Placement != o.Placement {
		t.Errorf("renamed to %+v, %v", updated.New.Placement, err)
	}
	if strings.Contains(fmt.Sprint(r.steps), "Namespaces") {
		t.Errorf("a rename took the steps %v", r.steps)
	}
	r.want(t, o.ID, "kept", `{"a":1}`)
}
