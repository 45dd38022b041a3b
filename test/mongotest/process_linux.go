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

// memory is the file system in memory that Linux has.
const memory = "/dev/shm"

// freeMemory returns how many bytes can still be written to memory.
func freeMemory() uint64 {
	var s syscall.Statfs_t
	if syscall.Statfs(memory, &s) != nil {
		return 0
	}
	return s.Bavail * uint64(s.Bsize)
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
