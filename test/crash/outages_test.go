package crash

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// connections are how many clients there are in an outage, each with one connection.
const connections = 16

// TestOutages lets two programs work on a MongoDB that is killed, freezes, loses its
// replies, is slow or steps down. Each request has its answer in time, a true one or that
// the store is away; when it is back, all is well without a restart.
func TestOutages(t *testing.T) {
	needsTime(t)
	for _, set := range []bool{false, true} {
		name := mongotest.Standalone
		if set {
			name = mongotest.ReplicaSet
		}
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			server := mongotest.Child(t, mongotest.Options{ReplicaSet: set})
			address, err := url.Parse(server.URI)
			if err != nil {
				t.Fatal(err)
			}
			l := newLane(t, address.Host)
			e := newMongo(t, server.Server)
			e.uri = "mongodb://" + l.proxy.Listen + "/?directConnection=true"
			w := newWorld(t, e, organizations)
			both := []*process{w.start("DELETE_RETENTION=1h"), w.start("DELETE_RETENTION=1h")}
			for _, s := range storms(t, server, l) {
				w.endure(s, both)
			}
		})
	}
}

// endure lets the connections work before, during and after a storm, and looks at what
// is there then.
func (w *world) endure(s storm, both []*process) {
	w.t.Helper()
	w.mood = stormy
	log := &sightings{counts: map[string]int{}}
	stop := make(chan struct{})
	var group, recovered sync.WaitGroup
	for i := range connections {
		random, slots, c := choices(w.purpose, s.name, i), w.share(i, connections), newClient(both[i%2].url)
		recovered.Add(1)
		once := sync.OnceFunc(recovered.Done)
		back := false
		group.Go(func() {
			defer once()
			for {
				select {
				case <-stop:
					return
				default:
				}
				begun := time.Now()
				if a, ok := w.weather(c, slots, random); ok && log.note(begun, a, &back) {
					once()
				}
			}
		})
	}
	probed := make(chan struct{})
	go func() { defer close(probed); w.probe(both[0].client, log, stop) }()
	time.Sleep(300 * time.Millisecond)
	log.begin()
	before := cut.Load()
	s.begin()
	log.gone = time.Now()
	time.Sleep(s.lasts)
	log.returning = time.Now()
	s.end()
	log.end()
	all := make(chan struct{})
	go func() { recovered.Wait(); close(all) }()
	select {
	case <-all:
	case <-time.After(patience):
		w.violation("%s: not every connection has a success %v after the store's return", s.name, patience)
	}
	close(stop)
	group.Wait()
	<-probed
	w.mood = calm
	log.judge(w, s)
	seen.count(func(f *figures) { f.cuts += int(cut.Load() - before) })
	w.verify(both[1], true)
}

// weather sends one request about one of the slots and returns its answer, if it was one
// that tells something. What is asked of an organization that is in doubt is only what
// can be told about any.
func (w *world) weather(c *client, slots []*slot, random *rand.Rand) (answer, bool) {
	s := slots[random.IntN(len(slots))]
	if !s.settled() || random.IntN(2) == 0 {
		return w.glance(c, s, random)
	}
	now := s.state()
	if s.token == "" && now.status == active {
		a, err := c.logIn(now.email)
		w.judge("log-in", s, a, err, a.status == http.StatusOK && a.text("organization_id") == now.id)
		s.token = a.text("access_token")
		return a, true
	}
	made := w.ask(c, s, now, s.token, s.pick(random, true))
	if made.answer.status == 0 {
		w.violation("%s of %+v has no answer after %v", made.op.kind, now, made.answer.took)
	}
	w.conclude(s, made)
	if made.fate != done {
		time.Sleep(50 * time.Millisecond) // As a client does that was told to try later.
	}
	return made.answer, true
}

