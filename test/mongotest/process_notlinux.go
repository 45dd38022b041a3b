//go:build unix && !linux

package mongotest

import (
	"os/exec"
	"syscall"
	"time"
)

// dieWithParent gives the child a high file limit and a process group of its own, so that an interrupt
// at the terminal reaches the tests alone. Only Linux can tie a child's life to its parent's.
func dieWithParent(cmd *exec.Cmd) {
	raiseFileLimit()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// waitStopped gives the threads of a process that was told to stop the time to do so.
func waitStopped(int) error {
	time.Sleep(200 * time.Millisecond)
	return nil
}
