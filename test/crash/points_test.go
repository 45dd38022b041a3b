package crash

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/steps"
)

// mostMisses is how often a boundary may not be reached, one time after the other.
const mostMisses = 8

// points are the boundaries of all steps, one after the other and again from the first.
// One that isn't reached is tried again, at the first time that it is met.
type points struct {
	all     []string
	random  *rand.Rand
	reached int
	misses  int
}

func newPoints(random *rand.Rand) *points {
	p := &points{random: random}
	for _, step := range steps.Names {
		p.all = append(p.all, step+":before", step+":after")
	}
	random.Shuffle(len(p.all), func(i, j int) { p.all[i], p.all[j] = p.all[j], p.all[i] })
	return p
}

// next returns the boundary to try.
func (p *points) next(t *testing.T) string {
	t.Helper()
	point := p.all[p.reached%len(p.all)]
	switch {
	case p.misses == mostMisses:
		t.Fatalf("CRASH_SEED=%d: the boundary %s is never reached", asked.seed, point)
	case p.misses > 0:
		return point
	}
	return fmt.Sprintf("%s:%d", point, 1+p.random.IntN(3))
}

// tried tells whether the boundary was reached.
func (p *points) tried(reached bool) {
	if reached {
		p.reached++
		p.misses = 0
		return
	}
	p.misses++
	seen.count(func(f *figures) { f.missed++ })
}
