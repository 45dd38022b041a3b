package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// call is a call of a port.
type call struct {
	name string
	// command is the server's command that it rests on.
	command string
	do      func(ctx context.Context, s *mongo.Store) error
}

// calls returns one for each method of every port. Organization 1 exists, 2 doesn't.
func calls(t *testing.T, tenant string) []call {
	o, a, p := numbered(t, 1), numberedAccount(t, 1), placed(tenant, "org_one")
	at := ports.Place{Organization: o.ID, Placement: p, Identity: "00112233-4455-6677-8899-aabbccddeeff"}
	write := func(name, command string, w ports.DocumentWrite) call {
		w.Document.ID = "document"
		return call{name, command, func(ctx context.Context, s *mongo.Store) error {
			results, err := s.Collections().Documents.Write(ctx, at, []ports.DocumentWrite{w})
			if err == nil {
				err = results[0].Err
			}
			return err
		}}
	}
	return append(callsOfStrategies(o.ID, tenant), []call{
		{"Insert", "insert", func(ctx context.Context, s *mongo.Store) error {
			return s.Organizations().Insert(ctx, numbered(t, 2))
		}},
		{"Replace", "update", func(ctx context.Context, s *mongo.Store) error {
			return s.Organizations().Replace(ctx, o, 1)
		}},
		{"ByID", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Organizations().ByID(ctx, o.ID)
			return err
		}},
		{"ByNameKey", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Organizations().ByNameKey(ctx, o.Name.Key())
			return err
		}},
		{"Due", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Organizations().Due(ctx, epoch.Add(time.Hour), 3)
			return err
		}},
		{"Insert an account", "insert", func(ctx context.Context, s *mongo.Store) error {
			return s.Accounts().Insert(ctx, numberedAccount(t, 2))
		}},
		{"Replace an account", "update", func(ctx context.Context, s *mongo.Store) error {
			return s.Accounts().Replace(ctx, a, 1)
		}},
		{"ByEmailKey", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Accounts().ByEmailKey(ctx, a.Email.Key())
			return err
		}},
		{"Delete", "delete", func(ctx context.Context, s *mongo.Store) error {
			return s.Accounts().Delete(ctx, "nobody")
		}},
		{"CountLive", "aggregate", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Census().CountLive(ctx)
			return err
		}},
		{"OrphanAccounts", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Census().OrphanAccounts(ctx, 3)
			return err
		}},
		{"List", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Directory().List(ctx, ports.OrganizationQuery{Limit: 3})
			return err
		}},
		{"ByReservations", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Directory().ByReservations(ctx, o.Reserved)
			return err
		}},
		{"PurgeDue", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Directory().PurgeDue(ctx, epoch, 3)
			return err
		}},
		{"Insert a request", "insert", func(ctx context.Context, s *mongo.Store) error {
			return s.Requests().Insert(ctx, domain.Request{ID: "request", ExpiresAt: epoch, Version: 1})
		}},
		{"ByID of a request", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Requests().ByID(ctx, "request")
			return err
		}},
		{"Replace a request", "update", func(ctx context.Context, s *mongo.Store) error {
			return s.Requests().Replace(ctx, domain.Request{ID: "request", ExpiresAt: epoch, Version: 2}, 1)
		}},
		{"Forget", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Requests().Forget(ctx, epoch, 3)
			return err
		}},
		{"Faults", "listIndexes", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Structure().Faults(ctx)
			return err
		}},
		{"Ensure", "create", func(ctx context.Context, s *mongo.Store) error {
			return s.Collections().Namespaces.Ensure(ctx, o.ID, p)
		}},
		{"Stat", "listCollections", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Namespaces.Stat(ctx, p)
			return err
		}},
		{"Rename", "listCollections", func(ctx context.Context, s *mongo.Store) error {
			return s.Collections().Namespaces.Rename(ctx, "identity", p, placed(tenant, "org_two"))
		}},
		{"List of names", "listCollections", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Inventory.List(ctx, tenant, "", 3)
			return err
		}},
		{"Measure", "aggregate", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Inventory.Measure(ctx, p)
			return err
		}},
		{"Merge", "listCollections", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Inventory.Merge(ctx, p, placed(tenant, "org_two"))
			return err
		}},
		{"Quarantine", "renameCollection", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Inventory.Quarantine(ctx, placed(tenant, "org_nothing"))
			return err
		}},
		{"Get", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Documents.Get(ctx, at, "document")
			return err
		}},
		{"List of documents", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Documents.List(ctx, at, ports.DocumentQuery{After: "a", Limit: 3})
			return err
		}},
		{"List with a filter", "aggregate", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Documents.List(ctx, at, ports.DocumentQuery{Filter: []domain.Equal{{Field: "a", Value: "b"}}, Limit: 3, Scan: 10})
			return err
		}},
		{"Scan", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Documents.Scan(ctx, at, "a", func(domain.Document) error { return nil })
			return err
		}},
		{"Count", "aggregate", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Collections().Documents.Count(ctx, at)
			return err
		}},
		write("Create a document", "insert", ports.DocumentWrite{Action: ports.DocumentCreate}),
		write("Put a document", "update", ports.DocumentWrite{Action: ports.DocumentPut}),
		write("Put any version", "update", ports.DocumentWrite{Action: ports.DocumentPut, IfMatch: domain.AnyETag}),
		write("Put a version", "find", ports.DocumentWrite{Action: ports.DocumentPut, IfMatch: "version"}),
		write("Delete a document", "delete", ports.DocumentWrite{Action: ports.DocumentDelete}),
		write("Delete any version", "delete", ports.DocumentWrite{Action: ports.DocumentDelete, IfMatch: domain.AnyETag}),
		write("Delete a version", "find", ports.DocumentWrite{Action: ports.DocumentDelete, IfMatch: "version"}),
		{"Drop", "drop", func(ctx context.Context, s *mongo.Store) error {
			return s.Collections().Namespaces.Drop(ctx, p)
		}},
		{"Ping", "ping", func(ctx context.Context, s *mongo.Store) error { return s.Ping(ctx) }},
	}...)
}

