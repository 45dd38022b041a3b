package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// native is a store through its bare driver: what the baselines do, and records and
// documents in numbers that no client would send one by one. The copies are of the
// first organization, which the program has made.
type native interface {
	// get reads an organization by its name's key, with the program's own query.
	get(ctx context.Context, key string) (httpapi.GetResponse, error)
	// lean is get with a query for what the answer needs, and nothing else.
	lean(ctx context.Context, key string) (httpapi.GetResponse, error)
	// session reads the first organization and its owner by their IDs.
	session(ctx context.Context) error
	// fill adds copies of the organization with the numbers from first to last.
	fill(ctx context.Context, first, last int) error
	// documents adds n documents to the namespace.
	documents(ctx context.Context, namespace string, n int) error
	// create does the writes of the creation of the copy i, and looks before
	// whether its name and email are free.
	create(ctx context.Context, i int) error
	// rename does the writes of a rename of the first organization, with another's
	// namespace.
	rename(ctx context.Context, from, to string) error
}

// engine is a store of its own with the program running on it.
type engine struct {
	native
	environment []string
	program     *process
}

// eachEngine runs a benchmark on SQLite, on a replica set of MongoDB and, if
// everywhere is set, on a standalone server. fresh gives it an empty store, as often
// as it asks, on which the program runs and has made the first organization.
func eachEngine(b *testing.B, everywhere bool, run func(b *testing.B, fresh func(environment ...string) *engine)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, func(environment ...string) *engine {
			return open(b, append(environment, "STORE=sqlite", "DATA_DIR="+b.TempDir()))
		})
	})
	for _, kind := range mongotest.Kinds() {
		if kind == mongotest.Docker || kind == mongotest.Standalone && !everywhere {
			continue
		}
		b.Run(string(kind), func(b *testing.B) {
			server := mongotest.For(b, kind)
			run(b, func(environment ...string) *engine {
				return open(b, append(environment, "STORE=mongo", "MONGO_URI="+server.URI,
					"MASTER_DB="+server.Database(b), "TENANT_DB="+server.Database(b)))
			})
		})
	}
}

func open(b *testing.B, environment []string) *engine {
	b.Helper()
	e := &engine{environment: environment, program: start(b, environment)}
	e.create1(b, 0)
	var err error
	if e.native, err = openNative(b.Context(), e.environment); err != nil {
		b.Fatal(err)
	}
	return e
}

// password is everybody's.
const password = "correct horse battery staple"

// organization and email name the organization with a number, created or copied.
func organization(i int) string { return fmt.Sprintf("Organization %d", i) }
func email(i int) string        { return fmt.Sprintf("admin@organization-%d.example", i) }

// create1 has the program create an organization.
func (e *engine) create1(b *testing.B, i int) {
	b.Helper()
	e.program.dial(b).must(b, 201, creation(i))
}

// logIn returns a token for an organization's owner.
func (e *engine) logIn(b *testing.B, i int) string {
	b.Helper()
	return e.program.dial(b).must(b, 200, login(i))["access_token"].(string)
}
