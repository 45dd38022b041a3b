// Package mongotest gives tests and benchmarks a real MongoDB.
//
// There are three kinds: a replica set of one in a Docker container, and a replica set of one and a
// standalone server as child processes. The servers of [Each] and [For] are started when first asked
// for, shared by all tests of one test binary, and ended by [Main], which the package's TestMain must call:
//
//	func TestMain(m *testing.M) { mongotest.Main(m) }
//
// Tests that kill, pause or restart a server ask for one of their own with [Child].
//
// Environment variables:
//
//   - TEST_MONGO_URI names a server that is running already; it is used instead of the three kinds.
//   - TEST_MONGOD is the path of the mongod to start; without it mongod is looked up on PATH,
//     then as .cache/mongod at the module's root.
//   - TEST_MONGO_IMAGE is the container image (default mongo:8).
//
// What a machine does not have is reported by package notrun: skipped, or failed where CI=true.
package mongotest

import (
	"errors"
	"os"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// Kind says how a server is run. Its text names the subtests of [Each].
type Kind string

// The kinds of server.
const (
	Docker     Kind = "mongo-docker"      // a replica set of one in a container
	ReplicaSet Kind = "mongo-replica-set" // a replica set of one as a child process
	Standalone Kind = "mongo-standalone"  // a standalone server as a child process
	URI        Kind = "mongo-uri"         // whatever TEST_MONGO_URI points at
)

// Server is a MongoDB that answers.
type Server struct {
	// Name is the kind's text, such as "mongo-standalone".
	Name string
	// URI is the connection string; it holds directConnection=true where the
	// members' own addresses can't be reached.
	URI string
	// ReplicaSet is false for a standalone server, which has no transactions,
	// change streams or retryable writes.
	ReplicaSet bool
}

// Kinds returns the kinds of server that [Each] runs on: only [URI] when TEST_MONGO_URI is set,
// otherwise the other three.
func Kinds() []Kind {
	if os.Getenv("TEST_MONGO_URI") != "" {
		return []Kind{URI}
	}
	return []Kind{Docker, ReplicaSet, Standalone}
}

// Each runs the subtest run once for every kind of server, in a subtest of the kind's name.
// The servers are shared: use [DatabaseName] or [Server.Database] to stay apart from other tests.
func Each(t *testing.T, run func(t *testing.T, server *Server)) {
	t.Helper()
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) { run(t, For(t, kind)) })
	}
}

// For returns the shared server of one kind, which it starts when this is the first call.
// When TEST_MONGO_URI is set it returns that server, whatever the kind.
// When the machine cannot run the kind, it ends tb by [notrun.Skip].
func For(tb testing.TB, kind Kind) *Server {
	tb.Helper()
	if os.Getenv("TEST_MONGO_URI") != "" {
		kind = URI
	}
	server, err := shared.get(kind)
	failOrSkip(tb, string(kind), err)
	return server
}

// Connect returns a client of the server, which is disconnected at tb's cleanup.
func (s *Server) Connect(tb testing.TB) *mongo.Client {
	tb.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(s.URI).SetServerSelectionTimeout(10 * time.Second))
	if err != nil {
		tb.Fatalf("mongotest: connect to %s: %v", s.Name, err)
	}
	tb.Cleanup(func() { disconnect(client) })
	return client
}

// missingError says that the machine lacks what a kind of server needs.
type missingError struct{ remedy string }

func (e *missingError) Error() string { return e.remedy }

// failOrSkip ends tb when err is set: by notrun when something is missing, else as a failure.
func failOrSkip(tb testing.TB, suite string, err error) {
	tb.Helper()
	if missing, ok := errors.AsType[*missingError](err); ok {
		notrun.Skip(tb, suite, missing.remedy)
	}
	if err != nil {
		tb.Fatalf("mongotest: %s: %v", suite, err)
	}
}
