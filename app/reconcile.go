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

// forever is later than every lease.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Reconcile finishes every operation whose lease has run out, purges what is kept no
// longer, and removes what a crash left without an organization. Any number of
// processes may do so at once. It goes on past operations that it can't finish, and
// returns their errors.
func (s *Service) Reconcile(ctx context.Context) error {
	_, passErr := s.reconcile(ctx)
	_, sweepErr := s.sweep(ctx)
	return errors.Join(passErr, sweepErr)
}

// Recover finishes every operation that isn't stuck, whether its lease has run out or
// not. Call it at start, before anything else, where one process owns the store:
// whoever ran an operation is gone.
func (s *Service) Recover(ctx context.Context) error {
	return s.finishDue(ctx, forever, &ports.Pass{})
}

// reconcile does what is cheap enough to be done every few seconds.
func (s *Service) reconcile(ctx context.Context) (ports.Pass, error) {
	pass := ports.Pass{At: s.now()}
	err := s.finishDue(ctx, pass.At, &pass)
	purged, purgeErr := s.purgeDue(ctx)
	pass.Purged = purged
	stuck, stuckErr := s.directory.List(ctx, ports.OrganizationQuery{Stuck: true, Limit: reconcileBatch})
	pass.Stuck = len(stuck)
	pass.Took = s.now().Sub(pass.At)
	err = errors.Join(err, purgeErr, stuckErr)
	pass.Complete = err == nil
	return pass, err
}

// sweep does what looks at everything, and returns how many stray namespaces there are.
func (s *Service) sweep(ctx context.Context) (strays int, err error) {
	err = errors.Join(s.sweepAccounts(ctx), s.forgetRequests(ctx))
	found, strayErr := s.Strays(ctx)
	for _, stray := range found {
		s.log.WarnContext(ctx, "a namespace stands where no organization lives",
			"namespace", stray.Placement.Namespace, "kind", stray.Kind, "organization_id", stray.Organization,
			"documents", stray.Documents)
	}
	return len(found), errors.Join(err, strayErr)
}

// finishDue finishes the operations whose lease ends by until.
func (s *Service) finishDue(ctx context.Context, until time.Time, pass *ports.Pass) error {
	var failures []error
	seen := map[domain.OperationID]bool{}
	for {
		due, err := s.organizations.Due(ctx, until, reconcileBatch)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		fresh := 0
		for _, o := range due {
			if seen[o.Pending.ID] {
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
		// What failed has a new lease and comes behind the rest.
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
