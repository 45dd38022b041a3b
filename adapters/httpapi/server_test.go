package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/badrequests"
)

func TestNewNamesWhatIsMissing(t *testing.T) {
	_, err := httpapi.New(nil, httpapi.Options{
		RateLimitGet: -1, RequestTimeout: -1, MaxInFlight: -1,
		TrustedProxies: []netip.Prefix{{}}, OperatorTokens: []domain.Secret{{}},
	})
	for _, want := range []string{
		"service", "Log", "NewID", "rate limit", "RequestTimeout", "MaxInFlight", "TrustedProxies", "RequestKey", "OperatorTokens",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v doesn't name %s", err, want)
		}
	}
}

func TestProtectiveHeaders(t *testing.T) {
	s := server(t, &fake{answer: func(context.Context) error { panic("a bug") }})
	for _, r := range []*http.Request{
		request("GET", "/healthz"), request("GET", "/nope"), request("PATCH", "/org/get"), request("POST", "/org/create"),
		request("PUT", "/org/update"), request("GET", getPath), request("GET", "/openapi.json"), request("POST", "/admin/login", "{}"), request("GET", "/"),
	} {
		h := do(s, r).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		} {
			if h.Get(name) != want {
				t.Errorf("%s %s: %s %q, want %q", r.Method, r.URL, name, h.Get(name), want)
			}
		}
		if len(h["X-Request-Id"]) != 1 {
			t.Errorf("%s %s: request ID %q", r.Method, r.URL, h["X-Request-Id"])
		}
	}
}

func TestRequestID(t *testing.T) {
	s := server(t, &fake{})
	for given, kept := range map[string]bool{
		"abc-DEF_1.2": true, "4bf92f3577b34da6a3ce929d0e0e4736": true, strings.Repeat("a", 64): true,
		"": false, strings.Repeat("a", 65): false, "a b": false, "a\nb": false, "ü": false, `"`: false, "<b>": false,
	} {
		r := request("GET", "/healthz")
		r.Header.Set("X-Request-ID", given)
		if got := do(s, r).Header().Get("X-Request-ID"); (got == given) != kept || got == "" {
			t.Errorf("%q became %q", given, got)
		}
	}
	r := request("GET", "/healthz")
	r.Header["X-Request-Id"] = []string{"a", "b"}
	if got := do(s, r).Header().Get("X-Request-ID"); got == "a" || got == "b" {
		t.Errorf("of two: %q", got)
	}
}

func TestPanic(t *testing.T) {
	var b bytes.Buffer
	s := server(t, &fake{answer: func(context.Context) error { panic(errors.New("a bug with an internal message")) }}, logTo(&b))
	w := do(s, request("GET", getPath))
	wantProblem(t, w, 500, "internal")
	if strings.Contains(w.Body.String(), "internal message") {
		t.Errorf("%s", w.Body)
	}
	log := b.String()
	if !strings.Contains(log, "internal message") || !strings.Contains(log, `"stack"`) || !strings.Contains(log, `"status":500`) || strings.Count(log, `"request_id":"id-1"`) != 2 {
		t.Errorf("log: %s", log)
	}
}

func TestAbortedHandlerAborts(t *testing.T) {
	s := server(t, &fake{answer: func(context.Context) error { panic(http.ErrAbortHandler) }})
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v", err)
		}
	}()
	do(s, request("GET", getPath))
	t.Error("no panic")
}

