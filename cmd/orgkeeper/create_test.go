package main

import (
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

func TestCreateOrganization(t *testing.T) {
	eachWorld(t, func(w world) {
		w.Setenv("SIGNUP", "closed")
		creating := func(password string, arguments ...string) result {
			return w.runOn(strings.NewReader(password), append([]string{"organizations", "create"}, arguments...)...)
		}
		r := creating(secret+"\n", "Acme Corp", "--email", "admin@acme.example", "--output", "json")
		if r.code != 0 {
			w.Fatalf("exit code %d\n%s%s", r.code, r.out, r.err)
		}
		o := w.lines(r.out)[0]
		if o["name"] != "Acme Corp" || o["admin_email"] != "admin@acme.example" || o["placement"].(object)["strategy"] != "collection" {
			w.Errorf("%v", o)
		}
		w.with(func(_ *store, service *app.Service) {
			in, err := service.LogIn(w.Context(), app.LogIn{Email: "admin@acme.example", Password: domain.NewSecret(secret)})
			if err != nil || string(in.Organization) != o["id"] {
				w.Errorf("its administrator logs in: %v", err)
			}
		})
		for text, bad := range map[string]struct {
			password  string
			arguments []string
			code      int
		}{
			"strategy": {secret, []string{"Globex", "--email", "admin@globex.example", "--strategy", "none"}, 2},
			"password": {"", []string{"Globex", "--email", "admin@globex.example"}, 2},
			"email":    {secret, []string{"Globex"}, 2},
			"arg":      {secret, []string{"--email", "admin@globex.example"}, 2},
			"name":     {secret, []string{"acme  corp", "--email", "admin@globex.example"}, 4},
		} {
			if r := creating(bad.password, bad.arguments...); r.code != bad.code || !strings.Contains(r.err, text) {
				w.Errorf("%v: exit code %d, want %d\n%s", bad.arguments, r.code, bad.code, r.err)
			}
		}
	})
}
