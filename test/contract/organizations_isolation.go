package contract

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// organizationIsolation plays everything that can happen to one organization
// beside another that must not notice, and then with the roles swapped.
func organizationIsolation(t *testing.T, r Registry) {
	a, b := numbered(t, 1), numbered(t, 2)
	ownerOfA, ownerOfB := numberedAccount(t, 1), numberedAccount(t, 2)
	insertOrganizations(t, r, a, b)
	insertAccounts(t, r, ownerOfA, ownerOfB)

	a = changeBeside(t, r, a, b, "First")
	b = changeBeside(t, r, b, a, "Second")
	a = deleteBeside(t, r, a, ownerOfA, b, ownerOfB)

	// The roles are swapped: a new one has the first place.
	a2, ownerOfA2 := numbered(t, 3), numberedAccount(t, 3)
	a2.Name, ownerOfA2.Email = a.Name, ownerOfA.Email
	insertOrganizations(t, r, a2)
	insertAccounts(t, r, ownerOfA2)
	b = deleteBeside(t, r, b, ownerOfB, a2, ownerOfA2)
	wantOrganization(t, r, a)
	wantOrganization(t, r, b)
}

// changeBeside renames subject, and checks bystander after each write. It
// returns subject as it is now.
func changeBeside(t *testing.T, r Registry, subject, bystander domain.Organization, name string) domain.Organization {
	t.Helper()
	untouched := func() {
		t.Helper()
		wantOrganization(t, r, bystander)
		wantByKey(t, r.Organizations, bystander.Name.Key(), bystander.ID)
	}
	old := subject.Name
	target := placed("org_renamed_" + string(subject.ID))
	pending := reserving(renaming(subject, mustName(t, name)), target)
	must(t, "Replace", r.Organizations.Replace(t.Context(), pending, subject.Version))
	untouched()
	done := pending
	done.Name, done.Placement, done.Pending, done.Version = mustName(t, name), target, domain.Operation{}, pending.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), done, pending.Version))
	untouched()
	wantOrganization(t, r, done)
	wantByKey(t, r.Organizations, old.Key(), "")
	return done
}

// deleteBeside purges subject with its owner, and checks bystander and its owner
// after each write. It returns subject as it is now.
func deleteBeside(t *testing.T, r Registry, subject domain.Organization, owner domain.Account,
	bystander domain.Organization, otherOwner domain.Account,
) domain.Organization {
	t.Helper()
	untouched := func() {
		t.Helper()
		wantOrganization(t, r, bystander)
		wantByKey(t, r.Organizations, bystander.Name.Key(), bystander.ID)
		wantAccount(t, r, otherOwner)
	}
	gone := deleted(subject)
	must(t, "Replace", r.Organizations.Replace(t.Context(), gone, subject.Version))
	untouched()
	must(t, "Delete", r.Accounts.Delete(t.Context(), owner.ID))
	untouched()
	tombstone := purged(gone)
	must(t, "Replace", r.Organizations.Replace(t.Context(), tombstone, gone.Version))
	untouched()
	wantByKey(t, r.Organizations, subject.Name.Key(), "")
	_, err := r.Accounts.ByID(t.Context(), owner.ID)
	wantError(t, "ByID of the deleted owner", err, domain.ErrAccountNotFound)
	return tombstone
}
