package crash

import (
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

const (
	// fronts are the workers of a process that is to freeze.
	fronts = 4
	// frozenFor is how long it is frozen at least: past its lease.
	frozenFor = lease + lease/3
	// rivals are how many changes others ask for of an organization whose change is
	// frozen, one after the other.
	rivals = 3
)

// TestFreezes freezes one of two programs on MongoDB (SIGSTOP) at each boundary between
// two steps, past its lease. The other works on the same organizations, and goes on when
// the first does (SIGCONT).
func TestFreezes(t *testing.T) {
	eachMongo(t, func(t *testing.T, server *mongotest.Server) {
		newWorld(t, newMongo(t, server), organizations).freeze()
	})
}

func (w *world) freeze() {
	random := choices(w.purpose)
	points := newPoints(random)
	wanted := fewKills / 2
	if asked.whole {
		wanted = max(1, asked.kills/100) * len(points.all)
	}
	keeps, setting := kept(random)
	other := w.start(setting)
	for round := 0; points.reached < wanted && !w.t.Failed(); round++ {
		point := points.next(w.t)
		w.mood = contended
		points.tried(w.freezeAt(point, other, keeps, setting, round))
		w.mood = calm
		w.verify(other, round%10 == 9 || points.reached == wanted)
		if w.t.Failed() {
			w.t.Logf("in round %d, frozen at %s", round, point)
		}
	}
}

// frozen is a change that a freeze has interrupted.
type frozen struct {
	slot   *slot
	before state
	token  string
	op     op
	// caught says that the process froze before there was an answer, which then goes
	// to answer.
	caught bool
	answer chan attempt
}

// freezeAt starts a process that freezes at the boundary and has the workers work on it
// until it does. Then the other process is asked to change the same organizations. It
// reports whether the process froze.
func (w *world) freezeAt(point string, other *process, keeps bool, setting string, round int) bool {
	w.t.Helper()
	p := w.start(setting, "ORGKEEPER_FREEZE_AT="+point)
	defer p.kill()
	stop := make(chan struct{})
	var group sync.WaitGroup
	running := &flights{}
	for i := range fronts {
		random, slots := choices(w.purpose, round, i), w.share(i, fronts)
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					w.front(p.client, slots, random, keeps, running)
				}
			}
		})
	}
	froze := waitFrozen(p)
	close(stop)
	if !froze {
		p.keepGoing(&group)
		return false
	}
	seen.count(func(f *figures) { f.freezes++ })
	time.Sleep(frozenFor)
	caught := running.catch()
	// Half of what the others do comes before the process goes on, the rest meanwhile.
	var competing, half sync.WaitGroup
	lines := make([][]attempt, len(caught))
	for i, f := range caught {
		random := choices(w.purpose, "rival", round, i)
		half.Add(1)
		competing.Go(func() { lines[i] = w.compete(other.client, f, random, keeps, half.Done) })
	}
	half.Wait()
	p.signal(syscall.SIGCONT)
	stuck := time.AfterFunc(slowest/2, func() {
		frozen := p.frozen()
		p.signal(syscall.SIGQUIT) // What hangs is in what it prints.
		time.Sleep(time.Second)
		w.t.Logf("the process doesn't go on; frozen still: %v\n%s", frozen, p.output)
	})
	competing.Wait()
	group.Wait()
	stuck.Stop()
	for i, f := range caught {
		w.untangle(f, <-f.answer, lines[i])
	}
	return true
}

// flights are the changes that have no answer yet.
type flights struct {
	mu  sync.Mutex
	all []*frozen
}

func (fs *flights) begin(f *frozen) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.all = append(fs.all, f)
}

// end reports whether the change was caught in between.
func (fs *flights) end(f *frozen) (caught bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.all = slices.DeleteFunc(fs.all, func(other *frozen) bool { return other == f })
	return f.caught
}

// catch takes the changes that have no answer yet.
func (fs *flights) catch() []*frozen {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	caught := slices.Clone(fs.all)
	for _, f := range caught {
		f.caught = true
	}
	return caught
}

