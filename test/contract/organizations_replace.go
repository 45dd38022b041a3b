package contract

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

func organizationCompareAndSet(t *testing.T, r Registry) {
	ctx := t.Context()
	first := numbered(t, 1)
	insertOrganizations(t, r, first)

	second := first
	second.Epoch, second.Version, second.UpdatedAt = 2, 2, at(50)
	for _, wrong := range []int64{-1, 0, 2, 3} {
		wantError(t, "Replace with another version", r.Organizations.Replace(ctx, second, wrong), domain.ErrVersionConflict)
		wantOrganization(t, r, first)
	}
	must(t, "Replace", r.Organizations.Replace(ctx, second, 1))
	wantOrganization(t, r, second)
	wantError(t, "Replace a second time", r.Organizations.Replace(ctx, second, 1), domain.ErrVersionConflict)

	missing := numbered(t, 2)
	for _, version := range []int64{0, 1} {
		wantError(t, "Replace of one that doesn't exist", r.Organizations.Replace(ctx, missing, version), domain.ErrVersionConflict)
	}
	_, err := r.Organizations.ByID(ctx, missing.ID)
	wantError(t, "ByID after Replace of one that doesn't exist", err, domain.ErrOrganizationNotFound)

	// The time of creation stays the first one.
	third := second
	third.CreatedAt, third.Version = at(99), 3
	must(t, "Replace", r.Organizations.Replace(ctx, third, 2))
	third.CreatedAt = first.CreatedAt
	wantOrganization(t, r, third)
}

func organizationReplaceErrors(t *testing.T, r Registry) {
	ctx := t.Context()
	first, other, subject := numbered(t, 1), numbered(t, 2), numbered(t, 3)
	insertOrganizations(t, r, first, other, subject)
	free := placed("org_free")

	named := subject
	named.Name, named.Version = first.Name, 2
	both := reserving(subject, other.Placement)
	both.Name = first.Name
	for _, c := range []struct {
		name string
		o    domain.Organization
		want error
	}{
		{"a name that is held", named, domain.ErrNameTaken},
		{"a pending name that is held", reserving(renaming(subject, first.Name), free), domain.ErrNameTaken},
		{"a namespace that was given", reserving(reserving(subject, free), first.Placement), domain.ErrNamespaceTaken},
		{"name and namespace that are held", both, domain.ErrNameTaken},
		{"a pending name and a namespace that are held", reserving(renaming(subject, first.Name), other.Placement), domain.ErrNameTaken},
	} {
		what := "Replace with " + c.name
		wantError(t, what, r.Organizations.Replace(ctx, c.o, subject.Version), c.want)
		wantError(t, what+" and another version", r.Organizations.Replace(ctx, c.o, subject.Version+7), domain.ErrVersionConflict)
		wantOrganization(t, r, subject)
	}
	wantOrganization(t, r, first)
	wantOrganization(t, r, other)
	wantByKey(t, r.Organizations, subject.Name.Key(), subject.ID)

	// Nothing of what was refused is held.
	taker := numbered(t, 4)
	taker.Reserved = append(taker.Reserved, free.Reservation())
	insertOrganizations(t, r, taker)
}

func organizationReservations(t *testing.T, r Registry) {
	ctx := t.Context()
	o := numbered(t, 1)
	insertOrganizations(t, r, o)
	moved := reserving(o, placed("org_second"))
	moved.Placement = placed("org_second")
	must(t, "Replace", r.Organizations.Replace(ctx, moved, o.Version))
	wantOrganization(t, r, moved)

	records := []domain.Organization{moved, deleted(moved)}
	records = append(records, purged(records[1]))
	subject := numbered(t, 2)
	insertOrganizations(t, r, subject)
	for i, record := range records {
		if i > 0 {
			must(t, "Replace", r.Organizations.Replace(ctx, record, records[i-1].Version))
		}
		for j, reservation := range moved.Reserved {
			next := numbered(t, 10+10*i+j)
			next.Reserved = []string{reservation}
			wantError(t, "Insert with a namespace of one that is "+string(record.Status),
				r.Organizations.Insert(ctx, next), domain.ErrNamespaceTaken)
			again := subject
			again.Reserved, again.Version = append([]string{reservation}, subject.Reserved...), 2
			wantError(t, "Replace with a namespace of one that is "+string(record.Status),
				r.Organizations.Replace(ctx, again, subject.Version), domain.ErrNamespaceTaken)
		}
	}
	wantOrganization(t, r, subject)
	wantOrganization(t, r, records[2])

	// Reservations are compared as they are.
	for i, reservation := range []string{"c:Tenants.org_1", "c:tenants.ORG_1", "c:tenants.org_1 ", "d:tenants.org_1", "c:tenants.org"} {
		next := numbered(t, 100+i)
		next.Reserved = []string{reservation}
		insertOrganizations(t, r, next)
	}
}

// organizationWithoutReservations checks that records which reserve nothing, as
// an older service's may be, don't meet.
func organizationWithoutReservations(t *testing.T, r Registry) {
	for i, reserved := range [][]string{nil, nil, {}, {}} {
		o := numbered(t, i)
		o.Reserved = reserved
		insertOrganizations(t, r, o)
		wantOrganization(t, r, o)
	}
}
