package telemetry

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readyTimeout bounds the question whether requests can be served.
const readyTimeout = 3 * time.Second

// requestMetrics are about HTTP.
type requestMetrics struct {
	total *prometheus.CounterVec
	took  *prometheus.HistogramVec
}

func newRequestMetrics(r *prometheus.Registry) requestMetrics {
	return requestMetrics{
		total: counters(r, "http_requests_total",
			"Requests that were answered, by method, route and status. The route is - where none was found, or the request was refused before.",
			"method", "route", "status"),
		took: histograms(r, "http_request_duration_seconds",
			"How long requests took from their headers to the end of the answer, by method and route.",
			requestBuckets, "method", "route"),
	}
}

// Request counts an answered request. route is its pattern, "-" when none was found;
// method one of few.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.total.WithLabelValues(method, route, statusText(status)).Inc()
	m.requests.took.WithLabelValues(method, route).Observe(took.Seconds())
}

// statusText gives a status that HTTP can have.
func statusText(status int) string {
	const least, most = 100, 599
	if status < least || status > most {
		return "other"
	}
	return strconv.Itoa(status)
}

// WatchRequests has scrapes ask how many requests are being served. Call it once.
func (m *Metrics) WatchRequests(inFlight func() int) {
	gaugeFunc(m.registry, "http_requests_in_flight",
		"Requests that are being served, probes left out. MAX_REQUESTS_IN_FLIGHT bounds them.",
		func() float64 { return float64(inFlight()) })
}

// WatchReady has scrapes ask whether requests can be served. Call it once.
func (m *Metrics) WatchReady(ready func(context.Context) error) {
	gaugeFunc(m.registry, "ready",
		"1 when requests can be served, 0 when the store doesn't answer or the process is shutting down.",
		func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
			defer cancel()
			if ready(ctx) != nil {
				return 0
			}
			return 1
		})
}
