package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/adapters/httpapi/openapitest"
	"github.com/orgkeeper/orgkeeper/domain"
)

func private(o *httpapi.Options) { o.PrivateGet = true }

func logTo(b *bytes.Buffer) func(*httpapi.Options) {
	return func(o *httpapi.Options) {
		o.Log = slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
}

// fresh are requests that succeed unless the service says no.
var fresh = map[string]func() *http.Request{
	"create": func() *http.Request { return request("POST", "/org/create", createBody) },
	"get":    func() *http.Request { return authorized(request("GET", getPath)) },
	"update": func() *http.Request { return authorized(request("PUT", "/org/update", updateBody)) },
	"delete": func() *http.Request { return authorized(request("DELETE", deletePath)) },
	"log in": func() *http.Request { return request("POST", "/admin/login", loginBody) },
}

var everyRoute = []string{"create", "get", "update", "delete", "log in"}

// errorTable is the table of errors: what a use case says, on which routes, and
// what the client gets.
var errorTable = []struct {
	err    error
	routes []string
	status int
	code   string
	header string
	value  string
}{
	{domain.ErrNameTaken, []string{"create", "update"}, 409, "organization_name_taken", "Retry-After", ""},
	{domain.ErrEmailTaken, []string{"create", "update"}, 409, "email_taken", "Retry-After", ""},
	{domain.ErrSignupClosed, []string{"create"}, 403, "signup_closed", "", ""},
	{domain.ErrOrganizationLimit, []string{"create"}, 503, "organization_limit", "Retry-After", "60"},
	{domain.ErrOperationInProgress, []string{"update", "delete"}, 409, "operation_in_progress", "Retry-After", "1"},
	{domain.ErrInvalidCredentials, []string{"update", "log in"}, 401, "invalid_credentials", "WWW-Authenticate", "Bearer"},
	{domain.ErrUnauthenticated, []string{"update", "delete"}, 401, "unauthenticated", "WWW-Authenticate", "Bearer"},
	{domain.ErrSuspended, []string{"update", "delete", "log in"}, 403, "organization_suspended", "", ""},
	{domain.ErrOperationAborted, []string{"create", "update"}, 409, "operation_aborted", "Retry-After", ""},
	{domain.ErrStatus, []string{"create"}, 409, "organization_status", "Retry-After", ""},
	{domain.ErrKeyInUse, []string{"create"}, 409, "idempotency_key_in_use", "Retry-After", "1"},
	{domain.ErrForbidden, []string{"delete"}, 403, "forbidden", "", ""},
	{domain.ErrOrganizationNotFound, []string{"get", "delete"}, 404, "organization_not_found", "", ""},
	{domain.Invalid("organization_name", "must be better"), everyRoute[1:4], 422, "invalid_request", "", ""},
	{domain.ErrOverloaded, everyRoute, 503, "overloaded", "Retry-After", "1"},
	{domain.ErrStoreUnavailable, everyRoute, 503, "store_unavailable", "Retry-After", "1"},
	{context.DeadlineExceeded, everyRoute, 503, "overloaded", "Retry-After", "1"},
	{context.Canceled, everyRoute, 503, "overloaded", "Retry-After", "1"},
	{errors.New("a bug with an internal message"), everyRoute, 500, "internal", "", ""},
	{domain.ErrVersionConflict, everyRoute, 500, "internal", "", ""},
	{domain.ErrAccountNotFound, everyRoute, 500, "internal", "", ""},
	{domain.ErrTransition, everyRoute, 500, "internal", "", ""},
	{&domain.Error{Code: "unheard_of", Message: "internal message"}, everyRoute, 500, "internal", "", ""},
	{&domain.Error{Code: domain.CodeInternal, Message: "internal message"}, everyRoute, 500, "internal", "", ""},
}

func TestErrorTable(t *testing.T) {
	f := &fake{}
	s := server(t, f, private)
	for _, row := range errorTable {
		for _, route := range row.routes {
			t.Run(fmt.Sprintf("%s %v", route, row.err), func(t *testing.T) {
				f.answer = func(context.Context) error { return fmt.Errorf("with an internal message: %w", row.err) }
				r := fresh[route]()
				w := do(s, r)
				p := wantProblem(t, w, row.status, row.code)
				if strings.Contains(w.Body.String(), "internal message") {
					t.Errorf("the answer tells an internal message: %s", w.Body)
				}
				if row.header != "" && w.Header().Get(row.header) != row.value {
					t.Errorf("%s %q, want %q", row.header, w.Header().Get(row.header), row.value)
				}
				if row.status == 422 {
					place := map[bool]string{true: "query.", false: "body."}[route != "update"] + "organization_name"
					if len(p.Errors) != 1 || p.Errors[0] != (httpapi.InputError{Location: place, Message: "must be better"}) {
						t.Errorf("errors %v", p.Errors)
					}
				}
				describes(t, s, r, w)
			})
		}
	}
}

// documents keeps the documents of the servers that tests ask about.
var documents sync.Map

func describes(t *testing.T, s *httpapi.Server, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	doc, ok := documents.Load(s)
	if !ok {
		doc = document(t, s)
		documents.Store(s, doc)
	}
	if err := doc.(*openapitest.Document).Check(r.Method, r.URL.Path, w.Code, w.Header(), w.Body.Bytes()); err != nil {
		t.Error(err)
	}
}

// TestCausesAreLogged sees that the log tells what the client isn't told, with
// the request's ID.
func TestCausesAreLogged(t *testing.T) {
	for _, cause := range []error{
		fmt.Errorf("outer: %w", errors.New("inner cause")),
		fmt.Errorf("outer: %w", domain.ErrVersionConflict.Because(errors.New("inner cause"))),
		domain.ErrStoreUnavailable.Because(domain.ErrAccountNotFound.Because(errors.New("inner cause"))),
	} {
		var b bytes.Buffer
		s := server(t, &fake{answer: func(context.Context) error { return cause }}, logTo(&b))
		r := request("GET", getPath)
		r.Header.Set("X-Request-ID", "the-id")
		w := do(s, r)
		first, _, _ := strings.Cut(b.String(), "\n")
		if !strings.Contains(first, "inner cause") || !strings.Contains(first, `"request_id":"the-id"`) || !strings.Contains(first, `"route":"/org/get"`) {
			t.Errorf("log: %s", first)
		}
		if strings.Contains(w.Body.String(), "inner") {
			t.Errorf("answer: %s", w.Body)
		}
	}
}

func TestAuthenticationErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{domain.ErrUnauthenticated.Because(errors.New("expired")), 401, "unauthenticated"},
		{domain.ErrSuspended, 403, "organization_suspended"},
		{domain.ErrStoreUnavailable, 503, "store_unavailable"},
		{errors.New("a bug"), 500, "internal"},
	} {
		s := server(t, &noEntry{err: c.err})
		for _, route := range []string{"update", "delete"} {
			r := fresh[route]()
			w := do(s, r)
			wantProblem(t, w, c.status, c.code)
			describes(t, s, r, w)
			if (c.status == 401) != (w.Header().Get("WWW-Authenticate") == "Bearer") || (c.status == 503) != (w.Header().Get("Retry-After") != "") {
				t.Errorf("%d %v", c.status, w.Header())
			}
		}
	}
}

func TestDeadline(t *testing.T) {
	f := &fake{answer: func(ctx context.Context) error {
		<-ctx.Done()
		return fmt.Errorf("waiting: %w", ctx.Err())
	}}
	s := server(t, f, func(o *httpapi.Options) { o.RequestTimeout = 10 * time.Millisecond })
	for _, route := range everyRoute {
		wantProblem(t, do(s, fresh[route]()), 503, "overloaded")
	}
}
