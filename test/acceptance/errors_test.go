package acceptance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/badrequests"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestBadRequests(t *testing.T) {
	p := onSQLite(t).start(t)
	p.create(t, "Acme", "admin@acme.example")
	badrequests.Run(t, p.http, p.url, p.logIn(t, "admin@acme.example"))
}

// TestErrors goes through the table of errors. What can't be had from outside (a
// full queue, a bug) is tested beside the adapters.
func TestErrors(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		p := e.start(t)
		p.create(t, "Acme", "admin@acme.example")
		p.create(t, "Globex", "boss@globex.example")
		token := p.logIn(t, "admin@acme.example")
		free := object{"organization_name": "Initech", "email": "bill@initech.example", "password": password}
		with := func(field string, value any) object {
			o := object{}
			for k, v := range free {
				o[k] = v
			}
			o[field] = value
			return o
		}
		for _, c := range []struct {
			what, method, path, token string
			body                      any
			status                    int
			code                      string
		}{
			{"name taken", "POST", "/org/create", "", with("organization_name", " ＡＣＭＥ"), 409, "organization_name_taken"},
			{"email taken", "POST", "/org/create", "", with("email", "ADMIN@acme.example"), 409, "email_taken"},
			{"wrong type", "POST", "/org/create", "", with("email", 7), 422, "invalid_request"},
			{"an array", "POST", "/org/create", "", []int{1}, 422, "invalid_request"},
			{"invisible name", "POST", "/org/create", "", with("organization_name", "Ac\u200bme"), 422, "invalid_request"},
			{"short password", "POST", "/org/create", "", with("password", "seven77"), 422, "invalid_request"},
			{"unknown name", "GET", getPath("Initech"), "", nil, 404, "organization_not_found"},
			{"unknown email", "POST", "/admin/login", "", object{"email": "x@y.example", "password": password}, 401, "invalid_credentials"},
			{"wrong password", "POST", "/admin/login", "", object{"email": "admin@acme.example", "password": "nothing"}, 401, "invalid_credentials"},
			{"no token", "PUT", "/org/update", "", free, 401, "unauthenticated"},
			{"a bad token", "PUT", "/org/update", altered(token), free, 401, "unauthenticated"},
			{"update, wrong password", "PUT", "/org/update", token, with("password", "nothing"), 401, "invalid_credentials"},
			{"update, name taken", "PUT", "/org/update", token, with("organization_name", "globex"), 409, "organization_name_taken"},
			{"update, email taken", "PUT", "/org/update", token, with("email", "BOSS@globex.example"), 409, "email_taken"},
			{"delete another's", "DELETE", deletePath("Globex"), token, nil, 403, "forbidden"},
			{"delete nobody's", "DELETE", deletePath("Initech"), token, nil, 404, "organization_not_found"},
			{"no such route", "GET", "/org", "", nil, 404, "not_found"},
			{"method", "PATCH", "/org/get", "", nil, 405, "method_not_allowed"},
		} {
			a, err := p.try(c.method, c.path, c.token, c.body)
			if err != nil && c.code != "not_found" && c.code != "method_not_allowed" { // these are no operations of the document
				t.Errorf("%s: %v", c.what, err)
			}
			if a.status != c.status || a.text("code") != c.code || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %d %s, should be %d %s", c.what, a.status, a.body, c.status, c.code)
			}
			if c.status == 401 && a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s: WWW-Authenticate %q", c.what, a.header.Get("WWW-Authenticate"))
			}
		}
		// Nothing of all that has changed anything.
		if got := p.get(t, "Acme"); got.text("collection_name") != "org_acme" {
			t.Errorf("now %s", got.body)
		}
		p.do(t, http.StatusOK, http.MethodPut, "/org/update", token, object{"organization_name": "ACME", "password": password})
	})
}

