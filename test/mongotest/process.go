package mongotest

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"
)

var (
	errExited = errors.New("mongod ended by itself")
	errDown   = errors.New("mongod is not running")
)

// process is a started child process.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once the child has ended and was waited for
}

// startProcess starts cmd so that it dies with this process, where the operating system can do that.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// On Linux the child is ended when the thread that forked it ends, not the whole process.
		// So one thread forks it, waits for it, and does nothing else until then.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		dieWithParent(cmd)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the status of a server that gets signals tells nothing
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// kill ends the child at once and waits for its end.
func (p *process) kill() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := p.cmd.Process.Kill(); err != nil {
		select {
		case <-p.done: // it ended in between
			return nil
		case <-time.After(time.Second):
			return err
		}
	}
	<-p.done
	return nil
}

// stop asks the child to end and waits for it; after the timeout it kills the child and says so.
func (p *process) stop(timeout time.Duration) error {
	if err := p.terminate(); err != nil {
		return errors.Join(err, p.kill())
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(timeout):
		return errors.Join(fmt.Errorf("still there after %v, killed", timeout), p.kill())
	}
}
