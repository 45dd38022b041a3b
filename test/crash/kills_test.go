package crash

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// A kill at an instant comes so long after the workload began.
	earliestKill, latestKill = 20 * time.Millisecond, 250 * time.Millisecond
	// A boundary that is not reached in this time is given up, and the kill comes at
	// an instant.
	boundaryPatience = time.Second
	// wholeEvery is after how many kills everything is looked at.
	wholeEvery = 20
)

// TestKills kills the program again and again (SIGKILL), at random instants and at each
// boundary between two steps, and looks after it what is there.
func TestKills(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) { newWorld(t, e, organizations).kill(asked.kills) })
}

// kill kills the program so many times. Kills come in pairs: one at an instant, then one
// at a boundary, which may meet the recovery from the first. Then the driver looks.
func (w *world) kill(times int) {
	random := choices(w.purpose)
	points, looked := newPoints(random), 0
	keeps, setting := kept(random)
	p := w.start(setting)
	for killed := 0; killed < times && !w.t.Failed(); killed += 2 {
		soon := earliestKill + time.Duration(random.Int64N(int64(latestKill-earliestKill)))
		w.killAt(p, soon, keeps, killed)

		keeps, setting = kept(random)
		point := points.next(w.t)
		points.tried(w.killAtBoundary(point, keeps, setting, killed+1))

		keeps, setting = kept(random)
		begun := time.Now()
		p = w.start(setting)
		w.settle(p.client)
		took := time.Since(begun)
		seen.count(func(f *figures) { f.restarts = append(f.restarts, took) })
		whole := killed+2 >= times || killed+2 >= looked+wholeEvery
		if whole {
			looked = killed + 2
		}
		w.verify(p, whole)
		if w.t.Failed() {
			w.t.Logf("after %d kills, the last at %s", killed+2, point)
		}
	}
	p.kill()
}

// killAt has the workers work until the process is killed.
func (w *world) killAt(p *process, after time.Duration, keeps bool, purpose int) {
	timer := time.AfterFunc(after, p.kill)
	w.work(p, keeps, nil, purpose)
	timer.Stop()
	p.kill()
	seen.count(func(f *figures) { f.instants++ })
}

// killAtBoundary starts a process that kills itself at the boundary, in its recovery or
// under the workers. It reports whether the process got there.
func (w *world) killAtBoundary(point string, keeps bool, setting string, purpose int) bool {
	w.t.Helper()
	p, err := start(append(w.engine.environment(), setting, "ORGKEEPER_CRASH_AT="+point)...)
	switch {
	case errors.Is(err, errDied):
		seen.count(func(f *figures) { f.boundaries++; f.during++ })
		return true
	case err != nil:
		w.t.Fatalf("CRASH_SEED=%d: %v", asked.seed, err)
	}
	w.watch(p)
	var missed atomic.Bool
	timer := time.AfterFunc(boundaryPatience, func() {
		missed.Store(true)
		p.kill()
	})
	w.work(p, keeps, nil, purpose)
	timer.Stop()
	p.kill()
	seen.count(func(f *figures) {
		if missed.Load() {
			f.instants++
		} else {
			f.boundaries++
		}
	})
	return !missed.Load()
}
