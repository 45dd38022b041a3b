package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/domain"
)

const batchPath = "/v1/documents:batch"

func batchOf(writes ...string) string { return `{"writes":[` + strings.Join(writes, ",") + `]}` }

func resultsOf(t *testing.T, body []byte) []httpapi.BatchResult {
	t.Helper()
	var got httpapi.BatchResponse
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return got.Results
}

// statusesOf tells each result in a word: its status, or the code of its error.
func statusesOf(results []httpapi.BatchResult) (all []string) {
	for _, r := range results {
		if r.Error != nil {
			all = append(all, string(r.Error.Code))
			continue
		}
		all = append(all, r.Status)
	}
	return all
}

func TestDocumentCreateWithKey(t *testing.T) {
	for name, body := range map[string]string{"without an ID": `{"n":1}`, "with an ID": `{"_id":"a","n":1}`} {
		f := &fake{}
		s := server(t, f)
		post := func() *http.Request { return keyed(onShelf("POST", "/v1/documents", body), "k") }
		first, second := do(s, post()), do(s, post())
		if first.Code != 201 || second.Code != 201 || second.Header().Get("Idempotency-Replayed") != "true" || len(f.shelf().documents) != 1 {
			t.Errorf("%s: %d, then %d %v", name, first.Code, second.Code, second.Header())
		}
		for _, header := range []string{"Location", "Etag"} {
			if first.Header().Get(header) == "" || first.Header().Get(header) != second.Header().Get(header) {
				t.Errorf("%s: %s %q, then %q", name, header, first.Header().Get(header), second.Header().Get(header))
			}
		}
	}
}

// TestDocumentCreateAfterLostAnswer loses the store's answer to a create that was done.
func TestDocumentCreateAfterLostAnswer(t *testing.T) {
	for _, c := range []struct {
		name, body, key string
		meanwhile       string
		status          int
	}{
		{"without an ID", `{"n":1}`, "k", "", 201},
		{"without an ID, changed meanwhile", `{"n":1}`, "k", `{"_id":"op-of-the-request","n":2}`, 201},
		{"with an ID", `{"_id":"a","n":1}`, "k", "", 201},
		{"with an ID, changed meanwhile", `{"_id":"a","n":1}`, "k", `{"_id":"a","n":2}`, 409},
		{"with an ID and no key", `{"_id":"a","n":1}`, "", "", 409},
	} {
		f := &fake{}
		s := server(t, f)
		post := func() *http.Request {
			r := onShelf("POST", "/v1/documents", c.body)
			if c.key != "" {
				keyed(r, c.key)
			}
			return r
		}
		f.shelf().lose = domain.ErrStoreUnavailable
		wantProblem(t, do(s, post()), 503, "store_unavailable")
		f.shelf().lose = nil
		if c.meanwhile != "" {
			f.shelf().put(t, c.meanwhile)
		}
		if w := do(s, post()); w.Code != c.status || len(f.shelf().documents) != 1 {
			t.Errorf("%s: %d %s, %v", c.name, w.Code, w.Body, f.shelf().documents)
		}
	}
	// The first run of a request finds somebody else's document.
	f := &fake{}
	f.shelf().put(t, `{"_id":"a","n":1}`)
	wantProblem(t, do(server(t, f), keyed(onShelf("POST", "/v1/documents", `{"_id":"a","n":1}`), "k")), 409, "document_exists")
}

