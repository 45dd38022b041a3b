package app

import (
	"context"
	"sync"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Figures of meters.
const (
	// meterShare is the part of the room that a measurement has found, one sixteenth,
	// which a process gives out before it measures anew.
	meterShare = 16
	// meterAge is how long a measurement counts.
	meterAge = time.Minute
	// meterPause is how long an organization without room isn't measured anew, unless
	// something was deleted.
	meterPause = time.Second
	// quotaAge is how long a quota that was read counts.
	quotaAge = 10 * time.Second
)

// meter holds the writes of this process to one organization against its quota.
//
// It measures what the organization holds, while none of its own writes is under way, and
// then admits writes up to a budget: a sixteenth of the room, or one call's writes where
// those are more and fit. What it has admitted since counts as written. So what this
// process writes is never more than the room that it saw. Another process may have filled
// that room meanwhile. Let p be the process that has measured last. What the organization
// holds is at most what p saw, and what p has admitted since, which is within the quota;
// and what every other process may still write by its own last measurement. That is its
// budget. So n processes together exceed the quota by at most
//
//	(n-1) * max(quota/16, the growth by one call)
//
// in documents and in bytes, each. A call is one Put, one Batch or one batch of an import.
// Three things are outside of the bound: writes by who doesn't come by this package,
// writes that were under way when a quota was set, up to quotaAge later in other
// processes, and a write that the engine performs after its call has failed.
type meter struct {
	id domain.OrganizationID
	// users counts who has the meter. meters has the lock for it.
	users int
	// turn holds a token while one goroutine measures, or is about to.
	turn chan struct{}

	mu sync.Mutex
	// quota is in force, as it was read at quotaRead; readings counts when it was
	// forgotten.
	quota     domain.Quota
	quotaRead time.Time
	readings  int
	// closed keeps writes from being admitted but by who has the turn.
	closed bool
	// size measures documents, nil until something was measured.
	size func(domain.Document) int64
	last measurement
	// budget is how much may be written after the last measurement, spent how much of
	// it was given out.
	budget domain.Budget
	spent  domain.Usage
	// deleted says that there may be more room than the last measurement has found.
	deleted bool
	// running counts the writes that were admitted and aren't done. idle, if any, is
	// closed when none is left.
	running int
	idle    chan struct{}
}

// begin waits for the turn to measure.
func (m *meter) begin(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return domain.ErrStoreUnavailable.Because(ctx.Err())
	}
}

// end gives the turn back.
func (m *meter) end() { <-m.turn }

// forgetQuota makes the next write read the quota.
func (m *meter) forgetQuota() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.quotaRead = time.Time{}
	m.readings++
}

// quota returns the quota that is in force.
func (s *Service) quota(ctx context.Context, m *meter) (domain.Quota, error) {
	for {
		m.mu.Lock()
		quota, known, reading := m.quota, s.fresh(m.quotaRead, quotaAge), m.readings
		m.mu.Unlock()
		if known {
			return quota, nil
		}
		now := s.now()
		record, err := s.usages.ByOrganization(ctx, m.id)
		if err != nil {
			return quota, err
		}
		m.mu.Lock()
		if m.readings == reading { // Otherwise a later one may have been set meanwhile.
			if q := s.quotaIn(record); q != m.quota {
				m.quota, m.last = q, measurement{} // The budget was made of the former.
			}
			m.quotaRead = now
		}
		m.mu.Unlock()
	}
}

// sizer returns what measures documents, nil until something was measured.
func (m *meter) sizer() func(domain.Document) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.size
}

// learn takes from a measurement what measures documents.
func (m *meter) learn(found measurement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.size = found.size
}

// counts reports whether the last measurement still does, for the quota.
func (m *meter) counts(s *Service, quota domain.Quota) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.quota == quota && s.fresh(m.last.at, meterAge)
}

// mayHaveRoom says that something was deleted.
func (m *meter) mayHaveRoom() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deleted = true
}

// enter admits a write if the budget has room for its growth. The budget counts for as
// long as its measurement does.
func (m *meter) enter(s *Service, growth domain.Usage) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	return m.admit(s, growth)
}

// admit is enter for who has the turn, and the lock.
func (m *meter) admit(s *Service, growth domain.Usage) bool {
	if !s.fresh(m.last.at, meterAge) || !m.budget.Admits(m.spent, growth) {
		return false
	}
	m.spent = m.spent.Plus(growth)
	m.running++
	return true
}

// leave says that a write is done. unused is what it was admitted for and hasn't come to.
func (m *meter) leave(unused domain.Usage, deleted bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.spent = m.spent.Plus(domain.Usage{Documents: -unused.Documents, Bytes: -unused.Bytes})
	m.deleted = m.deleted || deleted
	if m.running--; m.running == 0 && m.idle != nil {
		close(m.idle)
		m.idle = nil
	}
}

// drain waits until no write is under way. None is admitted by another before open. What
// is deleted from now on may be missed by a measurement.
func (m *meter) drain(ctx context.Context) error {
	m.mu.Lock()
	m.closed, m.deleted = true, false
	if m.running == 0 {
		m.mu.Unlock()
		return nil
	}
	if m.idle == nil {
		m.idle = make(chan struct{})
	}
	idle := m.idle
	m.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return domain.ErrStoreUnavailable.Because(ctx.Err())
	}
}

// open ends what drain began.
func (m *meter) open() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = false
}
