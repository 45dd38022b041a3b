package app_test

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// TestDropWithoutPlacement: a record of an older service may not say where its
// documents are. Its owner's email becomes free all the same.
func TestDropWithoutPlacement(t *testing.T) {
	for name, c := range map[string]struct {
		status domain.Status
		drop   func(r *rig, o domain.Organization) (domain.Organization, error)
	}{
		"delete": {domain.StatusActive, func(r *rig, o domain.Organization) (domain.Organization, error) {
			return r.DeleteByOperator(t.Context(), on(o))
		}},
		"purge": {domain.StatusDeleted, func(r *rig, o domain.Organization) (domain.Organization, error) {
			return r.PurgeOrganization(t.Context(), on(o))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			organizationName, nameErr := domain.ParseName("Old")
			email, emailErr := domain.ParseEmail("old@acme.example")
			if nameErr != nil || emailErr != nil {
				t.Fatal(nameErr, emailErr)
			}
			o := domain.Organization{
				ID: "old", Name: organizationName, Status: c.status, Owner: "owner", Version: 1,
				CreatedAt: r.clock.time(), UpdatedAt: r.clock.time(),
			}
			if err := r.store.Organizations().Insert(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			owner := domain.NewAccount(o.Owner, o.ID, email, domain.NewPasswordHash("x"), r.clock.time())
			if err := r.store.Accounts().Insert(t.Context(), owner); err != nil {
				t.Fatal(err)
			}
			gone, err := c.drop(r, o)
			if err != nil || gone.Status != domain.StatusPurged || gone.Busy() || gone.Receipt.By != domain.ActorOperator {
				t.Errorf("%+v, error %v", gone, err)
			}
			_, err = r.store.Accounts().ByID(t.Context(), owner.ID)
			wantError(t, err, domain.ErrAccountNotFound)
		})
	}
}

// TestAbortWithoutOwner frees an organization whose owner was removed from outside while
// its email was to be changed.
func TestAbortWithoutOwner(t *testing.T) {
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	email := "b@acme.example"
	r.away("Accounts.Replace")
	_, err := r.UpdateByOperator(t.Context(), on(o), app.Change{Email: &email})
	wantError(t, err, domain.ErrStoreUnavailable)
	r.before = nil
	if err := r.store.Accounts().Delete(t.Context(), o.Owner); err != nil {
		t.Fatal(err)
	}
	aborted, err := r.AbortOperation(t.Context(), on(o))
	if err != nil || aborted.Busy() || aborted.Last.Refused != domain.CodeOperationAborted {
		t.Fatalf("aborted: %+v, error %v", aborted, err)
	}
	if gone := r.mustDelete(t, o); gone.Status != domain.StatusPurged {
		t.Errorf("deleted: %+v", gone)
	}
}

// TestRestoreWithoutOwner would bring back what nobody can log in to.
func TestRestoreWithoutOwner(t *testing.T) {
	r := newRig(t, keeping)
	o := r.mustDelete(t, r.mustCreate(t, "Acme", "a@acme.example"))
	if err := r.store.Accounts().Delete(t.Context(), o.Owner); err != nil {
		t.Fatal(err)
	}
	_, err := r.RestoreOrganization(t.Context(), on(o), "")
	wantError(t, err, domain.ErrStatus)
	if d, err := r.InspectOrganization(t.Context(), o.ID); err != nil || d.Organization.Version != o.Version {
		t.Errorf("after the restore: %+v, error %v", d, err)
	}
}
