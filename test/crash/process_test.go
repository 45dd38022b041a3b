package crash

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	tokenKey      = "0123456789abcdef-token-key-0123456789abcdef"
	operatorToken = "0123456789abcdef-operator-0123456789abcdef"
	password      = "correct horse battery"

	// lease is the operations' lease, short so that recovery is quick.
	lease = 300 * time.Millisecond
	// patience is how long the driver waits for what should take far less.
	patience = 30 * time.Second
	// keptOutput is how much of a process's output is shown with a failure.
	keptOutput = 64 << 10
)

// errDied says that a process ended before it served.
var errDied = errors.New("the process died")

// process is the program, running.
type process struct {
	*client
	command *exec.Cmd
	output  *tail
	exited  chan struct{}
}

// cheap are settings with which the tests wait for the program and not for hashes, and
// with which a crash is recovered from soon.
func cheap() []string {
	return []string{
		"HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=none", "JWT_SECRET=" + tokenKey, "OPERATOR_TOKEN=" + operatorToken,
		"OPERATION_LEASE=" + lease.String(), "ARGON2_MEMORY_KIB=64", "ARGON2_ITERATIONS=1", "LOG_FORMAT=text",
	}
}

// start starts the program and waits until it says where it listens. The error is
// errDied when it was killed before.
func start(environment ...string) (*process, error) {
	p := &process{output: &tail{}, exited: make(chan struct{})}
	p.command = exec.Command(binary)
	p.command.Dir = os.TempDir()
	p.command.Env = append(cheap(), environment...)
	p.command.Stderr = p.output
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	address, started := make(chan string, 1), make(chan error)
	go p.live(stdout, started, address)
	if err := <-started; err != nil {
		return nil, err
	}
	select {
	case url := <-address:
		p.client = newClient(url)
		return p, nil
	case <-p.exited:
		if p.killed() {
			return p, errDied
		}
		return p, fmt.Errorf("the program ended: %v\n%s", p.command.ProcessState, p.output)
	case <-time.After(patience):
		p.kill()
		return p, fmt.Errorf("the program doesn't listen\n%s", p.output)
	}
}

// live starts the process and reads its output until it ends. It does so on a thread of
// its own: the child is killed when the thread that has started it ends.
func (p *process) live(stdout io.Reader, started chan<- error, address chan<- string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithParent(p.command)
	err := p.command.Start()
	started <- err
	if err != nil {
		return
	}
	lines := bufio.NewScanner(io.TeeReader(stdout, p.output))
	for lines.Scan() {
		if url, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "listening on"); ok {
			address <- strings.TrimSpace(url)
		}
	}
	_ = p.command.Wait()
	close(p.exited)
}

// kill ends the process as a crash does, and waits until it is gone.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.exited
}

// killed reports whether SIGKILL has ended the process.
func (p *process) killed() bool {
	status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// alive reports whether the process hasn't ended.
func (p *process) alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// signal sends a signal. One to a process that is gone is lost.
func (p *process) signal(s syscall.Signal) { _ = p.command.Process.Signal(s) }

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *tail) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if over := o.text.Len() + len(b) - keptOutput; over > 0 {
		o.text.Next(over)
	}
	return o.text.Write(b)
}

// String returns what is kept.
func (o *tail) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
