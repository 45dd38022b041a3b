package main

import (
	"os"
	"runtime"
	"runtime/debug"

	"github.com/orgkeeper/orgkeeper/adapters/config"
)

// The heap may grow to five times what is alive, so that collecting garbage takes
// little of a request's time, but with the memory that the hashes in progress use not
// beyond memoryBase: each hash leaves 19 MiB of garbage, which without a limit let a
// process under log-ins grow to 148 MiB. What the system counts is some 16 MiB above
// the limit, since it counts the program itself, too: with a base of 72 MiB it was
// 134 MiB, with this it is 102 MiB. GOGC and GOMEMLIMIT go before both.
const (
	gcPercent  = 400
	memoryBase = 48 << 20
)

// tuneRuntime fits Go's scheduler and collector to password hashing, unless the
// environment says how they shall be.
//
// The scheduler may run the hashes and as many other goroutines as there are cores
// at once. Otherwise a read waits for a hash to be preempted: with two hashes on two
// cores the 99th percentile of a read was 29 ms, and is 6 ms with this, at nearly
// the same log-ins a second.
func tuneRuntime(c config.Config) {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + c.HashConcurrency)
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(memoryBase + int64(c.HashConcurrency)*int64(c.Argon2MemoryKiB)<<10)
	}
}
