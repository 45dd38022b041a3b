package contract

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
)

// wantDue fails t unless Due gives just these IDs, in this order.
func wantDue(t *testing.T, r Registry, until time.Time, limit int, want ...domain.OrganizationID) {
	t.Helper()
	what := fmt.Sprintf("Due(%s, %d)", until.Format(time.StampMilli), limit)
	organizations, err := r.Organizations.Due(t.Context(), until, limit)
	must(t, what, err)
	got := []domain.OrganizationID{}
	for _, o := range organizations {
		got = append(got, o.ID)
	}
	if diff := cmp.Diff(append([]domain.OrganizationID{}, want...), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// leased returns an organization with an operation whose lease ends at until.
func leased(t *testing.T, n int, until time.Time) domain.Organization {
	t.Helper()
	o := renaming(numbered(t, n), mustName(t, fmt.Sprintf("Renamed %d", n)))
	o.Pending.LeaseUntil = until
	return o
}

func organizationDue(t *testing.T, r Registry) {
	wantDue(t, r, at(1000), 10)
	third, first, second := leased(t, 1, at(30)), leased(t, 2, at(10)), leased(t, 3, at(20))
	// A delete's organization isn't live and is due all the same.
	second.Status, second.DeletedAt = domain.StatusDeleted, at(1)
	second.Pending.Kind, second.Pending.Name = domain.OperationDelete, domain.Name{}
	idle := numbered(t, 4)
	insertOrganizations(t, r, third, idle, first, second, purged(numbered(t, 5)))

	wantDue(t, r, at(1000), 10, first.ID, second.ID, third.ID)
	wantDue(t, r, at(1000), 3, first.ID, second.ID, third.ID)
	wantDue(t, r, at(1000), 2, first.ID, second.ID)
	wantDue(t, r, at(1000), 1, first.ID)
	wantDue(t, r, at(1000), 0)
	wantDue(t, r, at(25), 10, first.ID, second.ID)
	wantDue(t, r, at(9), 10)

	// A lease that is prolonged, and an operation that ends.
	longer := first
	longer.Pending.LeaseUntil, longer.Version = at(40), first.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), longer, first.Version))
	wantDue(t, r, at(1000), 10, second.ID, third.ID, first.ID)
	must(t, "Replace", r.Organizations.Replace(t.Context(), purged(second), second.Version))
	wantDue(t, r, at(1000), 10, third.ID, first.ID)
}

func organizationDueBoundary(t *testing.T, r Registry) {
	lease := at(10)
	o := leased(t, 1, lease)
	// One of a year whose text is longer or shorter sorts by time, not by text.
	early := leased(t, 2, time.Date(999, 1, 1, 0, 0, 0, 0, time.UTC))
	insertOrganizations(t, r, o, early)
	wantDue(t, r, lease.Add(-time.Millisecond), 10, early.ID)
	wantDue(t, r, lease, 10, early.ID, o.ID)
	wantDue(t, r, lease.Add(time.Millisecond), 10, early.ID, o.ID)

	// No lease at all is one that ended.
	never := leased(t, 3, time.Time{})
	insertOrganizations(t, r, never)
	wantDue(t, r, lease.Add(-time.Millisecond), 10, never.ID, early.ID)
	wantDue(t, r, lease.In(time.FixedZone("west", -8*3600)), 10, never.ID, early.ID, o.ID)
}

func organizationDueStuck(t *testing.T, r Registry) {
	first, second, third := leased(t, 1, at(10)), leased(t, 2, at(20)), leased(t, 3, at(30))
	first.Pending.Stuck, third.Pending.Stuck = true, true
	insertOrganizations(t, r, first, second, third)
	wantDue(t, r, at(1000), 10, second.ID)
	wantDue(t, r, at(1000), 1, second.ID)

	// An operator asks for one, and another gets stuck.
	freed := first
	freed.Pending.Stuck, freed.Version = false, first.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), freed, first.Version))
	wantDue(t, r, at(1000), 10, first.ID, second.ID)
	failed := second
	failed.Pending.Stuck, failed.Version = true, second.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), failed, second.Version))
	wantDue(t, r, at(1000), 10, first.ID)
}