// glance looks an organization up.
func (w *world) glance(c *client, s *slot, random *rand.Rand) (answer, bool) {
	name := s.names()[random.IntN(len(s.names()))]
	a, err := c.get(name)
	right := a.status == http.StatusOK || a.status == http.StatusNotFound
	if now := s.state(); s.settled() {
		here := now.live() && now.name == name
		right = a.status == http.StatusOK && here && a.text("organization_id") == now.id || a.status == http.StatusNotFound && !here
	}
	w.judge("look-up", s, a, err, right)
	if !right {
		time.Sleep(50 * time.Millisecond)
	}
	return a, true
}

// judge reports an answer that is neither right nor says that the store is away.
func (w *world) judge(what string, s *slot, a answer, err error, right bool) {
	w.t.Helper()
	seen.count(func(f *figures) { f.operations++ })
	if err != nil || !right && !w.mood.allows(a) {
		w.violation("slot %d may be %+v; a %s is answered %v %v %v after %v", s.number, s.possible, what, a, a.fields, err, a.took)
	}
}

// sightings are what the connections see of a storm.
type sightings struct {
	mu      sync.Mutex
	counts  map[string]int
	longest time.Duration
	// The storm comes up from began to gone and goes from returning to ended; back is
	// set then.
	began, gone, returning, ended time.Time

	raging, back bool
	recoveries   []time.Duration
	// probes are the answers of /readyz.
	probes []probe
}

// probe is one question whether the program is ready.
type probe struct {
	asked, answered time.Time
	ready           bool
}

func (l *sightings) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.began = time.Now()
	l.raging = true
}

func (l *sightings) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = time.Now()
	l.back = true
}

// note notes an answer to a request of a connection, and reports whether it is its first
// success of a request that was sent after the storm; recovered remembers that.
func (l *sightings) note(begun time.Time, a answer, recovered *bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	success := a.status < 300 || a.status == http.StatusNotFound
	if l.raging && (!l.back || begun.Before(l.ended) || !success) {
		l.counts[a.String()]++
		l.longest = max(l.longest, a.took)
	}
	if !success || *recovered || !l.back || begun.Before(l.ended) {
		return false
	}
	*recovered = true
	l.recoveries = append(l.recoveries, time.Since(l.ended))
	return true
}

// probe asks again and again whether the program lives and is ready.
func (w *world) probe(c *client, l *sightings, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
		if a, err := c.send(request{method: http.MethodGet, path: "/healthz"}); err != nil || a.status != http.StatusOK {
			w.violation("/healthz is answered %v %v", a, err)
		}
		asked := time.Now()
		a, err := c.send(request{method: http.MethodGet, path: "/readyz"})
		if err != nil || a.status != http.StatusOK && a.code() != "store_unavailable" {
			w.violation("/readyz is answered %v %v", a, err)
		}
		l.mu.Lock()
		l.probes = append(l.probes, probe{asked, time.Now(), a.status == http.StatusOK})
		l.mu.Unlock()
	}
}

// judge checks what was seen and puts it among the figures.
func (l *sightings) judge(w *world, s storm) {
	w.t.Helper()
	notReady := 0
	for _, p := range l.probes {
		if !p.ready && p.answered.After(l.began) && p.asked.Before(l.ended) {
			notReady++
		}
		if p.ready && s.away && p.asked.After(l.gone) && p.answered.Before(l.returning) {
			w.violation("%s: /readyz says that the program is ready while the store is away", s.name)
		}
	}
	if s.away && notReady == 0 {
		w.violation("%s: /readyz never says that the store is away", s.name)
	}
	round := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	note := fmt.Sprintf("%s: %s, %v in all: %d connections saw %v, the longest %v; recovered %s",
		w.t.Name(), s.name, round(l.ended.Sub(l.began)), connections, l.counts, round(l.longest), spread(l.recoveries))
	seen.count(func(f *figures) {
		f.outages = append(f.outages, l.recoveries...)
		f.notes = append(f.notes, note)
	})
}
