package contract

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

type memoryUsages struct{ *memory }

var _ ports.Usages = memoryUsages{}

func (m memoryUsages) ByOrganization(ctx context.Context, id domain.OrganizationID) (domain.UsageRecord, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return domain.UsageRecord{}, err
	}
	r := m.usages[id]
	r.Organization = id
	if r.Quota != nil {
		q := *r.Quota
		r.Quota = &q
	}
	return r, nil
}

// change changes the record under the ID.
func (m memoryUsages) change(ctx context.Context, id domain.OrganizationID, change func(r *domain.UsageRecord)) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	r := m.usages[id]
	change(&r)
	m.usages[id] = r
	return nil
}

func (m memoryUsages) Measured(ctx context.Context, id domain.OrganizationID, u domain.Usage, at time.Time) error {
	return m.change(ctx, id, func(r *domain.UsageRecord) {
		if at = stored(at); !r.MeasuredAt.After(at) {
			r.Usage, r.MeasuredAt = u, at
		}
	})
}

func (m memoryUsages) SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error {
	return m.change(ctx, id, func(r *domain.UsageRecord) {
		if r.Quota = nil; q != nil {
			own := *q
			r.Quota = &own
		}
	})
}

func (m memoryUsages) Remove(ctx context.Context, id domain.OrganizationID) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	delete(m.usages, id)
	return nil
}
