package argon2id

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

var _ ports.PasswordHasher = (*Hasher)(nil)

// bcryptMaxBytes is how much of a password bcrypt reads.
const bcryptMaxBytes = 72

// Hasher fills ports.PasswordHasher. Make one for the whole process: it bounds
// its own hashes only.
type Hasher struct {
	params argon2id.Params
	queue  *queue
	waited func(waited time.Duration, refused bool)
	// derive makes a new hash, check compares with a stored one that was found
	// within the bounds. Tests of the queue put others in their place.
	derive func(password string) (string, error)
	check  func(password, encoded string, s stored) bool
}

// New returns a Hasher, or an error that says all that is wrong with o.
func New(o Options) (*Hasher, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	params := o.params()
	return &Hasher{
		params: params,
		queue:  newQueue(o.Concurrency, o.Queue),
		waited: o.Waited,
		derive: func(password string) (string, error) { return argon2id.CreateHash(password, &params) },
		check:  check,
	}, nil
}

// Hash does what ports.PasswordHasher says.
func (h *Hasher) Hash(ctx context.Context, password domain.Password) (domain.PasswordHash, error) {
	if err := h.enter(ctx); err != nil {
		return domain.PasswordHash{}, err
	}
	defer h.queue.leave()
	encoded, err := h.derive(password.Reveal())
	if err != nil {
		return domain.PasswordHash{}, fmt.Errorf("argon2id: making a hash: %w", err)
	}
	return domain.NewPasswordHash(encoded), nil
}

// Verify does what ports.PasswordHasher says.
func (h *Hasher) Verify(ctx context.Context, password domain.Password, hash domain.PasswordHash) (ports.Verdict, error) {
	encoded, typed := hash.Reveal(), password.Reveal()
	s, err := parseStored(encoded)
	readable := err == nil && (s.variant != variantBcrypt || len(typed) <= bcryptMaxBytes)

	if err := h.enter(ctx); err != nil {
		return ports.Verdict{}, err
	}
	defer h.queue.leave()
	if !readable {
		if _, err := h.derive(typed); err != nil {
			return ports.Verdict{}, fmt.Errorf("argon2id: spending the time of a hash: %w", err)
		}
		return ports.Verdict{}, nil
	}
	if !h.check(typed, encoded, s) {
		return ports.Verdict{}, nil
	}
	return ports.Verdict{Match: true, Outdated: !h.inForce(s)}, nil
}

// Load returns how many hashes run and how many wait at this moment.
func (h *Hasher) Load() (running, waiting int) { return h.queue.load() }

// enter waits for a turn and tells whoever watches how long that took.
func (h *Hasher) enter(ctx context.Context) error {
	if h.waited == nil {
		return h.queue.enter(ctx)
	}
	began := time.Now()
	err := h.queue.enter(ctx)
	h.waited(time.Since(began), err != nil)
	return err
}

// inForce reports whether a hash made now would have the same parameters.
func (h *Hasher) inForce(s stored) bool {
	return s.variant == variantArgon2id &&
		s.cost == cost{h.params.Memory, h.params.Iterations, h.params.Parallelism} &&
		len(s.salt) == saltBytes && len(s.key) == keyBytes
}

// check compares in a time that doesn't depend on how much is equal.
func check(password, encoded string, s stored) bool {
	switch s.variant {
	case variantArgon2id:
		match, err := argon2id.ComparePasswordAndHash(password, encoded)
		return err == nil && match
	case variantArgon2i:
		length := uint32(len(s.key)) //nolint:gosec // parseStored lets no more than maxSaltOrKey through.
		key := argon2.Key([]byte(password), s.salt, s.cost.iterations, s.cost.memoryKiB, s.cost.parallelism, length)
		return subtle.ConstantTimeCompare(key, s.key) == 1
	case variantBcrypt:
		return bcrypt.CompareHashAndPassword([]byte(encoded), []byte(password)) == nil
	}
	return false
}
