// Package domain holds the words and the rules of orgkeeper: what an
// organization, an account and a placement are, which names and emails are
// legal, when two of them are equal, and which changes of state are allowed.
//
// It does no I/O and reads no clock: time, randomness and identifiers are
// handed in. Every transition is a pure function that returns a new value and
// leaves the receiver as it was.
package domain
