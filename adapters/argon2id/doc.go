// Package argon2id hashes and checks passwords with Argon2id, a bounded number
// at once. It fills ports.PasswordHasher.
//
// # What it verifies
//
// New hashes are PHC strings: $argon2id$v=19$m=19456,t=2,p=1$salt$key. Hashes
// that another service has left verify too, and are reported as outdated:
//
//   - Argon2id and Argon2i, version 19, with other parameters;
//   - bcrypt, $2a$, $2b$ and $2y$, for passwords of at most 72 bytes (bcrypt
//     reads no further, so that a longer one would match by its start alone).
//
// Argon2d, Argon2 of version 16 (also without a version, which means 16), PHC
// strings with keyid= or data=, and the faulty $2x$ of bcrypt match nothing:
// golang.org/x/crypto computes none of them. Whoever has such a hash needs a
// new password.
//
// # Bounds
//
// What a stored hash asks for is checked before any work: t=0 and p=0 would
// panic, m=4194304 would take 4 GiB. See the constants. A hash that is beyond
// them, damaged or empty matches nothing, and costs one hash with the
// parameters in force, so that the time doesn't tell an unknown email from a
// wrong password. Until its first login an account with a foreign hash takes
// the time of that hash.
//
// # Load
//
// At most Options.Concurrency hashes run at once, each with its own
// Options.MemoryKiB. Who comes next waits in a queue, first come, first served;
// beyond Options.Queue the answer is domain.ErrOverloaded at once. A hash that
// runs can't be stopped, one that waits leaves when its context ends.
package argon2id
