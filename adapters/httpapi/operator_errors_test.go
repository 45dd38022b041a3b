package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/badrequests"
)

// operatorErrors says what a use case can say on which routes for operators.
var operatorErrors = []struct {
	err    error
	routes []string
	status int
	code   string
}{
	{domain.ErrOrganizationNotFound, slices.Concat(reads[1:], writes, usages, moved, []string{"moves"}), 404, "organization_not_found"},
	{domain.ErrPreconditionFailed, append(moved, writes...), 412, "precondition_failed"},
	{domain.ErrStatus, append([]string{"make", "move"}, writes[:8]...), 409, "organization_status"},
	{domain.ErrOperationInProgress, slices.Concat(writes[:9], usages, moved[:1]), 409, "operation_in_progress"},
	{domain.ErrOrganizationLimit, []string{"make"}, 503, "organization_limit"},
	{domain.ErrNameTaken, []string{"make", "change", "restore"}, 409, "organization_name_taken"},
	{domain.ErrEmailTaken, []string{"make", "change"}, 409, "email_taken"},
	{domain.ErrOperationAborted, []string{"make", "change", "move"}, 409, "operation_aborted"},
	{domain.ErrHeld, []string{"purge"}, 409, "organization_on_hold"},
	{domain.ErrOperationNotFound, []string{"retry", "abort"}, 404, "operation_not_found"},
	{domain.ErrOperationNotAbortable, []string{"abort", "pause"}, 409, "operation_not_abortable"},
	{domain.ErrMoveRefused, []string{"move"}, 409, "move_refused"},
	{domain.ErrMoveNotFound, []string{"pause", "resume"}, 404, "move_not_found"},
	{domain.Invalid("organization_name", "must be better"), []string{"make", "change", "restore"}, 422, "invalid_request"},
	{domain.ErrOverloaded, all, 503, "overloaded"},
	{domain.ErrStoreUnavailable, all, 503, "store_unavailable"},
	{context.DeadlineExceeded, all, 503, "overloaded"},
	{errors.New("a bug with an internal message"), all, 500, "internal"},
}

// TestOperatorDocumentIsWhole makes every answer that the routes for operators have,
// and sees that the document promises nothing else.
func TestOperatorDocumentIsWhole(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	doc := document(t, s)
	if err := doc.CheckExamples(); err != nil {
		t.Error(err)
	}
	ask := func(r *http.Request) *httptest.ResponseRecorder {
		t.Helper()
		w := do(s, r)
		if err := doc.Check(r.Method, r.URL.RequestURI(), w.Code, w.Header(), w.Body.Bytes()); err != nil {
			t.Errorf("%v\n%s", err, w.Body)
		}
		return w
	}
	f.transfer.lines = []string{"{}\n"}
	for _, r := range []*http.Request{exporting(), importing("{}")} {
		ask(r)
	}
	for _, make := range desks {
		ask(make())
		r := make()
		r.Header.Del("Authorization")
		ask(r)
	}
	ask(moving(`{"strategy":"collection"}`)) // which it has
	fresh304 := desks["inspect"]()
	fresh304.Header.Set("If-None-Match", "*")
	ask(fresh304)
	for _, c := range badrequests.OperatorCases("org-1") {
		r := request(c.Method, c.Path, c.Body)
		for name, values := range c.Header {
			r.Header[name] = values
		}
		if c.Token {
			byOperator(r)
		}
		if c.Code != "not_found" && c.Code != "method_not_allowed" {
			ask(r)
		}
	}
	for _, route := range posted {
		ask(keyed(desks[route](), route))
		another := map[string]string{"make": `{"name":"Globex"}`, "move": `{"strategy":"database"}`}[route]
		if another == "" {
			another = "{}"
		}
		ask(keyed(desks[route](another), route))
	}
	for _, row := range operatorErrors {
		f.answer = func(context.Context) error { return fmt.Errorf("internal message: %w", row.err) }
		for _, route := range row.routes {
			w := ask(desks[route]())
			p := wantProblem(t, w, row.status, row.code)
			if strings.Contains(w.Body.String(), "internal message") {
				t.Errorf("%s", w.Body)
			}
			if row.status == 422 && (len(p.Errors) != 1 || p.Errors[0].Location != "body.name") {
				t.Errorf("%s: %v", route, p.Errors)
			}
			if row.code == "organization_not_found" && !strings.Contains(p.Detail, "ID") {
				t.Errorf("%s: %s", route, p.Detail)
			}
		}
	}
	for _, r := range transfersToAsk(t) {
		ask(r)
	}
	for _, err := range []error{
		domain.ErrOrganizationNotFound, domain.ErrSuspended, domain.ErrQuotaExceeded, domain.ErrOverloaded, domain.ErrStoreUnavailable, domain.Invalid("export", "must be whole"), errors.New("a bug"),
	} {
		f.answer = func(context.Context) error { return err }
		ask(importing("{}"))
		if !errors.Is(err, domain.ErrSuspended) && !errors.Is(err, domain.ErrQuotaExceeded) && !strings.Contains(err.Error(), "invalid") {
			ask(exporting())
		}
	}
	f.answer, f.desk.begin = nil, func() error { return domain.ErrKeyInUse }
	for _, route := range posted {
		ask(keyed(desks[route](), "k"))
	}
	for _, left := range doc.Unseen() {
		if strings.Contains(left, "/v1/organizations") {
			t.Errorf("documented, but no answer was it: %s", left)
		}
	}
	var root struct {
		Paths map[string]map[string]struct {
			Tags     []string
			Security []map[string][]string
		}
		Components struct {
			SecuritySchemes map[string]struct{ Type, Scheme string }
		}
	}
	text, _ := s.OpenAPI()
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	if scheme := root.Components.SecuritySchemes["operatorToken"]; scheme.Scheme != "bearer" {
		t.Errorf("%+v", scheme)
	}
	for path, methods := range root.Paths {
		for method, op := range methods {
			_, secured := map[string][]string{}, false
			if len(op.Security) == 1 {
				_, secured = op.Security[0]["operatorToken"]
			}
			if theirs := strings.HasPrefix(path, "/v1/organizations"); theirs != secured || theirs != cmp.Equal(op.Tags, []string{"Operators"}) {
				t.Errorf("%s %s: tags %v, security %v", method, path, op.Tags, op.Security)
			}
		}
	}
}
