package telemetry

import (
	"context"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// service is the name that traces are found by, unless OTEL_SERVICE_NAME gives another.
const service = "orgkeeper"

// Tracing makes spans and sends them away. It is made only where traces are wanted:
// whoever has none of it pays nothing.
type Tracing struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	// propagator reads and writes the headers of W3C Trace Context.
	propagator propagation.TextMapPropagator
}

// StartTracing sends traces to endpoint, as OTLP over HTTP, in the background. A
// collector that is away delays nothing: its spans are dropped, and log says so. What
// OpenTelemetry's other variables (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER …)
// say holds as well.
func StartTracing(ctx context.Context, endpoint, version string, log *slog.Logger) (*Tracing, error) {
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(strings.TrimSuffix(endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, err
	}
	described, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	// OpenTelemetry has one place for the errors of its background work.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are lost", "error", err) }))
	return newTracing(sdk.WithBatcher(exporter), sdk.WithResource(described)), nil
}

func newTracing(options ...sdk.TracerProviderOption) *Tracing {
	provider := sdk.NewTracerProvider(options...)
	return &Tracing{provider: provider, tracer: provider.Tracer(service), propagator: propagation.TraceContext{}}
}

// Close sends what is left, until ctx ends.
func (t *Tracing) Close(ctx context.Context) error { return t.provider.Shutdown(ctx) }
