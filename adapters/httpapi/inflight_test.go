package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
)

func inFlight(most int) func(*httpapi.Options) {
	return func(o *httpapi.Options) { o.MaxInFlight = most }
}

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body of a refused request is read")
	return 0, errors.New("unread")
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proceed := make(chan struct{})
		s := server(t, &fake{answer: func(context.Context) error { <-proceed; return nil }}, inFlight(2),
			func(o *httpapi.Options) { o.CORSOrigins = []string{"https://app.example.com"} })
		statuses := make(chan int, 2)
		for range 2 {
			go func() { statuses <- do(s, request("GET", getPath)).Code }()
		}
		synctest.Wait()
		if s.InFlight() != 2 {
			t.Errorf("%d in flight", s.InFlight())
		}
		began := time.Now()
		refused := httptest.NewRequest(http.MethodPost, "/org/create", unread{t})
		refused.Header.Set("Origin", "https://app.example.com")
		w := do(s, refused)
		wantProblem(t, w, 503, "overloaded")
		if h := w.Header(); h.Get("Retry-After") == "" || h.Get("Connection") != "close" || h.Get("Access-Control-Allow-Origin") == "" || h.Get("X-Request-ID") == "" {
			t.Errorf("headers %v", h)
		}
		if w := do(s, httptest.NewRequest(http.MethodGet, getPath, nil)); w.Code != 503 || w.Header().Get("Connection") != "" {
			t.Errorf("without a body: %d, %v", w.Code, w.Header())
		}
		for _, probe := range []string{"/healthz", "/readyz"} {
			if w := do(s, request("GET", probe)); w.Code != 200 {
				t.Errorf("%s: %d", probe, w.Code)
			}
		}
		if time.Since(began) != 0 {
			t.Error("a refusal waits")
		}
		if s.InFlight() != 2 {
			t.Errorf("%d in flight after refusals", s.InFlight())
		}
		close(proceed)
		for range 2 {
			if status := <-statuses; status != 200 {
				t.Errorf("an accepted request got %d", status)
			}
		}
		synctest.Wait()
		if w := do(s, request("GET", getPath)); w.Code != 200 || s.InFlight() != 0 {
			t.Errorf("afterwards: %d, %d in flight", w.Code, s.InFlight())
		}
	})
}

func TestPanicLeavesNothingInFlight(t *testing.T) {
	s := server(t, &fake{answer: func(context.Context) error { panic("a bug") }}, inFlight(1))
	for range 3 {
		wantProblem(t, do(s, request("GET", getPath)), 500, "internal")
	}
	if s.InFlight() != 0 {
		t.Errorf("%d in flight", s.InFlight())
	}
}

func TestFinished(t *testing.T) {
	var got []middleware.Finished
	s := server(t, &fake{}, inFlight(1), func(o *httpapi.Options) {
		now := time.Unix(0, 0)
		o.Now = func() time.Time { now = now.Add(time.Second); return now }
		o.Finished = func(ctx context.Context, f middleware.Finished) {
			if e := middleware.FromContext(ctx); e == nil || e.RequestID == "" {
				t.Error("the context is not the request's")
			}
			if f.Took <= 0 {
				t.Errorf("took %v", f.Took)
			}
			f.Took = 0
			got = append(got, f)
		}
	})
	for _, r := range []*http.Request{
		request("GET", getPath), request("HEAD", "/healthz"), request("GET", "/some/name"),
		request("BREW", "/org/get"), request("POST", "/admin/login", "{"),
	} {
		do(s, r)
	}
	want := []middleware.Finished{
		{Method: "GET", Route: "/org/get", Status: 200},
		{Method: "HEAD", Route: "/healthz", Status: 200},
		{Method: "GET", Route: "-", Status: 404},
		{Method: "other", Route: "-", Status: 405},
		{Method: "POST", Route: "/admin/login", Status: 400},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestRequestLog(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(middleware.RequestLog(slog.NewTextHandler(&b, nil))).With("a", 1)
	s := server(t, &fake{answer: func(ctx context.Context) error {
		log.InfoContext(ctx, "inside")
		log.WithGroup("g").InfoContext(context.WithoutCancel(ctx), "inside")
		return nil
	}})
	do(s, request("GET", getPath))
	if strings.Count(b.String(), "request_id=id-1") != 2 || strings.Count(b.String(), "a=1") != 2 {
		t.Errorf("%s", b.String())
	}
	b.Reset()
	log.InfoContext(t.Context(), "outside")
	if strings.Contains(b.String(), "request_id") {
		t.Errorf("%s", b.String())
	}
}
