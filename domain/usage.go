package domain

import "time"

// Quota bounds what an organization holds. 0 is no bound.
type Quota struct {
	Documents int64
	// Bytes bounds the size of the documents as Usage has it.
	Bytes int64
}

// NewQuota returns a quota.
//
// Errors: an invalid-request *Error that names every field which is negative.
func NewQuota(documents, bytes int64) (Quota, error) {
	q := Quota{Documents: documents, Bytes: bytes}
	var wrong []error
	if documents < 0 {
		wrong = append(wrong, Invalid("documents", notAQuota))
	}
	if bytes < 0 {
		wrong = append(wrong, Invalid("bytes", notAQuota))
	}
	return q, JoinInvalid(wrong...)
}

const notAQuota = "must be a whole number, 0 for no bound"

// IsNone reports whether the quota bounds nothing.
func (q Quota) IsNone() bool { return q == Quota{} }

// Admits reports whether what holds so much may grow. What doesn't grow in a measure is
// admitted in it, however much there is.
func (q Quota) Admits(held, growth Usage) bool {
	return admits(q.Documents, held.Documents, growth.Documents) && admits(q.Bytes, held.Bytes, growth.Bytes)
}

func admits(bound, held, growth int64) bool {
	return bound == 0 || growth <= 0 || growth <= bound-held
}

// Part returns the quota of what may be added to so much: one nth of the room, and at
// least as much as least, where that fits. What has no room left, in a measure that is
// bounded, may add nothing.
func (q Quota) Part(held, least Usage, n int64) Budget {
	return Budget{
		part(q.Documents, held.Documents, least.Documents, n),
		part(q.Bytes, held.Bytes, least.Bytes, n),
	}
}

func part(bound, held, least, n int64) int64 {
	if bound == 0 {
		return unbounded
	}
	room := max(bound-held, 0)
	return max(room/n, min(least, room))
}

// unbounded is a budget of what has no bound.
const unbounded = 1<<63 - 1

// Budget is how much may be added. Unlike in a Quota, 0 is nothing.
type Budget struct{ Documents, Bytes int64 }

// Admits reports whether so much may be added once so much is spent.
func (b Budget) Admits(spent, growth Usage) bool {
	return (growth.Documents <= 0 || growth.Documents <= b.Documents-spent.Documents) &&
		(growth.Bytes <= 0 || growth.Bytes <= b.Bytes-spent.Bytes)
}

// Plus returns the sum.
func (u Usage) Plus(other Usage) Usage {
	return Usage{Documents: u.Documents + other.Documents, Bytes: u.Bytes + other.Bytes}
}

// UsageRecord is what is known of an organization's documents, beside its own record.
type UsageRecord struct {
	Organization OrganizationID
	// Usage is what was measured at MeasuredAt, which is zero when nothing was.
	Usage
	MeasuredAt time.Time
	// Quota is the organization's own, nil if the deployment's applies.
	Quota *Quota
}
