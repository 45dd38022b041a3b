package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// damage is something wrong that a check must find, once.
type damage struct {
	plant func(w world, st *store, service *app.Service, o domain.Organization)
	// after is done when the store is closed. Optional.
	after func(w world)
	kind  app.FindingKind
	// says is in the finding's detail.
	says string
	// lasting says that no repair can help.
	lasting bool
}

var damages = map[string]damage{
	"a missing namespace": {
		plant: func(w world, st *store, _ *app.Service, o domain.Organization) {
			w.must(st.Storage()[domain.StrategyCollection].Namespaces.Drop(w.Context(), o.Placement))
		},
		kind: app.FindingNamespaceMissing,
	},
	"a missing owner": {
		plant: func(w world, st *store, _ *app.Service, o domain.Organization) {
			w.must(st.Accounts().Delete(w.Context(), o.Owner))
		},
		kind: app.FindingOwnerMissing, lasting: true,
	},
	"an account without organization": {
		plant: func(w world, st *store, _ *app.Service, _ domain.Organization) {
			_, a := made(w.T, st, 1)
			w.must(st.Accounts().Insert(w.Context(), a))
		},
		kind: app.FindingAccountOrphaned,
	},
	"a stuck operation": {
		plant: func(w world, st *store, _ *app.Service, o domain.Organization) { stick(w.T, st, o.ID, "Initech") },
		kind:  app.FindingOperationStuck,
	},
	"a stray that a rename has left": {
		plant: func(w world, st *store, service *app.Service, o domain.Organization) {
			name := "Initech"
			_, err := service.UpdateByOperator(w.Context(), app.Command{Organization: o.ID}, app.Change{Name: &name})
			w.must(err)
			w.must(st.Storage()[domain.StrategyCollection].Namespaces.Ensure(w.Context(), o.ID, o.Placement))
		},
		after: func(w world) { w.write("org_acme", "late") },
		kind:  app.FindingStray, says: "has left",
	},
	"a stray of a purged organization": {
		plant: func(w world, st *store, service *app.Service, o domain.Organization) {
			_, err := service.DeleteByOperator(w.Context(), app.Command{Organization: o.ID})
			w.must(err)
			w.must(st.Storage()[domain.StrategyCollection].Namespaces.Ensure(w.Context(), o.ID, o.Placement))
		},
		after: func(w world) { w.write("org_acme", "late") },
		kind:  app.FindingStray, says: "is purged",
	},
	"a stray that nobody knows": {
		plant: func(w world, st *store, _ *app.Service, o domain.Organization) {
			o.Placement.Namespace = "org_unknown"
			w.must(st.Storage()[domain.StrategyCollection].Namespaces.Ensure(w.Context(), o.ID, o.Placement))
		},
		kind: app.FindingStray, says: "No organization ever",
	},
	"a missing index": {
		plant: func(world, *store, *app.Service, domain.Organization) {},
		after: world.dropIndex,
		kind:  app.FindingStructure,
	},
}

func TestCheckFindsDamage(t *testing.T) {
	for name, d := range damages {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w world) {
				var others []domain.OrganizationID
				w.with(func(st *store, service *app.Service) {
					d.plant(w, st, service, create(w.T, service, "Acme", "admin@acme.example"))
					others = append(others, create(w.T, service, "Globex", "admin@globex.example").ID)
				})
				if d.after != nil {
					d.after(w)
				}
				wantOne := func(repaired bool, arguments ...string) {
					w.Helper()
					r := w.run(append([]string{"check", "--output", "json"}, arguments...)...)
					code := 1
					if repaired {
						code = 0
					}
					found := w.lines(r.out)
					if r.code != code || len(found) != 1 {
						w.Fatalf("check %v: exit code %d, want %d, and one finding:\n%s%s", arguments, r.code, code, r.out, r.err)
					}
					f := found[0]
					if f["kind"] != string(d.kind) || !strings.Contains(f["detail"].(string), d.says) || (f["repaired"] != nil) != repaired {
						w.Errorf("check %v: found %v", arguments, f)
					}
					if f["organization_id"] == string(others[0]) {
						w.Error("the finding is about another organization")
					}
				}
				wantOne(false)
				if table := w.run("check"); table.code != 1 || !strings.Contains(table.out, string(d.kind)) || !strings.Contains(table.err, "found 1") {
					w.Errorf("as a table: exit code %d\n%s%s", table.code, table.out, table.err)
				}
				wantOne(!d.lasting, "--repair", "--yes")
				if d.lasting {
					wantOne(false)
				} else if out := w.done("check"); out != "" {
					w.Errorf("after the repair:\n%s", out)
				}
			})
		})
	}
}

// dropIndex drops an index of the registry.
func (w world) dropIndex() {
	w.Helper()
	if w.mongo == nil {
		w.sql("registry.db", "DROP INDEX IF EXISTS operations_due")
		return
	}
	indexes := w.mongo.Connect(w.T).Database(os.Getenv("MASTER_DB")).Collection("organizations").Indexes()
	w.must(indexes.DropOne(w.Context(), "pending.lease_until_1"))
}

