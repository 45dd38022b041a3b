package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/steps"
)

const (
	// moveDocuments is how many documents an organization has when it begins to be moved.
	moveDocuments = 300
	// moveWriters write to each organization while it is moved.
	moveWriters = 2
	// killsForAMove is how many kills of the others there are for one in moves.
	killsForAMove = 4
	// moveRate makes a move take as long as some writes do.
	moveRate = "MOVE_RATE=2000"
	// moveGrace has what was left dropped soon.
	moveGrace = "MOVE_GRACE=1ms"
)

// TestMoves moves organizations from each strategy to each other one while they are written
// to, and kills the program at every boundary between two steps of a move. No write that
// was acknowledged may be lost, none may be there twice or in another organization.
func TestMoves(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e, 0)
		moved := w.movables()
		rounds := moveRounds()
		for round, point := range rounds {
			w.moveAll(moved, point, round)
			if t.Failed() {
				t.Logf("round %d of %d, at %s", round+1, len(rounds), point)
				return
			}
		}
		w.check()
		seen.count(func(f *figures) { f.moves += len(rounds) * len(moved) })
	})
}

// moveRounds are the boundaries to kill at: each of a move's own, and some of the writes of
// the organization. Where many kills are asked for they come again, and later in the move.
func moveRounds() []string {
	var all []string
	for _, step := range steps.MoveNames {
		all = append(all, step+":before", step+":after")
	}
	for n := range 4 { // begun, handed over, committed, switched
		all = append(all, fmt.Sprintf("Organizations.Replace:after:%d", n+1))
	}
	rounds := slices.Clone(all)
	random := choices("moves")
	for len(rounds) < asked.kills/killsForAMove {
		point := all[random.IntN(len(all)-4)]
		rounds = append(rounds, fmt.Sprintf("%s:%d", point, 1+random.IntN(6)))
	}
	return rounds
}

// movable is an organization that is moved to and fro between two strategies.
type movable struct {
	id, email, token string
	between          [2]string
	at               int
	// documents are by ID what may be there.
	mu        sync.Mutex
	documents map[string]versions
	written   int
}

// versions are the numbers of the writes that a document may be of; 0 is that it isn't
// there.
type versions []int

// movables makes an organization for each pair of strategies, with documents.
func (w *world) movables() (all []*movable) {
	w.t.Helper()
	p := w.start()
	defer p.kill()
	for i, one := range strategies {
		for _, other := range strategies[i+1:] {
			m := &movable{
				email: fmt.Sprintf("%s@%s.example", one, other), between: [2]string{one, other}, documents: map[string]versions{},
			}
			a, err := p.send(op{kind: create, name: one + " " + other, email: m.email, strategy: one}.request(state{}, ""))
			if err != nil || a.status != http.StatusCreated {
				w.t.Fatalf("CRASH_SEED=%d: a create is answered %v, %v", asked.seed, a, err)
			}
			m.id = a.organization()
			w.enter(p.client, m)
			m.seed(w, p.client)
			all = append(all, m)
		}
	}
	return all
}

// enter gets a token.
func (w *world) enter(c *client, m *movable) {
	w.t.Helper()
	a, err := c.logIn(m.email)
	if err != nil || a.status != http.StatusOK {
		w.t.Fatalf("CRASH_SEED=%d: a log-in is answered %v, %v", asked.seed, a, err)
	}
	m.token = a.text("access_token")
}

// seed writes the first documents.
func (m *movable) seed(w *world, c *client) {
	w.t.Helper()
	var writes []object
	for i := range moveDocuments {
		id := fmt.Sprintf("seed-%03d", i)
		writes = append(writes, object{"action": "put", "document": object{"_id": id, "owner": m.id, "n": 1}})
		m.documents[id] = versions{1}
	}
	a, err := c.send(request{method: http.MethodPost, path: "/v1/documents:batch", token: m.token, body: object{"writes": writes}})
	if err != nil || a.status != http.StatusOK {
		w.t.Fatalf("CRASH_SEED=%d: a batch is answered %v, %v", asked.seed, a, err)
	}
	m.written = 1
}

