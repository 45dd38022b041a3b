package mongo_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestMain(m *testing.M) { mongotest.Main(leakChecked{m}) }

// leakChecked fails a run that leaves goroutines behind, other than those which
// keep the servers.
type leakChecked struct{ tests *testing.M }

func (l leakChecked) Run() int {
	code := l.tests.Run()
	if code != 0 {
		return code
	}
	err := goleak.Find(
		goleak.IgnoreAnyFunction("github.com/orgkeeper/orgkeeper/test/mongotest.startProcess.func1"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).watchCtx.func1"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// testTimeout is ample: what a busy machine's disk needs for a write in the
// journal is no matter of these tests.
const testTimeout = 30 * time.Second

// optionsFor returns options for a registry of the test's own on the server.
func optionsFor(t *testing.T, server *mongotest.Server) mongo.Options {
	t.Helper()
	return mongo.Options{URI: domain.NewSecret(server.URI), Master: server.Database(t), Timeout: testTimeout}
}

// open opens a store and closes it at t's cleanup.
func open(t *testing.T, o mongo.Options) *mongo.Store {
	t.Helper()
	store, err := mongo.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := store.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return store
}
