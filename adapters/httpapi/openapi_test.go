package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/adapters/httpapi/openapitest"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/badrequests"
)

func limits(n int) func(*httpapi.Options) {
	return func(o *httpapi.Options) { o.RateLimitCreate, o.RateLimitLogin, o.RateLimitGet = n, n, n }
}

func document(t *testing.T, s *httpapi.Server) *openapitest.Document {
	t.Helper()
	text, err := s.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapitest.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestDocumentIsWhole makes every answer that there is, checks each against the
// document, and sees that the document promises nothing else.
func TestDocumentIsWhole(t *testing.T) {
	f := &fake{}
	unready := errors.New("away")
	ready := func(context.Context) error { return unready }
	o := func(o *httpapi.Options) { o.Ready = ready }
	s := server(t, f, private, limits(1_000_000), o)
	doc := document(t, s)
	if err := doc.CheckExamples(); err != nil {
		t.Error(err)
	}
	ask := func(h http.Handler, r *http.Request) {
		t.Helper()
		w := do(h, r)
		if err := doc.Check(r.Method, r.URL.RequestURI(), w.Code, w.Header(), w.Body.Bytes()); err != nil {
			t.Errorf("%v\n%s", err, w.Body)
		}
	}
	good := func(h http.Handler) {
		t.Helper()
		for _, route := range everyRoute {
			ask(h, fresh[route]())
		}
	}
	good(s)
	ask(s, request("GET", "/healthz"))
	ask(s, request("GET", "/readyz")) // away
	unready = nil
	ask(s, request("GET", "/readyz"))
	s.SetDraining()
	ask(s, request("GET", "/readyz"))

	for _, c := range badrequests.Cases() {
		if slices.Contains([]string{"not_found", "method_not_allowed"}, c.Code) || strings.HasPrefix(c.Name, "method") {
			continue // no operation to document it
		}
		r := request(c.Method, c.Path, c.Body)
		for name, values := range c.Header {
			r.Header[name] = values
		}
		if c.Token {
			authorized(r)
		}
		ask(s, r)
	}
	for _, row := range errorTable {
		f.answer = func(context.Context) error { return row.err }
		for _, route := range row.routes {
			ask(s, fresh[route]())
		}
	}
	for _, err := range []error{domain.ErrUnauthenticated, domain.ErrSuspended} {
		ask(server(t, &noEntry{err: err}, private), fresh["get"]())
	}
	reused := server(t, &fake{})
	ask(reused, keyed(request("POST", "/org/create", createBody), "a-key"))
	ask(reused, keyed(request("POST", "/org/create", createBody+" "), "a-key"))
	tight := server(t, &fake{}, limits(1))
	for range 2 {
		good(tight)
	}
	for _, probe := range []string{"/healthz", "/readyz"} {
		panics := server(t, &fake{}, func(o *httpapi.Options) { o.Ready = func(context.Context) error { panic("a bug") } })
		if probe == "/readyz" {
			ask(panics, request("GET", probe))
		}
	}
	for _, left := range doc.Unseen() {
		// Nothing in the first can fail; the others have a test of their own.
		if left != "GET /healthz 500 internal" && !strings.Contains(left, "/v1/documents") {
			t.Errorf("documented, but no answer was it: %s", left)
		}
	}
}

func TestDocument(t *testing.T) {
	s := server(t, &fake{}, func(o *httpapi.Options) { o.PasswordMinRunes = 11 })
	w := do(s, request("GET", "/openapi.json"))
	var doc struct {
		OpenAPI    string
		Info       struct{ Version string }
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]struct {
					MinLength, MaxLength int
					Format               string
				}
			}
			SecuritySchemes map[string]struct{ Type, Scheme string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Info.Version != "1.2.3" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%q %q %v", doc.OpenAPI, doc.Info.Version, w.Header())
	}
	create := doc.Components.Schemas["CreateRequest"]
	if p := create.Properties["password"]; p.MinLength != 11 || p.MaxLength != 256 || p.Format != "password" {
		t.Errorf("password: %+v", p)
	}
	if p := create.Properties["organization_name"]; p.MinLength != 2 || p.MaxLength != 100 {
		t.Errorf("name: %+v", p)
	}
	if p := doc.Components.Schemas["LoginRequest"].Properties["password"]; p.MinLength != 1 {
		t.Errorf("password at log in: %+v", p)
	}
	if s := doc.Components.SecuritySchemes["bearer"]; s.Type != "http" || s.Scheme != "bearer" {
		t.Errorf("security scheme %+v", s)
	}
	if _, ok := doc.Components.Schemas["ErrorModel"]; ok {
		t.Error("huma's error is documented")
	}
}
