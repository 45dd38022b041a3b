package contract

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/orgkeeper/orgkeeper/domain"
)

// epoch is when the fixtures' times start. Its milliseconds are not zero.
var epoch = time.Date(2031, time.March, 4, 5, 6, 7, 89*int(time.Millisecond), time.UTC)

// at returns a time that is n seconds and n milliseconds after epoch.
func at(n int) time.Time {
	return epoch.Add(time.Duration(n) * (time.Second + time.Millisecond))
}

// finer returns at(n) and nearly a millisecond more, in a zone that isn't UTC. A
// store keeps of it at(n).
func finer(n int) time.Time {
	return at(n).Add(time.Millisecond - time.Nanosecond).In(time.FixedZone("east", 5*3600+1800))
}

// big is a number that a store which keeps numbers as float64 can't keep.
const big = int64(1)<<53 + 1

// mustName parses a name that is legal.
func mustName(t *testing.T, s string) domain.Name {
	t.Helper()
	name, err := domain.ParseName(s)
	must(t, fmt.Sprintf("ParseName(%q)", s), err)
	return name
}

// mustEmail parses an email that is legal.
func mustEmail(t *testing.T, s string) domain.Email {
	t.Helper()
	email, err := domain.ParseEmail(s)
	must(t, fmt.Sprintf("ParseEmail(%q)", s), err)
	return email
}

// placed returns a placement in the registry's records.
func placed(namespace string) domain.Placement {
	return domain.Placement{
		Strategy:   domain.StrategyCollection,
		Database:   "tenants",
		Namespace:  namespace,
		Generation: 1,
		State:      domain.PlacementOpen,
	}
}

// numbered returns an active, idle organization. Those of different numbers
// share nothing.
func numbered(t *testing.T, n int) domain.Organization {
	t.Helper()
	return named(t, n, fmt.Sprintf("Organization %d", n))
}

// named is numbered with another name.
func named(t *testing.T, n int, name string) domain.Organization {
	t.Helper()
	at0 := placed(fmt.Sprintf("org_%d", n))
	return domain.Organization{
		ID:        domain.OrganizationID(fmt.Sprintf("organization-%d", n)),
		Name:      mustName(t, name),
		Status:    domain.StatusActive,
		Placement: at0,
		Reserved:  []string{at0.Reservation()},
		Owner:     domain.AccountID(fmt.Sprintf("account-%d", n)),
		Epoch:     1,
		Version:   1,
		CreatedAt: at(n),
		UpdatedAt: at(n),
	}
}

// full returns an organization of which every field is set, to something that
// no store can come by when it drops or rounds it.
func full(t *testing.T) domain.Organization {
	t.Helper()
	source := placed("org_full")
	source.Generation = big
	target := domain.Placement{
		Strategy:   "a strategy",
		Database:   "another_database",
		Namespace:  "org_full_target",
		Generation: big + 2,
		State:      "a state",
	}
	return domain.Organization{
		ID:        "0195d3c8-4b00-7abc-8def-0123456789ab",
		Name:      domain.StoredName(`Größe "O'Neil" 株式会社 😀`, `key "o'neil" 株式会社 😀`),
		Status:    domain.StatusSuspended,
		Placement: source,
		Reserved:  []string{source.Reservation(), "c:tenants.org_a", target.Reservation(), "d:own"},
		Owner:     "0195d3c8-4b00-7abc-8def-ba9876543210",
		Epoch:     big + 4,
		Pending: domain.Operation{
			ID:          "operation-2",
			Kind:        domain.OperationUpdate,
			Phase:       domain.PhaseBack,
			By:          "an actor",
			Refused:     domain.CodeEmailTaken,
			StartedAt:   at(3),
			LeaseUntil:  at(4),
			Attempt:     5,
			Failures:    6,
			Stuck:       true,
			Measured:    domain.Usage{Documents: big + 12, Bytes: big + 14},
			Name:        domain.StoredName("The Next Näme", "the next näme"),
			Email:       domain.StoredEmail("New+Ü@Example.com"),
			FormerEmail: domain.StoredEmail("Former@Example.com"),
			Target:      target,
			Source:      "the identity of the source",
		},
		Last: domain.Outcome{
			Operation: "operation-1",
			Kind:      domain.OperationRestore,
			By:        "another actor",
			Refused:   domain.CodeNameTaken,
			StartedAt: at(9),
			EndedAt:   at(10),
			Attempt:   7,
		},
		Version:   big + 6,
		CreatedAt: at(1),
		UpdatedAt: at(2),
		DeletedAt: at(6),
		PurgeAt:   at(16),
		Hold:      true,
		Receipt: domain.Receipt{
			By:    "a third actor",
			At:    at(17),
			Usage: domain.Usage{Documents: big + 16, Bytes: big + 18},
		},
	}
}

