package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSession goes through an organization's life, with a restart between any two
// requests.
func TestSession(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		p := e.start(t)
		restart := func() {
			t.Helper()
			if err := p.terminate(t); err != nil {
				t.Fatalf("SIGTERM: %v", err)
			}
			p = e.start(t)
		}

		created := p.create(t, "Acme Corp", "Admin@acme.example")
		id := created.text("organization_id")
		want := map[string]any{
			"message": created.text("message"), "organization_id": id, "organization_name": "Acme Corp",
			"collection_name": "org_acme_corp", "admin_email": "Admin@acme.example",
		}
		if diff := cmp.Diff(want, created.fields); diff != "" || id == "" {
			t.Errorf("create (-want +got):\n%s", diff)
		}
		if location := created.header.Get("Location"); location != "/org/get?organization_name=Acme+Corp" {
			t.Errorf("Location: %q", location)
		}
		restart()

		got := p.get(t, "  ＡＣＭＥ corp ")
		want = map[string]any{
			"organization_id": id, "organization_name": "Acme Corp",
			"collection_name": "org_acme_corp", "created_at": got.text("created_at"),
		}
		if diff := cmp.Diff(want, got.fields); diff != "" {
			t.Errorf("get (-want +got):\n%s", diff)
		}
		restart()

		token := p.logIn(t, "admin@ACME.example")
		restart()

		updated := p.do(t, http.StatusOK, http.MethodPut, "/org/update", token, object{
			"organization_name": "Globex", "email": "boss@globex.example", "password": password,
		})
		want = map[string]any{
			"message": updated.text("message"), "old_name": "Acme Corp", "new_name": "Globex",
			"old_collection": "org_acme_corp", "new_collection": "org_globex", "admin_email": "boss@globex.example",
		}
		if diff := cmp.Diff(want, updated.fields); diff != "" {
			t.Errorf("update (-want +got):\n%s", diff)
		}
		p.do(t, http.StatusNotFound, http.MethodGet, getPath("Acme Corp"), "", nil)
		restart()

		if got := p.get(t, "globex"); got.text("organization_id") != id || got.text("collection_name") != "org_globex" {
			t.Errorf("after the rename: %s", got.body)
		}
		p.do(t, http.StatusOK, http.MethodDelete, deletePath("GLOBEX"), token, nil)
		restart()

		p.do(t, http.StatusNotFound, http.MethodGet, getPath("Globex"), "", nil)
		p.do(t, http.StatusUnauthorized, http.MethodDelete, deletePath("Globex"), token, nil)
		p.do(t, http.StatusUnauthorized, http.MethodPost, "/admin/login", "",
			object{"email": "boss@globex.example", "password": password})

		again := p.create(t, "Acme Corp", "boss@globex.example")
		if again.text("organization_id") == id || again.text("collection_name") == "org_acme_corp" {
			t.Errorf("an ID or a namespace was given twice: %s", again.body)
		}
		p.do(t, http.StatusUnauthorized, http.MethodDelete, deletePath("Acme Corp"), token, nil)
	})
}
