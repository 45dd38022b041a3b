package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// hashMetrics are about the hashing of passwords.
type hashMetrics struct {
	wait    prometheus.Observer
	refused prometheus.Counter
}

func newHashMetrics(r *prometheus.Registry) hashMetrics {
	return hashMetrics{
		wait: histograms(r, "password_hash_wait_seconds",
			"How long password hashes waited for their turn, those that got none included.", requestBuckets).WithLabelValues(),
		refused: counter(r, "password_hashes_refused_total",
			"Password hashes that got no turn, because the queue was full or their request had ended."),
	}
}

// HashWaited counts a password hash that got its turn, or was refused it.
func (m *Metrics) HashWaited(waited time.Duration, refused bool) {
	m.hashes.wait.Observe(waited.Seconds())
	if refused {
		m.hashes.refused.Inc()
	}
}

// WatchHashes has scrapes ask how many hashes run and wait. Call it once.
func (m *Metrics) WatchHashes(load func() (running, waiting int)) {
	gaugeFunc(m.registry, "password_hashes_running",
		"Password hashes that are being computed. HASH_CONCURRENCY bounds them.",
		func() float64 { running, _ := load(); return float64(running) })
	gaugeFunc(m.registry, "password_hashes_queued",
		"Password hashes that wait for their turn.",
		func() float64 { _, waiting := load(); return float64(waiting) })
}