// TestRefusalsThatAreNoRepeats has writes with a key refused for what no earlier run did,
// and earlier runs of which nothing can be known now.
func TestRefusalsThatAreNoRepeats(t *testing.T) {
	f := &fake{}
	s := server(t, f)
	f.shelf().unique = true
	wantProblem(t, do(s, keyed(onShelf("POST", "/v1/documents", `{"n":1}`), "k1")), 409, "document_exists")
	w := do(s, keyed(onShelf("POST", batchPath, batchOf(`{"action":"create","document":{"n":1}}`)), "k2"))
	if got := statusesOf(resultsOf(t, w.Body.Bytes())); !cmp.Equal(got, []string{"document_exists"}) {
		t.Errorf("%v", got)
	}
	f.shelf().unique = false
	for key, path := range map[string]string{"k3": "/v1/documents", "k4": batchPath} {
		body := map[string]string{"k3": `{"_id":"k3","n":1}`, "k4": batchOf(`{"action":"create","document":{"_id":"k4"}}`)}[key]
		f.shelf().lose = domain.ErrStoreUnavailable
		wantProblem(t, do(s, keyed(onShelf("POST", path, body), key)), 503, "store_unavailable")
		f.shelf().lose, f.shelf().blind = nil, domain.ErrStoreUnavailable
		wantProblem(t, do(s, keyed(onShelf("POST", path, body), key)), 503, "store_unavailable")
		f.shelf().blind = nil
		if w := do(s, keyed(onShelf("POST", path, body), key)); w.Code > 201 || strings.Contains(w.Body.String(), "failed") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// TestKeysOfTenants sees that two organizations with the same key, route and body have
// nothing to do with each other.
func TestKeysOfTenants(t *testing.T) {
	f := &fake{}
	s := server(t, f)
	for _, path := range []string{"/v1/documents", batchPath} {
		body := map[bool]string{true: `{"n":1}`, false: batchOf(`{"action":"create","document":{"_id":"b"}}`)}[path == "/v1/documents"]
		for _, token := range []string{goodToken, otherToken} {
			w := do(s, with(keyed(request("POST", path, body), "k"), "Authorization", "Bearer "+token))
			if w.Code > 201 || w.Header()["Idempotency-Replayed"] != nil {
				t.Errorf("%s: %d %s %v", path, w.Code, w.Body, w.Header())
			}
		}
		reused := do(s, with(keyed(request("POST", path, body+" "), "k"), "Authorization", "Bearer "+otherToken))
		wantProblem(t, reused, 422, "idempotency_key_reused")
	}
	if len(f.shelves) != 2 || len(f.shelves["org-1"].documents) != 2 || len(f.shelves["org-2"].documents) != 2 {
		t.Errorf("%v", f.shelves)
	}
}

// TestKeyAndNotation sees that the same bytes in another notation are another request.
func TestKeyAndNotation(t *testing.T) {
	s := server(t, &fake{})
	do(s, keyed(onShelf("POST", "/v1/documents", `{"n":1}`), "k"))
	wantProblem(t, do(s, keyed(extended(onShelf("POST", "/v1/documents", `{"n":1}`)), "k")), 422, "idempotency_key_reused")
}

func TestBatch(t *testing.T) {
	f := &fake{}
	f.shelf().put(t, `{"_id":"a","n":1}`, `{"_id":"b"}`, `{"_id":"c"}`)
	s := server(t, f)
	tag := func(text string) string { return quoted(tagOf(t, text)) }
	w := do(s, extended(onShelf("POST", batchPath, batchOf(
		`{"action":"put","document":{"_id":"a","n":2},"if_match":`+tag(`{"_id":"a","n":1}`)+`}`,
		`{"action":"put","document":{"_id":"b","n":2},"if_match":`+tag(`{"_id":"b","n":1}`)+`}`,
		`{"if_match":"*","action":"delete","id":"c"}`,
		`{"action":"delete","id":"d"}`,
		`{"action":"delete","id":"e","if_match":"*"}`,
		`{"action":"delete","id":"f","if_match":"W/\"x\""}`,
		`{"action":"create","document":{"_id":{"$oid":"65f0c0ffee65f0c0ffee65f0"}}}`,
		`{"action":"create","document":{"at":{"$date":"2026-11-22T09:30:00Z"}}}`,
		`{"\u0061ction":"put","document":{"_id":"é"}}`,
	))))
	results := resultsOf(t, w.Body.Bytes())
	want := []string{"replaced", "precondition_failed", "deleted", "deleted", "precondition_failed", "precondition_failed", "created", "created", "created"}
	if diff := cmp.Diff(want, statusesOf(results)); diff != "" || w.Code != 200 {
		t.Fatalf("%d %s\n%s", w.Code, w.Body, diff)
	}
	describes(t, s, onShelf("POST", batchPath), w)
	for i, id := range []string{"a", "b", "c", "d", "e", "f", `{"$oid":"65f0c0ffee65f0c0ffee65f0"}`, results[7].ID, "é"} {
		r := results[i]
		kept, there := f.shelf().documents[domain.DocumentID(id)]
		if r.ID != id || (r.ETag != "") != (r.Status == "created" || r.Status == "replaced") || r.ETag != "" && (!there || r.ETag != `"`+string(kept.ETag())+`"`) {
			t.Errorf("%d: %+v", i, r)
		}
	}
	if !strings.HasPrefix(results[7].ID, "id-") || len(f.shelf().documents) != 5 {
		t.Errorf("%v", f.shelf().documents)
	}
}

func TestBatchOfMany(t *testing.T) {
	f := &fake{}
	var writes []string
	for i := range 1000 {
		writes = append(writes, `{"action":"create","document":{"n":`+strconv.Itoa(i)+`}}`)
	}
	w := do(server(t, f), onShelf("POST", batchPath, batchOf(writes...)))
	if w.Code != 200 || len(f.shelf().documents) != 1000 {
		t.Fatalf("%d, %d documents", w.Code, len(f.shelf().documents))
	}
	for i, r := range resultsOf(t, w.Body.Bytes()) {
		if d := f.shelf().documents[domain.DocumentID(r.ID)]; d.Body.String() != `{"n":`+strconv.Itoa(i)+`}` {
			t.Fatalf("%d: %+v is %v", i, r, d)
		}
	}
}

func TestBatchWithKey(t *testing.T) {
	f := &fake{}
	s := server(t, f)
	post := func() *http.Request {
		return keyed(onShelf("POST", batchPath, batchOf(`{"action":"create","document":{"n":1}}`, `{"action":"put","document":{"_id":"a"}}`)), "k")
	}
	first, second := do(s, post()), do(s, post())
	if first.Code != 200 || second.Body.String() != first.Body.String() || second.Header().Get("Idempotency-Replayed") != "true" || len(f.shelf().documents) != 2 {
		t.Errorf("%d %s, then %s", first.Code, first.Body, second.Body)
	}
}

// TestBatchAfterLostAnswer loses the answer to a batch that was done: sent again it
// tells of no conflict with itself.
func TestBatchAfterLostAnswer(t *testing.T) {
	for key, want := range map[string][]string{
		"k": {"created", "created", "replaced", "replaced", "deleted", "deleted", "document_exists", "precondition_failed"},
		"":  {"created", "document_exists", "replaced", "precondition_failed", "deleted", "precondition_failed", "document_exists", "precondition_failed"},
	} {
		f := &fake{}
		f.shelf().put(t, `{"_id":"d","n":1}`, `{"_id":"f"}`, `{"_id":"h","n":1}`)
		s := server(t, f)
		old := quoted(tagOf(t, `{"_id":"d","n":1}`))
		post := func() *http.Request {
			r := onShelf("POST", batchPath, batchOf(
				`{"action":"create","document":{"n":1}}`,
				`{"action":"create","document":{"_id":"b"}}`,
				`{"action":"put","document":{"_id":"c"}}`,
				`{"action":"put","document":{"_id":"d","n":2},"if_match":`+old+`}`,
				`{"action":"delete","id":"e"}`,
				`{"action":"delete","id":"f","if_match":"*"}`,
				`{"action":"create","document":{"_id":"g"}}`,
				`{"action":"put","document":{"_id":"h","n":2},"if_match":`+quoted(tagOf(t, `{"_id":"h","n":1}`))+`}`,
			))
			if key != "" {
				keyed(r, key)
			}
			return r
		}
		f.shelf().lose = domain.ErrStoreUnavailable
		wantProblem(t, do(s, post()), 503, "store_unavailable")
		f.shelf().lose = nil
		f.shelf().put(t, `{"_id":"g","by":"somebody else"}`, `{"_id":"h","n":3}`)
		w := do(s, post())
		if diff := cmp.Diff(want, statusesOf(resultsOf(t, w.Body.Bytes()))); diff != "" {
			t.Errorf("key %q: %s\n%s", key, w.Body, diff)
		}
		if made := len(f.shelf().documents); made != map[string]int{"k": 6, "": 7}[key] {
			t.Errorf("key %q: %d documents", key, made)
		}
	}
}

// slowBody tells when it is first read, and then comes to its end when it is let.
type slowBody struct{ read, end chan struct{} }

func (b *slowBody) Read([]byte) (int, error) {
	b.read <- struct{}{}
	<-b.end
	return 0, io.EOF
}

// TestBatchesAtOnce lets as many batches wait for their bodies as may be there at once.
func TestBatchesAtOnce(t *testing.T) {
	s := server(t, &fake{})
	slow := &slowBody{make(chan struct{}), make(chan struct{})}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			r := onShelf("POST", batchPath)
			r.Body, r.ContentLength = io.NopCloser(slow), -1
			if w := do(s, r); w.Code != 400 {
				t.Errorf("without a body: %d %s", w.Code, w.Body)
			}
		})
	}
	for range 8 {
		<-slow.read
	}
	batch := func() *httptest.ResponseRecorder {
		return do(s, onShelf("POST", batchPath, batchOf(`{"action":"put","document":{"_id":"a"}}`)))
	}
	if w := batch(); w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"overloaded"`) {
		t.Errorf("one more: %d %s", w.Code, w.Body)
	}
	if w := do(s, onShelf("PUT", "/v1/documents/a", `{}`)); w.Code != 201 {
		t.Errorf("another route: %d %s", w.Code, w.Body)
	}
	close(slow.end)
	group.Wait()
	if w := batch(); w.Code != 200 {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
}
