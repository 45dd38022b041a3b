package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/badrequests"
)

// shelves are the routes for documents.
var shelves = map[string]func() *http.Request{
	"list":   func() *http.Request { return onShelf("GET", "/v1/documents") },
	"get":    func() *http.Request { return onShelf("GET", docPath) },
	"count":  func() *http.Request { return onShelf("GET", "/v1/documents:count") },
	"put":    func() *http.Request { return onShelf("PUT", docPath, "{}") },
	"create": func() *http.Request { return onShelf("POST", "/v1/documents", `{"_id":"a"}`) },
	"delete": func() *http.Request { return onShelf("DELETE", docPath) },
	"batch":  func() *http.Request { return onShelf("POST", batchPath, batchOf(`{"action":"delete","id":"a"}`)) },
}

var everyShelf = []string{"list", "get", "count", "put", "create", "delete", "batch"}

// documentErrors says what a use case can say on which routes for documents.
var documentErrors = []struct {
	err    error
	routes []string
	status int
	code   string
}{
	{domain.ErrOrganizationNotFound, everyShelf, 401, "unauthenticated"},
	{domain.ErrSuspended, everyShelf, 403, "organization_suspended"},
	{domain.ErrOperationInProgress, everyShelf, 409, "operation_in_progress"},
	{domain.ErrStoreUnavailable, everyShelf, 503, "store_unavailable"},
	{context.DeadlineExceeded, everyShelf, 503, "overloaded"},
	{errors.New("a bug with an internal message"), everyShelf, 500, "internal"},
	{domain.ErrNamespaceMissing, everyShelf, 500, "internal"},
	{domain.ErrDocumentNotFound, []string{"get"}, 404, "document_not_found"},
	{domain.ErrDocumentChanged, []string{"put", "delete"}, 412, "precondition_failed"},
	{domain.ErrDocumentExists, []string{"create"}, 409, "document_exists"},
	{domain.ErrQuotaExceeded, []string{"put", "create"}, 403, "quota_exceeded"},
	{domain.ErrFilterTooBroad, []string{"list"}, 422, "filter_too_broad"},
}

// TestDocumentsDocumentIsWhole makes every answer that the routes for documents have,
// and sees that the OpenAPI document promises nothing else.
func TestDocumentsDocumentIsWhole(t *testing.T) {
	f := &fake{}
	s := server(t, f)
	doc := document(t, s)
	if err := doc.CheckExamples(); err != nil {
		t.Error(err)
	}
	ask := func(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
		t.Helper()
		w := do(h, r)
		if err := doc.Check(r.Method, r.URL.RequestURI(), w.Code, w.Header(), w.Body.Bytes()); err != nil {
			t.Errorf("%v\n%s", err, w.Body)
		}
		return w
	}
	for _, route := range []string{"put", "put", "list", "get", "count", "delete", "create", "batch"} {
		ask(s, shelves[route]())
		ask(server(t, &noEntry{err: domain.ErrUnauthenticated}), shelves[route]())
	}
	f.shelf().put(t, `{"_id":"a"}`)
	ask(s, with(onShelf("GET", docPath), "If-None-Match", "*"))
	for _, route := range []string{"create", "batch"} {
		ask(s, keyed(shelves[route](), route))
		r := shelves[route]()
		ask(s, keyed(extended(r), route))
	}
	for _, row := range documentErrors {
		f.answer = func(context.Context) error { return fmt.Errorf("internal message: %w", row.err) }
		for _, route := range row.routes {
			w := ask(s, shelves[route]())
			wantProblem(t, w, row.status, row.code)
			if (row.code == "operation_in_progress" || row.status == 503) != (w.Header().Get("Retry-After") != "") || strings.Contains(w.Body.String(), "internal message") {
				t.Errorf("%s, %v: %v %s", route, row.err, w.Header(), w.Body)
			}
		}
	}
	f.answer, f.desk.begin = nil, func() error { return domain.ErrKeyInUse }
	for _, route := range []string{"create", "batch"} {
		ask(s, keyed(shelves[route](), "k"))
	}
	for _, c := range badrequests.Cases() {
		if !strings.HasPrefix(c.Path, "/v1/documents") || c.Code == "not_found" || c.Code == "method_not_allowed" || !c.Token {
			continue
		}
		r := onShelf(c.Method, c.Path, c.Body)
		for name, values := range c.Header {
			r.Header[name] = values
		}
		ask(s, r)
	}
	for _, left := range doc.Unseen() {
		if strings.Contains(left, "/v1/documents") {
			t.Errorf("documented, but no answer was it: %s", left)
		}
	}
}

// TestBatchResultsTellNoCause sees that a failure that a batch's result can't have is no
// answer that a client is told the cause of.
func TestBatchResultsTellNoCause(t *testing.T) {
	f := &fake{}
	s := server(t, &odd{fake: f})
	w := do(s, shelves["batch"]())
	if got := resultsOf(t, w.Body.Bytes()); len(got) != 1 || got[0].Status != "failed" || got[0].Error.Code != "internal" || strings.Contains(w.Body.String(), "the cause") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