// failures makes the server fail a client's commands.
type failures struct {
	t       *testing.T
	server  *mongotest.Server
	appName string
}

func (f failures) set(mode any, data bson.D) {
	f.t.Helper()
	err := f.server.Connect(f.t).Database("admin").RunCommand(f.t.Context(), bson.D{
		{Key: "configureFailPoint", Value: "failCommand"},
		{Key: "mode", Value: mode},
		{Key: "data", Value: append(bson.D{{Key: "appName", Value: f.appName}}, data...)},
	}).Err()
	if err != nil {
		f.t.Fatalf("set a fail point: %v", err)
	}
}

func (f failures) always(command string, data ...bson.E) {
	f.t.Helper()
	f.set("alwaysOn", append(bson.D{{Key: "failCommands", Value: bson.A{command}}}, data...))
}

// everything makes each command that a port rests on fail.
func (f failures) everything(data ...bson.E) {
	f.t.Helper()
	commands := bson.A{}
	for _, c := range calls(f.t, "tenants") {
		commands = append(commands, c.command)
	}
	f.set("alwaysOn", append(bson.D{{Key: "failCommands", Value: commands}}, data...))
}

func (f failures) off() {
	f.t.Helper()
	f.set("off", bson.D{{Key: "failCommands", Value: bson.A{}}})
}

// failingTimeout is the timeout of stores whose calls are to fail.
const failingTimeout = 600 * time.Millisecond

// openFailing opens a store with one organization on a server whose commands for
// this store can be made to fail.
func openFailing(t *testing.T, server *mongotest.Server) (*mongo.Store, failures, string) {
	t.Helper()
	o := optionsFor(t, server)
	o.Tenant = server.Database(t)
	insertPair(t, open(t, o), 1)
	f := failures{t, server, "failing-" + o.Master}
	o.URI, o.Timeout = domain.NewSecret(server.URI+"&appName="+f.appName), failingTimeout
	return open(t, o), f, o.Tenant
}

// allAtOnce makes every call at once and returns their errors, and the longest
// time that one took.
func allAtOnce(t *testing.T, store *mongo.Store, tenant string) (map[string]error, time.Duration) {
	t.Helper()
	all := calls(t, tenant)
	errs := make([]error, len(all))
	began := time.Now()
	var group sync.WaitGroup
	for i, c := range all {
		group.Go(func() { errs[i] = c.do(t.Context(), store) })
	}
	group.Wait()
	byName := map[string]error{}
	for i, c := range all {
		byName[c.name] = errs[i]
	}
	return byName, time.Since(began)
}

// wantAllUnavailable makes every call, each of which fails in time.
func wantAllUnavailable(t *testing.T, what string, store *mongo.Store, tenant string, within time.Duration) {
	t.Helper()
	errs, took := allAtOnce(t, store, tenant)
	for name, err := range errs {
		if !errors.Is(err, domain.ErrStoreUnavailable) {
			t.Errorf("%s, %s: %v, want unavailable", what, name, err)
		}
	}
	if took > within {
		t.Errorf("%s: took %v, want %v at most", what, took, within)
	}
}

