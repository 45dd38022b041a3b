package contract

import (
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

var organizationChecks = []check[Registry]{
	{"RoundTrip", organizationRoundTrip},
	{"RoundTripByReplace", organizationRoundTripByReplace},
	{"RoundTripOfZeroValues", organizationRoundTripZero},
	{"TimesToTheMillisecondInUTC", organizationTimes},
	{"IDsAreOpaque", organizationIDs},
	{"NotFound", organizationNotFound},
	{"InsertErrors", organizationInsertErrors},
	{"NamesOfLiveOnesAreUnique", organizationLiveNames},
	{"NamesBecomeFree", organizationFreedNames},
	{"NamesInBothStates", organizationPendingNames},
	{"NamesByCaseAndWidth", organizationNameEquality},
	{"KeysAreComparedExactly", organizationExactKeys},
	{"LongNames", organizationLongNames},
	{"ReplaceComparesAndSets", organizationCompareAndSet},
	{"ReplaceErrors", organizationReplaceErrors},
	{"ReservationsAreForEver", organizationReservations},
	{"WithoutReservations", organizationWithoutReservations},
	{"Due", organizationDue},
	{"DueAtTheBoundary", organizationDueBoundary},
	{"DueWithoutStuckOnes", organizationDueStuck},
	{"Isolation", organizationIsolation},
	{"RaceForAName", organizationRaceForName},
	{"RaceForANewName", organizationRaceForNewName},
	{"RaceForANamespace", organizationRaceForNamespace},
	{"RaceForBoth", organizationRaceForBoth},
	{"RaceForAnID", organizationRaceForID},
	{"RaceForAVersion", organizationRaceForVersion},
	{"ContextEnds", organizationContextEnds},
}

// insertOrganizations writes all of them.
func insertOrganizations(t *testing.T, r Registry, organizations ...domain.Organization) {
	t.Helper()
	for _, o := range organizations {
		must(t, fmt.Sprintf("Insert(%s)", o.ID), r.Organizations.Insert(t.Context(), o))
	}
}

// wantOrganization fails t unless the record under o's ID is o.
func wantOrganization(t *testing.T, r Registry, o domain.Organization) {
	t.Helper()
	got, err := r.Organizations.ByID(t.Context(), o.ID)
	must(t, fmt.Sprintf("ByID(%s)", o.ID), err)
	wantRecord(t, fmt.Sprintf("ByID(%s)", o.ID), got, o)
}

// wantByKey fails t unless the look-up of key gives the ID, or for "" nothing.
func wantByKey(t *testing.T, organizations ports.Organizations, key string, id domain.OrganizationID) {
	t.Helper()
	what := fmt.Sprintf("ByNameKey(%q)", key)
	got, err := organizations.ByNameKey(t.Context(), key)
	switch {
	case id == "":
		wantError(t, what, err, domain.ErrOrganizationNotFound)
	case err != nil:
		t.Errorf("%s: got error %s, want %s", what, describe(err), id)
	case got.ID != id:
		t.Errorf("%s: got %s, want %s", what, got.ID, id)
	}
}

func organizationRoundTrip(t *testing.T, r Registry) {
	want := full(t)
	insertOrganizations(t, r, want)
	wantOrganization(t, r, want)
	for _, key := range want.NameKeys() {
		got, err := r.Organizations.ByNameKey(t.Context(), key)
		must(t, "ByNameKey", err)
		wantRecord(t, "ByNameKey", got, want)
	}
	again := want
	again.Pending.Stuck, again.Version = false, want.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), again, want.Version))
	due, err := r.Organizations.Due(t.Context(), at(100), 10)
	must(t, "Due", err)
	if len(due) != 1 {
		t.Fatalf("Due: got %d, want 1", len(due))
	}
	wantRecord(t, "Due", due[0], again)
}

func organizationRoundTripByReplace(t *testing.T, r Registry) {
	want := full(t)
	before := numbered(t, 1)
	before.ID, before.CreatedAt = want.ID, want.CreatedAt
	insertOrganizations(t, r, before)
	must(t, "Replace", r.Organizations.Replace(t.Context(), want, before.Version))
	wantOrganization(t, r, want)

	// What was set and is not any more is gone.
	idle := before
	idle.Name, idle.Version = want.Name, want.Version+1
	idle.Reserved = want.Reserved
	must(t, "Replace", r.Organizations.Replace(t.Context(), idle, want.Version))
	wantOrganization(t, r, idle)
	wantByKey(t, r.Organizations, want.Pending.Name.Key(), "")
	due, err := r.Organizations.Due(t.Context(), at(100), 10)
	must(t, "Due", err)
	if len(due) != 0 {
		t.Errorf("Due: got %d after the operation ended, want none", len(due))
	}
}

