package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/domain"
)

const suspendPath = "/v1/organizations/org-1/suspend"

func keyed(r *http.Request, keys ...string) *http.Request {
	r.Header["Idempotency-Key"] = keys
	return r
}

func byOperator(r *http.Request) *http.Request {
	r.Header.Set("Authorization", "Bearer "+operatorToken)
	return r
}

// posts are requests that take an Idempotency-Key, the same whenever they are made.
var posts = map[string]func() *http.Request{
	"create":             func() *http.Request { return request("POST", "/org/create", createBody) },
	"create by operator": func() *http.Request { return byOperator(request("POST", "/org/create", createBody)) },
	"suspend":            func() *http.Request { return byOperator(request("POST", suspendPath)) },
	"restore": func() *http.Request {
		return byOperator(request("POST", "/v1/organizations/org-1/restore", `{"name":"Acme"}`))
	},
}

func TestReplay(t *testing.T) {
	for name, post := range posts {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			s := server(t, f, operated)
			first := do(s, keyed(post(), "key-1"))
			calls := f.calls
			second := do(s, keyed(post(), "key-1"))
			if first.Code > 201 || second.Code != first.Code || second.Body.String() != first.Body.String() {
				t.Errorf("%d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
			}
			for _, header := range []string{"Content-Type", "Etag", "Location"} {
				if first.Header().Get(header) != second.Header().Get(header) {
					t.Errorf("%s %q, then %q", header, first.Header().Get(header), second.Header().Get(header))
				}
			}
			if first.Header().Get("Location")+first.Header().Get("Etag") == "" {
				t.Error("neither Location nor ETag")
			}
			if first.Header()["Idempotency-Replayed"] != nil || second.Header().Get("Idempotency-Replayed") != "true" {
				t.Errorf("replayed %v, then %v", first.Header(), second.Header())
			}
			if first.Header().Get("X-Request-Id") == second.Header().Get("X-Request-Id") || second.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%v, then %v", first.Header(), second.Header())
			}
			if f.calls != calls {
				t.Errorf("%d calls for a replay", f.calls-calls)
			}
			describes(t, s, post(), second)
		})
	}
}

func TestReplayOfRefusals(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		kept   bool
	}{
		{domain.ErrNameTaken, 409, true},
		{domain.ErrSignupClosed, 403, true},
		{domain.ErrOrganizationLimit, 503, false},
		{domain.ErrStoreUnavailable, 503, false},
		{domain.ErrOverloaded, 503, false},
		{domain.ErrOperationInProgress, 409, false},
		{domain.ErrKeyInUse, 409, false},
		{errors.New("a bug"), 500, false},
	} {
		f := &fake{answer: func(context.Context) error { return c.err }}
		s := server(t, f)
		if w := do(s, keyed(posts["create"](), "k")); w.Code != c.status {
			t.Errorf("%v: %d", c.err, w.Code)
		}
		f.answer = nil
		w := do(s, keyed(posts["create"](), "k"))
		if want := map[bool]int{true: c.status, false: 201}[c.kept]; w.Code != want || (w.Header().Get("Idempotency-Replayed") == "true") != c.kept {
			t.Errorf("%v: then %d %v", c.err, w.Code, w.Header())
		}
	}
}

func TestReplayOfWrongFields(t *testing.T) {
	s := server(t, &fake{})
	for _, replayed := range []string{"", "true"} {
		w := do(s, keyed(request("POST", "/org/create", "{}"), "k"))
		wantProblem(t, w, 422, "invalid_request")
		if w.Header().Get("Idempotency-Replayed") != replayed {
			t.Errorf("%v", w.Header())
		}
	}
}

