package contract

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

var usageChecks = []check[Registry]{
	{"NothingIsKnown", usageNothing},
	{"Measured", usageMeasured},
	{"ALaterMeasurementStays", usageLater},
	{"Quota", usageQuota},
	{"AQuotaOfNoneIsOne", usageQuotaOfNone},
	{"TheOrganizationStaysAsItIs", usageApart},
	{"Remove", usageRemove},
	{"Isolation", usageIsolation},
	{"RaceToMeasure", usageRaceToMeasure},
	{"RaceOfQuotaAndMeasurement", usageRaceWithQuota},
	{"ContextEnds", usageContextEnds},
}

// usageIDs are as organizations have them: of this service and of older ones.
var usageIDs = []domain.OrganizationID{"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f", "65f0a1b2c3d4e5f601234567", "65F0A1B2C3D4E5F601234567"}

// wantUsage fails t unless the record is as wanted.
func wantUsage(t *testing.T, r Registry, want domain.UsageRecord) {
	t.Helper()
	what := fmt.Sprintf("ByOrganization(%q)", want.Organization)
	got, err := r.Usages.ByOrganization(t.Context(), want.Organization)
	must(t, what, err)
	wantRecord(t, what, got, want)
}

func measured(t *testing.T, r Registry, id domain.OrganizationID, documents, bytes int64, when time.Time) {
	t.Helper()
	must(t, "Measured", r.Usages.Measured(t.Context(), id, domain.Usage{Documents: documents, Bytes: bytes}, when))
}

func usageNothing(t *testing.T, r Registry) {
	for _, id := range append(usageIDs, "nobody", "") {
		wantUsage(t, r, domain.UsageRecord{Organization: id})
	}
}

func usageMeasured(t *testing.T, r Registry) {
	for i, id := range usageIDs {
		measured(t, r, id, big, big+2, finer(i))
		wantUsage(t, r, domain.UsageRecord{Organization: id, Usage: domain.Usage{Documents: big, Bytes: big + 2}, MeasuredAt: at(i)})
		measured(t, r, id, 0, 0, at(i+1))
		wantUsage(t, r, domain.UsageRecord{Organization: id, MeasuredAt: at(i + 1)})
	}
}

func usageLater(t *testing.T, r Registry) {
	id := usageIDs[0]
	measured(t, r, id, 5, 50, at(2))
	measured(t, r, id, 1, 10, at(1))
	measured(t, r, id, 2, 20, at(2).Add(-time.Millisecond))
	wantUsage(t, r, domain.UsageRecord{Organization: id, Usage: domain.Usage{Documents: 5, Bytes: 50}, MeasuredAt: at(2)})
	measured(t, r, id, 3, 30, at(2))
	wantUsage(t, r, domain.UsageRecord{Organization: id, Usage: domain.Usage{Documents: 3, Bytes: 30}, MeasuredAt: at(2)})
}

func usageQuota(t *testing.T, r Registry) {
	id, first, second := usageIDs[1], domain.Quota{Documents: big, Bytes: big + 2}, domain.Quota{Documents: 1, Bytes: 2}
	must(t, "SetQuota", r.Usages.SetQuota(t.Context(), id, &first))
	wantUsage(t, r, domain.UsageRecord{Organization: id, Quota: &first})
	measured(t, r, id, 7, 8, at(1))
	must(t, "SetQuota", r.Usages.SetQuota(t.Context(), id, &second))
	known := domain.UsageRecord{Organization: id, Usage: domain.Usage{Documents: 7, Bytes: 8}, MeasuredAt: at(1), Quota: &second}
	wantUsage(t, r, known)
	measured(t, r, id, 9, 10, at(2))
	known.Usage, known.MeasuredAt = domain.Usage{Documents: 9, Bytes: 10}, at(2)
	wantUsage(t, r, known)
	for range 2 {
		must(t, "SetQuota", r.Usages.SetQuota(t.Context(), id, nil))
		known.Quota = nil
		wantUsage(t, r, known)
	}
	must(t, "SetQuota of nobody", r.Usages.SetQuota(t.Context(), "nobody", nil))
	wantUsage(t, r, domain.UsageRecord{Organization: "nobody"})
}

// usageQuotaOfNone sees that an own quota without bounds isn't taken for the
// deployment's.
func usageQuotaOfNone(t *testing.T, r Registry) {
	for i, q := range []domain.Quota{{}, {Documents: 1}, {Bytes: 1}} {
		must(t, "SetQuota", r.Usages.SetQuota(t.Context(), usageIDs[i], &q))
		wantUsage(t, r, domain.UsageRecord{Organization: usageIDs[i], Quota: &q})
	}
}

