package browser

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what should take far less.
const patience = 60 * time.Second

// serve starts the program on an empty SQLite store and returns its URL. The test's
// end ends it.
func serve(t *testing.T) string {
	t.Helper()
	command := exec.Command(binary)
	command.Dir = t.TempDir()
	command.Env = []string{
		"HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=none", "STORE=sqlite", "DATA_DIR=" + t.TempDir(),
		// Cheap, so that the test waits for the page and not for hashes.
		"ARGON2_MEMORY_KIB=64", "ARGON2_ITERATIONS=1",
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var log bytes.Buffer
	command.Stderr = &log
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	address, exited := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(exited)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if url, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "listening on"); ok {
				address <- strings.TrimSpace(url)
			}
		}
		_ = command.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-exited
		if t.Failed() {
			t.Logf("the program's log:\n%s", log.String())
		}
	})
	select {
	case url := <-address:
		return url
	case <-exited:
		t.Fatal("the program ended")
	case <-time.After(patience):
		t.Fatal("the program doesn't listen")
	}
	return ""
}
