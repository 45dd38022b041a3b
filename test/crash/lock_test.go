package crash

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestLock freezes the program on SQLite at each boundary between two steps. A second one
// is refused then, and when the first has gone on.
func TestLock(t *testing.T) {
	w := newWorld(t, newSQLite(t.TempDir()), organizations)
	random := choices(w.purpose)
	points, wanted := newPoints(random), 2
	if asked.whole {
		wanted = len(points.all)
	}
	for round := 0; points.reached < wanted && !t.Failed(); round++ {
		keeps, setting := kept(random)
		p := w.start(setting, "ORGKEEPER_FREEZE_AT="+points.next(t))
		stop := make(chan struct{})
		var working sync.WaitGroup
		w.mood = stormy
		working.Go(func() { w.work(p, keeps, stop, round) })
		froze := waitFrozen(p)
		if froze {
			seen.count(func(f *figures) { f.freezes++ })
			w.expectRefused()
			time.Sleep(frozenFor)
			p.signal(syscall.SIGCONT)
			w.expectRefused()
		}
		points.tried(froze)
		close(stop)
		p.keepGoing(&working)
		w.mood = calm
		w.verify(p, points.reached == wanted)
		p.kill()
	}
}

// expectRefused starts a second program, which must end by itself.
func (w *world) expectRefused() {
	w.t.Helper()
	second, err := start(w.engine.environment()...)
	if err == nil || errors.Is(err, errDied) || !strings.Contains(err.Error(), "another instance") {
		w.violation("a second process is started on the same files: %v", err)
	}
	if second != nil && second.alive() {
		second.kill()
	}
}
