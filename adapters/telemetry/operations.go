package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

var _ ports.Signals = (*Metrics)(nil)

// operationMetrics are about operations and the reconciler.
type operationMetrics struct {
	ended                       *prometheus.CounterVec
	took                        *prometheus.HistogramVec
	attemptsFailed, taken, lost *prometheus.CounterVec
	stuck, strays               prometheus.Gauge
	lag, passTook, lastComplete prometheus.Gauge
	passes                      *prometheus.CounterVec
	purged                      prometheus.Counter
	moveMetrics
}

// completed is the outcome of an operation that went through.
const completed = "completed"

// kinds are the operations. Their counters stand at 0 from the start, so that the
// first event is seen as an increase.
var kinds = []domain.OperationKind{
	domain.OperationCreate, domain.OperationUpdate, domain.OperationDelete, domain.OperationPurge, domain.OperationMove,
	domain.OperationRestore, domain.OperationSuspend, domain.OperationActivate,
	domain.OperationHold, domain.OperationRelease,
}

func newOperationMetrics(r *prometheus.Registry) operationMetrics {
	m := operationMetrics{
		ended: counters(r, "operations_total",
			"Operations that this process brought to their end, by kind and outcome: completed, or the code with which they went back.",
			"kind", "outcome"),
		took: histograms(r, "operation_duration_seconds",
			"How long operations took from their intent to their end, interruptions included, by kind.", operationBuckets, "kind"),
		attemptsFailed: counters(r, "operation_attempts_failed_total",
			"Attempts at an operation that failed for another reason than a store that is away, by kind.", "kind"),
		taken: counters(r, "operations_taken_over_total",
			"Operations that this process went on with because their runner's lease had run out, by kind.", "kind"),
		lost: counters(r, "leases_lost_total",
			"Operations of this process that another runner went on with, by kind.", "kind"),
		stuck: gauge(r, "operations_stuck",
			"Operations that are not tried again until an operator says so, at the last pass of the reconciler."),
		strays: gauge(r, "stray_namespaces",
			"Namespaces with documents that belong to no organization, at the last sweep."),
		lag: gauge(r, "reconciler_lag_seconds",
			"For how long the oldest operation had been due, at the last pass of the reconciler."),
		passTook: gauge(r, "reconciler_last_pass_duration_seconds",
			"How long the last pass of the reconciler took."),
		lastComplete: gauge(r, "reconciler_last_complete_pass_timestamp_seconds",
			"When the last pass of the reconciler ended that did all of its work, in Unix time. 0 before the first."),
		passes: counters(r, "reconciler_passes_total",
			"Passes of the reconciler, by whether they did all of their work.", "complete"),
		purged: counter(r, "purged_organizations_total",
			"Organizations whose data this process has purged because their retention had ended."),
		moveMetrics: newMoveMetrics(r),
	}
	for _, kind := range kinds {
		m.ended.WithLabelValues(string(kind), completed)
		m.took.WithLabelValues(string(kind))
		for _, c := range []*prometheus.CounterVec{m.attemptsFailed, m.taken, m.lost} {
			c.WithLabelValues(string(kind))
		}
	}
	for _, complete := range []bool{true, false} {
		m.passes.WithLabelValues(strconv.FormatBool(complete))
	}
	return m
}

// OperationEnded implements ports.Signals.
func (m *operationMetrics) OperationEnded(op domain.Operation, took time.Duration) {
	outcome := string(op.Refused)
	if outcome == "" {
		outcome = completed
	}
	m.ended.WithLabelValues(string(op.Kind), outcome).Inc()
	m.took.WithLabelValues(string(op.Kind)).Observe(took.Seconds())
}

// OperationFailed implements ports.Signals.
func (m *operationMetrics) OperationFailed(op domain.Operation) {
	m.attemptsFailed.WithLabelValues(string(op.Kind)).Inc()
}

// OperationTaken implements ports.Signals.
func (m *operationMetrics) OperationTaken(op domain.Operation) {
	m.taken.WithLabelValues(string(op.Kind)).Inc()
}

// LeaseLost implements ports.Signals.
func (m *operationMetrics) LeaseLost(op domain.Operation) {
	m.lost.WithLabelValues(string(op.Kind)).Inc()
}

// Reconciled implements ports.Signals.
func (m *operationMetrics) Reconciled(pass ports.Pass) {
	m.stuck.Set(float64(pass.Stuck))
	m.strays.Set(float64(pass.Strays))
	m.lag.Set(pass.Lag.Seconds())
	m.passTook.Set(pass.Took.Seconds())
	m.passes.WithLabelValues(strconv.FormatBool(pass.Complete)).Inc()
	m.purged.Add(float64(pass.Purged))
	m.moveMetrics.reconciled(pass)
	if pass.Complete {
		m.lastComplete.Set(float64(pass.At.UnixMilli()) / 1000)
	}
}