func usageApart(t *testing.T, r Registry) {
	o := full(t)
	must(t, "Insert", r.Organizations.Insert(t.Context(), o))
	measured(t, r, o.ID, 1, 2, at(1))
	must(t, "SetQuota", r.Usages.SetQuota(t.Context(), o.ID, &domain.Quota{Documents: 1}))
	must(t, "Remove", r.Usages.Remove(t.Context(), o.ID))
	got, err := r.Organizations.ByID(t.Context(), o.ID)
	must(t, "ByID", err)
	wantRecord(t, "the organization", got, o)
}

func usageRemove(t *testing.T, r Registry) {
	id := usageIDs[0]
	must(t, "SetQuota", r.Usages.SetQuota(t.Context(), id, &domain.Quota{Documents: 1}))
	measured(t, r, id, 1, 2, at(5))
	for range 2 {
		must(t, "Remove", r.Usages.Remove(t.Context(), id))
		wantUsage(t, r, domain.UsageRecord{Organization: id})
	}
	measured(t, r, id, 3, 4, at(1))
	wantUsage(t, r, domain.UsageRecord{Organization: id, Usage: domain.Usage{Documents: 3, Bytes: 4}, MeasuredAt: at(1)})
}

func usageIsolation(t *testing.T, r Registry) {
	all := make([]domain.UsageRecord, len(usageIDs))
	for i, id := range usageIDs {
		n := int64(i + 1)
		all[i] = domain.UsageRecord{
			Organization: id, Usage: domain.Usage{Documents: n, Bytes: 10 * n}, MeasuredAt: at(i), Quota: &domain.Quota{Documents: 100 * n, Bytes: 1000 * n},
		}
		measured(t, r, id, n, 10*n, at(i))
		must(t, "SetQuota", r.Usages.SetQuota(t.Context(), id, all[i].Quota))
	}
	for i := range all {
		for _, want := range all {
			wantUsage(t, r, want)
		}
		must(t, "Remove", r.Usages.Remove(t.Context(), usageIDs[i]))
		all[i] = domain.UsageRecord{Organization: usageIDs[i]}
	}
	for _, want := range all {
		wantUsage(t, r, want)
	}
}

// usageRaceToMeasure sees that of many measurements the latest is kept, also when none
// was there.
func usageRaceToMeasure(t *testing.T, r Registry) {
	for _, id := range usageIDs {
		wantAllWin(t, "Measured", race(func(i int) error {
			return r.Usages.Measured(t.Context(), id, domain.Usage{Documents: int64(i), Bytes: int64(i)}, at(i))
		}))
		last := int64(racers - 1)
		wantUsage(t, r, domain.UsageRecord{Organization: id, Usage: domain.Usage{Documents: last, Bytes: last}, MeasuredAt: at(racers - 1)})
	}
}

func usageRaceWithQuota(t *testing.T, r Registry) {
	for _, id := range usageIDs {
		wantAllWin(t, "Measured and SetQuota", race(func(i int) error {
			if i%2 == 0 {
				return r.Usages.SetQuota(t.Context(), id, &domain.Quota{Documents: 5, Bytes: 6})
			}
			return r.Usages.Measured(t.Context(), id, domain.Usage{Documents: 1, Bytes: 2}, at(3))
		}))
		wantUsage(t, r, domain.UsageRecord{
			Organization: id, Usage: domain.Usage{Documents: 1, Bytes: 2}, MeasuredAt: at(3), Quota: &domain.Quota{Documents: 5, Bytes: 6},
		})
	}
}

func usageContextEnds(t *testing.T, r Registry) {
	id := usageIDs[0]
	wantUnavailable(t, []call{
		{"ByOrganization", func(ctx context.Context) error {
			_, err := r.Usages.ByOrganization(ctx, id)
			return err
		}},
		{"Measured", func(ctx context.Context) error {
			return r.Usages.Measured(ctx, id, domain.Usage{Documents: 1}, at(1))
		}},
		{"SetQuota", func(ctx context.Context) error { return r.Usages.SetQuota(ctx, id, &domain.Quota{Documents: 1}) }},
		{"Remove", func(ctx context.Context) error { return r.Usages.Remove(ctx, id) }},
	})
	wantUsage(t, r, domain.UsageRecord{Organization: id})
}
