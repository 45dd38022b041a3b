package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// fill puts n documents into the organization.
func (w world) fill(id domain.OrganizationID, n int) {
	w.Helper()
	w.with(func(_ *store, service *app.Service) {
		documents, err := service.Documents(w.Context(), id)
		w.must(err)
		for i := range n {
			d, err := domain.ParseDocument(fmt.Appendf(nil, `{"_id":"d%05d","n":%d}`, i, i), domain.PlainJSON)
			w.must(err)
			_, err = documents.Put(w.Context(), d, "")
			w.must(err)
		}
	})
}

// begin begins a move that nobody runs.
func (w world) begin(id domain.OrganizationID, to domain.Strategy) {
	w.Helper()
	w.with(func(_ *store, service *app.Service) {
		_, err := service.MoveOrganization(w.Context(), app.Command{Organization: id}, to)
		w.must(err)
	})
}

func strategyOf(o object) any { return o["placement"].(object)["strategy"] }

func TestMoveThere(t *testing.T) {
	eachWorld(t, func(w world) {
		id := w.create("Acme Corp")[0]
		w.fill(id, 12)
		before := digestOf(w.done("organizations", "export", string(id), "-"))
		for i, to := range []string{"shared", "database", "collection"} {
			r := w.run("organizations", "move", string(id), "--to", to, "-o", "json")
			o := w.lines(r.out)[0]
			if r.code != 0 || strategyOf(o) != to || o["operation"] != nil || !strings.Contains(r.err, "nobody could write") {
				w.Fatalf("to %s: exit code %d\n%s%s", to, r.code, r.out, r.err)
			}
			if after := digestOf(w.done("organizations", "export", string(id), "-")); after != before || !strings.Contains(after, `"documents":12`) {
				w.Errorf("in %s: %s, before %s", to, after, before)
			}
			moves := w.lines(w.done("organizations", "move", string(id), "--status", "-o", "json"))
			if len(moves) != i+1 || moves[0]["stage"] != "kept" || moves[0]["kept_until"] == nil || moves[0]["held_ms"] == nil || moves[0]["to"].(object)["strategy"] != to {
				w.Errorf("in %s: %v", to, moves)
			}
		}
		r := w.run("organizations", "move", "--name", "acme corp", "--to", "collection")
		if r.code != 0 || !strings.Contains(r.err, "already") || !strings.Contains(r.out, "(collection, generation 4") {
			w.Errorf("to where it is: exit code %d\n%s%s", r.code, r.out, r.err)
		}
		if text := w.done("organizations", "move", string(id), "--status"); strings.Count(text, "Kept until") != 3 {
			w.Error(text)
		}
	})
}

func TestMovePausedAndResumed(t *testing.T) {
	eachWorld(t, func(w world) {
		ids := w.create("Acme", "Globex")
		id := string(ids[0])
		w.fill(ids[0], 3)
		o := w.one("organizations", "move", id, "--to", "shared", "--detach")
		if op, ok := o["operation"].(object); !ok || op["kind"] != "move" || op["lease_until"] != nil || op["abortable"] != true {
			w.Fatalf("begun: %v", o)
		}
		if m := w.one("organizations", "move", id, "--pause"); m["paused"] != true || m["stage"] != "copying" {
			w.Errorf("paused: %v", m)
		}
		if text := w.done("organizations", "move", id, "--status"); !strings.Contains(text, "copying, paused") {
			w.Error(text)
		}
		w.fails(4, "paused", "organizations", "move", id, "--to", "shared")
		w.fails(4, "operation_in_progress", "organizations", "move", id, "--to", "database")
		if o := w.one("organizations", "move", id, "--resume"); strategyOf(o) != "shared" || o["operation"] != nil {
			w.Errorf("resumed: %v", o)
		}
		w.fails(3, "move_not_found", "organizations", "move", id, "--pause")
		w.fails(3, "move_not_found", "organizations", "move", id, "--resume")

		// One that nobody runs is gone on with, and one that is paused can be aborted.
		w.begin(ids[1], domain.StrategyDatabase)
		if o := w.one("organizations", "move", "--name", "Globex", "--to", "database"); strategyOf(o) != "database" {
			w.Errorf("gone on with: %v", o)
		}
		w.begin(ids[1], domain.StrategyShared)
		w.done("organizations", "move", string(ids[1]), "--pause")
		if o := w.one("organizations", "abort", string(ids[1])); strategyOf(o) != "database" || o["operation"] != nil {
			w.Errorf("aborted: %v", o)
		}
		w.begin(ids[1], domain.StrategyShared)
		if o := w.one("organizations", "retry", string(ids[1])); o["operation"].(object)["kind"] != "move" {
			w.Errorf("retried: %v", o)
		}
	})
}

