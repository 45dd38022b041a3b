package acceptance

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// fill puts documents from..to-1 of all.
func (w tenant) fill(t *testing.T, from, to int) {
	t.Helper()
	var writes []string
	for i := from; i < to; i++ {
		writes = append(writes, fmt.Sprintf(`{"action":"put","document":{"_id":"d%05d","n":%d}}`, i, i))
	}
	w.send(t, 200, "POST", documents+":batch", `{"writes":[`+strings.Join(writes, ",")+`]}`)
}

// livesIn waits until the organization lives in the strategy and no move is pending, and
// what moves have left is dropped if that is wanted.
func (w tenant) livesIn(t *testing.T, path, strategy string, dropped bool) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(lease / 4) {
		o := w.send(t, 200, "GET", path, "")
		moves := w.send(t, 200, "GET", path+"/move", "")
		left, _ := moves.fields["moves"].([]any)
		at, _ := o.fields["placement"].(map[string]any)
		if at["strategy"] == strategy && o.fields["operation"] == nil && (!dropped || len(left) == 0) {
			return
		}
		if time.Since(begun) > patience {
			t.Fatalf("it isn't in %s: %s\n%s", strategy, o.body, moves.body)
		}
	}
}

// TestMoveWhileServing moves an organization that is written to, with a pause, a kill and
// a start on its way, and calls another move off.
func TestMoveWhileServing(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		slow := []string{"OPERATOR_TOKEN=" + operatorToken, "OPERATION_LEASE=" + lease.String(), "MOVE_RATE=1000"}
		p := e.start(t, slow...)
		acme, globex, operator := p.tenant(t, "Acme"), p.tenant(t, "Globex"), tenant{p, operatorToken}
		path := "/v1/organizations/" + p.get(t, "Acme").text("organization_id")
		for i := range 3 {
			acme.fill(t, 1000*i, 1000*i+1000)
		}
		globex.fill(t, 0, 2)
		a := operator.send(t, 202, "POST", path+"/move", `{"strategy":"shared"}`, "Content-Type", "application/json")
		if a.header.Get("Location") != path+"/move" || !strings.Contains(string(a.body), `"stage":"copying"`) {
			t.Errorf("%v %s", a.header, a.body)
		}
		acme.fill(t, 2500, 3100)
		if a := operator.send(t, 409, "POST", path+"/suspend", ""); a.text("code") != "operation_in_progress" {
			t.Errorf("%s", a.body)
		}
		if a := operator.send(t, 200, "POST", path+"/move/pause", ""); a.fields["paused"] != true {
			t.Errorf("%s", a.body)
		}
		acme.fill(t, 3100, 3150)
		acme.send(t, 204, "DELETE", documents+"/d00001", "")
		p.kill(t)

		p = e.start(t, slow...)
		acme.p, globex.p, operator.p = p, p, p
		if a := operator.send(t, 200, "GET", path+"/operations", ""); !strings.Contains(string(a.body), `"kind":"move"`) || strings.Contains(string(a.body), "lease_until") {
			t.Errorf("%s", a.body)
		}
		operator.send(t, 200, "POST", path+"/move/resume", "")
		acme.fill(t, 3150, 3200)
		operator.livesIn(t, path, "shared", false)
		acme.send(t, 201, "PUT", documents+"/later", "{}")
		if ids := acme.walk(t, "limit=1000"); len(ids) != 3200 {
			t.Errorf("%d documents", len(ids))
		}
		if n := globex.count(t); n != 2 {
			t.Errorf("another organization has %v documents", n)
		}
		operator.send(t, 200, "POST", path+"/move", `{"strategy":"shared"}`, "Content-Type", "application/json")
		operator.send(t, 404, "POST", path+"/move/pause", "")

		operator.send(t, 202, "POST", path+"/move", `{"strategy":"database"}`, "Content-Type", "application/json")
		operator.send(t, 200, "POST", path+"/abort", "")
		operator.livesIn(t, path, "shared", false)
		if a := operator.send(t, 200, "GET", path+"/operations", ""); !strings.Contains(string(a.body), `"outcome":"operation_aborted"`) {
			t.Errorf("%s", a.body)
		}
		if n := acme.count(t); n != 3200 {
			t.Errorf("%v documents after an abort", n)
		}
	})
}
