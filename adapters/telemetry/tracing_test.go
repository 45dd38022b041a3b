package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/orgkeeper/orgkeeper/domain"
)

// traced returns a Tracing that keeps its spans.
func traced() (*Tracing, *tracetest.InMemoryExporter) {
	kept := tracetest.NewInMemoryExporter()
	return newTracing(sdk.WithSyncer(kept)), kept
}

// tell gives a span in one line.
func tell(s tracetest.SpanStub) string {
	var b strings.Builder
	b.WriteString(s.Name + " " + s.SpanKind.String() + " " + s.Status.Code.String())
	for _, a := range s.Attributes {
		b.WriteString(" " + string(a.Key) + "=" + a.Value.String())
	}
	return b.String()
}

func TestSpansOfARequest(t *testing.T) {
	tracing, kept := traced()
	h := tracing.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, end := tracing.UseCase(r.Context(), "GetOrganization")
		tracing.StoreCall("mongodb")(ctx, "find")(false)
		tracing.StoreCall("mongodb")(ctx, "insert")(true)
		end(nil)
		tracing.RequestFinished(r.Context(), "GET", "/org/get", 503)
	}))
	r := httptest.NewRequest(http.MethodGet, "/org/get?organization_name=acme", nil)
	r.Header.Set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	h.ServeHTTP(httptest.NewRecorder(), r)

	spans := kept.GetSpans()
	want := []string{
		"mongodb find client Unset db.system.name=mongodb db.operation.name=find",
		"mongodb insert client Error db.system.name=mongodb db.operation.name=insert",
		"GetOrganization internal Unset",
		"GET /org/get server Error http.request.method=GET http.response.status_code=503 http.route=/org/get",
	}
	if len(spans) != len(want) {
		t.Fatalf("%d spans, want %d", len(spans), len(want))
	}
	for i, s := range spans {
		if got := tell(s); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
		if id := s.SpanContext.TraceID().String(); id != "4bf92f3577b34da6a3ce929d0e0e4736" {
			t.Errorf("%s is of the trace %s", s.Name, id)
		}
	}
	for i, parent := range []string{
		spans[2].SpanContext.SpanID().String(), spans[2].SpanContext.SpanID().String(),
		spans[3].SpanContext.SpanID().String(), "00f067aa0ba902b7",
	} {
		if got := spans[i].Parent.SpanID().String(); got != parent {
			t.Errorf("%s belongs to %s, want %s", spans[i].Name, got, parent)
		}
	}
}

func TestRequestWithoutARoute(t *testing.T) {
	tracing, kept := traced()
	tracing.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		tracing.RequestFinished(r.Context(), "other", "-", 404)
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("BREW", "/secret-path", nil))
	if got := tell(kept.GetSpans()[0]); got != "other server Unset http.request.method=other http.response.status_code=404" {
		t.Error(got)
	}
}

func TestUseCaseKeepsTheCodeAlone(t *testing.T) {
	tracing, kept := traced()
	for _, err := range []error{
		domain.ErrNameTaken, domain.ErrStoreUnavailable.Because(errors.New("a secret")), errors.New("a secret"),
	} {
		_, end := tracing.UseCase(context.Background(), "X")
		end(err)
	}
	want := []string{
		"X internal Unset orgkeeper.code=organization_name_taken",
		"X internal Error orgkeeper.code=store_unavailable",
		"X internal Error orgkeeper.code=internal",
	}
	for i, s := range kept.GetSpans() {
		if got := tell(s); got != want[i] || s.Status.Description != "" || len(s.Events) != 0 {
			t.Errorf("got %s, %v, want %s", got, s.Events, want[i])
		}
	}
}

// A call that belongs to no request, such as the reconciler's, makes no trace.
func TestStoreCallAlone(t *testing.T) {
	tracing, kept := traced()
	tracing.StoreCall("sqlite")(context.Background(), "ping")(true)
	if n := len(kept.GetSpans()); n != 0 {
		t.Errorf("%d spans", n)
	}
}

func TestExport(t *testing.T) {
	received := make(chan *collector.ExportTraceServiceRequest, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/base/v1/traces" {
			t.Errorf("sent to %s", r.URL.Path)
		}
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			body, _ = gzip.NewReader(r.Body)
		}
		data, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		var request collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(data, &request); err != nil {
			t.Error(err)
		}
		received <- &request
	}))
	defer server.Close()
	tracing, err := StartTracing(t.Context(), server.URL+"/base/", "v1.2.3", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, end := tracing.UseCase(t.Context(), "LogIn")
	end(nil)
	if err := tracing.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := (<-received).GetResourceSpans()[0]
	if text := got.GetResource().String(); !strings.Contains(text, `"orgkeeper"`) || !strings.Contains(text, `"v1.2.3"`) {
		t.Errorf("resource %s", text)
	}
	if name := got.GetScopeSpans()[0].GetSpans()[0].GetName(); name != "LogIn" {
		t.Errorf("span %q", name)
	}
}

// The errors of the background work go to the log, and closing ends.
func TestCollectorThatIsAway(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "100")
	var b bytes.Buffer
	tracing, err := StartTracing(t.Context(), "http://127.0.0.1:1", "", slog.New(slog.NewTextHandler(&b, nil)))
	if err != nil {
		t.Fatal(err)
	}
	_, end := tracing.UseCase(t.Context(), "LogIn")
	end(nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := tracing.Close(ctx); err == nil && !strings.Contains(b.String(), "traces are lost") {
		t.Errorf("nobody says that spans are lost: %s", b.String())
	}
}

func TestLogHandler(t *testing.T) {
	tracing, _ := traced()
	var b bytes.Buffer
	log := slog.New(LogHandler(slog.NewTextHandler(&b, nil))).With("a", 1)
	log.InfoContext(t.Context(), "outside")
	if strings.Contains(b.String(), "trace_id") {
		t.Errorf("%s", b.String())
	}
	b.Reset()
	tracing.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "inside")
		log.WithGroup("g").InfoContext(r.Context(), "inside")
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	if strings.Count(b.String(), "trace_id=") != 2 || strings.Count(b.String(), "span_id=") != 2 || strings.Count(b.String(), "a=1") != 2 {
		t.Errorf("%s", b.String())
	}
}