func TestAServerThatCantWorkNow(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		store, f, tenant := openFailing(t, server)
		defer f.off()
		for _, c := range calls(t, tenant) {
			f.always(c.command, bson.E{Key: "errorCode", Value: 11601}) // Interrupted
			if err := c.do(t.Context(), store); !errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("%s: %v, want unavailable", c.name, err)
			}
		}
		// A step-down, a shutdown, a time-out.
		for _, code := range []int{10107, 189, 91, 11600, 11602, 13435, 50, 262} {
			f.everything(bson.E{Key: "errorCode", Value: code})
			wantAllUnavailable(t, fmt.Sprintf("error %d", code), store, tenant, 2*failingTimeout)
		}
		f.everything(bson.E{Key: "closeConnection", Value: true})
		wantAllUnavailable(t, "a broken connection", store, tenant, 2*failingTimeout)
		f.everything(bson.E{Key: "blockConnection", Value: true}, bson.E{Key: "blockTimeMS", Value: 1000})
		wantAllUnavailable(t, "no answer", store, tenant, 2*failingTimeout)
	})
}

func TestWriteConcernErrorsAreUnavailable(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		store, f, tenant := openFailing(t, server)
		defer f.off()
		for _, c := range calls(t, tenant) {
			switch c.command {
			case "insert", "update", "delete", "create", "drop", "dropDatabase", "findAndModify":
			default:
				continue
			}
			f.always(c.command, bson.E{Key: "writeConcernError", Value: bson.D{
				{Key: "code", Value: 64}, {Key: "errmsg", Value: "marker"},
			}})
			err := c.do(t.Context(), store)
			if !errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("%s: %v, want unavailable", c.name, err)
			}
			wantNowhere(t, err, "marker")
		}
	})
}

func TestOtherServerErrorsAreNoUnavailability(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		store, f, tenant := openFailing(t, server)
		defer f.off()
		for _, c := range calls(t, tenant) {
			f.always(c.command, bson.E{Key: "errorCode", Value: 13}) // Unauthorized
			err := c.do(t.Context(), store)
			if err == nil || errors.Is(err, domain.ErrStoreUnavailable) || !strings.Contains(err.Error(), "error 13") {
				t.Errorf("%s: %v, want the server's error 13", c.name, err)
			}
		}
	})
}

// TestValidationErrorsHoldNoData lets the server refuse a document, which it does
// with the document in its answer.
func TestValidationErrorsHoldNoData(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	store := open(t, o)
	err := server.Connect(t).Database(o.Master).RunCommand(t.Context(), bson.D{
		{Key: "collMod", Value: "admins"},
		{Key: "validator", Value: bson.D{{Key: "password_hash", Value: "another"}}},
	}).Err()
	if err != nil {
		t.Fatal(err)
	}
	account := numberedAccount(t, 1)
	account.PasswordHash = domain.NewPasswordHash("marker-hash")
	err = store.Accounts().Insert(t.Context(), account)
	if err == nil || errors.Is(err, domain.ErrStoreUnavailable) {
		t.Errorf("got %v, want the server's refusal", err)
	}
	wantNowhere(t, err, "marker-hash", "example.com")
}

func TestAServerThatIsAway(t *testing.T) {
	for _, replicaSet := range []bool{false, true} {
		t.Run(fmt.Sprintf("replicaSet=%v", replicaSet), func(t *testing.T) {
			child := mongotest.Child(t, mongotest.Options{ReplicaSet: replicaSet})
			o := mongo.Options{URI: domain.NewSecret(child.URI)}
			insertPair(t, open(t, o), 1)
			o.Timeout = failingTimeout
			store := open(t, o)

			child.Pause()
			wantAllUnavailable(t, "paused", store, "tenants", 2*failingTimeout)
			child.Resume()
			wantBack(t, "resumed", store)

			child.Kill()
			wantAllUnavailable(t, "killed", store, "tenants", 2*failingTimeout)
			if _, err := mongo.Open(t.Context(), o); !errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("Open of a killed one: %v, want unavailable", err)
			}
			child.Restart()
			wantBack(t, "restarted", store)
			if _, err := store.Accounts().ByID(t.Context(), "account-1"); err != nil {
				t.Errorf("what was written before the kill: %v", err)
			}
		})
	}
}

// wantBack waits until the store works again.
func wantBack(t *testing.T, what string, store *mongo.Store) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if err = store.Ping(t.Context()); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: %v", what, err)
}

func TestAStoreThatIsClosed(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	store, err := mongo.Open(t.Context(), optionsFor(t, server))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantAllUnavailable(t, "closed", store, "tenants", time.Second)
	if err := store.Close(t.Context()); err != nil && !errors.Is(err, domain.ErrStoreUnavailable) {
		t.Errorf("Close again: %v", err)
	}
}
