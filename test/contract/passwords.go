package contract

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/ports"
)

// PasswordsOption adds checks to RunPasswordHasher that need another hasher.
type PasswordsOption func(*passwordSubjects)

// OtherParameters gives a factory of hashers whose parameters in force are other
// than those of the main factory. Each must report the other's hashes as
// outdated.
func OtherParameters(open func(t *testing.T) ports.PasswordHasher) PasswordsOption {
	return func(s *passwordSubjects) { s.otherParameters = open }
}

// SmallQueue gives a factory of hashers with one worker and a queue of one, or
// none. Of 32 calls at once some must succeed and some be refused.
func SmallQueue(open func(t *testing.T) ports.PasswordHasher) PasswordsOption {
	return func(s *passwordSubjects) { s.smallQueue = open }
}

// RunPasswordHasher runs the suite of ports.PasswordHasher. Hashers of open need
// a queue that 32 calls fit in, and had better be cheap.
func RunPasswordHasher(t *testing.T, open func(t *testing.T) ports.PasswordHasher, options ...PasswordsOption) {
	t.Helper()
	var s passwordSubjects
	for _, option := range options {
		option(&s)
	}
	runPasswordHasher(t, open, s)
}

// passwordSubjects are the factories of the options; nil ones are not given.
type passwordSubjects struct {
	otherParameters func(t *testing.T) ports.PasswordHasher
	smallQueue      func(t *testing.T) ports.PasswordHasher
}
