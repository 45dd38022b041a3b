package acceptance

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	documents = "/v1/documents"
	ejson     = "application/ejson"
)

// tenant is an organization's administrator at the running program.
type tenant struct {
	p     *process
	token string
}

// send sends a text with headers, given in pairs, and checks the status.
func (w tenant) send(t *testing.T, status int, method, path, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, w.p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	a, err := w.p.ask(request, w.token)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != status {
		t.Fatalf("%s %s: %d, should be %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

func (w tenant) count(t *testing.T) float64 {
	t.Helper()
	n, _ := w.send(t, 200, "GET", documents+":count", "").fields["count"].(float64)
	return n
}

// walk lists all documents by pages and returns their IDs.
func (w tenant) walk(t *testing.T, query string) (ids []any) {
	t.Helper()
	next := ""
	for {
		page := w.send(t, 200, "GET", documents+"?"+query+next, "")
		list, _ := page.fields["documents"].([]any)
		for _, d := range list {
			ids = append(ids, d.(map[string]any)["_id"])
		}
		if page.text("next_cursor") == "" {
			return ids
		}
		next = "&cursor=" + page.text("next_cursor")
	}
}

// statuses tells what became of each write of a batch.
func statuses(a answer) (all []any) {
	results, _ := a.fields["results"].([]any)
	for _, r := range results {
		result := r.(map[string]any)
		if e, ok := result["error"].(map[string]any); ok {
			all = append(all, e["code"])
			continue
		}
		all = append(all, result["status"])
	}
	return all
}

func (p *process) tenant(t *testing.T, name string) tenant {
	t.Helper()
	email := strings.ToLower(name) + "@acme.example"
	p.create(t, name, email)
	return tenant{p, p.logIn(t, email)}
}

// TestDocuments writes and reads documents by every route, with a restart and a rename
// among the requests.
func TestDocuments(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		p := e.start(t)
		acme, globex := p.tenant(t, "Acme"), p.tenant(t, "Globex")

		const kept = `{"_id":"a b/c","at":{"$date":"2026-11-22T09:30:00.5Z"},"big":9007199254740993,"price":{"$numberDecimal":"1.10"},"list":[1,2.0,null]}`
		path := documents + "/a%20b%2Fc"
		made := acme.send(t, 201, "PUT", path, kept, "Content-Type", ejson)
		if made.header.Get("Location") != path || made.text("_id") != "a b/c" {
			t.Errorf("%v %s", made.header, made.body)
		}
		tag := made.header.Get("ETag")
		for accept, want := range map[string]string{
			ejson:              kept,
			"application/json": `{"_id":"a b/c","at":"2026-11-22T09:30:00.5Z","big":9007199254740993,"price":"1.10","list":[1,2.0,null]}`,
		} {
			got := acme.send(t, 200, "GET", path, "", "Accept", accept)
			if strings.TrimSpace(string(got.body)) != want || got.header.Get("ETag") != tag || got.header.Get("Content-Type") != accept {
				t.Errorf("%s: %v\n%s\nwant\n%s", accept, got.header, got.body, want)
			}
		}
		acme.send(t, 304, "GET", path, "", "If-None-Match", tag)
		acme.send(t, 412, "PUT", path, `{}`, "If-None-Match", "*")
		acme.send(t, 412, "PUT", path, `{}`, "If-Match", `"another"`)
		acme.send(t, 412, "DELETE", path, ``, "If-Match", "W/"+tag)
		changed := acme.send(t, 200, "PUT", path, `{"n":2}`, "If-Match", tag)
		acme.send(t, 412, "PUT", path, `{"n":3}`, "If-Match", tag)

		// The other organization has nothing of it, and its own under the same ID.
		globex.send(t, 404, "GET", path, "")
		globex.send(t, 201, "POST", documents, `{"_id":"a b/c","of":"globex"}`)
		if got := acme.send(t, 200, "GET", path, ""); got.header.Get("ETag") != changed.header.Get("ETag") {
			t.Errorf("%s", got.body)
		}
		acme.send(t, 409, "POST", documents, `{"_id":"a b/c"}`)

		// A document of a type of ID that JSON lacks.
		const oid = `{"$oid":"65f0c0ffee65f0c0ffee65f0"}`
		other := acme.send(t, 201, "POST", documents, `{"_id":`+oid+`}`, "Content-Type", ejson)
		if got := acme.send(t, 200, "GET", other.header.Get("Location"), "", "Accept", ejson); strings.TrimSpace(string(got.body)) != `{"_id":`+oid+`}` {
			t.Errorf("%s", got.body)
		}
		acme.send(t, 204, "DELETE", other.header.Get("Location"), "")
		acme.send(t, 204, "DELETE", other.header.Get("Location"), "")

		// Repeats, also after a restart and a rename.
		create := func(w tenant) answer {
			return w.send(t, 201, "POST", documents, `{"n":1}`, "Idempotency-Key", "one")
		}
		const batch = `{"writes":[{"action":"create","document":{"n":1}},{"action":"put","document":{"_id":"p","n":1}},` +
			`{"action":"create","document":{"_id":"p2","n":"1"}},{"action":"create","document":{"_id":"a b/c"}},{"action":"delete","id":"nothing","if_match":"*"}]}`
		write := func(w tenant) answer {
			return w.send(t, 200, "POST", documents+":batch", batch, "Idempotency-Key", "one")
		}
		first, written := create(acme), write(acme)
		if diff := cmp.Diff([]any{"created", "created", "created", "document_exists", "precondition_failed"}, statuses(written)); diff != "" {
			t.Errorf("%s\n%s", written.body, diff)
		}
		if own := create(globex); own.text("_id") == first.text("_id") || own.header.Get("Idempotency-Replayed") != "" {
			t.Errorf("two organizations share a key: %s", own.body)
		}
		p.do(t, 200, http.MethodPut, "/org/update", acme.token, object{"organization_name": "Acme Two", "password": password})
		if err := p.terminate(t); err != nil {
			t.Fatalf("SIGTERM: %v", err)
		}
		p = e.start(t)
		acme.p, globex.p = p, p
		for before, again := range map[string]answer{string(first.body): create(acme), string(written.body): write(acme)} {
			if string(again.body) != before || again.header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("%v %s\nwas %s", again.header, again.body, before)
			}
		}
		if n := acme.count(t); n != 5 {
			t.Errorf("%v documents", n)
		}
		if n := globex.count(t); n != 2 {
			t.Errorf("%v documents of the other", n)
		}
		for _, forged := range []string{"{", "{garbage", `{"$bson":"AAAA"}`, `{"$oid":"x"}`, `{"$oid":"65f0c0ffee65f0c0ffee65f0"},"a":{}`, "\x00", strings.Repeat("x", 5000)} {
			acme.send(t, 200, "GET", documents+"?cursor="+base64.RawURLEncoding.EncodeToString([]byte(forged)), "")
		}
		filter := "limit=1&filter=" + url.QueryEscape(`{"n":1}`)
		if ids := acme.walk(t, filter); len(ids) != 3 {
			t.Errorf("the filter finds %v", ids)
		}
		p.do(t, 200, http.MethodDelete, deletePath("Acme Two"), acme.token, nil)
		acme.send(t, 401, "GET", path, "")
		if n := globex.count(t); n != 2 {
			t.Errorf("%v documents of the other", n)
		}
	})
}