// renaming returns o with a pending update that gives it the name.
func renaming(o domain.Organization, to domain.Name) domain.Organization {
	o.Pending = domain.Operation{
		ID:         "operation of " + domain.OperationID(o.ID),
		Kind:       domain.OperationUpdate,
		Phase:      domain.PhaseForward,
		StartedAt:  o.UpdatedAt,
		LeaseUntil: o.UpdatedAt.Add(10 * time.Second),
		Attempt:    1,
		Name:       to,
	}
	o.Version++
	return o
}

// reserving returns o with one more reservation.
func reserving(o domain.Organization, p domain.Placement) domain.Organization {
	o.Reserved = append(slices.Clone(o.Reserved), p.Reservation())
	o.Version++
	return o
}

// purged returns o as a purge leaves it.
func purged(o domain.Organization) domain.Organization {
	o.Status = domain.StatusPurged
	o.Placement = domain.Placement{}
	o.Pending = domain.Operation{}
	o.DeletedAt = o.UpdatedAt
	o.Version++
	return o
}

// tombstone returns a record that does no more than keep a namespace: it has no name,
// owner, placement or operation.
func tombstone(n int) domain.Organization {
	return domain.NewTombstone(domain.OrganizationID(fmt.Sprintf("organization-%d", n)), placed(fmt.Sprintf("org_%d", n)), at(n))
}

// deleted returns o as the intent of a delete leaves it, without the intent.
func deleted(o domain.Organization) domain.Organization {
	o.Status = domain.StatusDeleted
	o.DeletedAt = o.UpdatedAt
	o.Version++
	return o
}

// retained returns an organization that is deleted and whose data is kept until
// the time.
func retained(t *testing.T, n int, until time.Time) domain.Organization {
	t.Helper()
	o := deleted(numbered(t, n))
	o.PurgeAt = until
	return o
}

// fullRequest returns a request of which every field is set, as full does.
func fullRequest() domain.Request {
	return domain.Request{
		ID:          "Key \"1\" é 株 $ne",
		Fingerprint: "fingerprint 'a'; é 株",
		Operation:   "0195d3c8-4b00-7abc-8def-cccccccccccc",
		LeaseUntil:  at(18),
		// No text, and none in UTF-8.
		Answer:    []byte("{\"a\":\"é\"}\x00\xff\xfe\n"),
		ExpiresAt: at(19),
		Version:   big + 20,
	}
}

// numberedRequest returns a request without an answer. Those of different numbers
// share nothing.
func numberedRequest(n int) domain.Request {
	return domain.Request{
		ID:          fmt.Sprintf("request-%d", n),
		Fingerprint: fmt.Sprintf("fingerprint-%d", n),
		Operation:   domain.OperationID(fmt.Sprintf("operation-%d", n)),
		LeaseUntil:  at(n),
		ExpiresAt:   at(1000 + n),
		Version:     1,
	}
}

// fullAccount returns an account of which every field is set, as full does.
func fullAccount() domain.Account {
	return domain.Account{
		ID:             "0195d3c8-4b00-7abc-8def-ba9876543210",
		Email:          domain.StoredEmail("Åsa.O'Neil+Tag@Example.COM"),
		PasswordHash:   domain.NewPasswordHash("$argon2id$v=19$m=19456,t=2,p=1$c2FsdC9zYWx0Kw$aGFzaC9oYXNoK2hhc2g"),
		OrganizationID: "0195d3c8-4b00-7abc-8def-0123456789ab",
		Epoch:          big + 8,
		Version:        big + 10,
		CreatedAt:      at(7),
		UpdatedAt:      at(8),
	}
}

// numberedAccount returns an account. Those of different numbers share nothing.
func numberedAccount(t *testing.T, n int) domain.Account {
	t.Helper()
	return domain.Account{
		ID:             domain.AccountID(fmt.Sprintf("account-%d", n)),
		Email:          mustEmail(t, fmt.Sprintf("Owner.%d@example.com", n)),
		PasswordHash:   domain.NewPasswordHash(fmt.Sprintf("$argon2id$hash-%d", n)),
		OrganizationID: domain.OrganizationID(fmt.Sprintf("organization-%d", n)),
		Epoch:          1,
		Version:        1,
		CreatedAt:      at(n),
		UpdatedAt:      at(n),
	}
}

// asRecords tells cmp how records are compared: all fields, times in UTC and to
// the instant, no reservations and an empty list of them alike.
var asRecords = cmp.Options{
	cmp.AllowUnexported(domain.Name{}, domain.Email{}),
	cmp.Comparer(func(a, b domain.Secret) bool { return a == b }),
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b time.Time) bool {
		return a.Equal(b) && a.Location() == time.UTC && b.Location() == time.UTC
	}),
}

// wantRecord fails t unless the two records are the same.
func wantRecord[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, asRecords); diff != "" {
		t.Errorf("%s: not the record that was written (-want +got):\n%s", what, diff)
	}
}
