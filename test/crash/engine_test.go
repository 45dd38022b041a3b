package crash

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// document is what applications have in a namespace: it says whose it is.
type document struct {
	ID    string `bson:"_id"`
	Owner string `bson:"owner"`
}

// engine is a store with its data, as applications that share it see it.
type engine interface {
	// environment makes the program use the store.
	environment() []string
	// write adds a document to a namespace that exists.
	write(namespace string, d document) error
	// read returns the documents of a namespace by ID, none when it doesn't exist.
	read(namespace string) (map[string]document, error)
	// namespaces returns the names of all that stands where organizations' data lives.
	namespaces() ([]string, error)
}

// eachEngine runs the test on SQLite and on both kinds of MongoDB that can be had
// everywhere, at the same time: most of the time goes into waiting.
func eachEngine(t *testing.T, run func(t *testing.T, e engine)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, newSQLite(t.TempDir()))
	})
	eachMongo(t, func(t *testing.T, server *mongotest.Server) { run(t, newMongo(t, server)) })
}

func eachMongo(t *testing.T, run func(t *testing.T, server *mongotest.Server)) {
	for _, kind := range []mongotest.Kind{mongotest.Standalone, mongotest.ReplicaSet} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			run(t, mongotest.For(t, kind))
		})
	}
}
