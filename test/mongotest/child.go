package mongotest

import "testing"

// Options say how [Child] starts a server.
type Options struct {
	// ReplicaSet makes the server the only member of a replica set.
	ReplicaSet bool
	// Args are further arguments for mongod.
	Args []string
}

// Process is a mongod that belongs to one test, as a child process. It keeps its port and its
// data through [Process.Kill], [Process.Stop] and [Process.Restart].
// A method that cannot do its work fails the test. Call the methods from the test's own goroutine.
//
// Disconnect clients before the server is ended for good: disconnecting from a dead server blocks.
type Process struct {
	*Server
	tb     testing.TB
	mongod *mongod
}

// Child starts a mongod for tb alone and ends it at tb's cleanup.
// When there is no mongod on the machine, it ends tb by notrun.Skip.
func Child(tb testing.TB, options Options) *Process {
	tb.Helper()
	child, err := startMongod(options)
	if err != nil {
		failOrSkip(tb, string(options.kind()), err)
	}
	tb.Cleanup(func() {
		if err := child.remove(); err != nil {
			tb.Errorf("mongotest: %v", err)
		}
	})
	return &Process{Server: child.server(), tb: tb, mongod: child}
}

// Kill ends the server at once, as a crash does (SIGKILL). It does nothing when the server is down.
func (p *Process) Kill() {
	p.tb.Helper()
	p.check("kill", p.mongod.kill())
}

// Stop ends the server cleanly (SIGTERM). It does nothing when the server is down.
func (p *Process) Stop() {
	p.tb.Helper()
	p.check("stop", p.mongod.stop())
}

// Restart starts the server again on the same data and port, and waits until it takes writes.
// A server that is up is stopped first.
func (p *Process) Restart() {
	p.tb.Helper()
	p.check("stop", p.mongod.stop())
	p.check("start", p.mongod.start())
}

// Pause freezes the server (SIGSTOP): its port still accepts connections, and nothing answers.
func (p *Process) Pause() {
	p.tb.Helper()
	p.check("pause", p.mongod.pause())
}

// Resume lets a paused server go on.
func (p *Process) Resume() {
	p.tb.Helper()
	p.check("resume", p.mongod.resume())
}

func (p *Process) check(what string, err error) {
	p.tb.Helper()
	if err != nil {
		p.tb.Fatalf("mongotest: %s mongod: %v", what, err)
	}
}
