package acceptance

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// lease is the operations' lease in crash tests. A process that shares its store
// leaves an operation alone for so long.
const lease = 200 * time.Millisecond

// seen is what the outside sees of an organization; the zero value is nothing.
type seen struct{ name, email string }

// crash is an operation that is killed, and what may be seen before and after it.
type crash struct {
	name          string
	before, after func(suffix string) seen
	method, path  string
}

func crashes() []crash {
	nothing := func(string) seen { return seen{} }
	acme := func(suffix string) seen { return seen{"Acme " + suffix, "admin" + suffix + "@acme.example"} }
	globex := func(suffix string) seen { return seen{"Globex " + suffix, "boss" + suffix + "@globex.example"} }
	return []crash{
		{"create", nothing, acme, http.MethodPost, "/org/create"},
		{"rename", acme, globex, http.MethodPut, "/org/update"},
		{"delete", acme, nothing, http.MethodDelete, "/org/delete"},
	}
}

// TestCrash kills the program (SIGKILL) at each boundary between two steps of an
// operation and starts it again: the old or the new state is there, whole.
func TestCrash(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		for _, c := range crashes() {
			t.Run(c.name, func(t *testing.T) {
				kills := 0
				for c.killedAt(t, e, kills+1) && !t.Failed() {
					kills++
				}
				t.Logf("%d kills", kills)
				if kills < 8 {
					t.Errorf("only %d kills: there are 4 steps at least", kills)
				}
			})
		}
	})
}

// killedAt lets the program kill itself at the boundary during the operation, and
// checks what is there after a start. It reports whether the program died.
func (c crash) killedAt(t *testing.T, e engine, boundary int) bool {
	t.Helper()
	suffix := fmt.Sprintf("%s%d", c.name, boundary)
	before, after := c.before(suffix), c.after(suffix)
	token, id := "", ""
	if before != (seen{}) {
		p := e.start(t)
		id = p.create(t, before.name, before.email).text("organization_id")
		token = p.logIn(t, before.email)
		p.kill(t)
	}
	p := e.startBinary(t, crashing, fmt.Sprintf("ORGKEEPER_CRASH_AT=%d", boundary), "OPERATION_LEASE="+lease.String())
	path, body := c.path, object{"organization_name": after.name, "email": after.email, "password": password}
	if c.method == http.MethodDelete {
		path, body = deletePath(before.name), nil
	}
	answer, err := p.try(c.method, path, token, body)
	died := err != nil
	acknowledged := !died
	if died {
		p.wait(t) // It kills itself: nobody else has.
	} else if answer.status >= 300 {
		t.Fatalf("boundary %d: %d %s", boundary, answer.status, answer.body)
	}
	p.kill(t)

	p = e.start(t, "OPERATION_LEASE="+lease.String(), "OPERATOR_TOKEN="+operatorToken)
	p.settled(t)
	now, nowID := p.look(t, before, after)
	if now != after && (acknowledged || now != before) {
		t.Fatalf("boundary %d, acknowledged: %v; before %+v, after %+v, but now %+v", boundary, acknowledged, before, after, now)
	}
	if id != "" && nowID != "" && nowID != id {
		t.Errorf("boundary %d: another organization is there", boundary)
	}
	for _, free := range []seen{before, after} {
		if free != (seen{}) && free != now {
			p.createWhenFree(t, free)
		}
	}
	p.kill(t)
	return died
}

// settled waits until no operation is pending. Until then the owner may have the email
// that the killed operation gives, and the organization still its old name.
func (p *process) settled(t *testing.T) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(lease / 4) {
		list := p.do(t, http.StatusOK, http.MethodGet, "/v1/organizations?limit=200", operatorToken, nil)
		if !bytes.Contains(list.body, []byte(`"operation":`)) {
			return
		}
		if time.Since(begun) > patience {
			t.Fatalf("an operation isn't finished: %s", list.body)
		}
	}
}

// createWhenFree creates an organization whose name and email are free, or will be
// as soon as whoever is about to undo the killed operation has done so.
func (p *process) createWhenFree(t *testing.T, s seen) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(lease) {
		answer, err := p.try(http.MethodPost, "/org/create", "",
			object{"organization_name": s.name, "email": s.email, "password": password})
		switch {
		case err != nil:
			t.Fatal(err)
		case answer.status == http.StatusCreated:
			return
		case answer.status != http.StatusConflict || time.Since(begun) > patience:
			t.Fatalf("creating %+v, which should be free: %d %s", s, answer.status, answer.body)
		}
	}
}

// eventuallyReady waits until the program says that it is ready.
func (p *process) eventuallyReady(t *testing.T) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer, err := p.try(http.MethodGet, "/readyz", "", nil)
		if err == nil && answer.status == http.StatusOK {
			return
		}
		if time.Since(begun) > patience {
			t.Fatalf("not ready: %d, error %v", answer.status, err)
		}
	}
}

// look returns which of the two is there, and its ID. A name alone is not enough:
// its owner must be able to log in.
func (p *process) look(t *testing.T, either ...seen) (seen, string) {
	t.Helper()
	var now seen
	var id string
	for _, s := range either {
		if s == (seen{}) {
			continue
		}
		answer, err := p.try(http.MethodGet, getPath(s.name), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.status == http.StatusNotFound {
			continue
		}
		if now != (seen{}) {
			t.Errorf("both %+v and %+v are there", now, s)
		}
		p.logIn(t, s.email)
		now, id = s, answer.text("organization_id")
	}
	return now, id
}
