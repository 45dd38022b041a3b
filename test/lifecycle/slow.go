package lifecycle

import (
	"context"
	"errors"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// gate freezes a process before one of its steps.
type gate struct{ asleep, wake chan struct{} }

func newGate() gate { return gate{make(chan struct{}), make(chan struct{})} }

func (g gate) pass() {
	close(g.asleep)
	<-g.wake
}

// twoSlowRunners lets one runner find the email taken and another, a moment later,
// find it free. Only one of the two may be believed: whoever writes first to the
// organization what it has found. The other one must not have moved the namespace.
func twoSlowRunners(t *testing.T, open func(t *testing.T) Store) {
	w := newWorld(open(t))
	sc := scenario{before: start, after: start}
	begun := w.prepare(t, sc)

	email, beforeReplace, beforeResult := rival.Email, newGate(), newGate()
	emailChanged := false
	slow := w.process(t, func(_ context.Context, step steps.Step) error {
		switch {
		case step == steps.Step{Name: "Accounts.Replace"}:
			beforeReplace.pass()
		case step == steps.Step{Name: "Accounts.Replace", Done: true}:
			emailChanged = true
		case emailChanged && step == steps.Step{Name: "Organizations.Replace"}:
			emailChanged = false
			beforeResult.pass()
		}
		return nil
	})
	done := make(chan error, 1)
	go func() {
		who, err := session(t.Context(), slow, start.Email)
		if err == nil {
			_, err = slow.UpdateOrganization(t.Context(), who, app.UpdateOrganization{
				Name: "Globex", Email: &email, Password: domain.NewSecret(password),
			})
		}
		done <- err
	}()
	<-beforeReplace.asleep
	w.pass()

	if err := create(t.Context(), w.process(t, nil), rival); err != nil {
		t.Fatal(err)
	}
	beforeTurn, writes := newGate(), 0
	other := w.process(t, func(_ context.Context, step steps.Step) error {
		if step == (steps.Step{Name: "Organizations.Replace"}) {
			if writes++; writes == 2 { // The first takes the operation over.
				beforeTurn.pass()
			}
		}
		return nil
	})
	reconciled := make(chan error, 1)
	go func() { reconciled <- other.Reconcile(t.Context()) }()
	<-beforeTurn.asleep
	w.dismiss(t)
	close(beforeReplace.wake)
	<-beforeResult.asleep
	close(beforeTurn.wake)
	if err := <-reconciled; err != nil {
		t.Error(err)
	}
	close(beforeResult.wake)
	if err := <-done; !errors.Is(err, domain.ErrEmailTaken) {
		t.Errorf("the error is %v, should be email_taken", err)
	}
	w.check(t, sc, begun, false)
}
