package sqlite_test

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/test/lifecycle"
)

func TestLifecycle(t *testing.T) {
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