// TestLogTellsNoSecrets sends a marker wherever a request has room for it and
// looks for it in the log.
func TestLogTellsNoSecrets(t *testing.T) {
	var b bytes.Buffer
	f := &fake{}
	s := server(t, f, logTo(&b), operated)
	const marker = badrequests.Marker
	tenants := badrequests.Cases()
	for i, c := range append(tenants, badrequests.OperatorCases("org-1")...) {
		r := request(c.Method, c.Path, c.Body)
		for name, values := range c.Header {
			r.Header[name] = values
		}
		switch {
		case c.Token && i < len(tenants):
			authorized(r)
		case c.Token:
			byOperator(r)
		}
		r.Header.Add("Idempotency-Key", marker)
		r.Header.Set("User-Agent", marker)
		r.Header.Set("X-Request-ID", marker+" ")
		r.Header.Set("X-Forwarded-For", marker)
		do(s, r)
	}
	for _, row := range errorTable {
		f.answer = func(context.Context) error { return row.err }
		do(s, request("POST", "/admin/login", `{"email":"`+marker+`@a.example","password":"`+marker+`"}`))
		do(s, request("GET", "/org/get?organization_name="+marker))
	}
	if strings.Contains(strings.ToLower(b.String()), strings.ToLower(marker)) || strings.Contains(b.String(), goodToken) || strings.Contains(b.String(), operatorToken) {
		t.Error("the log tells a submitted value or a token")
	}
	if lines := strings.Count(b.String(), `"msg":"request"`); lines < 200 {
		t.Errorf("%d lines", lines)
	}
}

func TestAccessLog(t *testing.T) {
	var b bytes.Buffer
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	s := server(t, &fake{}, logTo(&b), func(o *httpapi.Options) {
		o.Now = func() time.Time { now = now.Add(5 * time.Millisecond); return now }
	})
	w := do(s, request("GET", getPath))
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"level": "INFO", "msg": "request", "request_id": "id-1", "method": "GET", "route": "/org/get", "status": 200.0,
		"bytes": float64(w.Body.Len()), "duration_ms": 5.0, "client": "192.0.2.1", "time": "2026-11-22T09:00:00.01Z",
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	if len(line) != 10 {
		t.Errorf("%v", line)
	}
	b.Reset()
	do(s, request("GET", "/healthz"))
	if !strings.Contains(b.String(), `"level":"DEBUG"`) {
		t.Errorf("a probe: %s", b.String())
	}
}

func TestDraining(t *testing.T) {
	s := server(t, &fake{})
	if w := do(s, request("GET", "/readyz")); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.SetDraining()
	w := do(s, request("GET", "/readyz"))
	wantProblem(t, w, 503, "draining")
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	for _, path := range []string{"/healthz", getPath} {
		if w := do(s, request("GET", path)); w.Code != 200 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server(t, &fake{}, func(o *httpapi.Options) {
			o.Ready = func(ctx context.Context) error { <-ctx.Done(); return domain.ErrStoreUnavailable.Because(ctx.Err()) }
		})
		start := time.Now()
		wantProblem(t, do(s, request("GET", "/readyz")), 503, "store_unavailable")
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestCORS(t *testing.T) {
	preflight := func() *http.Request {
		r := request("OPTIONS", "/org/update")
		r.Header.Set("Origin", "https://app.example")
		r.Header.Set("Access-Control-Request-Method", "PATCH")
		r.Header.Set("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,if-match,if-none-match")
		return r
	}
	off := do(server(t, &fake{}), preflight())
	wantProblem(t, off, 405, "method_not_allowed")
	if got := off.Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("off, but %q", got)
	}
	s := server(t, &fake{}, limits(1), func(o *httpapi.Options) { o.CORSOrigins = []string{"https://app.example"} })
	for range 3 {
		w := do(s, preflight())
		h := w.Header()
		if w.Code != 200 || h.Get("Access-Control-Allow-Origin") != "https://app.example" || h.Get("Access-Control-Allow-Methods") != "PATCH" ||
			h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%d %v", w.Code, h)
		}
	}
	r := request("GET", getPath)
	r.Header.Set("Origin", "https://app.example")
	h := do(s, r).Header()
	for _, name := range []string{"X-Request-Id", "Etag", "Idempotency-Replayed", "Location", "Retry-After"} {
		if !strings.Contains(h.Get("Access-Control-Expose-Headers"), name) || h.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s: %v", name, h)
		}
	}
	r = request("GET", "/healthz")
	r.Header.Set("Origin", "https://evil.example")
	if h := do(s, r).Header(); h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", h)
	}
}
