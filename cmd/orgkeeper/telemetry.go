package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/argon2id"
	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/adapters/telemetry"
)

// tracingGrace is how long the last spans may take to be sent.
const tracingGrace = 2 * time.Second

// signals is what operators can see of the program beside its log.
type signals struct {
	// metrics is nil where nobody can read them.
	metrics *telemetry.Metrics
	// tracing is nil where no traces are wanted.
	tracing *telemetry.Tracing
}

func newSignals(ctx context.Context, c config.Config, log *slog.Logger) (*signals, error) {
	s := &signals{}
	if !c.AdminOff() {
		s.metrics = telemetry.NewMetrics(version)
	}
	if c.OTLPEndpoint == "" {
		return s, nil
	}
	var err error
	if s.tracing, err = telemetry.StartTracing(ctx, c.OTLPEndpoint, version, log); err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	return s, nil
}

// close sends the last spans. A collector that is away is no fault of the program.
func (s *signals) close(log *slog.Logger) {
	if s.tracing == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tracingGrace)
	defer cancel()
	if err := s.tracing.Close(ctx); err != nil {
		log.Warn("the last traces are lost", "error", err)
	}
}

// storeCall is what the store of the engine calls, nil when nobody wants to know.
func (s *signals) storeCall(engine string) telemetry.Observe {
	var count, trace telemetry.Observe
	if s.metrics != nil {
		count = s.metrics.StoreCall
	}
	if s.tracing != nil {
		trace = s.tracing.StoreCall(engineName(engine))
	}
	return telemetry.Both(count, trace)
}

// engineName is OpenTelemetry's name of a database.
func engineName(engine string) string {
	if engine == config.StoreMongo {
		return "mongodb"
	}
	return engine
}

// hashWaited is what the hasher calls, nil when nobody wants to know.
func (s *signals) hashWaited() func(waited time.Duration, refused bool) {
	if s.metrics == nil {
		return nil
	}
	return s.metrics.HashWaited
}

func (s *signals) watchHashes(h *argon2id.Hasher) {
	if s.metrics != nil {
		s.metrics.WatchHashes(h.Load)
	}
}

func (s *signals) watchAPI(api *httpapi.Server) {
	if s.metrics == nil {
		return
	}
	s.metrics.WatchRequests(api.InFlight)
	s.metrics.WatchReady(api.Ready)
}

// requestFinished is what the API calls, nil when nobody wants to know.
func (s *signals) requestFinished() func(context.Context, middleware.Finished) {
	if s.metrics == nil && s.tracing == nil {
		return nil
	}
	return func(ctx context.Context, f middleware.Finished) {
		if s.metrics != nil {
			s.metrics.Request(f.Method, f.Route, f.Status, f.Took)
		}
		if s.tracing != nil {
			s.tracing.RequestFinished(ctx, f.Method, f.Route, f.Status)
		}
	}
}

// useCases returns the service with a span for each use case, where traces are wanted.
func (s *signals) useCases(service httpapi.Service) httpapi.Service {
	if s.tracing == nil {
		return service
	}
	return &tracedService{service, s.tracing.UseCase}
}

// handler returns the API with a span for each request, where traces are wanted.
func (s *signals) handler(api http.Handler) http.Handler {
	if s.tracing == nil {
		return api
	}
	return s.tracing.Handler(api)
}
