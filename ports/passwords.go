package ports

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// PasswordHasher makes and checks password hashes. Both methods take a worker's
// time on purpose: they wait in a bounded queue, leave it when ctx ends, and
// return an error for which errors.Is(err, domain.ErrOverloaded) holds when the
// queue is full.
type PasswordHasher interface {
	// Hash returns a new salted hash with the parameters in force.
	Hash(ctx context.Context, password domain.Password) (domain.PasswordHash, error)
	// Verify reports whether the password is the hashed one. A hash that it can't
	// read, whose parameters are beyond its bounds, or that is zero matches
	// nothing and costs the time of one with the parameters in force.
	Verify(ctx context.Context, password domain.Password, hash domain.PasswordHash) (Verdict, error)
}

// Verdict is the result of checking a password.
type Verdict struct {
	Match bool
	// Outdated reports of a match that its hash was made with other parameters
	// than those in force: replace it.
	Outdated bool
}