func TestCheckFindsAWrongIndex(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		w := onMongo(t, server)
		indexes := server.Connect(t).Database(os.Getenv("MASTER_DB")).Collection("admins").Indexes()
		w.must(indexes.DropOne(t.Context(), "email_key_1"))
		_, err := indexes.CreateOne(t.Context(), driver.IndexModel{
			Keys: bson.D{{Key: "email_key", Value: 1}}, Options: options.Index().SetName("email_key_1"),
		})
		w.must(err)
		for _, arguments := range [][]string{{"check"}, {"check", "--repair", "--yes"}, {"check"}} {
			// An index that stands in the way is not dropped by a program.
			if r := w.run(arguments...); r.code != 1 || !strings.Contains(r.out, "email_key_1") {
				t.Errorf("%v: exit code %d\n%s%s", arguments, r.code, r.out, r.err)
			}
		}
	})
}

func TestCheckOfASoundStore(t *testing.T) {
	eachWorld(t, func(w world) {
		ids := w.create("Acme", "Globex", "Initech", "Umbrella")
		w.done("organizations", "rename", string(ids[0]), "Acme Two")
		w.done("organizations", "suspend", string(ids[1]))
		w.done("organizations", "hold", string(ids[2]))
		w.done("organizations", "delete", string(ids[2]), "--yes")
		w.done("organizations", "delete", string(ids[3]), "--yes")
		for _, arguments := range [][]string{{"check"}, {"check", "--repair", "--yes"}, {"check", "-o", "json"}} {
			if r := w.run(arguments...); r.code != 0 || r.out != "" || !strings.Contains(r.err, "All is well: looked at 3 organizations and 3 namespaces") {
				w.Errorf("%v: exit code %d\n%s%s", arguments, r.code, r.out, r.err)
			}
		}
	})
}

// An operation in flight is no damage, whatever a check meets of it.
func TestCheckBesideABusyServer(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		w := onMongo(t, server)
		w.with(func(_ *store, service *app.Service) {
			ctx, stop := context.WithCancel(t.Context())
			var group sync.WaitGroup
			for worker := range 4 {
				group.Go(func() { live(ctx, t, service, worker) })
			}
			checks := 0
			for start := time.Now(); time.Since(start) < 4*time.Second && !t.Failed(); checks++ {
				if r := w.run("check"); r.code != 0 {
					t.Errorf("check %d: exit code %d\n%s%s", checks, r.code, r.out, r.err)
				}
			}
			stop()
			group.Wait()
			t.Logf("%d checks", checks)
		})
	})
}

