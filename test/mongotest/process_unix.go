//go:build unix

package mongotest

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

func (p *process) signal(signals ...os.Signal) error {
	for _, s := range signals {
		if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
	}
	return nil
}

// terminate asks the child to end. A paused one must be woken to hear it.
func (p *process) terminate() error { return p.signal(syscall.SIGTERM, syscall.SIGCONT) }

// pause stops the child and waits until it has: the signal alone is only a request to each of its threads.
func (p *process) pause() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return waitStopped(p.cmd.Process.Pid)
}

func (p *process) resume() error { return p.signal(syscall.SIGCONT) }

// gone reports that there is no process of that number.
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// raiseFileLimit lets children open as many files as the hard limit allows: a collection costs
// mongod two descriptors, and the usual soft limit of 1024 ends it soon. Go raises its own limit at start
// but gives children the old one, unless the limit was set by hand; this sets it by hand.
var raiseFileLimit = sync.OnceFunc(func() {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return
	}
	// Where the system refuses, the limit stays as it was: only very large tests notice.
	limit.Cur = limit.Max
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
})
