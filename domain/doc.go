// Package domain holds the words and the rules of orgkeeper: what an
// organization, an account, a placement, an operation and a request with an
// idempotency key are, which names and emails are legal, when two of them are
// equal, and which changes of state are allowed: when an organization may be
// changed, suspended, deleted, restored and purged, and what a hold forbids.
//
// It does no I/O and reads no clock: time, randomness and identifiers are
// handed in. Every transition is a pure function that returns a new value and
// leaves the receiver as it was.
package domain
