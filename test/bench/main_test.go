// Package bench measures the program: the real binary as a process of its own, over
// loopback, on each engine. The client is a third process and shares the machine's
// cores with it. Beside each measurement stands a baseline with the bare driver, run
// by turns with the program, so that one run shows the ratio.
//
// docs/performance.md has the aims and what was measured.
package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestMain runs the benchmarks, or is a bare server: the same binary as a child.
func TestMain(m *testing.M) {
	if os.Getenv(beBare) != "" {
		fmt.Fprintln(os.Stderr, serveBare())
		os.Exit(1)
	}
	mongotest.Main(cleaning{m})
}

// folder holds the binary.
var folder string

// cleaning removes what was built.
type cleaning struct{ *testing.M }

func (c cleaning) Run() int {
	var err error
	if folder, err = os.MkdirTemp("", "orgkeeper-bench-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	return c.M.Run()
}

// build builds the program as a release is built, once.
var build = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(folder, "orgkeeper")
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "../../cmd/orgkeeper")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return binary, nil
})
