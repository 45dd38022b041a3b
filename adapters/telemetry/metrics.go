package telemetry

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace is the first part of every name.
const namespace = "orgkeeper_"

// scrapeTimeout bounds one answer of Handler. Prometheus gives up after 10 s.
const scrapeTimeout = 8 * time.Second

// The bounds of the histograms, in seconds. A request and what it waits for end
// within 15 s; an operation may wait for a store that is away.
var (
	requestBuckets   = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}
	callBuckets      = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}
	operationBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 5, 15, 60, 300, 1800}
)

// Metrics counts and measures. It is safe for use by many goroutines.
type Metrics struct {
	registry *prometheus.Registry
	requests requestMetrics
	store    storeMetrics
	hashes   hashMetrics
	// operationMetrics fill ports.Signals.
	operationMetrics
}

// NewMetrics returns Metrics with a registry of their own. version is the program's.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        namespace + "build_info",
		Help:        "Always 1. The labels say which version runs and which version of Go has built it.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.requests = newRequestMetrics(m.registry)
	m.store = newStoreMetrics(m.registry)
	m.hashes = newHashMetrics(m.registry)
	m.operationMetrics = newOperationMetrics(m.registry)
	return m
}

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: scrapeTimeout})
}

// register adds a collector and returns it. It panics when the name is taken: that is
// a mistake in this package.
func register[C prometheus.Collector](to *prometheus.Registry, c C) C {
	to.MustRegister(c)
	return c
}

func counter(to *prometheus.Registry, name, help string) prometheus.Counter {
	return register(to, prometheus.NewCounter(prometheus.CounterOpts{Name: namespace + name, Help: help}))
}

func counters(to *prometheus.Registry, name, help string, labels ...string) *prometheus.CounterVec {
	return register(to, prometheus.NewCounterVec(prometheus.CounterOpts{Name: namespace + name, Help: help}, labels))
}

func gauge(to *prometheus.Registry, name, help string) prometheus.Gauge {
	return register(to, prometheus.NewGauge(prometheus.GaugeOpts{Name: namespace + name, Help: help}))
}

// gaugeFunc is asked for its value by each scrape.
func gaugeFunc(to *prometheus.Registry, name, help string, value func() float64) {
	to.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: namespace + name, Help: help}, value))
}

func histograms(to *prometheus.Registry, name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	o := prometheus.HistogramOpts{Name: namespace + name, Help: help, Buckets: buckets}
	return register(to, prometheus.NewHistogramVec(o, labels))
}
