package explore

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// preemptions is how often a schedule may stop an actor that could go on. Nightly it
// is 3, by EXPLORE_PREEMPTIONS.
func preemptions(t *testing.T) int {
	t.Helper()
	text := os.Getenv("EXPLORE_PREEMPTIONS")
	if text == "" {
		return 2
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatal("EXPLORE_PREEMPTIONS is no number")
	}
	return n
}

// skipRaced skips what would take hours. It isn't missed: make explore runs it.
func skipRaced(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip(notrun.Message("the explorer", "make explore runs it, without the race detector"))
	}
}

// some are walked by every run of the tests, all by make explore.
var some = []string{
	"empty: create, reconcile",
	"live: update, delete",
	"live: retire, restore",
	"kept: restore, purge",
}

// TestPorts walks few schedules, under the race detector too: whatever the use cases ask for is there.
func TestPorts(t *testing.T) {
	m := open(t, nil)
	for _, text := range []string{"empty: create-keyed, abort", "live: update, reconcile", "kept: purge, reconcile", "live: move, put"} {
		walkOne(t, m, mustParse(t, text), 0, new(tally))
	}
}

func TestPairs(t *testing.T) {
	skipRaced(t)
	if os.Getenv("EXPLORE") == "all" {
		walkAll(t, pairs(), preemptions(t))
		return
	}
	var few []scenario
	for _, text := range some {
		few = append(few, mustParse(t, text))
	}
	walkAll(t, few, 1)
}

func TestTriples(t *testing.T) {
	skipRaced(t)
	if os.Getenv("EXPLORE") != "all" {
		t.Skip("make explore walks the triples")
	}
	walkAll(t, triples(), preemptions(t))
}

func mustParse(t *testing.T, text string) scenario {
	t.Helper()
	s, err := parseScenario(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t *testing.T, p plant) *machine {
	t.Helper()
	m, err := newMachine(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// tally is what was walked.
type tally struct {
	sync.Mutex
	schedules         uint64
	situations, calls int
	contents, endings int
}

// walkAll walks the scenarios, on a store for each processor.
func walkAll(t *testing.T, scenarios []scenario, preemptions int) {
	t.Helper()
	begun := time.Now()
	queue := make(chan scenario)
	go func() {
		defer close(queue)
		for _, s := range scenarios {
			select {
			case queue <- s:
			case <-t.Context().Done():
				return
			}
		}
	}()
	var sum tally
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		m := open(t, nil)
		all.Go(func() {
			for s := range queue {
				walkOne(t, m, s, preemptions, &sum)
			}
			sum.Lock()
			defer sum.Unlock()
			sum.calls += m.calls
			sum.contents += len(m.contents)
			sum.endings += len(m.endings)
		})
	}
	all.Wait()
	took := time.Since(begun)
	t.Logf("%d scenarios with %d preemptions: %d schedules (%.0f a second), %d situations, %d contents of the store, %d endings, %d calls of the store, %s",
		len(scenarios), preemptions, sum.schedules, float64(sum.schedules)/took.Seconds(),
		sum.situations, sum.contents, sum.endings, sum.calls, took.Round(time.Millisecond))
}

func walkOne(t *testing.T, m *machine, s scenario, preemptions int, sum *tally) {
	t.Helper()
	begun := time.Now()
	e, start, err := newExplorer(t.Context(), m, s)
	if err != nil {
		t.Error(err)
		return
	}
	defer e.close()
	n, err := e.explore(t.Context(), start, preemptions, 1)
	if err != nil {
		t.Error(err)
		return
	}
	t.Logf("%s: %d schedules, %s", s, n, time.Since(begun).Round(time.Millisecond))
	sum.Lock()
	defer sum.Unlock()
	sum.schedules += n
	sum.situations += len(e.walked)
}

// TestReplay shows one schedule, call by call.
func TestReplay(t *testing.T) {
	scenario, schedule := os.Getenv("EXPLORE_SCENARIO"), os.Getenv("EXPLORE_SCHEDULE")
	if scenario == "" {
		t.Skip("EXPLORE_SCENARIO and EXPLORE_SCHEDULE name no schedule")
	}
	if v := replayed(t, open(t, nil), mustParse(t, scenario), schedule); v != nil {
		t.Error(v)
	}
}

func replayed(t *testing.T, m *machine, s scenario, text string) *violation {
	t.Helper()
	moves, err := parseSchedule(text)
	if err != nil {
		t.Fatal(err)
	}
	if again := moves.String(); again != text {
		t.Errorf("the schedule %q is written %q", text, again)
	}
	e, start, err := newExplorer(t.Context(), m, s)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	var v *violation
	if err := e.replay(t.Context(), start, moves, t.Output()); err != nil && !errors.As(err, &v) {
		t.Fatal(err)
	}
	return v
}
