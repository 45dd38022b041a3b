package lifecycle

import (
	"errors"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// check holds what is there against the scenario after the reconciler has finished
// what was left behind.
func (w *world) check(t *testing.T, sc scenario, begun beginning, acknowledged bool) {
	t.Helper()
	w.reconcile(t)
	w.meet(t, sc, begun, acknowledged)
}

// reconcile lets every lease run out and finishes what was left behind.
func (w *world) reconcile(t *testing.T) {
	t.Helper()
	w.pass()
	if err := w.process(t, nil).Reconcile(t.Context()); err != nil {
		t.Fatalf("reconciling: %v", err)
	}
	w.checkLeftovers(t)
}

// meet holds what is there against the scenario: whole in the state before or
// after, the latter if acknowledged says so. The requests that it makes finish what
// the reconciler hasn't.
func (w *world) meet(t *testing.T, sc scenario, begun beginning, acknowledged bool) {
	t.Helper()
	ctx := t.Context()
	w.pass()
	s := w.process(t, nil)
	w.dismiss(t)
	seen := w.look(t, s, sc)
	if seen != sc.after && (acknowledged || seen != sc.before) {
		t.Fatalf("acknowledged: %v; before %+v, after %+v, but now %+v", acknowledged, sc.before, sc.after, seen)
	}
	for _, s := range []state{sc.before, sc.after} {
		w.checkFree(t, s, seen)
	}
	// What no request can meet: a delete that has freed everything already.
	w.reconcile(t)
	w.checkNamespaces(t, seen)
	if begun.ID != "" && seen != (state{}) {
		o, err := w.organization(t, seen)
		if err != nil || o.ID != begun.ID {
			t.Fatalf("the organization is %q now, was %q; error %v", o.ID, begun.ID, err)
		}
		info, err := w.namespaces().Stat(ctx, o.Placement)
		if err != nil || info.Identity != begun.identity {
			t.Fatalf("the namespace is %+v now, was %q; error %v", info, begun.identity, err)
		}
	}
}

// checkLeftovers sees to it that no operation is pending and that no account is
// without its organization.
func (w *world) checkLeftovers(t *testing.T) {
	t.Helper()
	due, err := w.store.Organizations.Due(t.Context(), w.time().Add(1000*lease), 10)
	if err != nil || len(due) > 0 {
		t.Fatalf("%d operations are left pending, error %v", len(due), err)
	}
	orphans, err := w.store.Census.OrphanAccounts(t.Context(), 10)
	if err != nil || len(orphans) > 0 {
		t.Fatalf("%d accounts without organization, error %v", len(orphans), err)
	}
}

// checkNamespaces sees to it that of all namespaces that were made only the one of
// the organization that is seen is there.
func (w *world) checkNamespaces(t *testing.T, seen state) {
	t.Helper()
	var own domain.Placement
	if seen != (state{}) {
		o, err := w.organization(t, seen)
		if err != nil {
			t.Fatal(err)
		}
		own = o.Placement
	}
	for p := range w.made {
		info, err := w.namespaces().Stat(t.Context(), p)
		if err != nil || info.Exists != (p.Namespace == own.Namespace) {
			t.Errorf("%s: %+v, error %v; the organization has %q", p.Namespace, info, err, own.Namespace)
		}
	}
}

// organization returns the one that is in the state.
func (w *world) organization(t *testing.T, seen state) (domain.Organization, error) {
	t.Helper()
	s := w.process(t, nil)
	if !seen.Kept {
		return s.GetOrganization(t.Context(), seen.Name)
	}
	c, err := deleted(t.Context(), s)
	if err != nil {
		return domain.Organization{}, err
	}
	return w.store.Organizations.ByID(t.Context(), c.Organization)
}

// look returns the one state of the scenario that can be seen.
func (w *world) look(t *testing.T, s *app.Service, sc scenario) state {
	t.Helper()
	ctx := t.Context()
	var seen state
	for _, name := range []string{sc.before.Name, sc.after.Name} {
		if name == "" {
			continue
		}
		o, err := s.GetOrganization(ctx, name)
		if errors.Is(err, domain.ErrOrganizationNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if o.Busy() || o.Status != domain.StatusActive {
			t.Fatalf("not at rest: %+v", o)
		}
		account, err := w.store.Accounts.ByID(ctx, o.Owner)
		if err != nil {
			t.Fatalf("the owner's account: %v", err)
		}
		if who, err := session(ctx, s, account.Email.String()); err != nil || who.Organization.ID != o.ID {
			t.Fatalf("the owner can't log in: %v", err)
		}
		if info, err := w.namespaces().Stat(ctx, o.Placement); err != nil || !info.Exists {
			t.Fatalf("the namespace is not there: %+v, error %v", info, err)
		}
		seen = state{Name: o.Name.String(), Email: account.Email.String()}
	}
	if seen == (state{}) && (sc.before.Kept || sc.after.Kept) {
		return w.lookAtKept(t, s)
	}
	return seen
}

// lookAtKept returns the state of a deleted organization whose data is kept, if there
// is one.
func (w *world) lookAtKept(t *testing.T, s *app.Service) state {
	t.Helper()
	o, err := w.organization(t, kept)
	if errors.Is(err, domain.ErrOrganizationNotFound) || err == nil && o.Busy() {
		return state{} // Its data is gone, or about to be.
	}
	if err != nil {
		t.Fatal(err)
	}
	account, err := w.store.Accounts.ByID(t.Context(), o.Owner)
	if err != nil {
		t.Fatalf("the owner's account: %v", err)
	}
	if _, err := session(t.Context(), s, account.Email.String()); !errors.Is(err, domain.ErrInvalidCredentials) {
		t.Fatalf("the owner of a deleted organization gets %v", err)
	}
	if info, err := w.namespaces().Stat(t.Context(), o.Placement); err != nil || !info.Exists {
		t.Fatalf("the namespace is not there: %+v, error %v", info, err)
	}
	return state{Email: account.Email.String(), Kept: true}
}

// checkFree creates an organization with what isn't seen of a state: its name and
// its email must be free.
func (w *world) checkFree(t *testing.T, s, seen state) {
	t.Helper()
	try := state{Name: "Somebody Else", Email: "somebody@else.example"}
	if s.Name != "" && !sameName(t, s.Name, seen.Name) {
		try.Name = s.Name
	}
	if s.Email != "" && s.Email != seen.Email {
		try.Email = s.Email
	}
	p := w.process(t, nil)
	if err := create(t.Context(), p, try); err != nil {
		t.Fatalf("creating %+v, which should be free: %v", try, err)
	}
	who, err := session(t.Context(), p, try.Email)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.DeleteOrganization(t.Context(), who, try.Name); err != nil {
		t.Fatal(err)
	}
}

func sameName(t *testing.T, a, b string) bool {
	t.Helper()
	if b == "" {
		return false
	}
	x, err := domain.ParseName(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := domain.ParseName(b)
	if err != nil {
		t.Fatal(err)
	}
	return x.Key() == y.Key()
}
