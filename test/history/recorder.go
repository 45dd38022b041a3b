package history

import (
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// recorder keeps the history of a round.
type recorder struct {
	began time.Time
	mu    sync.Mutex
	// told are the events whose end is known, open those that may happen at any time.
	told, open []porcupine.Operation
	// operations counts what clients did and were told something of.
	operations int
	// organizations are the IDs that a client may act on.
	organizations []string
}

func (r *recorder) now() int64 { return int64(time.Since(r.began)) }

// add records events between called and now, or, when they may happen later, open ones.
func (r *recorder) add(client int, called int64, events ...event) {
	returned := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.operations++
	for _, e := range events {
		o := porcupine.Operation{ClientId: client, Input: e, Call: called, Return: returned}
		switch e.kind {
		case mayHold, mayGoLive, mayLeave:
			r.open = append(r.open, o)
		default:
			r.told = append(r.told, o)
		}
	}
}

// history returns all events. What is open may happen until now.
func (r *recorder) history() []porcupine.Operation {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, end := r.told, r.now()
	for _, o := range r.open {
		o.Return = end
		all = append(all, o)
	}
	return all
}

func (r *recorder) know(organization string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.organizations = append(r.organizations, organization)
}

// pick returns one of the organizations, "" if there is none.
func (r *recorder) pick(random func(n int) int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.organizations) == 0 {
		return ""
	}
	return r.organizations[random(len(r.organizations))]
}
