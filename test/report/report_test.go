package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// report returns what the collector prints for a stream of events.
func report(t *testing.T, events string) string {
	t.Helper()
	var out strings.Builder
	c := newCollector(&out)
	if err := c.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	c.summarize()
	return out.String()
}

// Each testdata/<name>.json is a stream of events, and testdata/<name>.txt is what is printed for it.
func TestReports(t *testing.T) {
	streams, err := filepath.Glob("testdata/*.json")
	if err != nil || len(streams) == 0 {
		t.Fatalf("no streams: %v", err)
	}
	for _, path := range streams {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			events, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(path, ".json") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), report(t, string(events))); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesThatAreNoEventsPassThrough(t *testing.T) {
	got := report(t, "# some/package\n{\"broken\n\n{}\nlast line without an end")
	if !strings.HasPrefix(got, "# some/package\n{\"broken\n\n{}\nlast line without an end\n") {
		t.Errorf("printed:\n%s", got)
	}
}

func TestNothingRan(t *testing.T) {
	if got := report(t, ""); !strings.HasSuffix(got, "\n0 passed, 0 failed, 0 skipped\n") {
		t.Errorf("printed:\n%s", got)
	}
}

func TestExitStatusIsGoTests(t *testing.T) {
	var out strings.Builder
	for _, tt := range []struct {
		args []string
		ok   bool
	}{
		{[]string{"-run", "TestNothingRan", "."}, true},
		{[]string{"-run", "^$", "./no/such/folder"}, false},
	} {
		code, err := run(tt.args, &out)
		if err != nil || (code == 0) != tt.ok {
			t.Errorf("%v: status %d, %v", tt.args, code, err)
		}
	}
	if !strings.Contains(out.String(), "1 passed, 0 failed, 0 skipped\n") {
		t.Errorf("printed:\n%s", out.String())
	}
}
