package sqlite

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// openTest opens a store that closes with the test.
func openTest(t *testing.T, o Options) *Store {
	t.Helper()
	if Raced && o.Timeout == 0 {
		o.Timeout = 6 * DefaultTimeout
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// onBoth runs a test on files and in memory.
func onBoth(t *testing.T, run func(t *testing.T, open func(t *testing.T) *Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		run(t, func(t *testing.T) *Store { return openTest(t, Options{Dir: t.TempDir()}) })
	})
	t.Run("sqlite-memory", func(t *testing.T) {
		run(t, func(t *testing.T) *Store { return openTest(t, Options{Memory: true}) })
	})
}
