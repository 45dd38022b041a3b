package crash

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// organizations is how many slots the kills have, workers how many requests run at once.
const (
	organizations = 50
	workers       = 8
)

// world is a store with the program on it, and all that is known about both.
type world struct {
	t      *testing.T
	engine engine
	// purpose keeps the choices of one test apart from another's.
	purpose string
	slots   []*slot

	// given are all namespaces that were ever seen, with the placement's owner.
	given map[space]string
	mood  mood
}

func newWorld(t *testing.T, e engine, slots int) *world {
	w := &world{t: t, engine: e, purpose: t.Name(), given: map[space]string{}}
	for i := range slots {
		w.slots = append(w.slots, newSlot(i))
	}
	return w
}

// violation reports what must not be, with what repeats it.
func (w *world) violation(format string, arguments ...any) {
	w.t.Helper()
	seen.count(func(f *figures) { f.violations++ })
	w.t.Errorf("CRASH_SEED=%d: violation: %s", asked.seed, fmt.Sprintf(format, arguments...))
}

// start starts the program on the store, without a crash point.
func (w *world) start(environment ...string) *process {
	w.t.Helper()
	p, err := start(append(w.engine.environment(), environment...)...)
	if err != nil {
		w.t.Fatalf("CRASH_SEED=%d: %v", asked.seed, err)
	}
	w.watch(p)
	return p
}

// watch ends the process with the test, and looks over what it has printed.
func (w *world) watch(p *process) {
	w.t.Cleanup(func() {
		p.kill()
		text := p.output.String()
		for what, secret := range map[string]string{
			"the password": password, "the token's key": tokenKey, "the operator's token": operatorToken, "a password's hash": "$argon2",
		} {
			if strings.Contains(text, secret) {
				w.t.Errorf("the output holds %s", what)
			}
		}
		if strings.Contains(text, "panic") {
			w.t.Errorf("CRASH_SEED=%d: the program says:\n%s", asked.seed, text)
		}
	})
}

// share returns the slots of one worker of so many.
func (w *world) share(worker, of int) (slots []*slot) {
	for i := worker; i < len(w.slots); i += of {
		slots = append(slots, w.slots[i])
	}
	return slots
}

// kept reports whether the draw has deleted data kept, and the setting for it.
func kept(random *rand.Rand) (bool, string) {
	if random.IntN(2) == 0 {
		return false, "DELETE_RETENTION=0s"
	}
	return true, "DELETE_RETENTION=1h"
}

// ask sends the change of what was in the state and returns what became of it.
func (w *world) ask(c *client, s *slot, now state, token string, o op) attempt {
	w.t.Helper()
	a, err := c.send(o.request(now, token))
	made := attempt{op: o, fate: lost, on: now.id, answer: a}
	switch {
	case err != nil:
		if a.took >= slowest {
			w.violation("%s had no answer within %v", o.kind, slowest)
		}
	case a.status == o.success():
		made.fate, made.id = done, a.organization()
	case a.status != http.StatusServiceUnavailable && a.status < http.StatusInternalServerError:
		made.fate = refused
	}
	if w.mood == contended && a.took > 2*time.Second {
		w.t.Logf("slow: %s %v", made, err)
	}
	seen.count(func(f *figures) { f.operations++ })
	// A create that outlives its lease before there is an account goes back.
	late := o.kind == create && a.took >= lease && stormy.allows(a)
	if err == nil && made.fate != done && !late && !w.mood.allows(a) {
		w.violation("%s of %+v (slot %d) is answered %v %v", o.kind, now, s.number, a, a.fields)
	}
	return made
}

// mood says which answers are right beside those that success would have.
type mood int

const (
	// calm: nothing but the program's death keeps a change from being made.
	calm mood = iota
	// stormy: the store may be away.
	stormy
	// contended: others may change the same organization, too.
	contended
)

func (m mood) allows(a answer) bool {
	switch code := a.code(); {
	case a.status == http.StatusServiceUnavailable:
		return m != calm && (code == "store_unavailable" || code == "overloaded")
	case a.status < http.StatusInternalServerError:
		return m == contended
	}
	return false
}
