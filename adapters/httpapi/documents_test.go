package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/domain"
)

const docPath = "/v1/documents/a"

// onShelf is a request to a route for documents, with the good token.
func onShelf(method, path string, body ...string) *http.Request {
	return authorized(request(method, path, body...))
}

// with sets a header of a request.
func with(r *http.Request, name string, values ...string) *http.Request {
	r.Header[http.CanonicalHeaderKey(name)] = values
	return r
}

func extended(r *http.Request) *http.Request { return with(r, "Content-Type", "application/ejson") }

// parsed is a document in Extended JSON.
func parsed(t testing.TB, text string) domain.Document {
	t.Helper()
	d, err := domain.ParseDocument([]byte(text), domain.ExtendedJSON)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tagOf(t testing.TB, text string) string { return `"` + string(parsed(t, text).ETag()) + `"` }

// put puts documents on the shelf.
func (s *shelf) put(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		d := parsed(t, text)
		s.documents[d.ID] = d
	}
}

func TestDocumentContract(t *testing.T) {
	const kept = `{"_id":"a","n":1,"at":{"$date":"2026-11-22T09:30:00Z"}}`
	f := &fake{}
	s := server(t, f)
	ask := func(r *http.Request, status int, header http.Header, body string) {
		t.Helper()
		w := do(s, r)
		if w.Code != status || strings.TrimSuffix(w.Body.String(), "\n") != body {
			t.Errorf("%s %s: %d %s\nwant %d %s", r.Method, r.URL, w.Code, w.Body, status, body)
		}
		for _, name := range []string{"Etag", "Location", "Content-Type", "Vary"} {
			if got, want := w.Header().Get(name), header.Get(name); got != want {
				t.Errorf("%s %s: %s %q, want %q", r.Method, r.URL, name, got, want)
			}
		}
		describes(t, s, r, w)
	}
	head := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	const plain, ejson = "application/json", "application/ejson"
	tag, emptyTag := tagOf(t, kept), tagOf(t, `{"_id":"a"}`)
	ask(onShelf("PUT", docPath, `{}`), 201, head("Content-Type", plain, "ETag", emptyTag, "Location", docPath), `{"_id":"a"}`)
	ask(extended(onShelf("PUT", docPath, kept)), 200, head("Content-Type", plain, "ETag", tag), `{"_id":"a"}`)
	ask(onShelf("GET", docPath), 200, head("Content-Type", plain, "ETag", tag, "Vary", "Accept"), `{"_id":"a","n":1,"at":"2026-11-22T09:30:00Z"}`)
	ask(with(onShelf("GET", docPath), "Accept", ejson), 200, head("Content-Type", ejson, "ETag", tag, "Vary", "Accept"), kept)
	ask(with(onShelf("GET", docPath), "If-None-Match", tag), 304, head("ETag", tag, "Vary", "Accept"), "")
	ask(onShelf("GET", "/v1/documents"), 200, head("Content-Type", plain, "Vary", "Accept"), `{"documents":[{"_id":"a","n":1,"at":"2026-11-22T09:30:00Z"}]}`)
	ask(with(onShelf("GET", "/v1/documents?limit=1"), "Accept", ejson), 200, head("Content-Type", ejson, "Vary", "Accept"), `{"documents":[`+kept+`],"next_cursor":"YQ"}`)
	ask(onShelf("GET", "/v1/documents?limit=1&cursor=YQ"), 200, head("Content-Type", plain, "Vary", "Accept"), `{"documents":[]}`)
	ask(onShelf("GET", "/v1/documents:count"), 200, head("Content-Type", plain), `{"count":1}`)
	ask(onShelf("POST", "/v1/documents", `{"_id":"b"}`), 201, head("Content-Type", plain, "ETag", tagOf(t, `{"_id":"b"}`), "Location", "/v1/documents/b"), `{"_id":"b"}`)
	ask(onShelf("POST", "/v1/documents", `{"b":2}`), 201, head("Content-Type", plain, "ETag", tagOf(t, `{"_id":"made-by-the-service","b":2}`), "Location", "/v1/documents/made-by-the-service"), `{"_id":"made-by-the-service"}`)
	ask(onShelf("POST", "/v1/documents:batch", `{"writes":[{"action":"delete","id":"b"},{"action":"put","document":{"_id":"a"}},{"action":"create","document":{"_id":"c"}},{"action":"create","document":{"_id":"made-by-the-service"}}]}`),
		200, head("Content-Type", plain), `{"results":[{"id":"b","status":"deleted"},{"id":"a","status":"replaced","etag":`+quoted(emptyTag)+`},{"id":"c","status":"created","etag":`+quoted(tagOf(t, `{"_id":"c"}`))+
			`},{"id":"made-by-the-service","status":"failed","error":{"code":"document_exists","detail":"A document with this ID exists already."}}]}`)
	for range 2 {
		ask(onShelf("DELETE", docPath), 204, nil, "")
	}
	wantProblem(t, do(s, onShelf("GET", docPath)), 404, "document_not_found")
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// TestDocumentIDs puts documents under IDs that a path can't hold as they are, and
// finds them by the Location that it is told.
func TestDocumentIDs(t *testing.T) {
	const oid = `{"$oid":"65f0c0ffee65f0c0ffee65f0"}`
	for path, id := range map[string]string{
		"a:b": "a:b", ":count": ":count", ":batch": ":batch", "count": "count", "a%2Fb": "a/b", "%2F": "/", "%20": " ", "a%20b+c": "a b+c",
		"%C3%A9": "é", "é": "é", "%25": "%", "%252F": "%2F", "a%2Fb%25c": "a/b%c", "a%3Fb%23c": "a?b#c", "...": "...", "a.": "a.", "%22": `"`, "%3Cb%3E": "<b>",
		"%7B%22$oid%22%3A%2265f0c0ffee65f0c0ffee65f0%22%7D":               oid,
		"%7B%20%22$oid%22%20:%20%2265F0C0FFEE65F0C0FFEE65F0%22%7D":        oid,
		"%7B%22$numberLong%22:%227%22%7D":                                 `{"$numberInt":"7"}`,
		strings.Repeat("%C3%A9", 256):                                     strings.Repeat("é", 256),
		"%E2%80%AE" + strings.Repeat("x", 100) + "%2F..%2F..%2Fetc%2Fpwd": "\u202e" + strings.Repeat("x", 100) + "/../../etc/pwd",
	} {
		f := &fake{}
		s := server(t, f)
		u, err := url.Parse("/v1/documents/" + path)
		if err != nil {
			t.Fatal(err)
		}
		r := onShelf("PUT", "/", `{"n":1}`)
		r.URL = u
		w := do(s, r)
		if _, ok := f.shelf().documents[domain.DocumentID(id)]; w.Code != 201 || !ok || len(f.shelf().documents) != 1 {
			t.Errorf("%s: %d %s, %v", path, w.Code, w.Body, f.shelf().documents)
			continue
		}
		var told httpapi.WriteResponse
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || told.ID != id {
			t.Errorf("%s: %v, %q", path, err, told.ID)
		}
		for _, method := range []string{"GET", "HEAD"} {
			found := do(s, onShelf(method, w.Header().Get("Location")))
			if found.Code != 200 || found.Header().Get("Etag") != w.Header().Get("Etag") {
				t.Errorf("%s, then %s %s: %d %s", path, method, w.Header().Get("Location"), found.Code, found.Body)
			}
		}
		// What is read in plain JSON can be put back.
		back := do(s, onShelf("PUT", w.Header().Get("Location"), do(s, onShelf("GET", w.Header().Get("Location"))).Body.String()))
		if back.Code != 200 || back.Header().Get("Etag") != w.Header().Get("Etag") {
			t.Errorf("%s: put back %d %s", path, back.Code, back.Body)
		}
	}
}

func TestDocumentHead(t *testing.T) {
	f := &fake{}
	f.shelf().put(t, `{"_id":"a"}`)
	s := server(t, f)
	for path, want := range map[string]int{docPath: 200, "/v1/documents/b": 404, "/v1/documents": 200, "/v1/documents:count": 200, "/v1/documents:batch": 405, "/v1/documents?x=1": 422} {
		if w := do(s, onShelf("HEAD", path)); w.Code != want {
			t.Errorf("HEAD %s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestDocumentAllow(t *testing.T) {
	s := server(t, &fake{})
	for path, want := range map[string]string{
		"/v1/documents": "GET, HEAD, POST", docPath: "DELETE, GET, HEAD, PUT", "/v1/documents/a%2Fb": "DELETE, GET, HEAD, PUT",
		"/v1/documents:count": "GET, HEAD", "/v1/documents:batch": "POST",
	} {
		w := do(s, request("PATCH", path))
		wantProblem(t, w, 405, "method_not_allowed")
		if got := w.Header().Get("Allow"); got != want {
			t.Errorf("%s: Allow %q, want %q", path, got, want)
		}
	}
}

// TestDocumentsOfTenants sees that a token opens its organization's documents alone.
func TestDocumentsOfTenants(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	other := func(r *http.Request) *http.Request { return with(r, "Authorization", "Bearer "+otherToken) }
	do(s, onShelf("PUT", docPath, `{"of":1}`))
	do(s, other(request("PUT", docPath, `{"of":2}`)))
	for of, r := range map[string]*http.Request{`"of":1`: onShelf("GET", docPath), `"of":2`: other(request("GET", docPath))} {
		if w := do(s, r); !strings.Contains(w.Body.String(), of) {
			t.Errorf("want %s: %s", of, w.Body)
		}
	}
	do(s, other(request("DELETE", docPath)))
	if w := do(s, onShelf("GET", docPath)); w.Code != 200 {
		t.Errorf("another's delete reached it: %d", w.Code)
	}
	wantProblem(t, do(s, byOperator(request("GET", docPath))), 401, "unauthenticated")
}

// TestNoCacheMixesNotations sees that Vary names both what CORS and what the notation
// depend on.
func TestNoCacheMixesNotations(t *testing.T) {
	f := &fake{}
	f.shelf().put(t, `{"_id":"a"}`)
	s := server(t, f, func(o *httpapi.Options) { o.CORSOrigins = []string{"https://app.example"} })
	for _, path := range []string{docPath, "/v1/documents"} {
		w := do(s, with(onShelf("GET", path), "Origin", "https://app.example"))
		if got := strings.Join(w.Header()["Vary"], ","); got != "Origin,Accept" {
			t.Errorf("%s: Vary %q", path, got)
		}
	}
}

// TestDocumentSizes sends the largest bodies that there may be.
func TestDocumentSizes(t *testing.T) {
	fill := func(body string, size int) string { return body + strings.Repeat(" ", size-len(body)) }
	large := `{"_id":"a","a":"` + strings.Repeat("x", 1<<20-18) + `"}`
	for name, r := range map[string]*http.Request{
		"put":    onShelf("PUT", docPath, large),
		"create": onShelf("POST", "/v1/documents", large),
		"spaces": onShelf("PUT", docPath, fill("{}", 1<<20)),
		"batch":  onShelf("POST", "/v1/documents:batch", fill(`{"writes":[{"action":"put","document":`+large+`}]}`, 16<<20)),
	} {
		if r.ContentLength != 1<<20 && name != "batch" {
			t.Fatalf("%s: %d bytes", name, r.ContentLength)
		}
		if w := do(server(t, &fake{}), r); w.Code > 201 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestDocumentConditions(t *testing.T) {
	const kept = `{"_id":"a","n":1}`
	tag := tagOf(t, kept)
	weak := "W/" + tag
	for _, c := range []struct {
		method, header, value string
		there                 bool
		status                int
	}{
		{"PUT", "If-Match", tag, true, 200},
		{"PUT", "If-Match", "*", true, 200},
		{"PUT", "If-Match", "*", false, 412},
		{"PUT", "If-Match", tag, false, 412},
		{"PUT", "If-Match", weak, true, 412},
		{"PUT", "If-Match", `"*"`, true, 412},
		{"PUT", "If-Match", `""`, true, 412},
		{"PUT", "If-Match", `"none"`, true, 412},
		{"PUT", "If-None-Match", "*", true, 412},
		{"PUT", "If-None-Match", "*", false, 201},
		{"DELETE", "If-Match", tag, true, 204},
		{"DELETE", "If-Match", "*", true, 204},
		{"DELETE", "If-Match", "*", false, 412},
		{"DELETE", "If-Match", weak, true, 412},
		{"DELETE", "If-Match", `""`, true, 412},
		{"GET", "If-None-Match", tag, true, 304},
		{"GET", "If-None-Match", weak, true, 304},
		{"GET", "If-None-Match", `"x", ` + tag, true, 304},
		{"GET", "If-None-Match", "*", true, 304},
		{"GET", "If-None-Match", `"x"`, true, 200},
		{"GET", "If-None-Match", "*", false, 404},
	} {
		f := &fake{}
		if c.there {
			f.shelf().put(t, kept)
		}
		s := server(t, f)
		body := map[bool]string{true: `{"n":2}`}[c.method == "PUT"]
		r := with(onShelf(c.method, docPath, body), c.header, c.value)
		w := do(s, r)
		if w.Code != c.status {
			t.Errorf("%s %s: %s, there %t: %d %s, want %d", c.method, c.header, c.value, c.there, w.Code, w.Body, c.status)
		}
		if c.status == 412 {
			wantProblem(t, w, 412, "precondition_failed")
			if now := f.shelf().documents["a"]; c.there && now != parsed(t, kept) {
				t.Errorf("%s %s: %s: it is changed", c.method, c.header, c.value)
			}
		}
		describes(t, s, r, w)
	}
}

// TestDocumentNotations sends the same text in both notations.
func TestDocumentNotations(t *testing.T) {
	const body = `{"_id":{"$oid":"65f0c0ffee65f0c0ffee65f0"},"at":{"$date":{"$numberLong":"0"}}}`
	for contentType, status := range map[string]int{
		"application/ejson": 201, "Application/EJSON; charset=utf-8": 201, "application/json": 422, "application/vnd.x+json": 422, "": 422,
		"application/ejson+json": 422, "application/vnd.x+ejson": 415, "text/ejson": 415,
	} {
		f := &fake{}
		r := onShelf("POST", "/v1/documents", body)
		if contentType != "" {
			with(r, "Content-Type", contentType)
		}
		if w := do(server(t, f), r); w.Code != status || (status == 201) != (len(f.shelf().documents) == 1) {
			t.Errorf("%q: %d %s", contentType, w.Code, w.Body)
		}
	}
	f := &fake{}
	s := server(t, f)
	w := do(s, extended(onShelf("POST", "/v1/documents", body)))
	for accept, want := range map[string]string{
		"":                  `{"_id":"{\"$oid\":\"65f0c0ffee65f0c0ffee65f0\"}","at":"1970-01-01T00:00:00Z"}`,
		"application/ejson": `{"_id":{"$oid":"65f0c0ffee65f0c0ffee65f0"},"at":{"$date":"1970-01-01T00:00:00Z"}}`,
	} {
		got := do(s, with(onShelf("GET", w.Header().Get("Location")), "Accept", accept))
		if strings.TrimSpace(got.Body.String()) != want {
			t.Errorf("%q: %s", accept, got.Body)
		}
	}
	// Errors are problems, whatever is wanted.
	wantProblem(t, do(s, with(onShelf("GET", docPath), "Accept", "application/ejson")), 404, "document_not_found")
}
