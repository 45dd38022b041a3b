// Package browser tests the documentation's page as a newcomer uses it: the real
// binary as a process, and Chromium that clicks and types.
package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

// binary is the program.
var binary string

func TestMain(m *testing.M) { goleak.VerifyTestMain(built{m}) }

// built runs the tests when the program has been built, and removes it.
type built struct{ *testing.M }

func (b built) Run() int {
	dir, err := os.MkdirTemp("", "orgkeeper-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "orgkeeper")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/orgkeeper").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		return 1
	}
	return b.M.Run()
}
