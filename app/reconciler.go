package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/orgkeeper/orgkeeper/ports"
)

// longestRest is the longest time between two passes of the reconciler while the store
// is away.
const longestRest = 30 * time.Second

// KeepReconciling runs passes of the reconciler until ctx ends: every half lease, give
// or take a quarter, so that many processes don't meet; and every SweepInterval, at
// first at once, a look for what no operation leads to. While the store is away it
// comes by less and less often. Beside that it runs moves. Any number of processes may do
// so at once.
func (s *Service) KeepReconciling(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	room := make(chan struct{}, s.options.MovesAtOnce)
	interval := max(s.options.OperationLease/2, time.Millisecond)
	rest := interval
	var sweptAt time.Time
	strays := 0
	for ctx.Err() == nil {
		pass := ports.Pass{At: s.now(), Strays: strays}
		err := s.reconcile(ctx, &pass)
		away := errors.Is(err, errAway)
		// A negative age is from a clock that was set back.
		if age := pass.At.Sub(sweptAt); !away && (age >= s.options.SweepInterval || age < 0) {
			err = errors.Join(err, s.sweep(ctx, &pass))
			sweptAt, strays = pass.At, pass.Strays
		}
		if !away {
			due, movesErr := s.dueMoves(ctx, &pass)
			s.startMoves(ctx, due, &running, room)
			err = errors.Join(err, movesErr)
		}
		if ctx.Err() != nil {
			return
		}
		pass.Took, pass.Complete = s.now().Sub(pass.At), err == nil
		s.signals.Reconciled(pass)
		if away {
			s.log.WarnContext(ctx, "the reconciler can't reach the store", "error", err)
			rest = min(2*rest, max(interval, longestRest))
		} else {
			if err != nil {
				s.log.ErrorContext(ctx, "a pass of the reconciler is not complete", "error", err)
			}
			rest = interval
		}
		s.waitForMoves(ctx, s.jittered(rest))
	}
}

// jittered returns d, give or take a quarter.
func (s *Service) jittered(d time.Duration) time.Duration {
	const steps = 1 << 20
	part := float64(s.random(steps)) / steps
	return d*3/4 + time.Duration(part*float64(d/2))
}
