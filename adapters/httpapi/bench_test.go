package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
)

// sink is a ResponseWriter that costs as little as can be.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }

func measure(b *testing.B, h http.Handler, r *http.Request, body string, status int) {
	b.Helper()
	b.ReportAllocs()
	w := &sink{header: http.Header{}}
	reader := bytes.NewReader([]byte(body))
	r.ContentLength = int64(len(body))
	closer := io.NopCloser(reader)
	for b.Loop() {
		clear(w.header)
		reader.Reset([]byte(body))
		r.Body = closer
		h.ServeHTTP(w, r)
		if w.status != status {
			b.Fatalf("status %d, want %d", w.status, status)
		}
	}
}

// logged writes the access log as a deployment does, to nowhere.
func logged(o *httpapi.Options) { o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) }

// BenchmarkServe measures a request without the network and without a store.
func BenchmarkServe(b *testing.B) {
	for _, c := range []struct {
		name, method, path, body, token string
		status                          int
	}{
		{"get", "GET", getPath, "", "", 200},
		{"get_not_valid", "GET", "/org/get", "", "", 422},
		{"create", "POST", "/org/create", createBody, "", 201},
		{"garbage_body", "POST", "/org/create", "this is no JSON at all", "", 400},
		{"wrong_types", "POST", "/org/create", `{"organization_name":1,"email":2}`, "", 422},
		{"no_token", "PUT", "/org/update", updateBody, "", 401},
		{"wrong_token", "PUT", "/org/update", updateBody, "eyJh.eyJv.c2ln", 401},
		{"no_route", "GET", "/nope", "", "", 404},
		{"healthz", "GET", "/healthz", "", "", 200},
	} {
		for name, option := range map[string]func(*httpapi.Options){"silent": func(*httpapi.Options) {}, "logged": logged} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				r := httptest.NewRequest(c.method, c.path, nil)
				if c.token != "" {
					r.Header.Set("Authorization", "Bearer "+c.token)
				}
				measure(b, server(b, &fake{}, option), r, c.body, c.status)
			})
		}
	}
	b.Run("get/bare", func(b *testing.B) { measure(b, bare(&fake{}), request("GET", getPath), "", 200) })
}

// bare does what GET /org/get does with net/http alone.
func bare(service httpapi.Service) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /org/get", func(w http.ResponseWriter, r *http.Request) {
		o, err := service.GetOrganization(r.Context(), r.URL.Query().Get("organization_name"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		_ = json.NewEncoder(w).Encode(httpapi.GetResponse{
			OrganizationID: string(o.ID), OrganizationName: o.Name.String(), CollectionName: o.Placement.Namespace, CreatedAt: o.CreatedAt,
		})
	})
	return mux
}

// BenchmarkWire measures requests at 16 connections to a server in this process:
// client and server share the processors.
func BenchmarkWire(b *testing.B) {
	for _, c := range []struct {
		name string
		h    http.Handler
		make func(base string) *http.Request
	}{
		{"get", server(b, &fake{}, logged), func(base string) *http.Request { return must("GET", base+getPath, "") }},
		{"get_bare", bare(&fake{}), func(base string) *http.Request { return must("GET", base+getPath, "") }},
		{"garbage_body", server(b, &fake{}, logged), func(base string) *http.Request { return must("POST", base+"/org/create", "garbage") }},
		{"wrong_token", server(b, &fake{}, logged), func(base string) *http.Request {
			r := must("DELETE", base+deletePath, "")
			r.Header.Set("Authorization", "Bearer eyJh.eyJv.c2ln")
			return r
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := httptest.NewServer(c.h)
			defer s.Close()
			transport := &http.Transport{MaxIdleConnsPerHost: 16, MaxConnsPerHost: 16}
			defer transport.CloseIdleConnections()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					answer, err := transport.RoundTrip(c.make(s.URL))
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, answer.Body)
					_ = answer.Body.Close()
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
		})
	}
}

func must(method, url, body string) *http.Request {
	r, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		panic(err)
	}
	return r
}

// BenchmarkNew measures what the routes and the document cost at start.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		server(b, &fake{})
	}
}

var _ httpapi.Service = httpapi.UseCases((*app.Service)(nil))