func TestMoveAll(t *testing.T) {
	eachWorld(t, func(w world) {
		ids := w.create("Acme 0", "Acme 1", "Acme 2", "Acme 3", "Globex", "Initech")
		w.fill(ids[0], 2)
		w.done("organizations", "suspend", string(ids[1]))
		w.begin(ids[2], domain.StrategyShared)   // Gone on with.
		w.begin(ids[3], domain.StrategyDatabase) // In the way.
		w.done("organizations", "move", string(ids[4]), "--to", "shared")
		w.done("organizations", "delete", string(ids[5]), "--yes")
		moved := func(want map[string]string, code int, arguments ...string) string {
			w.Helper()
			r := w.run(append([]string{"organizations", "move", "--all", "--to", "shared", "-o", "json"}, arguments...)...)
			got := map[string]string{}
			for _, line := range w.lines(r.out) {
				got[line["name"].(string)] = strings.TrimSpace(fmt.Sprint(line["outcome"], " ", line["code"]))
			}
			for name, outcome := range got {
				got[name] = strings.TrimSuffix(outcome, " <nil>")
			}
			if diff := cmp.Diff(want, got); diff != "" || r.code != code {
				w.Errorf("%v: exit code %d\n%s%s", arguments, r.code, diff, r.err)
			}
			return r.err
		}
		moved(map[string]string{"Acme 0": "planned", "Acme 1": "planned", "Acme 2": "planned", "Acme 3": "planned", "Globex": "skipped"}, 0, "--dry-run")
		moved(map[string]string{"Acme 1": "planned"}, 0, "--dry-run", "--where", "status=suspended", "--where", "name-prefix=aCME")
		moved(map[string]string{"Globex": "skipped"}, 0, "--dry-run", "--where", "strategy=shared", "--where", "strategy=database")
		if err := moved(map[string]string{}, 0, "--where", "name-prefix=nobody"); !strings.Contains(err, "no organization is chosen") {
			w.Error(err)
		}
		err := moved(map[string]string{"Acme 0": "moved", "Acme 1": "moved", "Acme 2": "moved", "Acme 3": "failed operation_in_progress"}, 1,
			"--where", "name-prefix=acme", "--parallel", "4")
		if !strings.Contains(err, "3 moved, 1 failed") {
			w.Error(err)
		}
		for i, want := range []string{"shared", "shared", "shared", "collection", "shared"} {
			if o := w.one("organizations", "show", string(ids[i])); strategyOf(o) != want {
				w.Errorf("%d lives in %v, want %s", i, strategyOf(o), want)
			}
		}
		w.done("organizations", "abort", string(ids[3]))
		out := w.done("organizations", "move", "--all", "--to", "shared", "--parallel", "1")
		if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 6 || !strings.Contains(lines[0], "OUTCOME") || !strings.Contains(out, "Acme 3") {
			w.Error(out)
		}
	})
}

func TestMoveUsage(t *testing.T) {
	w := onSQLite(t)
	id := string(w.create("Acme")[0])
	for _, line := range []string{
		"", id, id + " --to shared --pause", id + " --pause --detach", id + " --status --resume", id + " --status --detach",
		id + " --to nowhere", "--all", "--all --to nowhere", "--all --to shared " + id, "--all --to shared --name Acme", "--all --to shared --detach",
		"--all --pause", id + " --to shared --dry-run", id + " --to shared --parallel 2", id + " --to shared --where status=active",
		"--all --to shared --parallel 0", "--all --to shared --parallel 101", "--all --to shared --where status=deleted",
		"--all --to shared --where strategy=", "--all --to shared --where name-prefix=", "--all --to shared --where name=x",
		"--all --to shared --where name-prefix=a --where name-prefix=b", "--to shared",
	} {
		w.fails(2, "", append([]string{"organizations", "move"}, strings.Fields(line)...)...)
	}
	w.fails(3, "No organization with this ID", "organizations", "move", "nobody", "--to", "shared")
	w.fails(3, "No organization with this ID", "organizations", "move", "nobody", "--status")
	if r := w.run("organizations", "move", id, "--status"); r.code != 0 || r.out != "" || !strings.Contains(r.err, "No move") {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.err)
	}
	w.with(func(*store, *app.Service) { // as a server does
		w.fails(7, "/move", "organizations", "move", id, "--to", "shared")
		w.fails(7, "/move/pause", "organizations", "move", id, "--pause")
		w.fails(7, "/move/resume", "organizations", "move", id, "--resume")
		w.fails(7, "/move", "organizations", "move", "--all", "--to", "shared")
		w.done("organizations", "move", id, "--status")
		w.done("organizations", "move", "--all", "--to", "shared", "--dry-run")
	})
	for line, want := range map[string]string{
		"organizations move ":              id + "\tAcme",
		"organizations move x --to ":       "shared",
		"organizations move --all --where": "--where",
	} {
		if out := w.done(append([]string{"__complete"}, strings.Split(line, " ")...)...); !strings.Contains(out, want) {
			t.Errorf("%q: %s", line, out)
		}
	}
}
