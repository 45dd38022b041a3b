package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// moveMetrics are about moves from one strategy to another.
type moveMetrics struct {
	moves, failing   prometheus.Gauge
	documents, bytes *prometheus.CounterVec
	held             prometheus.Observer
}

// moveStages are those in which documents are looked at. Their counters stand at 0 from
// the start, so that the first part is seen as an increase.
var moveStages = []domain.MoveStage{domain.MoveCopying, domain.MoveChecking, domain.MoveSwitching}

func newMoveMetrics(r *prometheus.Registry) moveMetrics {
	m := moveMetrics{
		moves: gauge(r, "moves",
			"Moves to another strategy that are under way, paused ones included, at the last pass of the reconciler."),
		failing: gauge(r, "moves_failing",
			"Moves whose last attempt failed, at the last pass of the reconciler."),
		documents: counters(r, "move_documents_total",
			"Documents that moves in this process have copied or compared, by stage: copying, checking, or switching, in which nobody writes.", "stage"),
		bytes: counters(r, "move_bytes_total",
			"Bytes of the documents that moves in this process have copied or compared, by stage.", "stage"),
		held: histograms(r, "move_held_seconds",
			"For how long nobody could write to an organization, at each switch of a move in this process.", operationBuckets).WithLabelValues(),
	}
	for _, stage := range moveStages {
		m.documents.WithLabelValues(string(stage))
		m.bytes.WithLabelValues(string(stage))
	}
	return m
}

// MoveProgressed implements ports.Signals.
func (m *moveMetrics) MoveProgressed(move domain.Move, part domain.Usage) {
	m.documents.WithLabelValues(string(move.Stage)).Add(float64(part.Documents))
	m.bytes.WithLabelValues(string(move.Stage)).Add(float64(part.Bytes))
}

// MoveSwitched implements ports.Signals.
func (m *moveMetrics) MoveSwitched(move domain.Move) { m.held.Observe(move.Held.Seconds()) }

// reconciled takes over what a pass of the reconciler has counted.
func (m *moveMetrics) reconciled(pass ports.Pass) {
	m.moves.Set(float64(pass.Moves))
	m.failing.Set(float64(pass.Failing))
}
