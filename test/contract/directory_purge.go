package contract

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
)

func directoryReservations(t *testing.T, r Registry) {
	wantReserved(t, r, nil, map[string]domain.OrganizationID{})
	wantReserved(t, r, []string{"c:tenants.org_1"}, map[string]domain.OrganizationID{})

	first, second, gone := numbered(t, 1), reserving(numbered(t, 2), placed("org_left")), purged(numbered(t, 3))
	insertOrganizations(t, r, first, second, gone)
	wantReserved(t, r, []string{"c:tenants.org_1"}, map[string]domain.OrganizationID{"c:tenants.org_1": first.ID})
	// Several of one organization, one of a tombstone, some of nobody, one twice.
	wantReserved(t, r, []string{
		"c:tenants.org_2", "c:tenants.org_left", "c:tenants.org_3", "c:tenants.org_", "c:tenants.org_4", "", "C:tenants.org_1",
		"c:tenants.org_1 ", "c:tenants.org%", ".*", "c:tenants.org_3",
	}, map[string]domain.OrganizationID{
		"c:tenants.org_2": second.ID, "c:tenants.org_left": second.ID, "c:tenants.org_3": gone.ID,
	})
	// Entries that weren't asked for are left out.
	wantReserved(t, r, []string{"c:tenants.org_left"}, map[string]domain.OrganizationID{"c:tenants.org_left": second.ID})
}

func directoryManyReservations(t *testing.T, r Registry) {
	want := map[string]domain.OrganizationID{}
	for i := range 20 {
		o := numbered(t, 150*i)
		insertOrganizations(t, r, o)
		want[o.Reserved[0]] = o.ID
	}
	entries := make([]string, 3000)
	for i := range entries {
		entries[i] = placed(fmt.Sprintf("org_%d", i)).Reservation()
	}
	wantReserved(t, r, entries, want)
}

// wantPurgeDue fails t unless PurgeDue gives just these IDs, in this order.
func wantPurgeDue(t *testing.T, r Registry, until time.Time, limit int, want ...domain.OrganizationID) {
	t.Helper()
	what := fmt.Sprintf("PurgeDue(%s, %d)", until.Format(time.StampMilli), limit)
	due, err := r.Directory.PurgeDue(t.Context(), until, limit)
	must(t, what, err)
	if diff := cmp.Diff(append([]domain.OrganizationID{}, want...), idsOf(due)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func directoryPurgeDue(t *testing.T, r Registry) {
	wantPurgeDue(t, r, at(1000), 10)
	third, first, second := retained(t, 1, at(30)), retained(t, 2, at(10)), retained(t, 3, at(20))
	insertOrganizations(t, r, third, first, second)
	wantPurgeDue(t, r, at(1000), 10, first.ID, second.ID, third.ID)
	wantPurgeDue(t, r, at(1000), 3, first.ID, second.ID, third.ID)
	wantPurgeDue(t, r, at(1000), 2, first.ID, second.ID)
	wantPurgeDue(t, r, at(1000), 0)
	wantPurgeDue(t, r, at(25), 10, first.ID, second.ID)
	wantPurgeDue(t, r, at(9), 10)

	// A hold, and its end.
	held := first
	held.Hold, held.Version = true, first.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), held, first.Version))
	wantPurgeDue(t, r, at(1000), 1, second.ID)
	released := held
	released.Hold, released.Version = false, held.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), released, held.Version))
	wantPurgeDue(t, r, at(1000), 1, first.ID)

	// A purge that runs, and one that is done.
	running := released
	running.Version++
	running.Pending = domain.Operation{ID: "purge", Kind: domain.OperationPurge, Phase: domain.PhaseForward, Attempt: 1, LeaseUntil: at(1)}
	must(t, "Replace", r.Organizations.Replace(t.Context(), running, released.Version))
	wantPurgeDue(t, r, at(1000), 10, second.ID, third.ID)
	done := purged(second)
	done.PurgeAt = time.Time{}
	must(t, "Replace", r.Organizations.Replace(t.Context(), done, second.Version))
	wantPurgeDue(t, r, at(1000), 10, third.ID)

	// One that is restored.
	back := numbered(t, 1)
	back.Version = third.Version + 1
	must(t, "Replace", r.Organizations.Replace(t.Context(), back, third.Version))
	wantPurgeDue(t, r, at(1000), 10)
}

func directoryPurgeBoundary(t *testing.T, r Registry) {
	end := at(10)
	o := retained(t, 1, end)
	early := retained(t, 2, time.Date(999, 1, 1, 0, 0, 0, 0, time.UTC))
	insertOrganizations(t, r, o, early)
	wantPurgeDue(t, r, end.Add(-time.Millisecond), 10, early.ID)
	wantPurgeDue(t, r, end.Add(-time.Nanosecond), 10, early.ID)
	wantPurgeDue(t, r, end, 10, early.ID, o.ID)
	wantPurgeDue(t, r, end.In(time.FixedZone("west", -8*3600)), 10, early.ID, o.ID)
}

// directoryPurgeOthers has all that isn't to be purged, however late.
func directoryPurgeOthers(t *testing.T, r Registry) {
	held, busy, stuck := retained(t, 1, at(1)), retained(t, 2, at(1)), retained(t, 3, at(1))
	held.Hold = true
	busy.Pending = domain.Operation{ID: "purge", Kind: domain.OperationPurge, Phase: domain.PhaseForward, Attempt: 1}
	stuck.Pending = busy.Pending
	stuck.Pending.Stuck = true
	insertOrganizations(t, r, held, busy, stuck)
	for i, status := range []domain.Status{
		domain.StatusProvisioning, domain.StatusActive, domain.StatusSuspended, domain.StatusPurged,
	} {
		o := retained(t, 10+i, at(1))
		o.Status = status
		insertOrganizations(t, r, o)
	}
	// One that says no time has nothing to keep: an older service has dropped it.
	insertOrganizations(t, r, deleted(numbered(t, 20)))
	wantPurgeDue(t, r, at(1000), 100)
}