// waitFrozen reports whether the process freezes before long.
func waitFrozen(p *process) bool {
	for begun := time.Now(); time.Since(begun) < boundaryPatience; time.Sleep(time.Millisecond) {
		if p.frozen() {
			return true
		}
	}
	return p.frozen()
}

// keepGoing waits for the workers of a process that was given up as one that doesn't
// freeze: it may yet.
func (p *process) keepGoing(group *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { defer close(done); group.Wait() }()
	for {
		select {
		case <-done:
			return
		case <-time.After(10 * time.Millisecond):
			if p.frozen() {
				p.signal(syscall.SIGCONT)
			}
		}
	}
}

// front sends one change. What comes of one that is caught by the freeze is untangled by
// whoever has caught it.
func (w *world) front(c *client, slots []*slot, random *rand.Rand, keeps bool, running *flights) {
	s := slots[random.IntN(len(slots))]
	if !s.settled() {
		return
	}
	if s.token == "" && s.state().status == active {
		_ = w.logIn(c, s)
		return
	}
	if random.IntN(10) == 0 && s.state().status == active {
		_ = w.writeDocument(c, s)
		return
	}
	f := &frozen{slot: s, before: s.state(), token: s.token, op: s.pick(random, keeps), answer: make(chan attempt, 1)}
	running.begin(f)
	made := w.ask(c, s, f.before, f.token, f.op)
	if running.end(f) {
		f.answer <- made
		return
	}
	w.conclude(s, made)
}

// compete has the other process change the organization of a frozen change, and calls
// half when half of that is done.
func (w *world) compete(c *client, f *frozen, random *rand.Rand, keeps bool, half func()) (line []attempt) {
	for i := range rivals {
		if i == (rivals+1)/2 {
			half()
		}
		may := possible(f.before, []attempt{{op: f.op, fate: lost}}, line)
		if len(may) == 0 {
			continue // The answers contradict each other; untangle tells.
		}
		if f.op.kind != create && slices.ContainsFunc(may, func(s state) bool { return s.status != "" }) {
			// Another one is created only when the first is surely gone.
			may = slices.DeleteFunc(may, func(s state) bool { return s.status == "" })
		}
		now := may[random.IntN(len(may))]
		if now.status != "" && now.id == "" {
			now = state{} // The create is frozen: ask for the same name.
		}
		line = append(line, w.ask(c, f.slot, now, f.token, f.rival(now, random, keeps)))
	}
	return line
}

// rival draws a change by somebody else. One slot has one organization at a time: where
// another one may be on its way, none gives way to it and none is kept.
func (f *frozen) rival(now state, random *rand.Rand, keeps bool) op {
	o := (&slot{number: f.slot.number, possible: []state{now}}).pick(random, keeps)
	if o.kind == create {
		if f.op.key != "" && random.IntN(2) == 0 {
			return f.op // The client tries again, as it may with a key.
		}
		o.key = ""
	}
	if f.op.kind == create {
		if o.name != "" {
			o.name = f.op.name
		}
		if o.kept {
			o = op{kind: suspend}
		}
	}
	return o
}

// untangle notes what there may be after a frozen change and those of its rivals.
func (w *world) untangle(f *frozen, made attempt, line []attempt) {
	w.t.Helper()
	f.slot.token, f.slot.keyed, f.slot.touched = "", nil, true
	var rest []attempt
	for _, a := range line {
		if a.op.key == "" || a.op != made.op {
			rest = append(rest, a)
			continue
		}
		// The same request, sent again: one of its answers is enough.
		switch {
		case a.fate == done && made.fate == done && a.id != made.id:
			w.violation("two organizations come of one create with a key: %s and %s", a.id, made.id)
		case a.fate == done, a.fate == lost && made.fate == refused:
			made = a
		}
	}
	w.concludeAll(f.slot, []attempt{made}, rest)
}
