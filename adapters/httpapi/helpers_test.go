package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
)

const (
	createBody = `{"organization_name":"Acme Corp","email":"admin@example.com","password":"long enough"}`
	loginBody  = `{"email":"admin@example.com","password":"x"}`
	updateBody = `{"organization_name":"Acme Holding","password":"x"}`
	getPath    = "/org/get?organization_name=acme"
	deletePath = "/org/delete?organization_name=acme"
)

// request is a request in one line: method, path and, if any, body.
func request(method, path string, body ...string) *http.Request {
	return httptest.NewRequest(method, path, strings.NewReader(strings.Join(body, "")))
}

// authorized adds the good token.
func authorized(r *http.Request) *http.Request {
	r.Header.Set("Authorization", "Bearer "+goodToken)
	return r
}

func do(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// wantProblem checks an answer's status and code and returns the problem.
func wantProblem(t *testing.T, w *httptest.ResponseRecorder, status int, code string) httpapi.Problem {
	t.Helper()
	var p httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if w.Code != status || p.Status != status || string(p.Code) != code || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s %s, want %d %s", w.Code, w.Header().Get("Content-Type"), w.Body, status, code)
	}
	return p
}
