package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// reconcileBatch is how many records a pass reads at once.
const reconcileBatch = 100

// Reconcile finishes every operation whose lease has run out, purges what is kept no
// longer, and removes what a crash left without an organization. Any number of
// processes may do so at once. It goes on past operations that it can't finish, and
// returns their errors. Moves it runs as far as they come, which may take long.
func (s *Service) Reconcile(ctx context.Context) error {
	pass := ports.Pass{At: s.now()}
	return errors.Join(s.reconcile(ctx, &pass), s.sweep(ctx, &pass), s.finishMoves(ctx, &pass))
}

// Recover finishes every operation that isn't stuck, whether its lease has run out or
// not. Call it at start, before anything else, where one process owns the store:
// whoever ran an operation is gone.
func (s *Service) Recover(ctx context.Context) error {
	return s.finishDue(ctx, domain.Forever, &ports.Pass{})
}

// errAway says that the reconciler could not even read what there is to do.
var errAway = errors.New("app: the store can't be read")

// reconcile does what is cheap enough to be done every few seconds.
func (s *Service) reconcile(ctx context.Context, pass *ports.Pass) error {
	err := s.finishDue(ctx, pass.At, pass)
	purged, purgeErr := s.purgeDue(ctx)
	pass.Purged = purged
	stuck, stuckErr := s.directory.List(ctx, ports.OrganizationQuery{Stuck: true, Limit: reconcileBatch})
	pass.Stuck = len(stuck)
	return errors.Join(err, purgeErr, stuckErr)
}

// sweep does what looks at everything.
func (s *Service) sweep(ctx context.Context, pass *ports.Pass) error {
	err := errors.Join(s.finishAhead(ctx), s.sweepAccounts(ctx), s.forgetRequests(ctx))
	pass.Strays = 0
	var documents int64
	strayErr := s.eachStray(ctx, func(stray Stray) error {
		pass.Strays++
		documents += stray.Documents
		return nil
	}, func(int) {})
	if pass.Strays > 0 {
		s.log.WarnContext(ctx, "namespaces stand where no organization lives",
			"namespaces", pass.Strays, "documents", documents)
	}
	return errors.Join(err, strayErr)
}

// finishAhead finishes operations whose lease is from a clock that was ahead: they are
// due at no time that a pass asks for.
func (s *Service) finishAhead(ctx context.Context) error {
	pending, err := s.organizations.Due(ctx, domain.Forever, reconcileBatch)
	for _, o := range pending {
		if o.Pending.LeaseUntil.After(s.now()) && !s.leased(o.Pending) {
			_, takeErr := s.takeOver(ctx, o)
			err = errors.Join(err, takeErr)
		}
	}
	return err
}

// finishDue finishes the operations whose lease ends by until.
func (s *Service) finishDue(ctx context.Context, until time.Time, pass *ports.Pass) error {
	var failures []error
	seen := map[domain.OperationID]bool{}
	for {
		due, err := s.organizations.Due(ctx, until, reconcileBatch+len(failures))
		if err != nil {
			return errors.Join(append(failures, errAway, err)...)
		}
		fresh := 0
		for _, o := range due {
			if seen[o.Pending.ID] || o.Pending.HandedOver() {
				continue
			}
			if ctx.Err() != nil { // takeOver would go on: it outlives its caller.
				return errors.Join(append(failures, ctx.Err())...)
			}
			seen[o.Pending.ID] = true
			fresh++
			pass.Lag = max(pass.Lag, pass.At.Sub(o.Pending.LeaseUntil))
			if _, err := s.takeOver(ctx, o); err != nil {
				s.log.ErrorContext(ctx, "an interrupted operation could not be finished",
					"organization_id", o.ID, "operation", o.Pending.Kind, "error", err)
				failures = append(failures, err)
				pass.Failed++
				continue
			}
			pass.Finished++
		}
		// What failed is read again, if it rests no longer than until.
		if fresh == 0 {
			return errors.Join(failures...)
		}
	}
}

// sweepAccounts removes accounts whose organization is gone: their create had gone
// back before the requester, which was slow, inserted them.
func (s *Service) sweepAccounts(ctx context.Context) error {
	for {
		orphans, err := s.census.OrphanAccounts(ctx, reconcileBatch)
		if err != nil || len(orphans) == 0 {
			return err
		}
		for _, account := range orphans {
			if err := s.accounts.Delete(ctx, account.ID); err != nil {
				return err
			}
			s.log.InfoContext(ctx, "removed an account without organization",
				"account_id", account.ID, "organization_id", account.OrganizationID)
		}
	}
}
