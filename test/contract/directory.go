package contract

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

var directoryChecks = []check[Registry]{
	{"ListOfNone", directoryListNone},
	{"ListIsAWalk", directoryWalk},
	{"ListAfterAnyID", directoryAfter},
	{"ListRecordsAreWhole", directoryWhole},
	{"ListOfTheLastMade", directoryOrderOfMaking},
	{"ListByStatus", directoryStatuses},
	{"ListByNamePrefix", directoryPrefix},
	{"ListByCreation", directoryCreation},
	{"ListOfStuckOnes", directoryStuck},
	{"ListByAll", directoryAllFilters},
	{"ListBesideWriters", directoryBesideWriters},
	{"ByReservations", directoryReservations},
	{"ByManyReservations", directoryManyReservations},
	{"PurgeDue", directoryPurgeDue},
	{"PurgeDueAtTheBoundary", directoryPurgeBoundary},
	{"PurgeDueOfNothingElse", directoryPurgeOthers},
	{"Isolation", directoryIsolation},
	{"ContextEnds", directoryContextEnds},
}

// idsOf returns the organizations' IDs in order.
func idsOf(organizations []domain.Organization) []domain.OrganizationID {
	ids := []domain.OrganizationID{}
	for _, o := range organizations {
		ids = append(ids, o.ID)
	}
	return ids
}

// walk lists all that q selects, in pages of the limit.
func walk(t *testing.T, r Registry, q ports.OrganizationQuery, limit int) []domain.Organization {
	t.Helper()
	var all []domain.Organization
	q.Limit = limit
	for range 10_000 {
		page, err := r.Directory.List(t.Context(), q)
		must(t, "List", err)
		if len(page) > limit {
			t.Fatalf("List: got %d, want %d at most", len(page), limit)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		q.After = page[len(page)-1].ID
	}
	t.Fatal("List: the walk has no end")
	return nil
}

// wantListed fails t unless q selects just these IDs, in pages of any size.
func wantListed(t *testing.T, r Registry, what string, q ports.OrganizationQuery, want ...domain.OrganizationID) {
	t.Helper()
	slices.Sort(want)
	for _, limit := range []int{1, 2, 3, 200} {
		got := idsOf(walk(t, r, q, limit))
		slices.Sort(got)
		if diff := cmp.Diff(append([]domain.OrganizationID{}, want...), got); diff != "" {
			t.Errorf("List of %s in pages of %d (-want +got):\n%s", what, limit, diff)
		}
	}
}

func directoryListNone(t *testing.T, r Registry) {
	wantListed(t, r, "an empty registry", ports.OrganizationQuery{})
	insertOrganizations(t, r, numbered(t, 1))
	got, err := r.Directory.List(t.Context(), ports.OrganizationQuery{})
	must(t, "List", err)
	if len(got) != 0 {
		t.Errorf("List with the limit 0: got %d, want none", len(got))
	}
}

// differentIDs returns organizations with IDs of several makes, in no order.
func differentIDs(t *testing.T) []domain.Organization {
	t.Helper()
	ids := append(slices.Clone(opaqueIDs), "507f1f77bcf86cd799439012", "507f1f77bcf86cd79943900f", "ffffffffffffffffffffffff", "z", "000000000000000000000000")
	all := make([]domain.Organization, len(ids))
	for i, id := range ids {
		all[i] = numbered(t, i)
		all[i].ID = domain.OrganizationID(id)
	}
	return all
}

func directoryWalk(t *testing.T, r Registry) {
	all := differentIDs(t)
	insertOrganizations(t, r, all...)
	wantListed(t, r, "IDs of all makes", ports.OrganizationQuery{}, idsOf(all)...)
	order := idsOf(walk(t, r, ports.OrganizationQuery{}, 100))
	for limit := 1; limit <= len(all)+1; limit++ {
		if diff := cmp.Diff(order, idsOf(walk(t, r, ports.OrganizationQuery{}, limit))); diff != "" {
			t.Errorf("in pages of %d the order is another (-want +got):\n%s", limit, diff)
		}
	}

	// What happens to the organizations changes nothing of it.
	for _, o := range all {
		must(t, "Replace", r.Organizations.Replace(t.Context(), purged(o), o.Version))
	}
	if diff := cmp.Diff(order, idsOf(walk(t, r, ports.OrganizationQuery{}, 3))); diff != "" {
		t.Errorf("the order has changed (-want +got):\n%s", diff)
	}
}

// directoryAfter takes each ID in turn for the one after which the list begins,
// also one that isn't there.
func directoryAfter(t *testing.T, r Registry) {
	all := differentIDs(t)
	insertOrganizations(t, r, all...)
	order := idsOf(walk(t, r, ports.OrganizationQuery{}, 100))
	for i, id := range order {
		got, err := r.Directory.List(t.Context(), ports.OrganizationQuery{After: id, Limit: 100})
		must(t, "List", err)
		if diff := cmp.Diff(order[i+1:], idsOf(got)); diff != "" {
			t.Errorf("List after %q (-want +got):\n%s", id, diff)
		}
	}
	missing := numbered(t, 100)
	missing.ID = "legacx"
	absent, err := r.Directory.List(t.Context(), ports.OrganizationQuery{After: missing.ID, Limit: 100})
	must(t, "List", err)
	insertOrganizations(t, r, missing)
	present, err := r.Directory.List(t.Context(), ports.OrganizationQuery{After: missing.ID, Limit: 100})
	must(t, "List", err)
	if diff := cmp.Diff(idsOf(present), idsOf(absent)); diff != "" {
		t.Errorf("List after an ID that doesn't exist (-want +got):\n%s", diff)
	}
}

func directoryWhole(t *testing.T, r Registry) {
	want, other := full(t), numbered(t, 1)
	insertOrganizations(t, r, want, other)
	for _, got := range walk(t, r, ports.OrganizationQuery{}, 10) {
		if got.ID == want.ID {
			wantRecord(t, "List", got, want)
			continue
		}
		wantRecord(t, "List", got, other)
	}
	found, err := r.Directory.ByReservations(t.Context(), want.Reserved[1:2])
	must(t, "ByReservations", err)
	wantRecord(t, "ByReservations", found[want.Reserved[1]], want)

	due := want
	due.Status, due.Pending, due.Hold, due.Version = domain.StatusDeleted, domain.Operation{}, false, want.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), due, want.Version))
	purge, err := r.Directory.PurgeDue(t.Context(), at(1000), 10)
	must(t, "PurgeDue", err)
	wantRecord(t, "PurgeDue", purge, []domain.Organization{due})
}