// TestManyDocuments writes more documents than a filter looks at.
func TestManyDocuments(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		acme := e.start(t).tenant(t, "Acme")
		const batches, each = 11, 1000
		for i := range batches {
			writes := make([]string, each)
			for j := range writes {
				writes[j] = fmt.Sprintf(`{"action":"put","document":{"_id":"%05d","n":%d}}`, i*each+j, j)
			}
			acme.send(t, 200, "POST", documents+":batch", `{"writes":[`+strings.Join(writes, ",")+`]}`)
		}
		if n := acme.count(t); n != batches*each {
			t.Fatalf("%v documents", n)
		}
		ids := acme.walk(t, "limit=999")
		for i, id := range ids {
			if id != fmt.Sprintf("%05d", i) {
				t.Fatalf("%d: %v", i, id)
			}
		}
		if len(ids) != batches*each {
			t.Errorf("%d listed", len(ids))
		}
		ask := func(status int, query, filter string) answer {
			t.Helper()
			return acme.send(t, status, "GET", documents+"?"+query+"filter="+url.QueryEscape(filter), "")
		}
		if got := ask(422, "", `{"n":"none"}`); got.text("code") != "filter_too_broad" {
			t.Errorf("%s", got.body)
		}
		found := ask(200, "limit=10&", `{"n":7}`)
		if list, _ := found.fields["documents"].([]any); len(list) != 10 || found.text("next_cursor") == "" {
			t.Errorf("%s", found.body)
		}
		ask(200, "cursor="+found.text("next_cursor")+"&", `{"n":7}`)
		// A large document, and a list of many.
		large := `{"a":"` + strings.Repeat("x", 1<<20-8) + `"}`
		acme.send(t, 201, "PUT", documents+"/large", large)
		acme.send(t, 413, "PUT", documents+"/large", large+" ")
		if got := acme.send(t, 200, "GET", documents+"/large", ""); len(got.body) < 1<<20 {
			t.Errorf("%d bytes", len(got.body))
		}
	})
}
