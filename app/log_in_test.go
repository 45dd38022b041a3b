package app_test

import (
	"errors"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

func TestLogInRefuses(t *testing.T) {
	r := newRig(t)
	r.mustCreate(t, "Acme", "admin@acme.example")
	for name, in := range map[string]app.LogIn{
		"wrong password": {Email: "admin@acme.example", Password: domain.NewSecret("wrong horse")},
		"unknown email":  {Email: "nobody@acme.example", Password: domain.NewSecret(password)},
		"short password": {Email: "admin@acme.example", Password: domain.NewSecret("x")},
	} {
		r.hasher.checked = 0
		_, err := r.LogIn(t.Context(), in)
		if !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Errorf("%s: %v", name, err)
		}
		if r.hasher.checked != 1 {
			t.Errorf("%s: %d hashes were checked, should be 1", name, r.hasher.checked)
		}
	}
}

func TestOutdatedHashIsReplaced(t *testing.T) {
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "admin@acme.example")
	r.hasher.generation = 1
	r.session(t, "admin@acme.example")
	account, err := r.store.Accounts().ByID(t.Context(), o.Owner)
	if err != nil {
		t.Fatal(err)
	}
	if got := account.PasswordHash.Reveal(); got != "1:"+password {
		t.Errorf("the hash is %q", got)
	}
	r.hasher.hashed = 0
	r.session(t, "admin@acme.example")
	if r.hasher.hashed != 0 {
		t.Error("hashed again")
	}
	// A hash that can't be replaced now is no reason to keep somebody out.
	r.hasher.generation, r.hasher.fail = 2, domain.ErrOverloaded
	r.session(t, "admin@acme.example")
}

func TestTokenDies(t *testing.T) {
	for name, change := range map[string]func(r *rig, o domain.Organization, a domain.Account) error{
		"account removed": func(r *rig, _ domain.Organization, a domain.Account) error {
			return r.store.Accounts().Delete(t.Context(), a.ID)
		},
		"account's epoch raised": func(r *rig, _ domain.Organization, a domain.Account) error {
			v := a.Version
			a.Epoch, a.Version = a.Epoch+1, v+1
			return r.store.Accounts().Replace(t.Context(), a, v)
		},
		"organization's epoch raised": func(r *rig, o domain.Organization, _ domain.Account) error {
			v := o.Version
			o.Epoch, o.Version = o.Epoch+1, v+1
			return r.store.Organizations().Replace(t.Context(), o, v)
		},
		"organization deleted": func(r *rig, o domain.Organization, _ domain.Account) error {
			return r.DeleteOrganization(t.Context(), r.session(t, "admin@acme.example"), "Acme")
		},
		"account of another organization": func(r *rig, _ domain.Organization, a domain.Account) error {
			v := a.Version
			a.OrganizationID, a.Version = "another", v+1
			return r.store.Accounts().Replace(t.Context(), a, v)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.mustCreate(t, "Acme", "admin@acme.example")
			in, err := r.LogIn(t.Context(), app.LogIn{Email: "admin@acme.example", Password: domain.NewSecret(password)})
			if err != nil {
				t.Fatal(err)
			}
			who, err := r.Authenticate(t.Context(), in.Token)
			if err != nil {
				t.Fatal(err)
			}
			if err := change(r, who.Organization, who.Account); err != nil {
				t.Fatal(err)
			}
			_, err = r.Authenticate(t.Context(), in.Token)
			wantError(t, err, domain.ErrUnauthenticated)
		})
	}
}