func TestKeyOfAnotherRequest(t *testing.T) {
	for name, other := range map[string]*http.Request{
		"another body": request("POST", "/org/create", createBody+" "),
	} {
		s := server(t, &fake{}, operated)
		do(s, keyed(posts["create"](), "k"))
		w := do(s, keyed(other, "k"))
		wantProblem(t, w, 422, "idempotency_key_reused")
		describes(t, s, other, w)
		if w.Header()["Idempotency-Replayed"] != nil {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
	s := server(t, &fake{}, operated)
	do(s, keyed(posts["suspend"](), "k"))
	another := byOperator(request("POST", "/v1/organizations/org-2/suspend"))
	wantProblem(t, do(s, keyed(another, "k")), 422, "idempotency_key_reused")
	conditional := posts["suspend"]()
	conditional.Header.Set("If-Match", `"7"`)
	wantProblem(t, do(s, keyed(conditional, "k")), 422, "idempotency_key_reused")
	// Another route, another caller: another key.
	for _, r := range []*http.Request{byOperator(request("POST", "/v1/organizations/org-1/hold")), posts["create"](), posts["create by operator"]()} {
		if w := do(s, keyed(r, "k")); w.Code > 201 || w.Header()["Idempotency-Replayed"] != nil {
			t.Errorf("%s: %d %v", r.URL, w.Code, w.Header())
		}
	}
}

// TestKeyOfBothTokens sees that a retry after a change of the token is the same.
func TestKeyOfBothTokens(t *testing.T) {
	s := server(t, &fake{}, operated)
	do(s, keyed(posts["suspend"](), "k"))
	r := posts["suspend"]()
	r.Header.Set("Authorization", "Bearer "+secondToken)
	if w := do(s, keyed(r, "k")); w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestBadKeys(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for name, keys := range map[string][]string{
		"empty": {""}, "two": {"a", "b"}, "a space": {"a b"}, "a control": {"a\x01"}, "no ASCII": {"ü"}, "256 bytes": {strings.Repeat("a", 256)},
	} {
		for _, post := range posts {
			w := do(s, keyed(post(), keys...))
			p := wantProblem(t, w, 422, "invalid_request")
			if len(p.Errors) != 1 || p.Errors[0].Location != "header.Idempotency-Key" {
				t.Errorf("%s: %v", name, p.Errors)
			}
		}
	}
	for _, key := range []string{"a", strings.Repeat("a", 255), "!~:\"{}"} {
		if w := do(s, keyed(posts["create"](), key)); w.Code != 201 {
			t.Errorf("%q: %d %s", key, w.Code, w.Body)
		}
	}
}

// TestKeyComesLast sees that who isn't let in, or sends no JSON, uses no key up.
func TestKeyComesLast(t *testing.T) {
	f := &fake{desk: desk{begin: func() error { t.Error("the key was looked at"); return nil }}}
	s := server(t, f, operated)
	wantProblem(t, do(s, keyed(request("POST", suspendPath), "k")), 401, "unauthenticated")
	wantProblem(t, do(s, keyed(request("POST", "/org/create", "garbage"), "k")), 400, "invalid_request")
	wantProblem(t, do(s, keyed(byOperator(request("POST", suspendPath, "garbage")), "k")), 400, "invalid_request")
	wantProblem(t, do(s, keyed(request("GET", "/org/create"), "k")), 405, "method_not_allowed")
	// Elsewhere the header means nothing.
	if w := do(s, keyed(request("POST", "/admin/login", loginBody), "a b")); w.Code != 200 {
		t.Errorf("log in: %d", w.Code)
	}
}

func TestOperationOfTheRequest(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for name, want := range map[string]domain.OperationID{"k": "op-of-the-request", "": ""} {
		for _, post := range []string{"create", "suspend"} {
			r := posts[post]()
			if name != "" {
				keyed(r, name)
			}
			do(s, r)
		}
		if f.created.Operation != want || f.desk.command.Operation != want {
			t.Errorf("key %q: %q and %q, want %q", name, f.created.Operation, f.desk.command.Operation, want)
		}
	}
}

func TestStoreAwayForKeys(t *testing.T) {
	f := &fake{desk: desk{begin: func() error { return domain.ErrStoreUnavailable }}}
	w := do(server(t, f), keyed(posts["create"](), "k"))
	wantProblem(t, w, 503, "store_unavailable")
	if f.calls != 0 {
		t.Error("the request went on")
	}
	// An answer that can't be kept is given all the same.
	var b bytes.Buffer
	f = &fake{desk: desk{kept: domain.ErrStoreUnavailable}}
	if w := do(server(t, f, logTo(&b)), keyed(posts["create"](), "k")); w.Code != 201 || !strings.Contains(b.String(), "could not be kept") {
		t.Errorf("%d, log %s", w.Code, b.String())
	}
}

// TestPanicReleases sees that a request whose handler panicked can be run again.
func TestPanicReleases(t *testing.T) {
	f := &fake{answer: func(context.Context) error { panic("a bug") }}
	s := server(t, f)
	wantProblem(t, do(s, keyed(posts["create"](), "k")), 500, "internal")
	f.answer = nil
	if w := do(s, keyed(posts["create"](), "k")); w.Code != 201 || w.Header()["Idempotency-Replayed"] != nil {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// TestClientGoneConcludes sees that the answer is kept for a client that hung up
// before it got it.
func TestClientGoneConcludes(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	f := &fake{answer: func(context.Context) error { hangUp(); return nil }}
	s := server(t, f)
	do(s, keyed(posts["create"](), "k").WithContext(ctx))
	f.answer = nil
	if w := do(s, keyed(posts["create"](), "k")); w.Code != 201 || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// onAnswer is a client that does something when the answer begins.
type onAnswer struct {
	*httptest.ResponseRecorder
	do func()
}

func (w onAnswer) WriteHeader(status int) {
	w.do()
	w.ResponseRecorder.WriteHeader(status)
}

// TestKeptBeforeSent sees that a client that has its answer gets the same one again.
func TestKeptBeforeSent(t *testing.T) {
	f := &fake{}
	kept := 0
	w := onAnswer{httptest.NewRecorder(), func() {
		for _, r := range f.desk.requests {
			if r.Answered() {
				kept++
			}
		}
	}}
	server(t, f).ServeHTTP(w, keyed(posts["create"](), "k"))
	if w.Code != 201 || kept != 1 {
		t.Errorf("%d, %d answers are kept by then", w.Code, kept)
	}
}

func TestSecondWhileFirstRuns(t *testing.T) {
	inside, goOn := make(chan struct{}), make(chan struct{})
	f := &fake{answer: func(context.Context) error { close(inside); <-goOn; return nil }}
	s := server(t, f)
	done := make(chan *httptest.ResponseRecorder)
	go func() { done <- do(s, keyed(posts["create"](), "k")) }()
	<-inside
	r := keyed(posts["create"](), "k")
	w := do(s, r)
	wantProblem(t, w, 409, "idempotency_key_in_use")
	describes(t, s, r, w)
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	close(goOn)
	if w := <-done; w.Code != 201 {
		t.Errorf("%d", w.Code)
	}
}

// TestRememberedTellsNoSecret looks at all that is kept.
func TestRememberedTellsNoSecret(t *testing.T) {
	f := &fake{}
	do(server(t, f), keyed(posts["create"](), "key-to-be-seen-nowhere"))
	other := &fake{}
	do(server(t, other, func(o *httpapi.Options) { o.RequestKey = domain.NewSecret("another") }), keyed(posts["create"](), "key-to-be-seen-nowhere"))
	if len(f.desk.requests) != 1 {
		t.Fatalf("%d are kept", len(f.desk.requests))
	}
	for id, r := range f.desk.requests {
		all := id + r.ID + r.Fingerprint + string(r.Answer)
		for _, secret := range []string{"long enough", "bG9uZyBlbm91Z2g", "key-to-be-seen-nowhere"} {
			if strings.Contains(all, secret) {
				t.Errorf("%q is kept: %s", secret, all)
			}
		}
		if len(id) != 64 || len(r.Fingerprint) != 64 || id == r.Fingerprint {
			t.Errorf("ID %q, fingerprint %q", id, r.Fingerprint)
		}
		for otherID, o := range other.desk.requests {
			if otherID == id || o.Fingerprint == r.Fingerprint {
				t.Error("they don't depend on the key of the deployment")
			}
		}
	}
}

func TestDamagedAnswer(t *testing.T) {
	for _, damaged := range []string{"", "{}", "nonsense", `{"status":503}`} {
		f := &fake{}
		s := server(t, f)
		do(s, keyed(posts["create"](), "k"))
		for id, r := range f.desk.requests {
			r.Answer = []byte(damaged)
			f.desk.requests[id] = r
		}
		wantProblem(t, do(s, keyed(posts["create"](), "k")), 500, "internal")
	}
}
