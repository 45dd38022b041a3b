package crash

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// settle waits until no operation is pending any more and returns all organizations.
func (w *world) settle(c *client) []record {
	w.t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		all, err := c.list()
		busy := slices.IndexFunc(all, func(r record) bool { return r.Operation != nil })
		if err == nil && busy < 0 {
			return all
		}
		if time.Since(begun) > patience {
			if err == nil {
				err = fmt.Errorf("%+v has %+v", all[busy], *all[busy].Operation)
			}
			w.violation("an operation doesn't come to its end: %v", err)
			w.t.FailNow()
		}
	}
}

// verify holds what there is against what may be, and notes what there is. whole looks
// at everything, otherwise only at the organizations that were touched.
func (w *world) verify(p *process, whole bool) {
	w.t.Helper()
	records := w.settle(p.client)
	doubtful := w.recognize(p.client, records)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			for _, s := range w.share(i, workers) {
				if whole || s.touched {
					w.visit(p.client, s, whole || doubtful[s], whole)
				}
				s.touched = false
			}
		})
	}
	group.Wait()
	if whole {
		w.takeStock(records)
		w.check()
	}
}

// recognize finds each record among the states that its slot may have, and returns the
// slots of which more than one was possible.
func (w *world) recognize(c *client, records []record) map[*slot]bool {
	w.t.Helper()
	owner, doubtful := map[string]*slot{}, map[*slot]bool{}
	for _, s := range w.slots {
		for _, name := range s.names() {
			owner[name] = s
		}
		doubtful[s] = !s.settled()
	}
	found := map[*slot]record{}
	for _, r := range records {
		s := owner[r.Name]
		if s == nil || found[s].ID != "" {
			w.violation("nobody has asked for %+v", r)
			continue
		}
		found[s] = r
		w.register(r)
	}
	for _, s := range w.slots {
		r, observed := found[s], state{}
		if r.ID != "" {
			observed = state{r.ID, r.Name, s.state().email, r.Status}
			if doubtful[s] {
				now, err := c.show(r.ID)
				if err != nil {
					w.violation("looking at %+v: %v", r, err)
				}
				observed.email = now.Email
			}
		}
		may := slices.ContainsFunc(s.possible, func(s state) bool { return s.matches(observed) })
		if !may {
			w.violation("slot %d: %+v is there, but may only be %+v; history:\n%s", s.number, observed, s.possible, strings.Join(s.history, "\n"))
		}
		s.remember("then it is %+v", observed)
		s.know(observed)
		s.space, s.collection = r.Placement.space, r.Placement.Collection
	}
	return doubtful
}

// register notes the namespace of an organization. It is never given again.
func (w *world) register(r record) {
	w.t.Helper()
	placement := fmt.Sprintf("%s, placement %d", r.ID, r.Placement.Generation)
	at := r.Placement.space
	switch before := w.given[at]; {
	case at.Namespace == "":
		w.violation("%+v has no namespace", r)
	case before != "" && before != placement:
		w.violation("the namespace %v of %s is given to %s", at, before, placement)
	}
	if w.given[at] == "" {
		seen.count(func(f *figures) {
			if f.placed == nil {
				f.placed = map[string]int{}
			}
			f.placed[at.Strategy]++
		})
	}
	w.given[at] = placement
}

// visit looks at a slot's organization as its clients do. thorough looks under all
// names and emails that the slot ever uses, documents at what is in its namespace.
func (w *world) visit(c *client, s *slot, thorough, documents bool) {
	w.t.Helper()
	if s.keyed != nil && s.keyed.id == "" {
		w.insist(c, s)
	}
	now := s.state()
	for _, name := range s.names() {
		if here := now.live() && name == now.name; here || thorough {
			w.expectGet(c, s, name, here)
		}
	}
	for _, email := range s.emails() {
		if here := now.live() && email == now.email; here || thorough {
			w.expectLogIn(c, s, email, here)
		}
	}
	if documents {
		w.compareDocuments(c, s)
	}
}

