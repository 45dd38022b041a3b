package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestContract checks the form of every good answer to the letter.
func TestContract(t *testing.T) {
	for _, c := range []struct {
		name   string
		r      *http.Request
		status int
		want   string
	}{
		{"create", request("POST", "/org/create", createBody), 201, `{"message":"Organization created.","organization_id":"org-1","organization_name":"Acme Corp","collection_name":"org_acme_corp","admin_email":"admin@example.com"}`},
		{"get", request("GET", getPath), 200, `{"organization_id":"org-1","organization_name":"acme","collection_name":"org_acme_corp","created_at":"2026-11-22T09:30:00.123Z"}`},
		{"update", authorized(request("PUT", "/org/update", updateBody)), 200, `{"message":"Organization updated.","old_name":"Acme Corp","new_name":"Acme Holding","old_collection":"org_acme_corp","new_collection":"org_acme_corp","admin_email":"admin@example.com"}`},
		{"delete", authorized(request("DELETE", deletePath)), 200, `{"message":"Organization deleted."}`},
		{"log in", request("POST", "/admin/login", loginBody), 200, `{"access_token":"good.token.value","token_type":"bearer","organization_id":"org-1","expires_in":3600}`},
		{"healthz", request("GET", "/healthz"), 200, `{"status":"ok"}`},
		{"readyz", request("GET", "/readyz"), 200, `{"status":"ready"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.r.Header.Set("Accept", "text/html, application/problem+json, */*;q=0.1")
			w := do(server(t, &fake{}), c.r)
			if got := strings.TrimSpace(w.Body.String()); w.Code != c.status || got != c.want {
				t.Errorf("%d %s\nwant %d %s", w.Code, got, c.status, c.want)
			}
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestCreateTellsLocation(t *testing.T) {
	w := do(server(t, &fake{}), request("POST", "/org/create", `{"organization_name":"Söhne & Co +1","email":"a@b.example","password":"long enough"}`))
	if got, want := w.Header().Get("Location"), "/org/get?organization_name=S%C3%B6hne+%26+Co+%2B1"; got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	f := &fake{}
	if w := do(server(t, f), request("GET", w.Header().Get("Location"))); w.Code != 200 || f.gotten != "Söhne & Co +1" {
		t.Errorf("%d, looked for %q", w.Code, f.gotten)
	}
}

// TestOlderClients sends what clients of older services may send.
func TestOlderClients(t *testing.T) {
	for name, contentType := range map[string]string{
		"none": "", "plain": "application/json", "charset": "application/json; charset=utf-8", "upper": "Application/JSON;Charset=UTF-8", "suffix": "application/vnd.api+json",
	} {
		t.Run("content type "+name, func(t *testing.T) {
			r := request("POST", "/org/create", createBody)
			if contentType != "" {
				r.Header.Set("Content-Type", contentType)
			}
			if w := do(server(t, &fake{}), r); w.Code != 201 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	t.Run("unknown fields", func(t *testing.T) {
		f := &fake{}
		body := `{"x":[{"email":"a"},"}"],"Email":"other@b.example","x":1,` + strings.TrimPrefix(createBody, "{")
		if w := do(server(t, f), request("POST", "/org/create", body)); w.Code != 201 || f.created.Email != "admin@example.com" {
			t.Errorf("%d %s: %q", w.Code, w.Body, f.created.Email)
		}
	})
	t.Run("unknown parameters", func(t *testing.T) {
		if w := do(server(t, &fake{}), request("GET", "/org/get?a=%zz&organization_name=acme&&b")); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
	t.Run("a body of 64 KiB", func(t *testing.T) {
		body := createBody + strings.Repeat(" ", 64<<10-len(createBody))
		if w := do(server(t, &fake{}), request("POST", "/org/create", body)); w.Code != 201 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func TestUpdateEmail(t *testing.T) {
	other := "other@b.example"
	for body, want := range map[string]*string{
		`{"organization_name":"Acme","password":"x"}`:                                                nil,
		`{"organization_name":"Acme","password":"x","email":null}`:                                   nil,
		`{"organization_name":"Acme","password":"x","email":"other@b.example"}`:                      &other,
		`{"organization_name":"Acme","password":"x","\u0065mail":"other@b.example","EMAIL":"a@b.c"}`: &other,
	} {
		f := &fake{}
		w := do(server(t, f), authorized(request("PUT", "/org/update", body)))
		if w.Code != 200 || !cmp.Equal(f.updated.Email, want) {
			t.Errorf("%s: %d %s, email %v", body, w.Code, w.Body, f.updated.Email)
		}
		if f.updated.Password.Reveal() != "x" {
			t.Errorf("password %q", f.updated.Password.Reveal())
		}
	}
}

func TestHead(t *testing.T) {
	s := server(t, &fake{})
	for path, want := range map[string]int{getPath: 200, "/org/get": 422, "/healthz": 200, "/readyz": 200, "/docs": 200, "/openapi.json": 200, "/org/create": 405, "/nope": 404} {
		if w := do(s, request("HEAD", path)); w.Code != want {
			t.Errorf("HEAD %s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestBearerSchemeHasNoCase(t *testing.T) {
	for _, header := range []string{"Bearer " + goodToken, "bearer " + goodToken, "BEARER  " + goodToken} {
		r := request("DELETE", deletePath)
		r.Header.Set("Authorization", header)
		if w := do(server(t, &fake{}), r); w.Code != 200 {
			t.Errorf("%s: %d %s", header, w.Code, w.Body)
		}
	}
}

func TestAllow(t *testing.T) {
	s := server(t, &fake{})
	for path, want := range map[string]string{"/org/create": "POST", "/org/get": "GET, HEAD", "/org/update": "PUT", "/org/delete": "DELETE", "/admin/login": "POST", "/healthz": "GET, HEAD", "/docs": "GET, HEAD", "/": "GET, HEAD"} {
		w := do(s, request("PATCH", path))
		wantProblem(t, w, 405, "method_not_allowed")
		if got := w.Header().Get("Allow"); got != want {
			t.Errorf("%s: Allow %q, want %q", path, got, want)
		}
	}
	wantProblem(t, do(s, request("FOO", "/nope")), 404, "not_found")
}

func TestPrivateGet(t *testing.T) {
	s := server(t, &fake{}, private)
	w := do(s, request("GET", getPath))
	wantProblem(t, w, 401, "unauthenticated")
	if w := do(s, authorized(request("GET", getPath))); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for private, s := range map[bool]http.Handler{true: s, false: server(t, &fake{})} {
		var doc struct {
			Paths map[string]map[string]struct {
				Security  []any
				Responses map[string]any
			}
		}
		if err := json.Unmarshal(do(s, request("GET", "/openapi.json")).Body.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		get := doc.Paths["/org/get"]["get"]
		if _, has401 := get.Responses["401"]; has401 != private || (len(get.Security) == 1) != private {
			t.Errorf("private %t: security %v, 401 %t", private, get.Security, has401)
		}
	}
}
