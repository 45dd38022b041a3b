package mongotest

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// shared holds the servers of this test binary.
var shared registry

// registry starts each kind of server at most once and remembers how to end it.
// A start that failed is remembered as well, so that a hundred tests don't wait for it a hundred times.
type registry struct {
	mu      sync.Mutex
	open    bool // Main is running: somebody will call close
	entries map[Kind]*entry
}

// entry is one kind's server; once guards the other fields.
type entry struct {
	once   sync.Once
	server *Server
	stop   func() error
	err    error
}

func (r *registry) get(kind Kind) (*Server, error) {
	r.mu.Lock()
	if !r.open {
		r.mu.Unlock()
		return nil, errors.New("nobody would end the server: call mongotest.Main from this package's TestMain")
	}
	e := r.entries[kind]
	if e == nil {
		e = new(entry)
		r.entries[kind] = e
	}
	r.mu.Unlock()
	e.once.Do(func() { e.server, e.stop, e.err = start(kind) })
	return e.server, e.err
}

// close ends every server that was started.
func (r *registry) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = false
	var errs []error
	for kind, e := range r.entries {
		if e.stop != nil {
			if err := e.stop(); err != nil {
				errs = append(errs, fmt.Errorf("end %s: %w", kind, err))
			}
		}
	}
	r.entries = nil
	return errors.Join(errs...)
}

// start starts a shared server and returns it with what ends it.
func start(kind Kind) (*Server, func() error, error) {
	switch kind {
	case Docker:
		return startContainer()
	case ReplicaSet, Standalone:
		child, err := startMongod(Options{ReplicaSet: kind == ReplicaSet})
		if err != nil {
			return nil, nil, err
		}
		return child.server(), child.remove, nil
	case URI:
		server, err := existing(os.Getenv("TEST_MONGO_URI"))
		return server, nil, err
	default:
		return nil, nil, fmt.Errorf("no such kind of server: %q", kind)
	}
}

// Main runs a package's tests, ends the servers they have used, and exits with the tests' status.
// Call it as the last thing of TestMain. It takes a *testing.M.
func Main(m interface{ Run() int }) {
	shared.mu.Lock()
	shared.open, shared.entries = true, map[Kind]*entry{}
	shared.mu.Unlock()
	code := m.Run()
	if err := shared.close(); err != nil {
		fmt.Fprintln(os.Stderr, "mongotest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}
