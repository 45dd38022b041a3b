package telemetry

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Observe is called with the context and the name of each call of a store, and what it
// returns when the call is over. The stores have it in their Options.
type Observe = func(ctx context.Context, command string) (end func(failed bool))

// storeMetrics are about calls of the store.
type storeMetrics struct {
	total *prometheus.CounterVec
	took  *prometheus.HistogramVec
}

// The outcomes of a call.
const (
	callDone      = "done"
	callFailed    = "failed"
	callCancelled = "cancelled"
)

func newStoreMetrics(r *prometheus.Registry) storeMetrics {
	return storeMetrics{
		total: counters(r, "store_calls_total",
			"Calls of the store, by command and outcome: done, failed, or cancelled because the client went away.",
			"command", "outcome"),
		took: histograms(r, "store_call_duration_seconds",
			"How long calls of the store took, by command.", callBuckets, "command"),
	}
}

// StoreCall is an Observe that counts. The names of commands are the adapters' own.
func (m *Metrics) StoreCall(ctx context.Context, command string) (end func(failed bool)) {
	began := time.Now()
	return func(failed bool) {
		outcome := callDone
		switch {
		case failed && errors.Is(ctx.Err(), context.Canceled):
			outcome = callCancelled
		case failed:
			outcome = callFailed
		}
		m.store.total.WithLabelValues(command, outcome).Inc()
		m.store.took.WithLabelValues(command).Observe(time.Since(began).Seconds())
	}
}

// Both returns an Observe that calls the two, of which either may be nil.
func Both(a, b Observe) Observe {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(ctx context.Context, command string) func(bool) {
		endA, endB := a(ctx, command), b(ctx, command)
		return func(failed bool) {
			endA(failed)
			endB(failed)
		}
	}
}
