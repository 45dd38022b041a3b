package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

var errBroken = errors.New("broken for good")

// broken makes the step fail though the store answers.
func (r *rig) broken(step string) {
	r.before = func(_ context.Context, s string) error {
		if s == step {
			return errBroken
		}
		return nil
	}
}

// diesAfter makes every step after so many fail.
func diesAfter(n *int, steps int) func(context.Context, string) error {
	return func(context.Context, string) error {
		if *n++; *n > steps {
			return domain.ErrStoreUnavailable.Because(errors.New("dead"))
		}
		return nil
	}
}

// stuck returns an organization whose rename is stuck.
func stuck(t *testing.T, r *rig) domain.Organization {
	t.Helper()
	o := r.mustCreate(t, "Acme", "a@acme.example")
	who := r.session(t, "a@acme.example")
	r.broken("Namespaces.Rename")
	if _, err := r.rename(t, who, "Globex"); !errors.Is(err, errBroken) {
		t.Fatalf("renaming: %v", err)
	}
	for range 30 {
		r.clock.pass(time.Hour)
		_ = r.Reconcile(t.Context())
	}
	d, err := r.InspectOrganization(t.Context(), o.ID)
	if err != nil || !d.Organization.Pending.Stuck {
		t.Fatalf("not stuck: %+v, error %v", d, err)
	}
	return d.Organization
}

func TestOperationsThatFailRestLongerAndLonger(t *testing.T) {
	r := newRig(t, func(_ *app.Dependencies, o *app.Options) { o.OperationAttempts = 5 })
	o := r.mustCreate(t, "Acme", "a@acme.example")
	who := r.session(t, "a@acme.example")
	r.broken("Namespaces.Rename")
	if _, err := r.rename(t, who, "Globex"); !errors.Is(err, errBroken) {
		t.Fatalf("renaming: %v", err)
	}
	for failures, rest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		d, err := r.InspectOrganization(t.Context(), o.ID)
		if err != nil || d.Organization.Pending.Failures != failures+1 {
			t.Fatalf("after %d failures: %+v, error %v", failures+1, d, err)
		}
		r.clock.pass(rest - time.Millisecond)
		if err := r.Reconcile(t.Context()); err != nil {
			t.Fatalf("tried before its rest of %v was over: %v", rest, err)
		}
		r.clock.pass(time.Millisecond)
		if err := r.Reconcile(t.Context()); !errors.Is(err, errBroken) {
			t.Fatalf("not tried after %v: %v", rest, err)
		}
	}
	d, err := r.InspectOrganization(t.Context(), o.ID)
	if err != nil || !d.Organization.Pending.Stuck {
		t.Fatalf("not stuck: %+v, error %v", d, err)
	}
	// Nobody tries any more, and the organization is found by its old name.
	r.clock.pass(time.Hour)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Errorf("reconciling: %v", err)
	}
	if found, err := r.GetOrganization(t.Context(), "Acme"); err != nil || found.ID != o.ID {
		t.Errorf("found %+v, error %v", found, err)
	}
}

func TestAStoreThatIsAwayCountsNoFailure(t *testing.T) {
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	who := r.session(t, "a@acme.example")
	r.before = func(_ context.Context, s string) error {
		if s == "Namespaces.Rename" {
			return domain.ErrStoreUnavailable.Because(errors.New("away"))
		}
		return nil
	}
	if _, err := r.rename(t, who, "Globex"); !errors.Is(err, domain.ErrStoreUnavailable) {
		t.Fatalf("renaming: %v", err)
	}
	for range 30 {
		r.clock.pass(time.Hour)
		_ = r.Reconcile(t.Context())
	}
	d, err := r.InspectOrganization(t.Context(), o.ID)
	if err != nil || d.Organization.Pending.Failures != 0 || d.Organization.Pending.Stuck {
		t.Fatalf("after an outage: %+v, error %v", d, err)
	}
	r.before = nil
	r.clock.pass(time.Hour)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.GetOrganization(t.Context(), "Globex"); err != nil {
		t.Errorf("after the outage: %v", err)
	}
}

func TestRetryOperation(t *testing.T) {
	r := newRig(t)
	o := stuck(t, r)
	if _, err := r.RetryOperation(t.Context(), on(o)); !errors.Is(err, errBroken) {
		t.Fatalf("retrying in vain: %v", err)
	}
	if d, _ := r.InspectOrganization(t.Context(), o.ID); d.Organization.Pending.Stuck || d.Organization.Pending.Failures != 1 {
		t.Errorf("after a retry in vain: %+v", d.Organization.Pending)
	}
	r.before = nil
	done, err := r.RetryOperation(t.Context(), on(o))
	if err != nil || done.Busy() || done.Name.String() != "Globex" {
		t.Errorf("retried: %+v, error %v", done, err)
	}
	_, err = r.RetryOperation(t.Context(), on(o))
	wantError(t, err, domain.ErrOperationNotFound)
}

