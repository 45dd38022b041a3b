package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// reconcileBatch is how many records a pass reads at once.
const reconcileBatch = 100

// forever is later than every lease.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Reconcile finishes every operation whose lease has run out, and removes accounts
// that a crash left without an organization. Any number of processes may do so at
// once. It goes on past operations that it can't finish, and returns their errors.
func (s *Service) Reconcile(ctx context.Context) error {
	return errors.Join(s.finishDue(ctx, s.now()), s.sweepAccounts(ctx))
}

// Recover finishes every operation, whether its lease has run out or not. Call it
// at start, before anything else, where one process owns the store: whoever ran an
// operation is gone.
func (s *Service) Recover(ctx context.Context) error {
	return s.finishDue(ctx, forever)
}

func (s *Service) finishDue(ctx context.Context, until time.Time) error {
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
			if _, err := s.takeOver(ctx, o); err != nil {
				s.log.ErrorContext(ctx, "an interrupted operation could not be finished",
					"organization_id", o.ID, "operation", o.Pending.Kind, "error", err)
				failures = append(failures, err)
			}
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
