package mongotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	startTimeout = time.Minute
	stopTimeout  = 30 * time.Second
	portAttempts = 3
)

// mongod is a server on a data folder of its own. It is not for use by two goroutines at once.
type mongod struct {
	options Options
	path    string   // the binary
	dir     string   // its data and its log
	port    int      // the same for its whole life
	running *process // nil while it is down
}

// dataPrefix begins the name of every data folder; the number of the process that made it follows.
const dataPrefix = "mongotest-"

// sweep deletes the data folders of processes that are gone: an interrupt or a panic leaves them behind,
// with hundreds of megabytes.
func sweep(temp string) {
	folders, _ := filepath.Glob(filepath.Join(temp, dataPrefix+"*-*"))
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), dataPrefix), "-")
		if pid, err := strconv.Atoi(owner); err == nil && gone(pid) {
			_ = os.RemoveAll(folder) // what cannot be deleted now may be the next time
		}
	}
}

// kind returns the kind of server that the options ask for.
func (o Options) kind() Kind {
	if o.ReplicaSet {
		return ReplicaSet
	}
	return Standalone
}

// startMongod starts a mongod with a new data folder and waits until it takes writes.
func startMongod(options Options) (_ *mongod, err error) {
	path, err := findMongod()
	if err != nil {
		return nil, err
	}
	sweep(dataParent())
	dir, err := os.MkdirTemp(dataParent(), fmt.Sprintf("%s%d-", dataPrefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	m := &mongod{options: options, path: path, dir: dir}
	// A free port may be taken by somebody else before mongod binds it.
	for range portAttempts {
		if m.port, err = freePort(); err != nil {
			break
		}
		if err = m.start(); !errors.Is(err, errExited) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, m.remove())
	}
	return m, nil
}

// server describes the running server.
func (m *mongod) server() *Server {
	query := "directConnection=true"
	if m.options.ReplicaSet {
		query = "replicaSet=" + replicaSetName
	}
	return &Server{
		Name:       string(m.options.kind()),
		URI:        fmt.Sprintf("mongodb://%s/?%s", m.address(), query),
		ReplicaSet: m.options.ReplicaSet,
	}
}

func (m *mongod) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(m.port)) }

func (m *mongod) log() string { return filepath.Join(m.dir, "mongod.log") }

func (m *mongod) command() *exec.Cmd {
	args := []string{
		"--dbpath", m.dir, "--logpath", m.log(), "--logappend",
		"--bind_ip", "127.0.0.1", "--port", strconv.Itoa(m.port), "--nounixsocket",
		"--wiredTigerCacheSizeGB", "0.25",
		"--setParameter", "enableTestCommands=1", // configureFailPoint
		"--setParameter", "diagnosticDataCollectionEnabled=false",
	}
	if m.options.ReplicaSet {
		args = append(args, "--replSet", replicaSetName)
	}
	return exec.Command(m.path, append(args, m.options.Args...)...)
}

// start runs the server on its data folder and waits until it takes writes.
// The error is errExited when mongod ended by itself instead.
func (m *mongod) start() error {
	running, err := startProcess(m.command())
	if err != nil {
		return err
	}
	m.running = running
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	ctx, exited := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-running.done:
			exited(errExited)
		case <-ctx.Done():
		}
	}()
	if err := retry(ctx, m.dial); err != nil {
		return m.notStarted(err)
	}
	member := ""
	if m.options.ReplicaSet {
		member = m.address()
	}
	if err := waitReady(ctx, "mongodb://"+m.address()+"/", member); err != nil {
		return m.notStarted(err)
	}
	return nil
}

// dial tells whether the port takes connections. Waiting for that first is quicker than to leave it to the
// driver, which rests for half a second after each refusal.
func (m *mongod) dial() error {
	connection, err := net.DialTimeout("tcp", m.address(), time.Second)
	if err != nil {
		return err
	}
	return connection.Close()
}

func (m *mongod) notStarted(err error) error {
	return errors.Join(fmt.Errorf("start %s: %w\n%s", m.path, err, tail(m.log())), m.kill())
}

func (m *mongod) kill() error {
	if m.running == nil {
		return nil
	}
	err := m.running.kill()
	m.running = nil
	return err
}

func (m *mongod) stop() error {
	if m.running == nil {
		return nil
	}
	err := m.running.stop(stopTimeout)
	m.running = nil
	return err
}

func (m *mongod) pause() error {
	if m.running == nil {
		return errDown
	}
	return m.running.pause()
}

func (m *mongod) resume() error {
	if m.running == nil {
		return errDown
	}
	return m.running.resume()
}

// remove ends the server and deletes its data.
func (m *mongod) remove() error {
	return errors.Join(m.kill(), os.RemoveAll(m.dir))
}
