package mongo_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// sent is a command that went to the server.
type sent struct {
	name, database string
	body           bson.Raw
}

func (s sent) text(path ...string) string {
	text, _ := s.body.Lookup(path...).StringValueOK()
	return text
}

// recorder keeps what was sent.
type recorder struct {
	mu  sync.Mutex
	all []sent
}

func (r *recorder) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, sent{e.CommandName, e.DatabaseName, slices.Clone(e.Command)})
	}}
}

// take returns what was sent since the last take.
func (r *recorder) take() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

func TestCommandsAreDurableAndBounded(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		o.Tenant = server.Database(t)
		insertPair(t, open(t, o), 1)
		var r recorder
		store, err := mongo.OpenMonitored(t.Context(), o, r.monitor())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close(context.Background()) })

		// A start on a registry that stands: is there a primary, the version, the indexes.
		var names []string
		for _, s := range r.take() {
			names = append(names, s.name)
			wantDurable(t, s)
		}
		if want := []string{"ping", "find", "createIndexes", "createIndexes", "createIndexes", "createIndexes"}; !slices.Equal(names, want) {
			t.Errorf("Open sent %v, want %v", names, want)
		}

		for _, c := range calls(t, o.Tenant) {
			if c.name == "Drop" {
				renameForReal(t, store, o.Tenant)
			}
			_ = c.do(t.Context(), store) // some find nothing, as they should
		}
		seen := map[string]int{}
		for _, s := range r.take() {
			seen[s.name]++
			wantDurable(t, s)
			wantBounded(t, s)
			if (s.name == "find" || s.name == "aggregate") && s.database == o.Master && s.text("readConcern", "level") != "majority" {
				t.Errorf("%s %s: read concern %q", s.name, s.text(s.name), s.text("readConcern", "level"))
			}
		}
		for _, name := range []string{
			"insert", "update", "delete", "find", "aggregate", "create", "listCollections", "renameCollection", "drop",
		} {
			if seen[name] == 0 {
				t.Errorf("no %s was sent", name)
			}
		}
		if seen["startTransaction"]+seen["commitTransaction"] > 0 {
			t.Error("there was a transaction")
		}
	})
}

func renameForReal(t *testing.T, store *mongo.Store, tenant string) {
	t.Helper()
	from, to := placed(tenant, "org_one"), placed(tenant, "org_two")
	info, err := store.Collections().Namespaces.Stat(t.Context(), from)
	if err == nil {
		err = store.Collections().Namespaces.Rename(t.Context(), info.Identity, from, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func wantDurable(t *testing.T, s sent) {
	t.Helper()
	switch s.name {
	case "insert", "update", "delete", "create", "createIndexes", "renameCollection", "drop", "dropDatabase", "findAndModify":
	default:
		return
	}
	if journal, _ := s.body.Lookup("writeConcern", "j").BooleanOK(); s.text("writeConcern", "w") != "majority" || !journal {
		t.Errorf("%s: write concern %v", s.name, s.body.Lookup("writeConcern"))
	}
}

// wantBounded wants maxTimeMS wherever the driver sends it: not with a find that
// leaves a cursor, nor with its getMore.
func wantBounded(t *testing.T, s sent) {
	t.Helper()
	if single, _ := s.body.Lookup("singleBatch").BooleanOK(); s.name == "find" && !single {
		return
	}
	limit, _ := s.body.Lookup("maxTimeMS").AsInt64OK()
	if limit <= 0 || limit > testTimeout.Milliseconds() {
		t.Errorf("%s: maxTimeMS is %d", s.name, limit)
	}
}