func (w *world) expectGet(c *client, s *slot, name string, here bool) {
	w.t.Helper()
	a, err := c.get(name)
	seen.count(func(f *figures) { f.operations++ })
	right := a.status == http.StatusNotFound
	if here {
		right = a.status == http.StatusOK && a.text("organization_id") == s.state().id && (s.collection == "" || a.text("collection_name") == s.collection)
	}
	if err != nil || !right {
		w.violation("slot %d is %+v in %v; the answer under %q is %v %v %v", s.number, s.state(), s.space, name, a, a.fields, err)
	}
}

func (w *world) expectLogIn(c *client, s *slot, email string, here bool) {
	w.t.Helper()
	a, err := c.logIn(email)
	seen.count(func(f *figures) { f.operations++ })
	right := a.status == http.StatusUnauthorized
	switch {
	case here && s.state().status == suspended:
		right = a.status == http.StatusForbidden
	case here:
		right = a.status == http.StatusOK && a.text("organization_id") == s.state().id
	}
	if err != nil || !right {
		w.violation("slot %d is %+v; its log-in as %s is answered %v %v", s.number, s.state(), email, a, err)
	}
}

// insist sends a create again whose answer was lost: the client gets the organization
// that it has made, or makes it now.
func (w *world) insist(c *client, s *slot) {
	w.t.Helper()
	for begun := time.Now(); ; time.Sleep(lease / 10) {
		a, err := c.send(s.keyed.op.request(state{}, ""))
		seen.count(func(f *figures) { f.operations++ })
		id := a.organization()
		switch {
		case err == nil && a.status == http.StatusCreated && (s.state().status == "" || s.state().id == id):
			s.know(state{id, s.keyed.op.name, s.keyed.op.email, active})
			s.keyed.id = id
			r, err := c.show(id)
			if err != nil {
				w.violation("looking at %s: %v", id, err)
			}
			s.space, s.collection = r.Placement.space, r.Placement.Collection
			return
		case err == nil && a.code() == "idempotency_key_in_use" && time.Since(begun) < patience:
			continue
		}
		w.violation("slot %d is %+v; its create is sent again with its key and answered %v %v %v", s.number, s.state(), a, a.fields, err)
		s.keyed = nil
		return
	}
}

// compareDocuments looks for lost documents and for those of somebody else.
func (w *world) compareDocuments(c *client, s *slot) {
	w.t.Helper()
	if s.state().status == "" {
		return
	}
	found, err := c.export(s.state().id)
	if err != nil {
		w.violation("exporting the documents of %+v: %v", s.state(), err)
		return
	}
	for id, there := range s.documents {
		if there && found[id] == (content{}) {
			w.violation("slot %d: %+v has lost the document %s in %v", s.number, s.state(), id, s.space)
		}
	}
	for id, said := range found {
		if !s.documents[id] && !s.doubtful[id] || said.Owner != s.state().id {
			w.violation("slot %d: %+v sees the document %s of %s", s.number, s.state(), id, said.Owner)
		}
	}
}

// takeStock compares what stands where the organizations' data lives with their
// placements.
func (w *world) takeStock(records []record) {
	w.t.Helper()
	standing, err := w.engine.namespaces()
	if err != nil {
		w.violation("listing the namespaces: %v", err)
		return
	}
	var placed []space
	for _, s := range w.slots {
		if s.space != (space{}) {
			placed = append(placed, s.space)
		}
	}
	for _, name := range standing {
		if !slices.Contains(placed, name) {
			w.violation("the namespace %v is an orphan among %d organizations", name, len(records))
		}
	}
	for _, name := range placed {
		if !slices.Contains(standing, name) {
			w.violation("the namespace %v is missing", name)
		}
	}
}

// check has the program compare its registry with its storage.
func (w *world) check() {
	w.t.Helper()
	command := exec.Command(binary, "check")
	command.Dir = os.TempDir()
	command.Env = append(cheap(), w.engine.environment()...)
	if out, err := command.CombinedOutput(); err != nil {
		w.violation("orgkeeper check: %v\n%s", err, out)
	}
}
