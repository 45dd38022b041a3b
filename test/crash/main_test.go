package crash

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// binary is the program with its crash points: the one in CRASH_BINARY, or it is built.
var binary string

func TestMain(m *testing.M) {
	mongotest.Main(built{m})
}

// built runs the tests when the program has been built, and removes it.
type built struct{ *testing.M }

func (b built) Run() int {
	var err error
	if asked, err = readSettings(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if binary = os.Getenv("CRASH_BINARY"); binary == "" {
		remove, err := build()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer remove()
	}
	fmt.Printf("crash: CRASH_SEED=%d, %d kills on each engine\n", asked.seed, asked.kills)
	code := b.M.Run()
	fmt.Println(seen.summary())
	return code
}

// build builds the program into a folder and returns what removes it.
func build() (remove func(), err error) {
	dir, err := os.MkdirTemp("", "orgkeeper-crash-")
	if err != nil {
		return nil, err
	}
	binary = filepath.Join(dir, "orgkeeper")
	command := exec.Command("go", "build", "-tags", "crashpoints", "-o", binary, "../../cmd/orgkeeper")
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the program: %w\n%s", errors.Join(err, os.RemoveAll(dir)), out)
	}
	return func() { _ = os.RemoveAll(dir) }, nil
}
