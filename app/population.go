package app

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// populationAge is how old a count of the live organizations may be when
// MaxOrganizations is held against it.
const populationAge = 10 * time.Second

// population remembers how many live organizations there are.
type population struct {
	// turn holds a token while one goroutine counts or adds.
	turn      chan struct{}
	known     bool
	count     int
	countedAt time.Time
}

// admit takes one place among MaxOrganizations, or returns ErrOrganizationLimit.
// A creation that fails afterwards gives its place back at the next count.
func (s *Service) admit(ctx context.Context) error {
	limit := s.options.MaxOrganizations
	if limit == 0 {
		return nil
	}
	p := &s.population
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return domain.ErrStoreUnavailable.Because(ctx.Err())
	}
	now := s.now()
	// A negative age is from a clock that was set back.
	if age := now.Sub(p.countedAt); !p.known || age < 0 || age >= populationAge {
		n, err := s.census.CountLive(ctx)
		if err != nil {
			return err
		}
		p.known, p.count, p.countedAt = true, n, now
	}
	if p.count >= limit {
		return domain.ErrOrganizationLimit
	}
	p.count++
	return nil
}
