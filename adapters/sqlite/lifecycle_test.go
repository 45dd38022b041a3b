package sqlite_test

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/test/lifecycle"
	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// TestLifecycle has the same code of package app under the race detector on MongoDB.
func TestLifecycle(t *testing.T) {
	if sqlite.Raced {
		t.Skip(notrun.Message("the lifecycle on SQLite", "make explore runs it, without the race detector"))
	}
	t.Run("sqlite", func(t *testing.T) {
		lifecycle.Run(t, func(t *testing.T) lifecycle.Store {
			t.Helper()
			store, err := sqlite.Open(t.Context(), sqlite.Options{Memory: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			})
			return lifecycle.Store{Store: store, Database: "data"}
		})
	})
}
