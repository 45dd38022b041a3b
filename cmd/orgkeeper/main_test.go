package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/cmd/orgkeeper/internal/cli"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// secret is a password, which no output may hold.
const secret = "correct horse battery"

// world is a store for a test, named by the environment as a deployment names it.
type world struct {
	*testing.T
	mongo *mongotest.Server // nil on SQLite
}

// eachWorld runs the test on SQLite and on every kind of MongoDB, each empty.
func eachWorld(t *testing.T, run func(w world)) {
	t.Run("sqlite", func(t *testing.T) { run(onSQLite(t)) })
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) { run(onMongo(t, server)) })
}

// setEnvironment makes an environment in which nothing else of this one counts. The
// folder has no .env.
func setEnvironment(t *testing.T, environment map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, value := range environment {
		t.Setenv(name, value)
	}
	// Cheap, so that the tests wait for the program and not for hashes.
	t.Setenv("ARGON2_MEMORY_KIB", "64")
	t.Setenv("ARGON2_ITERATIONS", "1")
	t.Setenv("JWT_SECRET", "0123456789abcdef-token-key-0123456789abcdef")
}

func onSQLite(t *testing.T) world {
	t.Helper()
	setEnvironment(t, map[string]string{"STORE": "sqlite", "DATA_DIR": t.TempDir()})
	w := world{T: t}
	w.with(func(*store, *app.Service) {}) // As the first start of a server makes it.
	return w
}

func onMongo(t *testing.T, server *mongotest.Server) world {
	t.Helper()
	setEnvironment(t, map[string]string{
		"STORE": "mongo", "MONGO_URI": server.URI, "MASTER_DB": server.Database(t), "TENANT_DB": server.Database(t),
	})
	w := world{T: t, mongo: server}
	w.with(func(*store, *app.Service) {})
	return w
}

// with runs work on the store as a server has it open.
func (w world) with(work func(st *store, service *app.Service)) {
	w.Helper()
	c, err := config.Load("")
	w.must(err)
	st, err := openStore(w.Context(), c, cli.Change, nil)
	w.must(err)
	defer func() { w.must(st.close(context.WithoutCancel(w.Context()))) }()
	service, err := newService(c, st, c.JWTSecret.Secret, &signals{}, newLogger(c, io.Discard))
	w.must(err)
	work(st, service)
}

func (w world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// create makes organizations of the names.
func (w world) create(names ...string) []domain.OrganizationID {
	w.Helper()
	var ids []domain.OrganizationID
	w.with(func(_ *store, service *app.Service) {
		for i, name := range names {
			ids = append(ids, create(w.T, service, name, fmt.Sprintf("admin-%d@example.com", i)).ID)
		}
	})
	return ids
}

func create(t *testing.T, service *app.Service, name, email string) domain.Organization {
	t.Helper()
	created, err := service.CreateOrganization(t.Context(), app.CreateOrganization{
		Name: name, Email: email, Password: domain.NewSecret(secret),
	})
	if err != nil {
		t.Fatal(err)
	}
	return created.Organization
}

// result is what a command has printed and how it has ended.
type result struct {
	out, err string
	code     int
}

// run runs a command to its end, without a terminal.
func (w world) run(arguments ...string) result {
	w.Helper()
	return w.runOn(strings.NewReader(""), arguments...)
}

func (w world) runOn(in io.Reader, arguments ...string) result {
	w.Helper()
	root := command()
	var out, errOut bytes.Buffer
	root.SetArgs(arguments)
	root.SetIn(in)
	root.SetOut(&out)
	root.SetErr(&errOut)
	ctx, cancel := context.WithTimeout(w.Context(), 2*time.Minute)
	defer cancel()
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(&errOut, "orgkeeper:", cli.Explain(err))
	}
	r := result{out.String(), errOut.String(), cli.ExitCode(err)}
	for _, text := range []string{secret, "$argon2", "token-key"} {
		if strings.Contains(r.out+r.err, text) {
			w.Errorf("%v prints a secret", arguments)
		}
	}
	return r
}

// done runs a command that must succeed, and returns what it has printed.
func (w world) done(arguments ...string) string {
	w.Helper()
	r := w.run(arguments...)
	if r.code != 0 {
		w.Fatalf("%v: exit code %d\n%s%s", arguments, r.code, r.out, r.err)
	}
	return r.out
}

// fails runs a command that must end with the code and say the text.
func (w world) fails(code int, text string, arguments ...string) {
	w.Helper()
	if r := w.run(arguments...); r.code != code || !strings.Contains(r.err, text) {
		w.Errorf("%v: exit code %d, want %d, with %q\n%s%s", arguments, r.code, code, text, r.out, r.err)
	}
}

// object is a line of JSON.
type object = map[string]any

// lines reads an object a line.
func (w world) lines(out string) []object {
	w.Helper()
	var all []object
	for line := range strings.Lines(out) {
		var one object
		w.must(json.Unmarshal([]byte(line), &one))
		all = append(all, one)
	}
	return all
}

// one runs a command that must succeed and print one object.
func (w world) one(arguments ...string) object {
	w.Helper()
	all := w.lines(w.done(append(arguments, "--output", "json")...))
	if len(all) != 1 {
		w.Fatalf("%v: %d objects, want 1", arguments, len(all))
	}
	return all[0]
}
