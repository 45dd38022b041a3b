package notrun_test

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// recorder notes how Skip ended a test, without ending this one.
type recorder struct {
	testing.TB
	skipped, failed []any
}

func (r *recorder) Helper()           {}
func (r *recorder) Skip(args ...any)  { r.skipped = args }
func (r *recorder) Fatal(args ...any) { r.failed = args }

func TestSkipSkipsOnADevelopersMachine(t *testing.T) {
	t.Setenv("CI", "")
	r := &recorder{TB: t}
	notrun.Skip(r, "engine", "install it")
	if len(r.skipped) != 1 || r.skipped[0] != "NOT RUN: engine: install it" {
		t.Errorf("skipped with %q", r.skipped)
	}
}

func TestSkipFailsInCI(t *testing.T) {
	t.Setenv("CI", "true")
	r := &recorder{TB: t}
	notrun.Skip(r, "engine", "install it")
	// A recorder does not stop Skip, so the skip that follows is no concern here.
	if len(r.failed) != 1 || r.failed[0] != "NOT RUN: engine: install it" {
		t.Errorf("failed with %q", r.failed)
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		line, suite, remedy string
		ok                  bool
	}{
		{"    x_test.go:12: NOT RUN: mongo-docker: start Docker: then again\n", "mongo-docker", "start Docker: then again", true},
		{notrun.Message("s", "two\nlines"), "s", "two lines", true},
		{"NOT RUN: no remedy", "", "", false},
		{"--- PASS: TestX", "", "", false},
	}
	for _, tt := range tests {
		suite, remedy, ok := notrun.Parse(tt.line)
		if ok != tt.ok || ok && (suite != tt.suite || remedy != tt.remedy) {
			t.Errorf("Parse(%q) = %q, %q, %v", tt.line, suite, remedy, ok)
		}
	}
}
