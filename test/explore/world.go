package explore

import (
	"context"
	"fmt"
	"time"
)

// place is how far an actor has come, with which answers: it stands before a call or
// has ended.
type place struct {
	id    int32
	actor int
	// parent, reply and now are how it came here; a parent of nil is the beginning.
	parent *place
	reply  answer
	now    int
	// call is the next one, and asks tells it from others, unless ended is set; err is
	// the actor's result then.
	call  call
	asks  fingerprint
	ended bool
	err   error
	next  map[arrival]*place
}

// arrival is the answer with which an actor leaves a place, and when.
type arrival struct {
	reply fingerprint
	now   int
}

// world is a machine on which actors play roles.
type world struct {
	*machine
	brief brief
	roles []role

	places  []*place
	begun   []map[int]*place
	running []running
}

// running is a process and where it stands.
type running struct {
	*process
	at *place
}

// jump is by how much the clock goes on when it does: every lease is over then.
const jump = lease + time.Second

func at(now int) time.Time { return epoch.Add(time.Duration(now) * jump) }

// newWorld returns a world in which the actors play the roles, and the content of an
// empty store.
func newWorld(ctx context.Context, m *machine, roles []role) (*world, *content, error) {
	w := &world{
		machine: m, roles: roles, brief: brief{machine: m},
		begun: make([]map[int]*place, len(roles)), running: make([]running, len(roles)),
	}
	if err := w.hold(ctx, m.empty); err != nil {
		return nil, nil, err
	}
	nothing, err := w.settle(ctx, new(ledger).clone())
	return w, nothing, err
}

// close stops all processes.
func (w *world) close() {
	for _, r := range w.running {
		if r.process != nil {
			r.stop()
		}
	}
}

// begin returns the place of the actor's first call.
func (w *world) begin(ctx context.Context, actor, now int) *place {
	if p, ok := w.begun[actor][now]; ok {
		return p
	}
	if w.begun[actor] == nil {
		w.begun[actor] = map[int]*place{}
	}
	p := w.newPlace(&place{actor: actor, now: now})
	w.begun[actor][now] = p
	w.catchUp(ctx, p)
	return p
}

func (w *world) newPlace(p *place) *place {
	p.id, p.next = int32(len(w.places)+1), map[arrival]*place{}
	w.places = append(w.places, p)
	return p
}

// answered returns the place where the actor comes with the answer.
func (w *world) answered(ctx context.Context, from *place, reply answer, mark fingerprint, now int) *place {
	key := arrival{mark, now}
	if p, ok := from.next[key]; ok {
		return p
	}
	p := w.newPlace(&place{actor: from.actor, parent: from, reply: reply, now: now})
	from.next[key] = p
	w.catchUp(ctx, p)
	return p
}

// catchUp brings the actor's process to the place, to learn what it does there.
func (w *world) catchUp(ctx context.Context, p *place) {
	r := &w.running[p.actor]
	var way []*place
	switch {
	case p.parent != nil && r.at == p.parent:
		way = []*place{p}
	default:
		if r.process != nil {
			r.stop()
		}
		r.process = start(ctx, w.roles[p.actor], p.actor+1, &w.brief)
		for q := p; q != nil; q = q.parent {
			way = append(way, q)
		}
	}
	for i := len(way) - 1; i >= 0; i-- {
		q := way[i]
		r.reply, r.now = q.reply, at(q.now)
		q.call, _ = r.next()
		q.ended, q.err = r.ended, r.err
		asks := identify(answer{value: arguments{q.call.name, q.call.args}})
		if q.asks != 0 && q.asks != asks {
			panic(fmt.Sprintf("explore: an actor that got the same answers asks something else: %s, %v", q.call, q.err))
		}
		q.asks = asks
		r.at = q
	}
}
