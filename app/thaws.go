package app

import (
	"context"
	"sync"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Writers wait this long for a move to switch, and the organization is looked at so often.
const (
	frozenPatience = 10 * time.Second
	frozenPause    = 5 * time.Millisecond
	frozenPauseMax = 20 * time.Millisecond
)

// thaws are the organizations whose writers wait in this process until a move has switched.
// One look serves all who wait: there may be thousands when it takes seconds.
type thaws struct {
	mu      sync.Mutex
	awaited map[domain.OrganizationID]*thaw
}

// thaw is one of them.
type thaw struct {
	// over is closed when the wait is over: the organization is open, or stays frozen.
	over chan struct{}
	// stop ends the wait, for which nobody is left.
	stop    context.CancelFunc
	waiting int
}

// awaitThaw returns when the organization was found open, after frozenPatience, or when ctx
// ends.
func (s *Service) awaitThaw(ctx context.Context, id domain.OrganizationID) {
	t := s.joinThaw(id)
	select {
	case <-t.over:
	case <-ctx.Done():
	}
	s.thaws.mu.Lock()
	defer s.thaws.mu.Unlock()
	if t.waiting--; t.waiting == 0 {
		t.stop()
		if s.thaws.awaited[id] == t {
			delete(s.thaws.awaited, id)
		}
	}
}

// joinThaw returns the wait for the organization, which the first one begins.
func (s *Service) joinThaw(id domain.OrganizationID) *thaw {
	s.thaws.mu.Lock()
	defer s.thaws.mu.Unlock()
	t := s.thaws.awaited[id]
	if t == nil {
		ctx, stop := context.WithCancel(context.Background())
		t = &thaw{over: make(chan struct{}), stop: stop}
		if s.thaws.awaited == nil {
			s.thaws.awaited = map[domain.OrganizationID]*thaw{}
		}
		s.thaws.awaited[id] = t
		go s.watchThaw(ctx, id, t)
	}
	t.waiting++
	return t
}

// watchThaw looks at the organization until it isn't frozen.
func (s *Service) watchThaw(ctx context.Context, id domain.OrganizationID, t *thaw) {
	defer func() {
		s.thaws.mu.Lock()
		defer s.thaws.mu.Unlock()
		if s.thaws.awaited[id] == t { // Who comes from now on looks anew.
			delete(s.thaws.awaited, id)
		}
		close(t.over)
	}()
	var waited time.Duration
	for pause := frozenPause; waited < frozenPatience; pause = min(2*pause, frozenPauseMax) {
		if s.wait(ctx, pause) != nil {
			return
		}
		waited += pause
		o, err := s.organizations.ByID(ctx, id)
		if err == nil && o.Placement.State != domain.PlacementFrozen {
			return
		}
	}
}
