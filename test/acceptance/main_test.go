// Package acceptance tests the program from outside: the real binary as a process,
// on each engine, over HTTP.
package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// binary and crashing are the program as it is, and with its crash points.
var binary, crashing string

func TestMain(m *testing.M) {
	mongotest.Main(built{m})
}

// built runs the tests when the program has been built, and removes it.
type built struct{ *testing.M }

func (b built) Run() int {
	dir, err := os.MkdirTemp("", "orgkeeper-acceptance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary, crashing = filepath.Join(dir, "orgkeeper"), filepath.Join(dir, "orgkeeper-crashpoints")
	for _, args := range [][]string{
		{"build", "-o", binary, "../../cmd/orgkeeper"},
		{"build", "-tags", "crashpoints", "-o", crashing, "../../cmd/orgkeeper"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
			return 1
		}
	}
	return b.M.Run()
}
