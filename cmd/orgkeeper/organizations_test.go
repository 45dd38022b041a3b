package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

func TestLifeOfAnOrganization(t *testing.T) {
	eachWorld(t, func(w world) {
		id := string(w.create("Acme Corp")[0])
		wants := func(o object, field string, want any) {
			w.Helper()
			if diff := cmp.Diff(want, o[field]); diff != "" {
				w.Errorf("%s: %s", field, diff)
			}
		}
		o := w.one("organizations", "show", "--name", "ACME corp")
		wants(o, "id", id)
		wants(o, "admin_email", "admin-0@example.com")
		wants(o, "status", "active")
		wants(o, "hold", false)
		wants(o, "operation", nil)
		wants(o["placement"].(object), "namespace", "org_acme_corp")

		o = w.one("organizations", "rename", id, "Globex")
		wants(o, "name", "Globex")
		wants(o, "admin_email", "admin-0@example.com")
		wants(o["placement"].(object), "namespace", "org_globex")
		wants(w.one("organizations", "suspend", "--name", "globex"), "status", "suspended")
		wants(w.one("organizations", "suspend", id), "status", "suspended") // Again changes nothing.
		wants(w.one("organizations", "activate", id), "status", "active")
		wants(w.one("organizations", "hold", id), "hold", true)
		wants(w.one("organizations", "delete", id, "--yes"), "status", "deleted")
		wants(w.one("organizations", "show", "--name", "Globex"), "status", "deleted")
		o = w.one("organizations", "restore", "--name", "Globex", "--as", "Initech")
		wants(o, "status", "active")
		wants(o, "name", "Initech")
		wants(w.one("organizations", "delete", "--name", "Initech", "--yes"), "status", "deleted")
		w.fails(4, "on hold", "organizations", "purge", id, "--yes")
		wants(w.one("organizations", "release", id), "hold", false)
		o = w.one("organizations", "purge", "--name", "initech", "-y")
		wants(o, "status", "purged")
		wants(o, "placement", nil)
		wants(o, "admin_email", nil)
		wants(o["receipt"].(object), "by", "operator")
		wants(o["receipt"].(object), "documents", 0.0)
		wants(w.one("organizations", "show", id), "status", "purged")
	})
}

func TestRetention(t *testing.T) {
	eachWorld(t, func(w world) {
		w.Setenv("DELETE_RETENTION", "24h")
		id := string(w.create("Acme")[0])
		if o := w.one("organizations", "delete", id, "--yes"); o["status"] != "deleted" || o["purge_at"] == nil {
			w.Errorf("deleted: %v", o)
		}
		if out := w.done("organizations", "list"); !strings.Contains(out, "kept until") {
			w.Errorf("the list is\n%s", out)
		}
		if o := w.one("organizations", "restore", id); o["status"] != "active" || o["purge_at"] != nil || o["deleted_at"] != nil {
			w.Errorf("restored: %v", o)
		}
	})
}

