package argon2id

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/alexedwards/argon2id"
)

// The defaults of Options: the least that OWASP's Password Storage Cheat Sheet
// recommends for Argon2id, and a queue that at 25 ms a hash empties in 0.8 s.
const (
	DefaultMemoryKiB    = 19 * 1024
	DefaultIterations   = 2
	DefaultParallelism  = 1
	DefaultQueuePerHash = 32
)

// The lengths of new hashes, in bytes, as RFC 9106 recommends (section 3.1).
const (
	saltBytes = 16
	keyBytes  = 32
)

// Options are the cost of a hash and how many run at once. The zero value of a
// field is its default.
type Options struct {
	// MemoryKiB is the memory of one hash: 8 times Parallelism to MaxMemoryKiB.
	// Default 19456.
	MemoryKiB uint32
	// Iterations is the number of passes over the memory: 1 to MaxIterations.
	// MemoryKiB times Iterations is at most MaxWorkKiB. Default 2.
	Iterations uint32
	// Parallelism is the number of lanes; each is a goroutine. Default 1.
	Parallelism uint8
	// Concurrency is the number of hashes that run at once. Default:
	// runtime.GOMAXPROCS, which knows a container's limit.
	Concurrency int
	// Queue is the number of hashes that wait. Default: 32 times Concurrency.
	Queue int
	// Waited, if set, is told of each hash how long it waited for its turn, and
	// whether it got none: the queue was full, or its context ended. It must return
	// at once.
	Waited func(waited time.Duration, refused bool)
}

// withDefaults fills what is zero, or says all that is wrong.
func (o Options) withDefaults() (Options, error) {
	setDefault(&o.MemoryKiB, DefaultMemoryKiB)
	setDefault(&o.Iterations, DefaultIterations)
	setDefault(&o.Parallelism, DefaultParallelism)
	setDefault(&o.Concurrency, runtime.GOMAXPROCS(0))
	setDefault(&o.Queue, DefaultQueuePerHash*o.Concurrency)

	var errs []error
	if _, err := newCost(o.MemoryKiB, o.Iterations, uint32(o.Parallelism)); err != nil {
		errs = append(errs, fmt.Errorf("argon2id: Options: %w", err))
	}
	if o.Concurrency < 1 {
		errs = append(errs, errors.New("argon2id: Options.Concurrency is negative"))
	}
	if o.Queue < 1 {
		errs = append(errs, errors.New("argon2id: Options.Queue is negative"))
	}
	return o, errors.Join(errs...)
}

// params is the cost as the library takes it.
func (o Options) params() argon2id.Params {
	return argon2id.Params{
		Memory:      o.MemoryKiB,
		Iterations:  o.Iterations,
		Parallelism: o.Parallelism,
		SaltLength:  saltBytes,
		KeyLength:   keyBytes,
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
