package domain

import "time"

// Request is a client's request that carries an idempotency key, so that asking again
// gives the first answer and does nothing twice.
type Request struct {
	// ID is made of the key and its scope; nobody can tell the key from it.
	ID string
	// Fingerprint tells whether the same was asked.
	Fingerprint string
	// Operation is the operation that the request has begun or may have begun, or
	// the one that it is to begin.
	Operation OperationID
	// LeaseUntil is until when others leave the request to its runner.
	LeaseUntil time.Time
	// Answer is what the client got, as the transport wrote it; nil until then.
	Answer []byte
	// ExpiresAt is when the request may be forgotten.
	ExpiresAt time.Time
	// Version counts the writes, from 1; compare-and-set rests on it.
	Version int64
}

// Answered reports whether the client has got its answer.
func (r Request) Answered() bool { return r.Answer != nil }

// TakeOver hands a request without an answer to another runner.
func (r Request) TakeOver(leaseUntil time.Time) Request {
	r.LeaseUntil = leaseUntil
	r.Version++
	return r
}

// Conclude records the answer.
func (r Request) Conclude(answer []byte) Request {
	r.Answer = answer
	r.Version++
	return r
}