// altered returns the token with another character in the middle of its signature.
func altered(token string) string {
	i := len(token) - 10
	other := "A"
	if token[i] == 'A' {
		other = "B"
	}
	return token[:i] + other + token[i+1:]
}

func TestBounds(t *testing.T) {
	t.Run("sign-up closed", func(t *testing.T) {
		p := onSQLite(t).start(t, "SIGNUP=closed")
		p.refused(t, 403, "signup_closed", http.MethodPost, "/org/create", object{"organization_name": "Acme", "email": "a@acme.example", "password": password})
	})
	t.Run("most organizations", func(t *testing.T) {
		p := onSQLite(t).start(t, "MAX_ORGANIZATIONS=1")
		p.create(t, "Acme", "admin@acme.example")
		p.refused(t, 503, "organization_limit", http.MethodPost, "/org/create", object{"organization_name": "Globex", "email": "b@acme.example", "password": password})
	})
	t.Run("private look-up", func(t *testing.T) {
		p := onSQLite(t).start(t, "PUBLIC_ORG_GET=false")
		p.create(t, "Acme", "admin@acme.example")
		p.refused(t, 401, "unauthenticated", http.MethodGet, getPath("Acme"), nil)
		p.do(t, http.StatusOK, http.MethodGet, getPath("Acme"), p.logIn(t, "admin@acme.example"), nil)
	})
	t.Run("rate limit", func(t *testing.T) {
		p := onSQLite(t).start(t, "RATE_LIMIT_LOGIN=3", "RATE_LIMIT_EXEMPT=none")
		in := object{"email": "x@y.example", "password": password}
		for range 3 {
			p.refused(t, 401, "invalid_credentials", http.MethodPost, "/admin/login", in)
		}
		if a := p.refused(t, 429, "rate_limited", http.MethodPost, "/admin/login", in); a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

// refused sends a request that must be refused.
func (c *client) refused(t *testing.T, status int, code, method, path string, body any) answer {
	t.Helper()
	a := c.do(t, status, method, path, "", body)
	if a.text("code") != code {
		t.Errorf("%s %s: the code is %q, should be %q", method, path, a.text("code"), code)
	}
	return a
}

// TestOutage takes the store away in three ways: every request ends in time with
// 503, and all is well again when it is back.
func TestOutage(t *testing.T) {
	for name, outage := range map[string]struct{ away, back func(*mongotest.Process) }{
		"killed": {(*mongotest.Process).Kill, (*mongotest.Process).Restart},
		"frozen": {(*mongotest.Process).Pause, (*mongotest.Process).Resume},
	} {
		t.Run("mongo-replica-set/"+name, func(t *testing.T) {
			server := mongotest.Child(t, mongotest.Options{ReplicaSet: true})
			p := engine{server.Name, []string{"MONGO_URI=" + server.URI}}.start(t)
			p.create(t, "Acme", "admin@acme.example")
			token := p.logIn(t, "admin@acme.example")
			outage.away(server)
			p.do(t, http.StatusOK, http.MethodGet, "/healthz", "", nil)
			p.refused(t, 503, "store_unavailable", http.MethodGet, "/readyz", nil)
			a := p.refused(t, 503, "store_unavailable", http.MethodGet, getPath("Acme"), nil)
			if a.header.Get("Retry-After") == "" || strings.Contains(string(a.body), "127.0.0.1") {
				t.Errorf("Retry-After %q, body %s", a.header.Get("Retry-After"), a.body)
			}
			p.refused(t, 503, "store_unavailable", http.MethodPost, "/org/create",
				object{"organization_name": "Globex", "email": "b@acme.example", "password": password})
			p.do(t, 503, http.MethodDelete, deletePath("Acme"), token, nil)
			outage.back(server)
			p.eventuallyReady(t)
			p.get(t, "Acme")
			p.createWhenFree(t, seen{"Globex", "b@acme.example"})
			p.do(t, http.StatusOK, http.MethodDelete, deletePath("Acme"), token, nil)
		})
	}
}
