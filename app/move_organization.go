package app

import (
	"context"
	"errors"
	"slices"

	"github.com/orgkeeper/orgkeeper/domain"
)

// MoveOrganization begins to move the organization's documents to another strategy, and
// returns the organization with the operation. They are read and written meanwhile, but
// for a short while at the end in which nobody writes. KeepReconciling, or FinishMove,
// brings the move to its end. It does nothing when the organization has the strategy.
//
// Errors: domain.ErrOrganizationNotFound, an invalid-request *domain.Error,
// domain.ErrPreconditionFailed, domain.ErrStatus unless it is active or suspended,
// domain.ErrOperationInProgress, domain.ErrStoreUnavailable (the move may begin or not);
// where c.Operation has moved before and went back, domain.ErrOperationAborted or
// domain.ErrMoveRefused.
func (s *Service) MoveOrganization(ctx context.Context, c Command, to domain.Strategy) (domain.Organization, error) {
	if err := s.offers(to); err != nil {
		return domain.Organization{}, err
	}
	setDefault(&c.By, domain.ActorOperator)
	ctx, cancel := detached(ctx)
	defer cancel()
	o, err := s.subject(ctx, c)
	if err != nil {
		return o, err
	}
	m := &moving{service: s, command: c, op: s.newOperation(domain.OperationMove, c.Operation, c.By), to: to}
	if done, err := s.movedBefore(ctx, o, m.op.ID); err != nil || done {
		return o, err
	}
	if o.Last.Operation == m.op.ID {
		return o, outcome(o, m.op.ID)
	}
	if o, err = m.begin(ctx, o); errors.Is(err, errUnchanged) {
		return o, nil
	}
	if err == nil {
		o, err = s.run(ctx, o, m.op.ID)
	}
	s.movers.hurry()
	return o, err
}

// movedBefore reports whether the operation has switched, though another one has ended
// since.
func (s *Service) movedBefore(ctx context.Context, o domain.Organization, op domain.OperationID) (bool, error) {
	if o.Pending.ID == op {
		return false, nil
	}
	all, err := s.moves.ByOrganization(ctx, o.ID)
	return slices.ContainsFunc(all, func(m domain.Move) bool { return m.Operation == op && m.Ended() }), err
}

// offers returns an invalid-request error unless organizations can have the strategy.
func (s *Service) offers(strategy domain.Strategy) error {
	_, offered := s.storages[strategy]
	switch {
	case !offered:
		return domain.Invalid("strategy", "is not offered here")
	case !s.tenancy.Allows(strategy):
		return domain.Invalid("strategy", "needs a shorter name of the tenants' database")
	}
	return nil
}

// moving is a move on its way to its intent.
type moving struct {
	service *Service
	command Command
	op      domain.Operation
	to      domain.Strategy
	// drawn is the namespace, once the first choice was given before.
	drawn string
}

// begin writes the intent and returns the organization with it.
func (m *moving) begin(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	for o.Pending.ID != m.op.ID {
		begun, err := m.service.begin(ctx, o, m.op.ID, func(o domain.Organization) (domain.Organization, error) {
			return m.plan(ctx, o)
		})
		if !errors.Is(err, domain.ErrNamespaceTaken) {
			return begun, err
		}
		m.drawn = m.service.tenancy.Draw(m.op.Target, begun.ID, begun.Name, m.service.random)
		o = begun
	}
	return o, nil
}

// plan puts the intent on the organization.
func (m *moving) plan(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	s := m.service
	if err := m.command.current(o); err != nil {
		return o, err
	}
	if o.Placement.Strategy == m.to && !o.Busy() {
		return o, errUnchanged
	}
	m.op.Target = s.tenancy.Move(o.Placement, m.to, o.ID, o.Name, s.random)
	if m.drawn != "" {
		m.op.Target.Namespace = m.drawn
	}
	n, err := o.BeginMove(m.op, s.now())
	if err != nil {
		return o, err
	}
	storage, err := s.storage(o.Placement)
	if err != nil {
		return o, err
	}
	info, err := storage.Namespaces.Stat(ctx, o.Placement)
	if err != nil {
		return o, err
	}
	if info.Identity == "" {
		return o, domain.ErrStatus.Saying("The organization's namespace is missing: check --repair makes it anew.")
	}
	n.Pending.Source = info.Identity
	return n, nil
}

// performMove makes the record of a move and leaves the rest to who runs moves.
func (s *Service) performMove(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	err := s.moves.Insert(ctx, domain.NewMove(o, s.now()))
	if err != nil && !errors.Is(err, domain.ErrVersionConflict) {
		return o, err
	}
	return o.HandOver()
}

// Moves returns the organization's moves, the one that began last first: the one that is
// under way, and those that have ended as long as what was left by them is kept.
//
// Errors: domain.ErrStoreUnavailable.
func (s *Service) Moves(ctx context.Context, id domain.OrganizationID) ([]domain.Move, error) {
	return s.moves.ByOrganization(ctx, id)
}

// PauseMove lets nobody go on with the organization's move until ResumeMove. A move that
// switches goes on: nobody writes meanwhile.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrPreconditionFailed,
// domain.ErrMoveNotFound, domain.ErrOperationNotAbortable when it switches or goes back,
// domain.ErrStoreUnavailable.
func (s *Service) PauseMove(ctx context.Context, c Command) (domain.Move, error) {
	return s.changeMove(ctx, c, func(m domain.Move) (domain.Move, error) {
		if m.Stage != domain.MoveCopying && m.Stage != domain.MoveChecking {
			return m, domain.ErrOperationNotAbortable
		}
		m.Paused, m.DueAt = true, domain.Forever
		return m, nil
	})
}

// ResumeMove goes on with the organization's move: after a pause, and at once after a
// failure.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrPreconditionFailed,
// domain.ErrMoveNotFound, domain.ErrStoreUnavailable.
func (s *Service) ResumeMove(ctx context.Context, c Command) (domain.Move, error) {
	m, err := s.changeMove(ctx, c, func(m domain.Move) (domain.Move, error) {
		if m.Paused || m.Failures > 0 {
			m.Paused, m.Failures, m.DueAt = false, 0, s.now()
		}
		return m, nil
	})
	s.movers.hurry()
	return m, err
}

// changeMove changes the record of the move that is pending on the command's organization.
func (s *Service) changeMove(
	ctx context.Context, c Command, change func(domain.Move) (domain.Move, error),
) (domain.Move, error) {
	for {
		o, err := s.organizations.ByID(ctx, c.Organization)
		if err == nil {
			err = c.current(o)
		}
		if err != nil {
			return domain.Move{}, err
		}
		m, err := s.moveOf(ctx, o)
		if err != nil {
			return domain.Move{}, err
		}
		n, err := change(m)
		if err != nil || n == m {
			return m, err
		}
		n = n.Next(s.now())
		err = s.moves.Replace(ctx, n, m.Version)
		if !errors.Is(err, domain.ErrVersionConflict) {
			return n, err
		}
	}
}

// moveOf returns the record of the move that is pending on the organization, or
// domain.ErrMoveNotFound.
func (s *Service) moveOf(ctx context.Context, o domain.Organization) (domain.Move, error) {
	all, err := s.moves.ByOrganization(ctx, o.ID)
	if err != nil {
		return domain.Move{}, err
	}
	for _, m := range all {
		if m.Operation == o.Pending.ID {
			return m, nil
		}
	}
	return domain.Move{}, domain.ErrMoveNotFound
}
