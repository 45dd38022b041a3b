package crash

import (
	"fmt"
	"math/rand/v2"
)

// slot is the place of one organization after the other, with what is known of it. One
// goroutine at a time has it.
type slot struct {
	number int
	// possible is what there may be: one state when that is known.
	possible []state
	// space is the organization's namespace, the zero one while it isn't known, and
	// collection what look-ups tell of it.
	space      space
	collection string
	// token is the owner's, "" when there may be none that is good.
	token string
	// documents are those of the organization owner, doubtful those that it may have.
	documents, doubtful map[string]bool
	owner               string
	// written counts the documents that were ever written.
	written int
	// keyed is the last create with an idempotency key that was acknowledged or lost.
	keyed *keyed
	// history is what was asked for last, for who looks for a cause.
	history []string
	// touched says that a request was sent since the last look.
	touched bool
}

// keyed is a create with an idempotency key.
type keyed struct {
	op op
	// id is the organization's in the answer, "" while there is none.
	id string
}

func newSlot(number int) *slot {
	return &slot{number: number, possible: []state{{}}, documents: map[string]bool{}, doubtful: map[string]bool{}}
}

// settled reports whether it is known what there is.
func (s *slot) settled() bool { return len(s.possible) == 1 }

// state is what there is, if that is known.
func (s *slot) state() state { return s.possible[0] }

// know notes what there is.
func (s *slot) know(now state) {
	if !now.live() {
		s.token = ""
	}
	if now.status == "" {
		s.space, s.collection = space{}, ""
	}
	if now.id != s.owner {
		s.owner, s.documents, s.doubtful = now.id, map[string]bool{}, map[string]bool{}
	}
	s.possible = []state{now}
}

// remember adds to the history.
func (s *slot) remember(format string, arguments ...any) {
	const length = 12
	s.history = append(s.history, fmt.Sprintf(format, arguments...))
	if over := len(s.history) - length; over > 0 {
		s.history = s.history[over:]
	}
}

// names are the names that the slot's organizations have, of all kinds: two with equal
// slugs, one with a short slug, one without case.
func (s *slot) names() []string {
	return []string{
		fmt.Sprintf("Acme %d", s.number),
		fmt.Sprintf("ACME %d!", s.number),
		fmt.Sprintf("Größe & Söhne %d", s.number),
		fmt.Sprintf("日本 %d", s.number),
		fmt.Sprintf("Globex Corporation %d", s.number),
	}
}

// emails are the emails that the slot's owners have.
func (s *slot) emails() []string {
	return []string{
		fmt.Sprintf("admin@acme%d.example", s.number),
		fmt.Sprintf("boss@acme%d.example", s.number),
		fmt.Sprintf("Chief.Officer+%d@globex.example", s.number),
	}
}

// other picks one that isn't the present one.
func other(random *rand.Rand, all []string, present string) string {
	for {
		if picked := all[random.IntN(len(all))]; picked != present {
			return picked
		}
	}
}

// pick draws a change that is possible in the state. kept says that what is deleted is
// kept.
func (s *slot) pick(random *rand.Rand, kept bool) op {
	now := s.state()
	name, email := other(random, s.names(), now.name), other(random, s.emails(), now.email)
	roll := random.IntN(100)
	switch now.status {
	case "":
		o := op{kind: create, name: name, email: email}
		if random.IntN(2) == 0 {
			o.strategy = strategies[random.IntN(len(strategies))]
		}
		if roll < 40 {
			o.key = fmt.Sprintf("create-%d-%d", s.number, random.Uint64())
		}
		return o
	case active:
		switch {
		case roll < 30:
			return op{kind: update, name: name}
		case roll < 45:
			return op{kind: update, name: now.name, email: email}
		case roll < 62:
			return op{kind: update, name: name, email: email}
		case roll < 72:
			return op{kind: change, name: name, email: email}
		case roll < 87:
			return op{kind: remove, kept: kept}
		case roll < 92:
			return op{kind: retire, kept: kept}
		}
		return op{kind: suspend}
	case suspended:
		switch {
		case roll < 20:
			return op{kind: change, name: name}
		case roll < 40:
			return op{kind: retire, kept: kept}
		}
		return op{kind: activate}
	case deleted:
		switch {
		case roll < 35:
			return op{kind: restore}
		case roll < 60:
			return op{kind: restore, name: name}
		}
		return op{kind: purge}
	}
	panic("crash: no such status: " + now.status)
}
