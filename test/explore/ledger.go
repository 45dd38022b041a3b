package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// ledger is what the explorer remembers of the past beside the store, to hold the
// store against it. A ledger that was handed on isn't changed any more.
type ledger struct {
	// Given says to whom each namespace was given first, InUse which ones an
	// organization has or moves to.
	Given map[string]domain.OrganizationID
	InUse map[domain.OrganizationID][]string
	// Names are the keys of the names that live organizations hold.
	Names map[domain.OrganizationID][]string
	// Documents are those that an organization must have until its data is dropped.
	Documents map[domain.OrganizationID][]string
	// Leases are until when operations, requests and moves are left to their runner, in
	// milliseconds since 1970.
	Leases map[string]int64
	// Broken says which promise the last write has broken.
	Broken string
}

func (l *ledger) clone() *ledger {
	return &ledger{
		Given: clone(l.Given), InUse: clone(l.InUse), Names: clone(l.Names),
		Documents: clone(l.Documents), Leases: clone(l.Leases), Broken: l.Broken,
	}
}

func clone[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

func (l *ledger) breaks(format string, args ...any) {
	if l.Broken == "" {
		l.Broken = fmt.Sprintf(format, args...)
	}
}

// leased reports whether a lease lasts at the time.
func (l *ledger) leased(now time.Time) bool {
	for _, until := range l.Leases {
		if until > now.UnixMilli() {
			return true
		}
	}
	return false
}

// entry returns the ledger after a call that has succeeded, with the answer.
func (m *machine) entry(ctx context.Context, before *ledger, c call, value any) (*ledger, error) {
	if c.document != nil {
		l := before.clone()
		if table, _ := value.(string); !strings.HasPrefix(table, strayTable) {
			l.Documents[c.document.of] = append(slices.Clip(l.Documents[c.document.of]), c.document.id)
		}
		return l, nil
	}
	if c.request != nil {
		l := before.clone()
		l.Leases["request "+c.request.ID] = c.request.LeaseUntil.UnixMilli()
		if c.request.Answered() {
			delete(l.Leases, "request "+c.request.ID)
		}
		return l, nil
	}
	if c.move != nil {
		l := before.clone()
		l.Leases["move "+string(c.move.Operation)] = c.move.DueAt.UnixMilli()
		if c.move.DueAt.IsZero() { // It is removed.
			delete(l.Leases, "move "+string(c.move.Operation))
		}
		return l, nil
	}
	if c.organization == nil {
		return before, nil
	}
	l, o := before.clone(), *c.organization
	l.namespaces(o)
	if m.reuses {
		l.Broken = ""
	}
	l.names(o)
	delete(l.Leases, string(o.ID))
	if o.Busy() && !o.Pending.Stuck && !o.Pending.HandedOver() {
		l.Leases[string(o.ID)] = o.Pending.LeaseUntil.UnixMilli()
	}
	if o.Status == domain.StatusActive && len(l.Documents[o.ID]) == 0 {
		return l, m.mark(ctx, l, o)
	}
	return l, nil
}

// namespaces notes which namespaces the organization has, and that none was given
// twice.
func (l *ledger) namespaces(o domain.Organization) {
	var now []string
	for _, p := range []domain.Placement{o.Placement, o.Pending.Target} {
		if p.IsZero() {
			continue
		}
		now = append(now, p.Reservation())
		if slices.Contains(l.InUse[o.ID], p.Reservation()) {
			continue
		}
		if first, given := l.Given[p.Reservation()]; given {
			l.breaks("the namespace %s was given to %s, and now to %s", p.Namespace, first, o.ID)
		}
		l.Given[p.Reservation()] = o.ID
	}
	l.InUse[o.ID] = now
}

// names notes which names the organization holds, and that nobody else does.
func (l *ledger) names(o domain.Organization) {
	l.Names[o.ID] = o.NameKeys()
	for _, other := range slices.Sorted(maps.Keys(l.Names)) {
		for _, key := range l.Names[other] {
			if other != o.ID && slices.Contains(l.Names[o.ID], key) {
				l.breaks("the name %q is held by %s and by %s", key, other, o.ID)
			}
		}
	}
}

// mark puts a first document into the namespace of an organization that has come to
// be: a client may write one as soon as it is active.
func (m *machine) mark(ctx context.Context, l *ledger, o domain.Organization) error {
	id := "first of " + string(o.ID)
	switch table, err := m.insert(ctx, o.Placement, id, o.ID); {
	case err != nil:
		return err
	case table == "":
		l.breaks("%s is active without its namespace %s", o.ID, o.Placement.Namespace)
	}
	l.Documents[o.ID] = []string{id}
	return nil
}
