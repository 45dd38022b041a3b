package telemetry

import (
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/orgkeeper/orgkeeper/domain"
)

// The attributes of spans, of which none has a client's own words. Those without a
// prefix of ours are OpenTelemetry's semantic conventions 1.43.
const (
	keyMethod    = attribute.Key("http.request.method")
	keyRoute     = attribute.Key("http.route")
	keyStatus    = attribute.Key("http.response.status_code")
	keySystem    = attribute.Key("db.system.name")
	keyOperation = attribute.Key("db.operation.name")
	keyCode      = attribute.Key("orgkeeper.code")
)

// Handler begins a span for each request, in the trace that its headers name, if any.
// RequestFinished gives it its name.
func (t *Tracing) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := t.propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, "HTTP", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// RequestFinished completes the request's span, which ctx holds. route is a pattern,
// "-" when none was found.
func (t *Tracing) RequestFinished(ctx context.Context, method, route string, status int) {
	span := trace.SpanFromContext(ctx)
	name := method
	attributes := []attribute.KeyValue{keyMethod.String(method), keyStatus.Int(status)}
	if route != "-" {
		name += " " + route
		attributes = append(attributes, keyRoute.String(route))
	}
	span.SetName(name)
	span.SetAttributes(attributes...)
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// UseCase begins the span of a use case and returns its context and what ends it. Of
// an error it keeps the code alone.
func (t *Tracing) UseCase(ctx context.Context, name string) (context.Context, func(error)) {
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, func(err error) {
		defer span.End()
		if err == nil {
			return
		}
		code := domain.CodeInternal
		if named, ok := errors.AsType[*domain.Error](err); ok {
			code = named.Code
		}
		span.SetAttributes(keyCode.String(string(code)))
		if code == domain.CodeInternal || code == domain.CodeStoreUnavailable {
			span.SetStatus(codes.Error, "")
		}
	}
}

// StoreCall returns an Observe that makes a span of each call that belongs to a trace;
// system is the engine, such as "sqlite".
func (t *Tracing) StoreCall(system string) Observe {
	return func(ctx context.Context, command string) func(bool) {
		if !trace.SpanContextFromContext(ctx).IsValid() {
			return func(bool) {}
		}
		_, span := t.tracer.Start(ctx, system+" "+command, trace.WithSpanKind(trace.SpanKindClient),
			trace.WithAttributes(keySystem.String(system), keyOperation.String(command)))
		return func(failed bool) {
			if failed {
				span.SetStatus(codes.Error, "")
			}
			span.End()
		}
	}
}
