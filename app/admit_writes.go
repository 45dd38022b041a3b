package app

import (
	"context"
	"errors"
	"slices"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// admission is what was admitted of writes.
type admission struct {
	meter *meter
	// growth is what each write was admitted for; nil where nothing was to be admitted.
	growth []domain.Usage
	// refused says of each write whether it would exceed the quota; nil if none does.
	refused []bool
}

// refuses reports whether the write at the place would exceed the quota.
func (a *admission) refuses(place int) bool { return len(a.refused) > place && a.refused[place] }

// admit holds writes against the organization's quota. Deletes are admitted, and what
// doesn't grow what there is. What is returned is to be concluded when the writes are
// done.
//
// Errors: domain.ErrStoreUnavailable, and those of a read of documents.
func (d *Documents) admit(ctx context.Context, writes []ports.DocumentWrite) (*admission, error) {
	s := d.service
	m := s.meters.take(d.organization)
	a := &admission{meter: m}
	quota, err := s.quota(ctx, m)
	if err == nil && !quota.IsNone() && grows(writes) && !m.admitQuickly(s, a, writes) {
		err = d.admitSlowly(ctx, a, quota, writes)
	}
	if err != nil {
		s.meters.give(m)
		return nil, err
	}
	return a, nil
}

// grows reports whether there is more among the writes than deletes.
func grows(writes []ports.DocumentWrite) bool {
	return slices.ContainsFunc(writes, func(w ports.DocumentWrite) bool { return w.Action != ports.DocumentDelete })
}

// admitQuickly admits the writes by their estimate, if the budget has room for that.
func (m *meter) admitQuickly(s *Service, a *admission, writes []ports.DocumentWrite) bool {
	growth := m.estimate(writes)
	if growth == nil || !m.enter(s, sum(growth)) {
		return false
	}
	a.growth = growth
	return true
}

// admitSlowly is admit for writes that the budget has no room for, as far as one can tell
// without looking. It looks at what the writes replace before it measures, and measures
// before it refuses, unless it has just measured.
func (d *Documents) admitSlowly(ctx context.Context, a *admission, quota domain.Quota, writes []ports.DocumentWrite) error {
	s, m := d.service, a.meter
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	if m.admitQuickly(s, a, writes) { // Who had the turn before has measured.
		return nil
	}
	if m.counts(s, quota) {
		growth, err := d.growth(ctx, m, writes)
		if err != nil || m.admitKnown(s, a, quota, growth) {
			return err
		}
	}
	defer m.open()
	if err := m.drain(ctx); err != nil {
		return err
	}
	found, err := s.measureUsage(ctx, d.organization)
	if err != nil {
		return err
	}
	m.learn(found)
	growth := m.estimate(writes)
	if !quota.Admits(found.Usage, sum(growth)) {
		if growth, err = d.growth(ctx, m, writes); err != nil {
			return err
		}
	}
	m.admitMeasured(a, quota, found, growth)
	return nil
}

// admitKnown admits, by the last measurement, writes whose growth is known. It returns
// false if it takes another measurement to say what is to be admitted.
func (m *meter) admitKnown(s *Service, a *admission, quota domain.Quota, growth []domain.Usage) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.quota != quota || !s.fresh(m.last.at, meterAge) {
		return false
	}
	total, refused := pick(quota, m.last.Plus(m.spent), growth)
	if refused != nil && (m.deleted || !s.fresh(m.last.at, meterPause)) || !m.admit(s, total) {
		return false
	}
	a.growth, a.refused = growth, refused
	return true
}

// admitMeasured admits what fits after a measurement, and makes the budget.
func (m *meter) admitMeasured(a *admission, quota domain.Quota, found measurement, growth []domain.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	total, refused := pick(quota, found.Usage, growth)
	a.growth, a.refused = growth, refused
	m.last, m.spent = found, total
	m.budget = quota.Part(found.Usage, total, meterShare)
	if m.quota != quota { // It was changed meanwhile: the next write measures for it.
		m.last = measurement{}
	}
	m.running++
}

// pick takes the writes that fit, in their order, and returns their growth. Of those that
// don't it clears the growth. refused is nil if all do.
func pick(quota domain.Quota, held domain.Usage, growth []domain.Usage) (total domain.Usage, refused []bool) {
	for i, g := range growth {
		if quota.Admits(held.Plus(total), g) {
			total = total.Plus(g)
			continue
		}
		if refused == nil {
			refused = make([]bool, len(growth))
		}
		refused[i], growth[i] = true, domain.Usage{}
	}
	return total, refused
}

func sum(growth []domain.Usage) (total domain.Usage) {
	for _, g := range growth {
		total = total.Plus(g)
	}
	return total
}

// estimate returns how much the writes add at most, or nil before anything was measured.
func (m *meter) estimate(writes []ports.DocumentWrite) []domain.Usage {
	size := m.sizer()
	if size == nil {
		return nil
	}
	growth := make([]domain.Usage, len(writes))
	for i, w := range writes {
		if w.Action != ports.DocumentDelete {
			growth[i] = domain.Usage{Documents: 1, Bytes: size(w.Document)}
		}
	}
	return growth
}

// growth looks at what the writes replace, and returns how much each adds. What becomes
// smaller adds nothing: it isn't certain that it will.
func (d *Documents) growth(ctx context.Context, m *meter, writes []ports.DocumentWrite) ([]domain.Usage, error) {
	size, growth := m.sizer(), make([]domain.Usage, len(writes))
	err := d.within(ctx, reading, func(store ports.Documents, at ports.Place) error {
		for i, w := range writes {
			if w.Action == ports.DocumentDelete {
				continue
			}
			growth[i] = domain.Usage{Bytes: size(w.Document)}
			old, err := store.Get(ctx, at, w.Document.ID)
			switch {
			case err == nil:
				growth[i].Bytes = max(growth[i].Bytes-size(old), 0)
			case errors.Is(err, domain.ErrNamespaceMissing), errors.Is(err, domain.ErrStoreUnavailable):
				return err
			case errors.Is(err, domain.ErrDocumentNotFound) && w.IfMatch == "":
				growth[i].Documents = 1
			} // Else it is there and can't be read, or what isn't there won't be made.
		}
		return nil
	})
	return growth, err
}

// conclude says what became of the writes; without results nobody knows. deleted says
// that there may be more room.
func (a *admission) conclude(s *Service, writes []ports.DocumentWrite, results []ports.DocumentResult, deleted bool) {
	defer s.meters.give(a.meter)
	if a.growth == nil {
		if deleted {
			a.meter.mayHaveRoom()
		}
		return
	}
	var unused domain.Usage
	for i, result := range results {
		g := a.growth[i]
		switch {
		case errors.Is(result.Err, domain.ErrDocumentExists), errors.Is(result.Err, domain.ErrDocumentChanged):
			unused = unused.Plus(g)
		case result.Err == nil && writes[i].Action == ports.DocumentPut && !result.Created:
			unused.Documents += g.Documents
		}
	}
	a.meter.leave(unused, deleted)
}
