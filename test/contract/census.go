package contract

import (
	"context"
	"slices"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

var censusChecks = []check[Registry]{
	{"CountLive", censusCountLive},
	{"OrphanAccounts", censusOrphans},
	{"OrphanAccountsLimit", censusOrphansLimit},
	{"ContextEnds", censusContextEnds},
}

// wantLive fails t unless so many organizations are live.
func wantLive(t *testing.T, r Registry, want int) {
	t.Helper()
	got, err := r.Census.CountLive(t.Context())
	must(t, "CountLive", err)
	if got != want {
		t.Errorf("CountLive: got %d, want %d", got, want)
	}
}

// wantOrphans fails t unless the orphans are just these, in any order.
func wantOrphans(t *testing.T, r Registry, want ...domain.Account) {
	t.Helper()
	got, err := r.Census.OrphanAccounts(t.Context(), 1000)
	must(t, "OrphanAccounts", err)
	byID := func(a, b domain.Account) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	}
	slices.SortFunc(got, byID)
	slices.SortFunc(want, byID)
	wantRecord(t, "OrphanAccounts", got, want)
}

func censusCountLive(t *testing.T, r Registry) {
	ctx := t.Context()
	wantLive(t, r, 0)
	provisioning, active, suspended, busy := numbered(t, 1), numbered(t, 2), numbered(t, 3), renaming(numbered(t, 4), mustName(t, "Renamed"))
	provisioning.Status = domain.StatusProvisioning
	suspended.Status = domain.StatusSuspended
	insertOrganizations(t, r, provisioning, active, suspended, busy)
	wantLive(t, r, 4)
	insertOrganizations(t, r, deleted(numbered(t, 5)), purged(numbered(t, 6)))
	wantLive(t, r, 4)

	must(t, "Replace", r.Organizations.Replace(ctx, deleted(active), active.Version))
	wantLive(t, r, 3)
	back := active
	back.Version = 3
	must(t, "Replace", r.Organizations.Replace(ctx, back, 2))
	wantLive(t, r, 4)
}

func censusOrphans(t *testing.T, r Registry) {
	ctx := t.Context()
	wantOrphans(t, r)
	statuses := []domain.Status{domain.StatusProvisioning, domain.StatusActive, domain.StatusSuspended, domain.StatusDeleted}
	for i, status := range statuses {
		o := numbered(t, i)
		o.Status = status
		insertOrganizations(t, r, o)
		insertAccounts(t, r, numberedAccount(t, i))
	}
	wantOrphans(t, r)

	// One of an organization that is purged, one of an organization that isn't
	// there, and a second one of it.
	insertOrganizations(t, r, purged(numbered(t, 10)))
	ofPurged, ofMissing, alsoOfMissing := numberedAccount(t, 10), numberedAccount(t, 11), numberedAccount(t, 12)
	alsoOfMissing.OrganizationID = ofMissing.OrganizationID
	// An account of an older service names none.
	free := numberedAccount(t, 13)
	free.OrganizationID = ""
	insertAccounts(t, r, ofPurged, ofMissing, alsoOfMissing, free)
	wantOrphans(t, r, ofPurged, ofMissing, alsoOfMissing)

	// An organization's ID is compared as it is.
	nearly := numberedAccount(t, 14)
	nearly.OrganizationID = "Organization-1"
	insertAccounts(t, r, nearly)
	wantOrphans(t, r, ofPurged, ofMissing, alsoOfMissing, nearly)

	// Orphans come and go.
	must(t, "Delete", r.Accounts.Delete(ctx, nearly.ID))
	must(t, "Delete", r.Accounts.Delete(ctx, ofPurged.ID))
	insertOrganizations(t, r, numbered(t, 11))
	wantOrphans(t, r)
	must(t, "Replace", r.Organizations.Replace(ctx, purged(numbered(t, 3)), 1))
	wantOrphans(t, r, numberedAccount(t, 3))
}

func censusOrphansLimit(t *testing.T, r Registry) {
	const orphans = 7
	isOrphan := map[domain.AccountID]bool{}
	for i := range orphans {
		isOrphan[numberedAccount(t, i).ID] = true
		// Between the orphans are others, which don't count.
		insertOrganizations(t, r, numbered(t, 100+i))
		insertAccounts(t, r, numberedAccount(t, i), numberedAccount(t, 100+i))
	}
	for _, limit := range []int{0, 1, 3, orphans, orphans + 1} {
		got, err := r.Census.OrphanAccounts(t.Context(), limit)
		must(t, "OrphanAccounts", err)
		if want := min(limit, orphans); len(got) != want {
			t.Errorf("OrphanAccounts(%d): got %d, want %d", limit, len(got), want)
		}
		seen := map[domain.AccountID]bool{}
		for _, a := range got {
			if seen[a.ID] || !isOrphan[a.ID] {
				t.Errorf("OrphanAccounts(%d): got %s, which is none or came twice", limit, a.ID)
			}
			seen[a.ID] = true
		}
	}
}

func censusContextEnds(t *testing.T, r Registry) {
	insertOrganizations(t, r, numbered(t, 1))
	wantUnavailable(t, []call{
		{"CountLive", func(ctx context.Context) error { _, err := r.Census.CountLive(ctx); return err }},
		{"OrphanAccounts", func(ctx context.Context) error { _, err := r.Census.OrphanAccounts(ctx, 9); return err }},
	})
	wantLive(t, r, 1)
}