func organizationRoundTripZero(t *testing.T, r Registry) {
	// What is purged has no placement, no operation and no outcome.
	want := purged(numbered(t, 1))
	insertOrganizations(t, r, want)
	wantOrganization(t, r, want)

	// What never was has no name and no owner either. There may be many.
	for n := range 2 {
		never := tombstone(4 + n)
		insertOrganizations(t, r, never)
		wantOrganization(t, r, never)
		found, err := r.Directory.ByReservations(t.Context(), never.Reserved)
		must(t, "ByReservations", err)
		wantRecord(t, "ByReservations", found[never.Reserved[0]], never)
		err = r.Organizations.Insert(t.Context(), reserving(numbered(t, 6), placed(fmt.Sprintf("org_%d", 4+n))))
		wantError(t, "Insert with a tombstone's reservation", err, domain.ErrNamespaceTaken)
	}
	wantByKey(t, r.Organizations, "", "")

	// An operation may have no name, email or target, and no lease.
	busy := numbered(t, 2)
	busy.Pending = domain.Operation{ID: "operation", Kind: domain.OperationCreate, Phase: domain.PhaseForward, Attempt: 1}
	insertOrganizations(t, r, busy)
	wantOrganization(t, r, busy)

	// An outcome may say no more than which operation it was, a receipt no more
	// than when.
	old := numbered(t, 3)
	old.Last = domain.Outcome{Operation: "operation"}
	old.Receipt = domain.Receipt{At: at(3)}
	insertOrganizations(t, r, old)
	wantOrganization(t, r, old)
}

func organizationTimes(t *testing.T, r Registry) {
	written, want := full(t), full(t)
	written.CreatedAt, want.CreatedAt = finer(11), at(11)
	written.UpdatedAt, want.UpdatedAt = finer(12), at(12)
	written.DeletedAt, want.DeletedAt = finer(13), at(13)
	written.Pending.StartedAt, want.Pending.StartedAt = finer(14), at(14)
	written.Pending.LeaseUntil, want.Pending.LeaseUntil = finer(15), at(15)
	written.PurgeAt, want.PurgeAt = finer(20), at(20)
	written.Receipt.At, want.Receipt.At = finer(21), at(21)
	written.Last.StartedAt, want.Last.StartedAt = finer(22), at(22)
	written.Last.EndedAt, want.Last.EndedAt = finer(23), at(23)
	insertOrganizations(t, r, written)
	wantOrganization(t, r, want)
}

// opaqueIDs are identifiers of several makes. An engine must not take two of
// them for one, nor read more into them than text.
var opaqueIDs = []string{
	"0195d3c8-4b00-7abc-8def-0123456789ab",
	"0195D3C8-4B00-7ABC-8DEF-0123456789AB",
	"507f1f77bcf86cd799439011",
	"507F1F77BCF86CD799439011",
	"12", "12.0", "012",
	"legacy \"id\" '1'; $ne . é 株",
	"legacy \"id\" '1'; $ne . e\u0301 株",
	"legacy ", "legacy",
}

func organizationIDs(t *testing.T, r Registry) {
	var all []domain.Organization
	for i, id := range opaqueIDs {
		o := numbered(t, i)
		o.ID = domain.OrganizationID(id)
		o.Owner = domain.AccountID(id)
		all = append(all, o)
	}
	for _, o := range all {
		_, err := r.Organizations.ByID(t.Context(), o.ID)
		wantError(t, fmt.Sprintf("ByID(%q) before it is written", o.ID), err, domain.ErrOrganizationNotFound)
		insertOrganizations(t, r, o)
	}
	for _, o := range all {
		wantOrganization(t, r, o)
	}
}

func organizationNotFound(t *testing.T, r Registry) {
	insertOrganizations(t, r, numbered(t, 1))
	for _, id := range []domain.OrganizationID{"", "organization-2", "Organization-1", "organization-1 ", "organization-%", ".*"} {
		_, err := r.Organizations.ByID(t.Context(), id)
		wantError(t, fmt.Sprintf("ByID(%q)", id), err, domain.ErrOrganizationNotFound)
	}
	for _, key := range []string{"", "organization 2", "organization", "Organization 1", "organization_1", "organization %", ".*", "^organization 1$"} {
		wantByKey(t, r.Organizations, key, "")
	}
}
