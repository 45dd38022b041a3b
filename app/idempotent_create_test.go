package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// wish begins a request with an idempotency key for the organization Acme.
func (r *rig) wish(t *testing.T) app.CreateOrganization {
	t.Helper()
	request, err := r.BeginRequest(t.Context(), "key", "print")
	if err != nil {
		t.Fatal(err)
	}
	return app.CreateOrganization{
		Name: "Acme", Email: "a@acme.example", Password: domain.NewSecret(password), Operation: request.Operation,
	}
}

// TestACreateIsNotInItsOwnWay: of two runners of one request, the first, which was
// frozen, creates the organization when the second believes that nobody has.
func TestACreateIsNotInItsOwnWay(t *testing.T) {
	for name, meet := range map[string]func(f *faulty, first func()){
		"before its name is looked up": func(f *faulty, first func()) {
			f.byNameKey = func(ctx context.Context, key string) (domain.Organization, error) {
				f.byNameKey = nil
				first()
				return f.Organizations.ByNameKey(ctx, key)
			}
		},
		"before its email is looked up": func(f *faulty, first func()) {
			f.byNameKey = func(ctx context.Context, key string) (domain.Organization, error) {
				f.byNameKey = nil
				o, err := f.Organizations.ByNameKey(ctx, key)
				first()
				return o, err
			}
		},
		"before its record is written": func(f *faulty, first func()) {
			f.insert = func(ctx context.Context, _ domain.Organization) error {
				f.insert = nil
				first()
				return domain.ErrNameTaken // Which of two violated indexes is told is chance.
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, f := newFaultyRig(t)
			wish := r.wish(t)
			var first app.CreatedOrganization
			meet(f, func() {
				var err error
				if first, err = r.CreateOrganization(t.Context(), wish); err != nil {
					t.Error(err)
				}
			})
			second, err := r.CreateOrganization(t.Context(), wish)
			if err != nil || second.Organization.ID != first.Organization.ID || second.AdminEmail != first.AdminEmail {
				t.Errorf("created %+v, then %+v, error %v", first, second, err)
			}
		})
	}
}

// TestACreateLeavesAnotherRunnersRecord: the insert never arrived, and what is found
// under its ID is another runner's, whose account is on its way.
func TestACreateLeavesAnotherRunnersRecord(t *testing.T) {
	r, f := newFaultyRig(t)
	wish := r.wish(t)
	var other domain.Organization
	f.insert = func(ctx context.Context, o domain.Organization) error {
		f.insert, other = nil, o
		other.Owner = "the other runner's"
		if err := f.Organizations.Insert(ctx, other); err != nil {
			t.Error(err)
		}
		return domain.ErrStoreUnavailable
	}
	_, err := r.CreateOrganization(t.Context(), wish)
	wantError(t, err, domain.ErrKeyInUse)
	if d, err := r.InspectOrganization(t.Context(), other.ID); err != nil || d.Organization.Version != other.Version {
		t.Errorf("the other runner's record: %+v, error %v", d, err)
	}
}

// TestACreateThatWentBackWasNone: the request's lease runs out before the operation's,
// so that the operation goes back after the request was taken over with it.
func TestACreateThatWentBackWasNone(t *testing.T) {
	r := newRig(t)
	wish := r.wish(t)
	r.clock.pass(5 * time.Second) // It hashes.
	r.before = func(_ context.Context, step string) error {
		if step == "Accounts.Insert" {
			return domain.ErrStoreUnavailable
		}
		return nil
	}
	_, err := r.CreateOrganization(t.Context(), wish)
	wantError(t, err, domain.ErrStoreUnavailable)
	r.before = nil
	r.clock.pass(9 * time.Second)
	again := r.wish(t)
	if again.Operation != wish.Operation {
		t.Errorf("taken over with another operation: the test proves nothing")
	}
	r.clock.pass(time.Second)
	_, err = r.CreateOrganization(t.Context(), again)
	wantError(t, err, domain.ErrStoreUnavailable)
	r.clock.pass(10 * time.Second)
	created, err := r.CreateOrganization(t.Context(), r.wish(t))
	if err != nil || created.Organization.Name.String() != "Acme" {
		t.Errorf("created %+v, error %v", created, err)
	}
}
