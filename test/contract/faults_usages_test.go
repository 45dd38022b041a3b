package contract

import (
	"context"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// usageFaults are mistakes that adapters of ports.Usages make.
var usageFaults = []fault{
	{"the last measurement to come is kept", "ALaterMeasurementStays", usagesWith(func(m memoryUsages) oddUsages {
		return oddUsages{Usages: m, measured: func(ctx context.Context, id domain.OrganizationID, u domain.Usage, when time.Time) error {
			return m.change(ctx, id, func(r *domain.UsageRecord) { r.Usage, r.MeasuredAt = u, stored(when) })
		}}
	})},
	{"the first measurement of a moment is kept", "ALaterMeasurementStays", usagesWith(func(m memoryUsages) oddUsages {
		return oddUsages{Usages: m, measured: func(ctx context.Context, id domain.OrganizationID, u domain.Usage, when time.Time) error {
			return m.change(ctx, id, func(r *domain.UsageRecord) {
				if r.MeasuredAt.Before(stored(when)) {
					r.Usage, r.MeasuredAt = u, stored(when)
				}
			})
		}}
	})},
	{"a measurement drops the quota", "Quota", usagesWith(func(m memoryUsages) oddUsages {
		return oddUsages{Usages: m, measured: func(ctx context.Context, id domain.OrganizationID, u domain.Usage, when time.Time) error {
			return m.change(ctx, id, func(r *domain.UsageRecord) { *r = domain.UsageRecord{Usage: u, MeasuredAt: stored(when)} })
		}}
	})},
	{"a quota drops the measurement", "Quota", usagesWith(func(m memoryUsages) oddUsages {
		return oddUsages{Usages: m, quota: func(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error {
			return m.change(ctx, id, func(r *domain.UsageRecord) { *r = domain.UsageRecord{Quota: q} })
		}}
	})},
	{"a quota of none is no quota", "AQuotaOfNoneIsOne", usagesWith(func(m memoryUsages) oddUsages {
		return oddUsages{Usages: m, quota: func(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error {
			if q != nil && q.IsNone() {
				q = nil
			}
			return m.SetQuota(ctx, id, q)
		}}
	})},
	{"what was removed is remembered", "Remove", usagesWith(func(m memoryUsages) oddUsages {
		return oddUsages{Usages: m, remove: func(ctx context.Context, id domain.OrganizationID) error {
			return m.change(ctx, id, func(r *domain.UsageRecord) { r.Usage, r.Quota = domain.Usage{}, nil })
		}}
	})},
}

// usagesWith is the suite on usages that one function changes.
func usagesWith(change func(memoryUsages) oddUsages) func(t *testing.T) {
	return func(t *testing.T) {
		RunUsages(t, func(t *testing.T) Registry {
			r := openMemory(t)
			r.Usages = change(r.Usages.(memoryUsages))
			return r
		})
	}
}

type oddUsages struct {
	ports.Usages
	measured func(ctx context.Context, id domain.OrganizationID, u domain.Usage, when time.Time) error
	quota    func(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error
	remove   func(ctx context.Context, id domain.OrganizationID) error
}

func (odd oddUsages) Measured(ctx context.Context, id domain.OrganizationID, u domain.Usage, when time.Time) error {
	if odd.measured != nil {
		return odd.measured(ctx, id, u, when)
	}
	return odd.Usages.Measured(ctx, id, u, when)
}

func (odd oddUsages) SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error {
	if odd.quota != nil {
		return odd.quota(ctx, id, q)
	}
	return odd.Usages.SetQuota(ctx, id, q)
}

func (odd oddUsages) Remove(ctx context.Context, id domain.OrganizationID) error {
	if odd.remove != nil {
		return odd.remove(ctx, id)
	}
	return odd.Usages.Remove(ctx, id)
}
