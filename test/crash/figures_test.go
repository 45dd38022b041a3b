package crash

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// figures are what the tests of a run have done and seen, together.
type figures struct {
	mu sync.Mutex
	// instants are kills at random instants, boundaries those at a boundary between
	// two steps, during those of them that met a recovery before it could serve.
	instants, boundaries, during int
	freezes, missed, cuts, moves int
	operations, violations       int
	// placed counts the namespaces that were given, by strategy.
	placed map[string]int
	// restarts are the times from a start after a kill until nothing was pending,
	// outages those from the store's return until a connection had a success.
	restarts, outages []time.Duration
	// notes are lines for the end of the summary.
	notes []string
}

// seen are the figures of this run.
var seen figures

// count changes the figures.
func (f *figures) count(change func(*figures)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// summary is what the closing line says.
func (f *figures) summary() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	for _, note := range f.notes {
		fmt.Fprintln(&b, "crash:", note)
	}
	fmt.Fprintf(&b, "crash: seed %d: %d kills (%d at an instant, %d at a boundary, of these %d during a recovery), %d freezes, %d cut replies, %d moves, %d operations checked, %d violations; ",
		asked.seed, f.instants+f.boundaries, f.instants, f.boundaries, f.during, f.freezes, f.cuts, f.moves, f.operations, f.violations)
	fmt.Fprintf(&b, "namespaces given: %v; ", f.placed)
	fmt.Fprintf(&b, "settled after a kill %s; recovered after an outage %s", spread(f.restarts), spread(f.outages))
	return b.String()
}

// spread tells the median and the worst.
func spread(times []time.Duration) string {
	if len(times) == 0 {
		return "never measured"
	}
	sorted := slices.Sorted(slices.Values(times))
	round := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	return fmt.Sprintf("median %v worst %v", round(sorted[len(sorted)/2]), round(sorted[len(sorted)-1]))
}
