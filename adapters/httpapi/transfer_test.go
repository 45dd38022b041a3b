package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

var (
	exporting = onDesk("GET", orgPath+"/export")
	importing = onDesk("POST", orgPath+"/import")
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unpacked(t *testing.T, data []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestExportOverHTTP(t *testing.T) {
	f := &fake{transfer: transfer{lines: []string{"{\"_id\":\"a\"}\n", "{\"$end\":{}}\n"}}}
	s := server(t, f, operated)
	want := strings.Join(f.transfer.lines, "")
	w := do(s, exporting())
	if w.Code != 200 || w.Body.String() != want || w.Header().Get("Content-Type") != "application/x-ndjson" || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if f.transfer.id != "org-1" {
		t.Errorf("of %q", f.transfer.id)
	}
	for accept, compressed := range map[string]bool{"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "identity": false, "": false, "gzip;q=x": false} {
		w := do(s, with(exporting(), "Accept-Encoding", accept))
		if is := w.Header().Get("Content-Encoding") == "gzip"; is != compressed || w.Header().Get("Vary") == "" {
			t.Errorf("%q: %v", accept, w.Header())
		} else if is && unpacked(t, w.Body.Bytes()) != want {
			t.Errorf("%q: %q", accept, w.Body)
		}
	}
}

func TestExportThatFails(t *testing.T) {
	f := &fake{transfer: transfer{fail: domain.ErrOrganizationNotFound}}
	s := server(t, f, operated)
	if w := do(s, exporting()); w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("before it begins: %d %v %s", w.Code, w.Header(), w.Body)
	}
	f.transfer.lines, f.transfer.fail = []string{"{\"_id\":\"a\"}\n"}, domain.ErrStoreUnavailable
	if w := do(s, exporting()); w.Code != 200 || w.Body.String() != f.transfer.lines[0] {
		t.Errorf("in its middle: %d %s", w.Code, w.Body)
	}
	w := do(s, with(exporting(), "Accept-Encoding", "gzip"))
	if r, err := gzip.NewReader(w.Body); err == nil {
		if _, err := io.ReadAll(r); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("compressed, a cut export can be read to its end: %v", err)
		}
	}
}

func TestImportOverHTTP(t *testing.T) {
	const text = "{\"_id\":\"a\"}\n{\"$end\":{}}\n"
	f := &fake{transfer: transfer{done: app.Import{Offset: 7, Created: 3}}}
	s := server(t, f, operated)
	for name, r := range map[string]*http.Request{
		"plain":      with(importing(text), "Content-Type", "application/x-ndjson; charset=utf-8"),
		"no type":    importing(text),
		"compressed": with(importing(packed(t, text)), "Content-Encoding", "gzip"),
	} {
		w := do(s, r)
		var got httpapi.ImportResponse
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got != (httpapi.ImportResponse{Documents: 7, Created: 3}) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if f.transfer.got != text || f.transfer.id != "org-1" || f.transfer.offset != 0 {
			t.Errorf("%s: imported %q to %q from %d on", name, f.transfer.got, f.transfer.id, f.transfer.offset)
		}
	}
	if w := do(s, onDesk("POST", orgPath+"/import?offset=5")(text)); w.Code != 200 || f.transfer.offset != 5 {
		t.Errorf("with an offset: %d, %d", w.Code, f.transfer.offset)
	}
}

func TestImportThatFails(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		place   string
	}{
		"another type":      {with(importing("{}"), "Content-Type", "application/json"), 415, ""},
		"another packing":   {with(importing("{}"), "Content-Encoding", "br"), 415, ""},
		"no packing":        {with(importing("{}"), "Content-Encoding", "gzip"), 422, "body"},
		"cut packing":       {with(importing(packed(t, strings.Repeat("x", 1000))[:20]), "Content-Encoding", "gzip"), 422, "body"},
		"a bad offset":      {onDesk("POST", orgPath+"/import?offset=-1")("{}"), 422, "query.offset"},
		"an unknown query":  {onDesk("POST", orgPath+"/import?skip=1")("{}"), 422, "query"},
		"a query of export": {onDesk("GET", orgPath+"/export?offset=1")(), 422, "query"},
	} {
		w := do(s, c.request)
		var p httpapi.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.status || c.place != "" && p.Errors[0].Location != c.place {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	broken := importing()
	broken.Body = io.NopCloser(io.MultiReader(strings.NewReader("{}"), iotest.ErrReader(errors.New("gone"))))
	if w := do(s, broken); w.Code != 422 || !strings.Contains(w.Body.String(), "did not arrive whole") {
		t.Errorf("a client that goes: %d %s", w.Code, w.Body)
	}
	f.transfer.done.Offset = 700
	for _, c := range []struct {
		fail   error
		status int
		place  string
	}{
		{domain.Invalid("export", "must be whole"), 422, "body"},
		{domain.ErrStoreUnavailable, 503, ""},
		{domain.ErrSuspended, 403, ""},
		{domain.ErrOrganizationNotFound, 404, ""},
	} {
		f.transfer.fail = c.fail
		w := do(s, importing("{}"))
		var p httpapi.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.status || p.Offset == nil || *p.Offset != 700 {
			t.Errorf("%v: %d %s", c.fail, w.Code, w.Body)
		}
		if c.place != "" && p.Errors[0].Location != c.place {
			t.Errorf("%v: %s", c.fail, w.Body)
		}
	}
}

// TestTransfersAreForOperators asks without the token, and with an owner's.
func TestTransfersAreForOperators(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for _, r := range []*http.Request{
		request("GET", orgPath+"/export"), request("POST", orgPath+"/import", "{}"),
		authorized(request("GET", orgPath+"/export")), authorized(request("POST", orgPath+"/import", "{}")),
	} {
		if w := do(s, r); w.Code != 401 || f.calls > 2 {
			t.Errorf("%s %s: %d", r.Method, r.URL, w.Code)
		}
	}
	if w := do(server(t, f), exporting()); w.Code != 404 {
		t.Errorf("without operators: %d", w.Code)
	}
}

// TestALongExport sends more than any buffer holds over a real connection.
func TestALongExport(t *testing.T) {
	f := &fake{transfer: transfer{lines: make([]string, 100)}}
	for i := range f.transfer.lines {
		f.transfer.lines[i] = strings.Repeat("x", 100_000) + "\n"
	}
	server := httptest.NewServer(server(t, f, operated))
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+orgPath+"/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(byOperator(r))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); n != 100*100_001 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// transfersToAsk returns requests that are refused.
func transfersToAsk(t *testing.T) []*http.Request {
	t.Helper()
	return []*http.Request{
		request("GET", orgPath+"/export"), request("POST", orgPath+"/import", "{}"), with(importing("{}"), "Content-Encoding", "br"),
		onDesk("GET", orgPath+"/export?a=b")(), onDesk("POST", orgPath+"/import?a=b")("{}"),
	}
}