// live creates, renames and deletes organizations until ctx ends.
func live(ctx context.Context, t *testing.T, service *app.Service, worker int) {
	for round := 0; ctx.Err() == nil; round++ {
		name := fmt.Sprintf("Company %d %d", worker, round)
		created, err := service.CreateOrganization(context.WithoutCancel(ctx), app.CreateOrganization{
			Name: name, Email: fmt.Sprintf("admin-%d-%d@example.com", worker, round), Password: domain.NewSecret(secret),
		})
		if err != nil {
			t.Errorf("create: %v", err)
			return
		}
		c := app.Command{Organization: created.Organization.ID}
		for i := range 2 {
			other := fmt.Sprintf("%s renamed %d", name, i)
			if _, err := service.UpdateByOperator(context.WithoutCancel(ctx), c, app.Change{Name: &other}); err != nil {
				t.Errorf("rename: %v", err)
			}
		}
		if round%4 == 0 {
			continue
		}
		if _, err := service.DeleteByOperator(context.WithoutCancel(ctx), c); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
}

func TestStrays(t *testing.T) {
	eachWorld(t, func(w world) {
		var o domain.Organization
		w.with(func(st *store, service *app.Service) {
			o = create(w.T, service, "Acme", "admin@acme.example")
			damages["a stray that a rename has left"].plant(w, st, service, o)
			purged := create(w.T, service, "Umbrella", "admin@umbrella.example")
			damages["a stray of a purged organization"].plant(w, st, service, purged)
		})
		w.write("org_acme", "a", "b", "c")
		w.write("org_initech", "b")
		if out := w.done("strays", "list"); !strings.Contains(out, "org_acme") || !strings.Contains(out, "left") || strings.Contains(out, "org_initech") {
			w.Errorf("the table is\n%s", out)
		}
		list := w.lines(w.done("strays", "list", "--output", "json"))
		if len(list) != 2 || list[0]["namespace"] != "org_acme" || list[0]["documents"] != 3.0 || list[0]["organization_id"] != string(o.ID) ||
			list[1]["kind"] != "purged" {
			w.Errorf("the list is %v", list)
		}
		w.fails(4, "organization_status", "strays", "merge", "org_umbrella")
		if got := w.one("strays", "merge", "org_acme")["copied"]; got != 2.0 {
			w.Errorf("copied %v documents, want 2", got)
		}
		if got := w.one("strays", "merge", "org_acme")["copied"]; got != 0.0 {
			w.Errorf("copied %v documents again", got)
		}
		quarantine, _ := w.one("strays", "quarantine", "org_acme")["quarantine"].(string)
		if !strings.HasPrefix(quarantine, "quarantine_") {
			w.Errorf("it is in %q", quarantine)
		}
		w.done("strays", "quarantine", "org_umbrella")
		w.fails(3, "stray_not_found", "strays", "quarantine", "org_acme")
		if out := w.done("strays", "list", "-o", "json"); out != "" {
			w.Errorf("left: %s", out)
		}
		w.done("check")
		w.with(func(st *store, _ *app.Service) {
			current, err := st.Organizations().ByID(w.Context(), o.ID)
			w.must(err)
			for p, want := range map[domain.Placement]int64{current.Placement: 3, renamed(o.Placement, quarantine): 3} {
				if usage, err := st.Storage()[domain.StrategyCollection].Inventory.Measure(w.Context(), p); err != nil || usage.Documents != want {
					w.Errorf("%s has %d documents, %v, want %d", p.Namespace, usage.Documents, err, want)
				}
			}
		})
	})
}

func renamed(p domain.Placement, namespace string) domain.Placement {
	p.Namespace = namespace
	return p
}

// write puts documents into a namespace, as an application does.
func (w world) write(namespace string, ids ...string) {
	w.Helper()
	if w.mongo != nil {
		for _, id := range ids {
			_, err := w.mongo.Connect(w.T).Database(os.Getenv("TENANT_DB")).Collection(namespace).InsertOne(w.Context(), bson.D{{Key: "_id", Value: id}})
			w.must(err)
		}
		return
	}
	table := w.sqlText("data.db", "SELECT physical FROM namespaces WHERE name = '"+namespace+"'")
	for _, id := range ids {
		w.sql("data.db", "INSERT INTO \""+table+"\" (id, body) VALUES ('"+id+"', '{}')")
	}
}

func TestSQLiteBesideAServer(t *testing.T) {
	w := onSQLite(t)
	id := string(w.create("Acme")[0])
	w.with(func(st *store, service *app.Service) {
		damages["a stray that nobody knows"].plant(w, st, service, func() domain.Organization {
			o, err := service.GetOrganization(t.Context(), "Acme")
			w.must(err)
			return o
		}())
		w.one("organizations", "show", id)
		if list := w.lines(w.done("organizations", "list", "--output", "json")); len(list) != 1 {
			t.Errorf("the list is %v", list)
		}
		if list := w.lines(w.done("strays", "list", "--output", "json")); len(list) != 1 {
			t.Errorf("the strays are %v", list)
		}
		if usage := w.one("organizations", "usage", id); usage["documents"] != 0.0 {
			t.Errorf("the usage is %v", usage)
		}
		w.fails(1, "found 1", "check")
		w.fails(7, "stop it", "check", "--repair", "--yes")
		w.fails(7, "stop it", "strays", "quarantine", "org_unknown")
		w.fails(7, "stop it", "strays", "merge", "org_unknown")
		for command, route := range map[string]string{
			"rename ID Globex":                 "PATCH /v1/organizations/{id}",
			"suspend ID":                       "POST /v1/organizations/{id}/suspend",
			"activate ID":                      "POST /v1/organizations/{id}/activate",
			"delete ID --yes":                  "DELETE /v1/organizations/{id}",
			"restore ID":                       "POST /v1/organizations/{id}/restore",
			"purge ID --yes":                   "POST /v1/organizations/{id}/purge",
			"hold ID":                          "POST /v1/organizations/{id}/hold",
			"release ID":                       "POST /v1/organizations/{id}/release",
			"quota ID --default":               "DELETE /v1/organizations/{id}/quota",
			"quota ID --documents=1 --bytes=2": "PUT /v1/organizations/{id}/quota",
			"retry ID":                         "POST /v1/organizations/{id}/retry",
			"abort ID":                         "POST /v1/organizations/{id}/abort",
		} {
			arguments := strings.Fields("organizations " + strings.ReplaceAll(command, "ID", id))
			w.fails(7, "by "+route, arguments...)
		}
	})
	if got := w.one("organizations", "show", id)["version"]; got != 2.0 {
		t.Errorf("a refused command has changed the organization: version %v", got)
	}
}

func TestReadingMakesNoStore(t *testing.T) {
	w := world{T: t}
	setEnvironment(t, map[string]string{"STORE": "sqlite", "DATA_DIR": t.TempDir()})
	w.fails(1, "there is no store", "organizations", "list")
	entries, err := os.ReadDir(os.Getenv("DATA_DIR"))
	if err != nil || len(entries) > 0 {
		t.Errorf("it has made %v, %v", entries, err)
	}
}