func directoryOrderOfMaking(t *testing.T, r Registry) {
	ids := []domain.OrganizationID{
		"0195d3c8-4b00-7abc-8def-0123456789ab",
		"0195d3c8-4b00-7abc-8def-0123456789ac",
		"0195d3c8-4b01-7000-8def-0123456789ab",
		"0195d3c9-0000-7000-8000-000000000000",
		"1095d3c8-4b00-7000-8000-000000000000",
	}
	for _, i := range []int{3, 0, 4, 2, 1} {
		o := numbered(t, i)
		o.ID = ids[i]
		insertOrganizations(t, r, o)
	}
	if diff := cmp.Diff(ids, idsOf(walk(t, r, ports.OrganizationQuery{}, 2))); diff != "" {
		t.Errorf("List of UUIDv7 (-want +got):\n%s", diff)
	}
}

func directoryContextEnds(t *testing.T, r Registry) {
	insertOrganizations(t, r, numbered(t, 1))
	wantUnavailable(t, []call{
		{"List", func(ctx context.Context) error {
			_, err := r.Directory.List(ctx, ports.OrganizationQuery{Limit: 10})
			return err
		}},
		{"ByReservations", func(ctx context.Context) error {
			_, err := r.Directory.ByReservations(ctx, []string{"c:tenants.org_1"})
			return err
		}},
		{"PurgeDue", func(ctx context.Context) error { _, err := r.Directory.PurgeDue(ctx, at(1), 10); return err }},
	})
	wantListed(t, r, "all", ports.OrganizationQuery{}, "organization-1")
}

// directoryIsolation lets one organization go through its life beside another, that
// no list takes for it, and then with the roles swapped.
func directoryIsolation(t *testing.T, r Registry) {
	pair := []domain.Organization{numbered(t, 1), numbered(t, 2)}
	insertOrganizations(t, r, pair...)
	for i := range pair {
		subject, bystander := &pair[i], pair[1-i]
		change := func(next domain.Organization) {
			t.Helper()
			next.Version = subject.Version + 1
			must(t, "Replace", r.Organizations.Replace(t.Context(), next, subject.Version))
			*subject = next
		}
		only := func(what string, q ports.OrganizationQuery) {
			t.Helper()
			wantListed(t, r, what, q, subject.ID)
		}
		next := *subject
		next.Status = domain.StatusSuspended
		change(next)
		only("suspended ones", ports.OrganizationQuery{Statuses: []domain.Status{domain.StatusSuspended}})
		next = renaming(next, mustName(t, "Next of "+string(subject.ID)))
		next.Pending.Stuck = true
		change(next)
		only("stuck ones", ports.OrganizationQuery{Stuck: true})
		only("a name", ports.OrganizationQuery{NameKeyPrefix: subject.Name.Key()})
		next.Pending, next.Status, next.PurgeAt = domain.Operation{}, domain.StatusDeleted, at(5)
		change(next)
		wantPurgeDue(t, r, at(1000), 10, subject.ID)
		entries := []string{subject.Reserved[0], bystander.Reserved[0]}
		wantReserved(t, r, entries, map[string]domain.OrganizationID{entries[0]: subject.ID, entries[1]: bystander.ID})
		back := numbered(t, i+1)
		change(back)
		wantPurgeDue(t, r, at(1000), 10)
		wantOrganization(t, r, bystander)
	}
	wantListed(t, r, "all", ports.OrganizationQuery{}, idsOf(pair)...)
}

// wantReserved fails t unless the entries are these organizations'.
func wantReserved(t *testing.T, r Registry, entries []string, want map[string]domain.OrganizationID) {
	t.Helper()
	found, err := r.Directory.ByReservations(t.Context(), entries)
	must(t, fmt.Sprintf("ByReservations(%.200q)", entries), err)
	got := map[string]domain.OrganizationID{}
	for entry, o := range found {
		got[entry] = o.ID
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ByReservations(%.200q) (-want +got):\n%.2000s", entries, diff)
	}
}
