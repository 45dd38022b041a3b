package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// movers are the moves that this process runs.
type movers struct {
	mu      sync.Mutex
	running map[domain.OperationID]bool
	// wake says that a move may be due.
	wake chan struct{}
}

// hurry has due moves looked for at once.
func (m *movers) hurry() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// claim reports whether nobody in this process runs the move. Who does is to release it.
func (m *movers) claim(op domain.OperationID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running[op] {
		return false
	}
	if m.running == nil {
		m.running = map[domain.OperationID]bool{}
	}
	m.running[op] = true
	return true
}

func (m *movers) release(op domain.OperationID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.running, op)
}

// movesRead is how many moves are read at once: enough that those which can't wait are
// among them.
const movesRead = 1000

// dueMoves returns the moves that are due, and counts all for the pass.
func (s *Service) dueMoves(ctx context.Context, pass *ports.Pass) ([]domain.Move, error) {
	all, err := s.moves.Due(ctx, domain.Forever, movesRead)
	for _, m := range all {
		if !m.Ended() {
			pass.Moves++
		}
		if m.Failures > 0 {
			pass.Failing++
		}
	}
	now := s.now()
	return slices.DeleteFunc(all, func(m domain.Move) bool { return m.DueAt.After(now) }), err
}

// startMoves begins to run moves that are due, each in a goroutine of its own, as long as
// there is room. One that lets nobody write needs none.
func (s *Service) startMoves(ctx context.Context, due []domain.Move, running *sync.WaitGroup, room chan struct{}) {
	for _, m := range due {
		leave := func() {}
		if m.Stage != domain.MoveSwitching {
			select {
			case room <- struct{}{}:
				leave = func() { <-room }
			default:
				continue // The end of one of them hurries.
			}
		}
		if !s.movers.claim(m.Operation) {
			leave()
			continue
		}
		running.Go(func() {
			err := s.goOn(ctx, m, func(domain.Move) {})
			s.movers.release(m.Operation)
			leave()
			if err == nil {
				s.movers.hurry()
			}
		})
	}
}

// waitForMoves waits for d, unless somebody hurries.
func (s *Service) waitForMoves(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case <-s.movers.wake:
			cancel()
		case <-ctx.Done():
		}
	})
	_ = s.wait(ctx, d) // Who waits looks at its own context.
	cancel()
	waiting.Wait()
}

// finishMoves runs the moves that are due, one after the other, each as far as it comes.
func (s *Service) finishMoves(ctx context.Context, pass *ports.Pass) error {
	due, err := s.dueMoves(ctx, pass)
	for _, m := range due {
		if ctx.Err() != nil {
			break
		}
		if s.movers.claim(m.Operation) {
			err = errors.Join(err, s.goOn(ctx, m, func(domain.Move) {}))
			s.movers.release(m.Operation)
		}
	}
	return err
}

// goOn takes the lease of a move and runs it as far as it comes. One that fails rests for a
// while, and longer each time.
func (s *Service) goOn(ctx context.Context, m domain.Move, seen func(domain.Move)) error {
	taken := m.Next(s.now())
	taken.DueAt = s.now().Add(s.options.OperationLease)
	switch err := s.moves.Replace(ctx, taken, m.Version); {
	case errors.Is(err, domain.ErrVersionConflict):
		return nil // Somebody else has it.
	case err != nil:
		s.log.WarnContext(ctx, "a move that is due can't be taken", "organization_id", m.Organization, "error", err)
		return err
	}
	r := &moveRun{Service: s, move: taken, seen: seen}
	err := r.run(ctx)
	if err != nil && !errors.Is(err, errStopped) {
		err = s.rest(ctx, r, err)
	}
	if errors.Is(err, errStopped) {
		r.tidy(ctx)
		return nil
	}
	return err
}

// rest notes that an attempt failed, and returns why, unless it is only to be tried again, or
// errStopped. When the process ends, another one may go on at once.
func (s *Service) rest(ctx context.Context, r *moveRun, cause error) error {
	stops := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.OperationLease)
	defer cancel()
	n, after := r.move.Next(s.now()), time.Duration(0)
	if !stops {
		n.Failures++
		longest := longestBackoff
		if r.organization.Pending.Switching() { // Nobody can write meanwhile.
			longest = s.options.OperationLease
		}
		after = min(backoff(n.Failures), longest)
	}
	err := r.put(ctx, n, after)
	if errors.Is(err, errStopped) {
		return err
	}
	if !stops {
		s.log.WarnContext(ctx, "a move failed, and will be tried again", "organization_id", n.Organization,
			"stage", n.Stage, "failures", n.Failures, "error", cause)
		if !errors.Is(cause, domain.ErrStoreUnavailable) {
			s.signals.OperationFailed(r.organization.Pending)
		}
	}
	switch {
	case err != nil: // Its lease runs out. Whether it was this runner's nobody knows.
		return err
	case errors.Is(cause, ports.ErrChangesLost):
		return nil
	}
	return cause
}

// finishPause is how often a move that another process runs is looked at.
const finishPause = 200 * time.Millisecond

// FinishMove runs the organization's move in this process, or waits for who runs it, until
// it has switched or gone back, and returns the organization then. seen, unless nil, is
// called with the record as it goes on.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrMoveNotFound, domain.ErrMoveRefused,
// domain.ErrOperationAborted, domain.ErrOperationInProgress when it is paused,
// domain.ErrStoreUnavailable, and what makes it fail for good reason: it stays, and can be
// resumed.
func (s *Service) FinishMove(
	ctx context.Context, id domain.OrganizationID, op domain.OperationID, seen func(domain.Move),
) (domain.Organization, error) {
	if seen == nil {
		seen = func(domain.Move) {}
	}
	for {
		o, err := s.organizations.ByID(ctx, id)
		if err != nil {
			return o, err
		}
		if o.Pending.ID != op {
			return o, outcome(o, op)
		}
		m, err := s.moveOf(ctx, o)
		if errors.Is(err, domain.ErrMoveNotFound) { // It may have come to its end meanwhile.
			if o, readErr := s.organizations.ByID(ctx, id); readErr != nil || o.Pending.ID != op {
				return o, cmp.Or(readErr, outcome(o, op))
			}
		}
		switch {
		case errors.Is(err, domain.ErrMoveNotFound) && !o.Pending.HandedOver():
			s.settle(ctx, o)
			if err := s.wait(ctx, finishPause); err != nil {
				return o, err
			}
			continue
		case err != nil:
			return o, err
		case m.Paused && o.Pending.Phase != domain.PhaseBack:
			return o, domain.ErrOperationInProgress.Saying("The move is paused.")
		}
		seen(m)
		if err := s.finishOnce(ctx, m, o.Pending.Phase == domain.PhaseBack, seen); err != nil {
			return o, err
		}
	}
}

// finishOnce goes on with a move that is due, or waits.
func (s *Service) finishOnce(ctx context.Context, m domain.Move, back bool, seen func(domain.Move)) error {
	due := back && m.Paused || !s.lasts(m.DueAt, s.options.OperationLease)
	if !due || !s.movers.claim(m.Operation) {
		return s.wait(ctx, finishPause)
	}
	defer s.movers.release(m.Operation)
	err := s.goOn(ctx, m, seen)
	if errors.Is(err, domain.ErrStoreUnavailable) {
		return s.wait(ctx, finishPause)
	}
	return err
}
