// Package notrun lets a test say that something it needs is not on this machine.
// On a developer's machine such a test is skipped and named in the summary of test/report;
// where CI=true is set it fails, because a suite that silently never runs proves nothing.
package notrun

import (
	"os"
	"strings"
	"testing"
)

// Prefix begins every message of this package. test/report collects the lines that hold it.
const Prefix = "NOT RUN: "

// Skip ends tb: skipped, or failed when the environment has CI=true.
// suite names what did not run and remedy says in a few words how to get it.
func Skip(tb testing.TB, suite, remedy string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(Message(suite, remedy))
	}
	tb.Skip(Message(suite, remedy))
}

// Message returns the one line that Skip prints: "NOT RUN: <suite>: <remedy>".
func Message(suite, remedy string) string {
	remedy = strings.Join(strings.Fields(remedy), " ")
	return Prefix + suite + ": " + remedy
}

// Parse finds a message of this package in a line of test output.
// It reports false when the line holds none.
func Parse(line string) (suite, remedy string, ok bool) {
	_, message, found := strings.Cut(line, Prefix)
	if !found {
		return "", "", false
	}
	suite, remedy, ok = strings.Cut(strings.TrimSpace(message), ": ")
	return suite, remedy, ok && suite != "" && remedy != ""
}
