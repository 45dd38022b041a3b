package acceptance

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// secrets are what no output of the program may hold.
const (
	tokenKey = "0123456789abcdef-token-key-0123456789abcdef"
	password = "correct horse battery"

	operatorToken = "operator-token-operator-token-0123456789"
)

// patience is how long a test waits for what should take far less.
const patience = 30 * time.Second

// engine is a store with its data, on which the program is started again and again.
type engine struct {
	name        string
	environment []string
}

// eachEngine runs the test on SQLite and on every kind of MongoDB, each empty.
func eachEngine(t *testing.T, run func(t *testing.T, e engine)) {
	t.Run("sqlite", func(t *testing.T) { run(t, onSQLite(t)) })
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) { run(t, onMongo(t, server)) })
}

func onSQLite(t *testing.T) engine {
	t.Helper()
	return engine{"sqlite", []string{"STORE=sqlite", "DATA_DIR=" + t.TempDir()}}
}

func onMongo(t *testing.T, server *mongotest.Server) engine {
	t.Helper()
	return engine{server.Name, []string{
		"MONGO_URI=" + server.URI,
		"MASTER_DB=" + server.Database(t),
		"TENANT_DB=" + server.Database(t),
	}}
}

// process is the program, running.
type process struct {
	*client
	command *exec.Cmd
	output  *output
	exited  chan struct{}
	err     error
}

// start starts the program and waits until it says where it listens.
func (e engine) start(t *testing.T, environment ...string) *process {
	t.Helper()
	return e.startBinary(t, binary, environment...)
}

func (e engine) startBinary(t *testing.T, path string, environment ...string) *process {
	t.Helper()
	p := &process{output: &output{}, exited: make(chan struct{})}
	p.command = e.command(t, path, environment...)
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.command.Stderr = p.output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(io.TeeReader(stdout, p.output))
		for lines.Scan() {
			if url, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "listening on"); ok {
				address <- strings.TrimSpace(url)
			}
		}
		p.err = p.command.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() { p.end(t) })
	select {
	case url := <-address:
		p.client = newClient(url)
	case <-p.exited:
		t.Fatalf("the program ended: %v\n%s", p.err, p.output)
	case <-time.After(patience):
		t.Fatalf("the program doesn't listen\n%s", p.output)
	}
	return p
}

// command returns the program with the engine's environment and nothing else that
// could reach it from this one.
func (e engine) command(t *testing.T, path string, environment ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(path)
	command.Dir = t.TempDir()
	command.Env = append([]string{
		"HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=none", "JWT_SECRET=" + tokenKey, "LOG_FORMAT=json",
		// Cheap, so that the tests wait for the program and not for hashes.
		"ARGON2_MEMORY_KIB=64", "ARGON2_ITERATIONS=1",
	}, append(e.environment, environment...)...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command
}

// kill ends the program as a crash does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	_ = p.command.Process.Kill()
	p.wait(t)
}

// terminate asks the program to end and returns how it did.
func (p *process) terminate(t *testing.T) error {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	p.wait(t)
	return p.err
}

func (p *process) wait(t *testing.T) {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatalf("the program doesn't end\n%s", p.output)
	}
}

// end stops the program if it runs, and looks over all that it has printed.
func (p *process) end(t *testing.T) {
	t.Helper()
	_ = p.command.Process.Kill()
	p.wait(t)
	text := p.output.String()
	for what, secret := range map[string]string{
		"the password": password, "the token's key": tokenKey, "a password's hash": "$argon2", "a token": "eyJ",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("the output holds %s", what)
		}
	}
	if strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic") {
		t.Errorf("the program says:\n%s", text)
	}
	if t.Failed() {
		t.Logf("the output:\n%s", text)
	}
}

// output collects what a program prints, from two streams at once.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
