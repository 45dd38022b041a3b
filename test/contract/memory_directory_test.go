package contract

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

type memoryDirectory struct{ *memory }

var _ ports.Directory = memoryDirectory{}

func selects(q ports.OrganizationQuery, o domain.Organization) bool {
	return o.ID > q.After &&
		(len(q.Statuses) == 0 || slices.Contains(q.Statuses, o.Status)) &&
		strings.HasPrefix(o.Name.Key(), q.NameKeyPrefix) &&
		!o.CreatedAt.Before(q.CreatedFrom) &&
		(q.CreatedBefore.IsZero() || o.CreatedAt.Before(q.CreatedBefore)) &&
		(!q.Stuck || o.Pending.Stuck)
}

func (m memoryDirectory) List(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	all, err := m.all(ctx, func(o domain.Organization) bool { return selects(q, o) })
	slices.SortFunc(all, func(a, b domain.Organization) int { return cmp.Compare(a.ID, b.ID) })
	return all[:min(q.Limit, len(all))], err
}

// all returns the organizations that are so, in no order.
func (m memoryDirectory) all(ctx context.Context, is func(domain.Organization) bool) ([]domain.Organization, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return nil, err
	}
	var all []domain.Organization
	for _, o := range m.organizations {
		if is(o) {
			all = append(all, storedOrganization(o))
		}
	}
	return all, nil
}

func (m memoryDirectory) ByReservations(ctx context.Context, entries []string) (map[string]domain.Organization, error) {
	found := map[string]domain.Organization{}
	_, err := m.all(ctx, func(o domain.Organization) bool {
		for _, entry := range o.Reserved {
			if slices.Contains(entries, entry) {
				found[entry] = storedOrganization(o)
			}
		}
		return false
	})
	return found, err
}

func (m memoryDirectory) PurgeDue(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	return m.purgeDue(ctx, until, limit, func(o domain.Organization) bool { return !o.Hold && !o.Busy() })
}

func (m memoryDirectory) purgeDue(
	ctx context.Context, until time.Time, limit int, free func(domain.Organization) bool,
) ([]domain.Organization, error) {
	due, err := m.all(ctx, func(o domain.Organization) bool {
		return o.Status == domain.StatusDeleted && !o.PurgeAt.IsZero() && !o.PurgeAt.After(until) && free(o)
	})
	slices.SortFunc(due, func(a, b domain.Organization) int { return a.PurgeAt.Compare(b.PurgeAt) })
	return due[:min(limit, len(due))], err
}

type memoryRequests struct{ *memory }

var _ ports.Requests = memoryRequests{}

func storedRequest(r domain.Request) domain.Request {
	r.LeaseUntil, r.ExpiresAt = stored(r.LeaseUntil), stored(r.ExpiresAt)
	r.Answer = slices.Clone(r.Answer)
	return r
}

func (m memoryRequests) Insert(ctx context.Context, r domain.Request) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	if _, exists := m.requests[r.ID]; exists {
		return domain.ErrVersionConflict
	}
	m.requests[r.ID] = storedRequest(r)
	return nil
}

func (m memoryRequests) ByID(ctx context.Context, id string) (domain.Request, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return domain.Request{}, err
	}
	r, exists := m.requests[id]
	if !exists {
		return r, domain.ErrRequestNotFound
	}
	return storedRequest(r), nil
}

func (m memoryRequests) Replace(ctx context.Context, r domain.Request, ifVersion int64) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	if old, exists := m.requests[r.ID]; !exists || old.Version != ifVersion {
		return domain.ErrVersionConflict
	}
	m.requests[r.ID] = storedRequest(r)
	return nil
}

func (m memoryRequests) Forget(ctx context.Context, until time.Time, limit int) (int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return 0, err
	}
	n := 0
	for id, r := range m.requests {
		if n < limit && !r.ExpiresAt.After(until) {
			delete(m.requests, id)
			n++
		}
	}
	return n, nil
}
