package mongotest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// Tool returns the path of mongodump or mongorestore: the one on PATH, else the one
// in .cache at the module's root. When there is none, it ends tb by notrun.Skip.
func Tool(tb testing.TB, name string) string {
	tb.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	root, err := moduleRoot()
	if err != nil {
		tb.Fatalf("mongotest: %v", err)
	}
	path, err := exec.LookPath(filepath.Join(root, ".cache", name))
	if err != nil {
		notrun.Skip(tb, name, fmt.Sprintf("run `make mongotools`, or put %s on PATH", name))
	}
	return path
}