// moveAll moves all of them at once under writes, with the program dying at the boundary,
// and compares what there is afterwards.
func (w *world) moveAll(all []*movable, point string, round int) {
	w.t.Helper()
	p, err := start(append(w.engine.environment(), moveRate, moveGrace, "ORGKEEPER_CRASH_AT="+point)...)
	if err != nil && !errors.Is(err, errDied) {
		w.t.Fatalf("CRASH_SEED=%d: %v", asked.seed, err)
	}
	if err == nil {
		w.watch(p)
		w.moveUnderWrites(p, all, round)
		select {
		case <-p.exited:
		case <-time.After(boundaryPatience): // What was left is dropped meanwhile.
		}
	}
	reached := !p.alive()
	p.kill()
	seen.count(func(f *figures) {
		if reached {
			f.boundaries++
		} else {
			f.instants++
		}
	})
	begun := time.Now()
	p = w.start(moveRate, moveGrace)
	defer p.kill()
	w.moveUnderWrites(p, all, round)
	seen.count(func(f *figures) { f.restarts = append(f.restarts, time.Since(begun)) })
	for _, m := range all {
		m.at = 1 - m.at
		w.compareMoved(p.client, m)
	}
}

// moveUnderWrites asks for the moves that haven't happened, and writes until they have, or
// the process dies.
func (w *world) moveUnderWrites(p *process, all []*movable, round int) {
	w.t.Helper()
	done := make(chan struct{})
	var writers, movers sync.WaitGroup
	for _, m := range all {
		for i := range moveWriters {
			random := choices(w.purpose, round, m.id, i)
			writers.Go(func() {
				for p.alive() {
					select {
					case <-done:
						return
					default:
						w.writeMovable(p.client, m, i, random)
					}
				}
			})
		}
		movers.Go(func() { w.move(p, m, m.between[1-m.at]) })
	}
	movers.Wait()
	close(done)
	writers.Wait()
}

// move asks for a move until the organization lives where it shall.
func (w *world) move(p *process, m *movable, to string) {
	for begun := time.Now(); p.alive(); time.Sleep(20 * time.Millisecond) {
		r, err := p.show(m.id)
		if err != nil {
			continue
		}
		if r.Operation == nil && r.Placement.Strategy == to {
			return
		}
		if r.Operation == nil {
			a, err := p.send(request{
				method: http.MethodPost, path: "/v1/organizations/" + m.id + "/move", token: operatorToken, body: object{"strategy": to},
			})
			if err == nil && a.status != http.StatusAccepted && a.code() != "operation_in_progress" {
				w.violation("a move of %+v is answered %v %v", r, a, a.fields)
				return
			}
		}
		if time.Since(begun) > patience {
			w.violation("%+v doesn't come to %s", r, to)
			return
		}
	}
}

// writeMovable puts or deletes one of the writer's documents. Each has one writer.
func (w *world) writeMovable(c *client, m *movable, writer int, random *rand.Rand) {
	number := moveWriters*random.IntN(moveDocuments/moveWriters) + writer
	id := fmt.Sprintf("seed-%03d", number)
	if random.IntN(5) == 0 {
		id = fmt.Sprintf("late-%d-%03d", writer, random.IntN(50))
	}
	m.mu.Lock()
	m.written++
	n := m.written
	r := request{method: http.MethodPut, path: "/v1/documents/" + id, token: m.token, body: object{"owner": m.id, "n": n}}
	if random.IntN(4) == 0 {
		n = 0
		r = request{method: http.MethodDelete, path: "/v1/documents/" + id, token: m.token}
	}
	before := m.documents[id]
	if before == nil {
		before = versions{0}
	}
	m.documents[id] = append(slices.Clone(before), n)
	m.mu.Unlock()

	a, err := c.send(r)
	seen.count(func(f *figures) { f.operations++ })
	switch {
	case err != nil || a.code() == "store_unavailable": // It may have happened or not.
	case a.status < http.StatusMultipleChoices:
		m.mu.Lock()
		m.documents[id] = versions{n}
		m.mu.Unlock()
	default:
		w.violation("%s of a document of %s is answered %v %v", r.method, m.id, a, a.fields)
	}
}

// compareMoved looks for documents that are lost, too old, or of somebody else.
func (w *world) compareMoved(c *client, m *movable) {
	w.t.Helper()
	found, err := c.export(m.id)
	if err != nil {
		w.violation("exporting the documents of %s: %v", m.id, err)
		return
	}
	for id, may := range m.documents {
		if !slices.Contains(may, found[id].N) {
			w.violation("in %v of %v the document %s of %s is of write %d, but may be only of %v", m.between[m.at], m.between, id, m.id, found[id].N, may)
		}
		m.documents[id] = versions{found[id].N}
	}
	for id, said := range found {
		if m.documents[id] == nil || said.Owner != m.id {
			w.violation("%s sees the document %s of %s", m.id, id, said.Owner)
		}
	}
}