func TestAbortOperation(t *testing.T) {
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	who, email := r.session(t, "a@acme.example"), "b@acme.example"
	r.broken("Accounts.Replace")
	_, err := r.UpdateOrganization(t.Context(), who, app.UpdateOrganization{
		Name: "Globex", Email: &email, Password: domain.NewSecret(password),
	})
	wantError(t, err, errBroken)
	r.before = nil
	aborted, err := r.AbortOperation(t.Context(), on(o))
	if err != nil || aborted.Busy() || aborted.Name.String() != "Acme" || aborted.Last.Refused != domain.CodeOperationAborted {
		t.Fatalf("aborted: %+v, error %v", aborted, err)
	}
	r.session(t, "a@acme.example")
	r.mustCreate(t, "Globex", email) // Both are free.
	_, err = r.AbortOperation(t.Context(), on(o))
	wantError(t, err, domain.ErrOperationNotFound)
}

// TestAbortAfterTheEmailWasChanged can't give the former email back: somebody else may
// have it.
func TestAbortAfterTheEmailWasChanged(t *testing.T) {
	r := newRig(t)
	o := r.mustCreate(t, "Acme", "a@acme.example")
	email, changed := "b@acme.example", false
	r.before = func(_ context.Context, step string) error {
		if changed {
			return domain.ErrStoreUnavailable
		}
		changed = step == "Accounts.Replace"
		return nil
	}
	_, err := r.UpdateByOperator(t.Context(), on(o), app.Change{Email: &email})
	wantError(t, err, domain.ErrStoreUnavailable)
	r.before = nil
	r.mustCreate(t, "Other", "a@acme.example")
	_, err = r.AbortOperation(t.Context(), on(o))
	wantError(t, err, domain.ErrOperationNotAbortable)
	r.clock.pass(time.Minute)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := r.InspectOrganization(t.Context(), o.ID)
	if err != nil || d.Organization.Busy() || d.Organization.Last.Refused != "" || d.AdminEmail.String() != email {
		t.Errorf("finished: %+v, error %v", d, err)
	}
}

// TestOnlyForward asks to abort what has taken, or may have taken, a step that can't be
// undone.
func TestOnlyForward(t *testing.T) {
	r := newRig(t)
	o := stuck(t, r) // a rename: its namespace may have moved
	_, err := r.AbortOperation(t.Context(), on(o))
	wantError(t, err, domain.ErrOperationNotAbortable)
	r.before = nil
	if _, err := r.RetryOperation(t.Context(), on(o)); err != nil {
		t.Fatal(err)
	}
	who := r.session(t, "a@acme.example")
	r.broken("Namespaces.Drop")
	wantError(t, r.DeleteOrganization(t.Context(), who, "Globex"), errBroken)
	_, err = r.AbortOperation(t.Context(), on(o))
	wantError(t, err, domain.ErrOperationNotAbortable)
}

func TestRequestsAreDoneOnce(t *testing.T) {
	r := newRig(t)
	first, err := r.BeginRequest(t.Context(), "key", "print")
	if err != nil || first.Answered() {
		t.Fatalf("begun: %+v, error %v", first, err)
	}
	_, err = r.BeginRequest(t.Context(), "key", "print")
	wantError(t, err, domain.ErrKeyInUse)
	_, err = r.BeginRequest(t.Context(), "key", "another print")
	wantError(t, err, domain.ErrKeyReused)
	if err := r.ConcludeRequest(t.Context(), first, []byte("answer")); err != nil {
		t.Fatal(err)
	}
	again, err := r.BeginRequest(t.Context(), "key", "print")
	if err != nil || string(again.Answer) != "answer" {
		t.Errorf("again: %+v, error %v", again, err)
	}
	r.clock.pass(24*time.Hour - time.Millisecond)
	if again, err := r.BeginRequest(t.Context(), "key", "print"); err != nil || !again.Answered() {
		t.Errorf("before a day is over: %+v, error %v", again, err)
	}
	r.clock.pass(time.Millisecond)
	if again, err := r.BeginRequest(t.Context(), "key", "another print"); err != nil || again.Answered() {
		t.Errorf("after a day: %+v, error %v", again, err)
	}
	r.clock.pass(25 * time.Hour)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = r.store.Requests().ByID(t.Context(), "key")
	wantError(t, err, domain.ErrRequestNotFound)
}

// TestACreateWhoseAnswerWasLost dies before every step of a create with an idempotency
// key, and asks again once the lease has run out.
func TestACreateWhoseAnswerWasLost(t *testing.T) {
	ask := func(r *rig) (app.CreatedOrganization, error) {
		request, err := r.BeginRequest(t.Context(), "key", "print")
		if err != nil {
			return app.CreatedOrganization{}, err
		}
		return r.CreateOrganization(t.Context(), app.CreateOrganization{
			Name: "Acme", Email: "a@acme.example", Password: domain.NewSecret(password), Operation: request.Operation,
		})
	}
	for at := 1; ; at++ {
		r, n := newRig(t), 0
		r.before = diesAfter(&n, at)
		_, err := ask(r)
		r.before = nil
		r.clock.pass(time.Minute)
		created, again := ask(r)
		if again != nil || created.Organization.Name.String() != "Acme" || created.AdminEmail.String() != "a@acme.example" {
			t.Fatalf("dead after step %d, asked again: %+v, error %v", at, created, again)
		}
		if found, err := r.GetOrganization(t.Context(), "Acme"); err != nil || found.ID != created.Organization.ID {
			t.Fatalf("dead after step %d, found %+v, error %v", at, found, err)
		}
		if err == nil {
			if at < 4 {
				t.Fatalf("only %d steps: the test would prove nothing", at)
			}
			return
		}
	}
}