func TestTables(t *testing.T) {
	eachWorld(t, func(w world) {
		id := string(w.create("Acme Corp")[0])
		hide := strings.NewReplacer(id, "[id]")
		dates := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
		shown := func(arguments ...string) string {
			w.Helper()
			return dates.ReplaceAllString(hide.Replace(w.done(arguments...)), "[time]")
		}
		list := shown("organizations", "list")
		if fields := strings.Fields(list); !cmp.Equal(fields, []string{
			"ID", "STATUS", "CREATED", "NAMESPACE", "NOTE", "NAME", "[id]", "active", "[time]", "org_acme_corp", "-", "Acme", "Corp",
		}) {
			t.Errorf("the list is\n%s", list)
		}
		const want = `ID         [id]
Name       Acme Corp
Status     suspended
Admin      admin-0@example.com
Database   [db]
Namespace  org_acme_corp (collection, generation 1, open)
Created    [time]
Updated    [time]
Version    3
`
		got := regexp.MustCompile(`(?m)^(Database +).*$`).ReplaceAllString(shown("organizations", "suspend", id), "${1}[db]")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestList(t *testing.T) {
	eachWorld(t, func(w world) {
		var names []string
		for i := range 7 {
			names = append(names, fmt.Sprintf("Company %d", i))
		}
		ids := w.create(append(names, "Other")...)
		w.done("organizations", "suspend", string(ids[1]))
		w.done("organizations", "delete", string(ids[2]), "--yes") // Purged at once.
		listed := func(arguments ...string) (found []string) {
			for _, o := range w.lines(w.done(append([]string{"organizations", "list", "-o", "json"}, arguments...)...)) {
				found = append(found, o["name"].(string))
				if _, ok := o["admin_email"]; ok {
					w.Error("a list holds emails")
				}
			}
			return found
		}
		for flags, want := range map[string][]string{
			"":                                    {"Company 0", "Company 1", "Company 3", "Company 4", "Company 5", "Company 6", "Other"},
			"--all":                               {"Company 0", "Company 1", "Company 3", "Company 4", "Company 5", "Company 6", "Other"},
			"--limit 2":                           {"Company 0", "Company 1"},
			"--limit 2 --after " + string(ids[1]): {"Company 3", "Company 4"},
			"--status suspended":                  {"Company 1"},
			"--status suspended,purged":           {"Company 1", "Company 2"},
			"--name-prefix comPANY --limit 1":     {"Company 0"},
			"--name-prefix o":                     {"Other"},
			"--created-from 2999-01-01":           nil,
			"--created-before 2999-01-01T00:00:00+02:00 --limit 1": {"Company 0"},
		} {
			if diff := cmp.Diff(want, listed(strings.Fields(flags)...)); diff != "" {
				w.Errorf("%s: %s", flags, diff)
			}
		}
		r := w.run("organizations", "list", "--limit", "1")
		if !strings.Contains(r.err, "--after "+string(ids[0])) || strings.Contains(r.out, "--after") {
			w.Errorf("it doesn't say how to go on:\n%s%s", r.out, r.err)
		}
	})
}

func TestListWalksAllPages(t *testing.T) {
	w := onSQLite(t)
	const n = 2*app.ListLimit + 1
	w.with(func(st *store, _ *app.Service) { fill(t, st, n) })
	seen := map[any]bool{}
	for _, o := range w.lines(w.done("organizations", "list", "--all", "--output", "json")) {
		seen[o["id"]] = true
	}
	if len(seen) != n {
		t.Errorf("%d organizations, want %d", len(seen), n)
	}
	if lines := strings.Count(w.done("organizations", "list", "--all"), "\n"); lines != n+1 {
		t.Errorf("the table has %d lines, want %d and one", lines, n)
	}
}

func TestExitCodesOfCommands(t *testing.T) {
	eachWorld(t, func(w world) {
		ids := w.create("Acme", "Globex")
		acme := string(ids[0])
		for _, arguments := range []string{
			"organizations", "organizations sing", "organizations show", "organizations show a b", "organizations show a --name b",
			"organizations rename " + acme, "organizations rename " + acme + " x", "organizations list --limit 0",
			"organizations list --limit 201", "organizations list --limit 1 --all", "organizations list --status odd",
			"organizations list --created-from yesterday", "organizations list --output yaml", "organizations list more",
			"organizations list --odd", "organizations show --name x", "check --output yaml", "check more", "strays", "strays merge",
		} {
			w.fails(2, "", strings.Fields(arguments)...)
		}
		w.fails(3, "ID", "organizations", "show", "0198")
		w.fails(3, "name", "organizations", "show", "--name", "Nobody")
		w.fails(3, "name", "organizations", "restore", "--name", "Acme") // It isn't deleted.
		w.fails(3, "operation", "organizations", "retry", acme)
		w.fails(3, "operation", "organizations", "abort", acme)
		w.fails(3, "stray", "strays", "merge", "org_nobody")
		w.fails(3, "stray", "strays", "quarantine", "org_acme") // It lives there.
		w.fails(4, "organization_name_taken", "organizations", "rename", acme, "globex")
		w.fails(4, "organization_status", "organizations", "restore", acme)
		w.fails(4, "organization_status", "organizations", "purge", acme, "--yes")
		w.fails(6, "--yes", "organizations", "delete", acme)
		w.fails(6, "--yes", "organizations", "purge", acme)
		w.fails(6, "--yes", "check", "--repair")
		if got := w.one("organizations", "show", acme)["version"]; got != 2.0 {
			w.Errorf("the refused commands have changed the organization: version %v", got)
		}
	})
}

func TestUnreachableStore(t *testing.T) {
	w := world{T: t}
	setEnvironment(t, map[string]string{
		"STORE": "mongo", "MONGO_URI": "mongodb://me:correct%20horse%20battery@127.0.0.1:1/?serverSelectionTimeoutMS=300",
	})
	for _, arguments := range [][]string{{"organizations", "list"}, {"check"}, {"organizations", "suspend", "x"}} {
		w.fails(5, "store_unavailable", arguments...)
	}
	t.Setenv("MONGO_URI", "")
	w.fails(2, "MONGO_URI", "organizations", "list")
}

func TestQuestionOnATerminal(t *testing.T) {
	w := onSQLite(t)
	id := string(w.create("Acme Corp")[0])
	answer := func(typed string, arguments ...string) result {
		t.Helper()
		person, terminal, err := pty.Open()
		w.must(err)
		defer func(files ...*os.File) {
			for _, f := range files {
				_ = f.Close()
			}
		}(person, terminal)
		_, err = person.WriteString(typed)
		w.must(err)
		return w.runOn(terminal, arguments...)
	}
	if r := answer("acme\n", "organizations", "delete", id); r.code != 6 || !strings.Contains(r.err, "Type Acme Corp to go on") {
		t.Errorf("a wrong answer: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	if r := answer("no\n", "check", "--repair"); r.code != 6 {
		t.Errorf("a wrong answer to a repair: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	if got := w.one("organizations", "show", id)["status"]; got != "active" {
		t.Fatalf("the organization is %v", got)
	}
	if r := answer("yes\n", "check", "--repair"); r.code != 0 {
		t.Errorf("a repair: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	if r := answer("Acme Corp\n", "organizations", "delete", id); r.code != 0 || !strings.Contains(r.out, "purged") {
		t.Errorf("the right answer: exit code %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestAmbiguousName(t *testing.T) {
	eachWorld(t, func(w world) {
		for i := range 2 {
			var id domain.OrganizationID
			w.with(func(_ *store, service *app.Service) {
				id = create(w.T, service, "Acme", fmt.Sprintf("admin-%d@example.com", i)).ID
			})
			w.done("organizations", "hold", string(id))
			w.done("organizations", "delete", "--name", "Acme", "--yes")
		}
		w.fails(2, "by its ID", "organizations", "restore", "--name", "Acme")
		w.fails(2, "by its ID", "organizations", "show", "--name", "Acme")
	})
}

func TestStuckOperation(t *testing.T) {
	eachWorld(t, func(w world) {
		ids := w.create("Acme", "Globex")
		for _, id := range ids {
			w.with(func(st *store, _ *app.Service) { stick(w.T, st, id, "Other"+string(id[len(id)-4:])) })
		}
		o := w.one("organizations", "show", string(ids[0]))
		if op, ok := o["operation"].(object); !ok || op["stuck"] != true || op["kind"] != "update" {
			w.Errorf("the operation is %v", o["operation"])
		}
		w.fails(4, "operation_in_progress", "organizations", "suspend", string(ids[0]))
		if o := w.one("organizations", "retry", string(ids[0])); !strings.HasPrefix(o["name"].(string), "Other") || o["operation"] != nil {
			w.Errorf("after the retry: %v", o)
		}
		if o := w.one("organizations", "abort", "--name", "Globex"); o["name"] != "Globex" || o["operation"] != nil {
			w.Errorf("after the abort: %v", o)
		}
	})
}

// Names of older services may hold what a terminal would obey.
func TestHostileNameIsShownHarmless(t *testing.T) {
	eachWorld(t, func(w world) {
		id := w.create("Acme")[0]
		w.with(func(st *store, _ *app.Service) {
			o, err := st.Organizations().ByID(w.Context(), id)
			w.must(err)
			version := o.Version
			o.Name = domain.StoredName("Acme\x1b[2J\u202e", o.Name.Key())
			o.Version++
			w.must(st.Organizations().Replace(w.Context(), o, version))
		})
		for _, arguments := range []string{"list", "list --output json", "show " + string(id), "show --output json " + string(id)} {
			out := w.done(append([]string{"organizations"}, strings.Fields(arguments)...)...)
			if strings.ContainsAny(out, "\x1b\u202e") || !strings.Contains(out, `Acme\u001b[2J\u202e`) {
				w.Errorf("%s prints %q", arguments, out)
			}
		}
	})
}

func TestCompletion(t *testing.T) {
	eachWorld(t, func(w world) {
		ids := w.create("Acme", "Globex")
		w.done("organizations", "suspend", string(ids[1]))
		for line, want := range map[string][]string{
			"organizations s":              {"show", "suspend"},
			"organizations list --status ": {"provisioning", "active", "suspended", "deleted", "purged"},
			"organizations list --output ": {"table", "json"},
			"organizations activate ":      {string(ids[1]) + "\tGlobex"},
			"organizations suspend ":       {string(ids[0]) + "\tAcme"},
			"organizations show --name aC": {"Acme"},
			"organizations restore ":       nil,
			"strays merge ":                nil,
		} {
			words := strings.Split(line, " ")
			var got []string
			for l := range strings.Lines(w.done(append([]string{"__complete"}, words...)...)) {
				if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, ":") {
					if !strings.Contains(strings.Join(want, " "), "\t") {
						l, _, _ = strings.Cut(l, "\t") // Without the description.
					}
					got = append(got, l)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				w.Errorf("%q: %s", line, diff)
			}
		}
		if out := w.done("completion", "bash"); !strings.Contains(out, "__start_orgkeeper") {
			w.Error("there is no completion for bash")
		}
	})
	w := world{T: t}
	setEnvironment(t, map[string]string{"STORE": "sqlite", "DATA_DIR": t.TempDir()})
	if r := w.run("__complete", "organizations", "show", ""); r.code != 0 || strings.Contains(r.out, "no store") {
		t.Errorf("without a store: exit code %d\n%s%s", r.code, r.out, r.err)
	}
}
