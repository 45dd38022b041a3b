package crash

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// errStopped says that a process doesn't answer any more.
var errStopped = errors.New("the process is gone")

// work has the workers change their organizations until the process dies, or stop is
// closed.
func (w *world) work(p *process, kept bool, stop <-chan struct{}, purpose ...any) {
	var group sync.WaitGroup
	for i := range workers {
		random, slots := choices(w.purpose, purpose, i), w.share(i, workers)
		group.Go(func() {
			for p.alive() {
				select {
				case <-stop:
					return
				default:
				}
				if err := w.step(p.client, slots, random, kept); err != nil {
					return
				}
			}
		})
	}
	group.Wait()
}

// step sends one request about one of the slots.
func (w *world) step(c *client, slots []*slot, random *rand.Rand, kept bool) error {
	s := slots[random.IntN(len(slots))]
	if !s.settled() {
		return nil // Left alone until it is known what there is.
	}
	now := s.state()
	roll := random.IntN(100)
	switch {
	case s.token == "" && now.status == active:
		return w.logIn(c, s)
	case roll < 15 && now.status == active:
		return w.writeDocument(c, s)
	case roll < 18 && now.status == active && len(s.documents) > 0:
		return w.deleteDocument(c, s)
	case roll < 22 && s.keyed != nil && s.keyed.id != "":
		return w.replay(c, s)
	case roll < 26 && now.status == "":
		return w.intrude(c, slots, s, random)
	case roll < 30 && now.live():
		return w.look(c, s)
	}
	made := w.ask(c, s, now, s.token, s.pick(random, kept))
	w.conclude(s, made)
	if made.fate == lost {
		return errStopped
	}
	return nil
}

// conclude notes what there may be after an attempt that began from a known state.
func (w *world) conclude(s *slot, made attempt) {
	s.touched = true
	if made.op.key != "" && made.fate != refused {
		s.keyed = &keyed{made.op, made.id}
	}
	w.concludeAll(s, []attempt{made})
}

// concludeAll does so after attempts that were made at once, a line each.
func (w *world) concludeAll(s *slot, lines ...[]attempt) {
	for i, line := range lines {
		for _, a := range line {
			s.remember("line %d: %v", i, a)
		}
	}
	after := possible(s.state(), lines...)
	switch {
	case len(after) == 0:
		w.violation("slot %d: the answers contradict each other after %+v; history:\n%s", s.number, s.state(), strings.Join(s.history, "\n"))
	case len(after) == 1:
		s.know(after[0])
	default:
		s.possible = after
	}
}

// logIn gets a token for the slot's owner.
func (w *world) logIn(c *client, s *slot) error {
	a, err := c.logIn(s.state().email)
	if err != nil {
		return err
	}
	seen.count(func(f *figures) { f.operations++ })
	switch {
	case a.status == http.StatusOK && a.text("organization_id") == s.state().id:
		s.token = a.text("access_token")
	case !w.mood.allows(a):
		w.violation("the owner of %+v logs in and gets %v", s.state(), a)
	}
	return nil
}

// look gets an organization by its name.
func (w *world) look(c *client, s *slot) error {
	a, err := c.get(s.state().name)
	if err != nil {
		return err
	}
	seen.count(func(f *figures) { f.operations++ })
	found := a.status == http.StatusOK && a.text("organization_id") == s.state().id
	if !found && !w.mood.allows(a) {
		w.violation("%+v is looked up and the answer is %v", s.state(), a)
	}
	return nil
}

// writeDocument puts a document that says whose it is.
func (w *world) writeDocument(c *client, s *slot) error {
	s.written++
	id := fmt.Sprintf("%d-%d", s.number, s.written)
	done, err := w.document(c, s, request{
		method: http.MethodPut, path: "/v1/documents/" + id, token: s.token, body: object{"owner": s.state().id},
	})
	s.documents[id], s.doubtful[id] = done, !done
	return err
}

// deleteDocument deletes one of the documents.
func (w *world) deleteDocument(c *client, s *slot) error {
	id := slices.Sorted(maps.Keys(s.documents))[0]
	done, err := w.document(c, s, request{method: http.MethodDelete, path: "/v1/documents/" + id, token: s.token})
	delete(s.documents, id)
	s.doubtful[id] = !done
	return err
}

// document changes a document of the slot's active organization, and reports whether that
// was acknowledged.
func (w *world) document(c *client, s *slot, r request) (done bool, err error) {
	s.touched = true
	a, err := c.send(r)
	if err != nil {
		return false, errStopped
	}
	seen.count(func(f *figures) { f.operations++ })
	done = a.status < http.StatusMultipleChoices
	if !done && !w.mood.allows(a) {
		w.violation("%s of a document of %+v is answered %v %v", r.method, s.state(), a, a.fields)
	}
	return done, nil
}

// replay sends a create again that was acknowledged: the answer is the first one.
func (w *world) replay(c *client, s *slot) error {
	a, err := c.send(s.keyed.op.request(state{}, ""))
	if err != nil {
		return err
	}
	seen.count(func(f *figures) { f.operations++ })
	first := a.status == http.StatusCreated && a.organization() == s.keyed.id
	if !first && !w.mood.allows(a) {
		w.violation("a create of %s is sent again with its key and answered %v", s.keyed.id, a)
	}
	return nil
}

// intrude asks for a name or an email that another slot's organization has.
func (w *world) intrude(c *client, slots []*slot, s *slot, random *rand.Rand) error {
	victim := slots[random.IntN(len(slots))]
	if victim == s || !victim.settled() || !victim.state().live() {
		return nil
	}
	o, want := op{kind: create, name: victim.state().name, email: s.emails()[0]}, "organization_name_taken"
	if random.IntN(2) == 0 {
		o, want = op{kind: create, name: s.names()[0], email: victim.state().email}, "email_taken"
	}
	a, err := c.send(o.request(state{}, ""))
	if err != nil {
		return err
	}
	seen.count(func(f *figures) { f.operations++ })
	if a.code() != want && !w.mood.allows(a) {
		w.violation("a create that takes from %+v is answered %v, should be %s", victim.state(), a, want)
	}
	return nil
}
