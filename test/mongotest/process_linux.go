package mongotest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// dieWithParent has the child killed when the calling thread ends, and gives it a high file limit.
func dieWithParent(cmd *exec.Cmd) {
	raiseFileLimit()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// waitStopped waits until every thread of the process is in the state T, "stopped by a signal".
func waitStopped(pid int) error {
	for range 500 {
		if stopped(pid) {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("process %d does not stop", pid)
}

func stopped(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, path := range threads {
		stat, err := os.ReadFile(path)
		// The state is the field after the command's name, which is in parentheses (proc(5)).
		if err != nil || !bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" T")) {
			return false
		}
	}
	return len(threads) > 0
}
