package crash

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// engine is a store with its data, as others that share it see it.
type engine interface {
	// environment makes the program use the store.
	environment() []string
	// namespaces returns all that stands where organizations' data lives.
	namespaces() ([]space, error)
}

// space is a namespace: a strategy, and the name among all of the strategy.
type space struct{ Strategy, Namespace string }

// strategies are the ways to keep documents apart.
var strategies = []string{"collection", "database", "shared"}

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
