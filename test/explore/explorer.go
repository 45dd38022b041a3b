package explore

import (
	"context"
	"fmt"
)

// situation is all that decides what may happen from here on.
type situation struct {
	content int32
	// places are the actors'; 0 is that of one that hasn't begun.
	places [maxActors]int32
	// dead has the bit of each actor that died.
	dead uint8
	// after has the bit i*maxActors+j when the actor j had ended before i began.
	after uint16
	// now counts the clock's jumps.
	now uint8
	// current is the actor that went last, -1 at the beginning.
	current int8
	// preemptions and faults are how many are left.
	preemptions, faults uint8
}

// fault is what befalls an actor at a call.
type fault byte

const (
	sound fault = iota
	// lost loses the answer of a call that was made, away a call before it is made.
	lost
	away
	// death ends the actor. What it was about to do is never done.
	death
)

// move is a choice of the scheduler: the actor makes its next call, with the fault,
// after the clock has jumped if jumps says so.
type move struct {
	actor int
	fault fault
	jumps bool
}

// explorer walks the schedules of a world.
type explorer struct {
	*world
	scenario scenario
	// first is the model of what is there at the beginning.
	first model
	// walked holds how many schedules lead on from a situation.
	walked map[situation]uint64
	judged map[judgedKey]bool
	// ended counts the schedules that were walked to their end.
	ended int
	// path are the moves that have led here.
	path []move
}

// judgedKey is what a judgement depends on.
type judgedKey struct {
	content int32
	places  [maxActors]int32
	dead    uint8
	after   uint16
}

// violation is a broken promise, and the schedule that breaks it.
type violation struct {
	scenario scenario
	schedule schedule
	what     string
}

// Error says what was broken, and how to see it again.
func (v *violation) Error() string {
	return fmt.Sprintf("%s: %s\nEXPLORE_SCENARIO='%s' EXPLORE_SCHEDULE='%s' go test -run '^TestReplay$' -v ./test/explore",
		v.scenario, v.what, v.scenario, v.schedule)
}

// explore walks all schedules with at most so many preemptions and faults, those with
// the fewest preemptions first, and returns how many there are.
func (e *explorer) explore(ctx context.Context, start situation, preemptions, faults int) (n uint64, err error) {
	start.faults = uint8(faults)
	for p := 0; p <= preemptions && err == nil; p++ {
		start.preemptions = uint8(p)
		n, err = e.walk(ctx, start)
	}
	return n, err
}

// walk returns how many schedules lead on from the situation, after walking those
// that nobody has walked. It returns a *violation for a promise that one breaks.
func (e *explorer) walk(ctx context.Context, s situation) (uint64, error) {
	if n, ok := e.walked[s]; ok {
		return n, nil
	}
	moves, err := e.moves(ctx, s)
	if err != nil {
		return 0, err
	}
	if len(moves) == 0 {
		e.walked[s] = 1
		return 1, e.finish(ctx, s)
	}
	var n uint64
	for _, m := range moves {
		e.path = append(e.path, m)
		next, err := e.make(ctx, s, m)
		if err != nil {
			return n, err
		}
		more, err := e.walk(ctx, next)
		if err != nil {
			return n, err
		}
		n += more
		e.path = e.path[:len(e.path)-1]
	}
	e.walked[s] = n
	return n, nil
}

// moves returns what may happen in the situation: nothing when all have ended or died.
func (e *explorer) moves(ctx context.Context, s situation) ([]move, error) {
	var moves []move
	current := int(s.current)
	may := current >= 0 && e.alive(s, current)
	if may {
		moves = append(moves, e.faults(ctx, s, move{actor: current})...)
		if s.faults > 0 && e.wrote(s, current) {
			moves = append(moves, move{actor: current, fault: death})
		}
	}
	if may && s.preemptions == 0 {
		return moves, nil
	}
	for i := range e.roles {
		if i == current || !e.alive(s, i) {
			continue
		}
		moves = append(moves, e.faults(ctx, s, move{actor: i})...)
		if e.contents[s.content].ledger.leased(at(int(s.now))) {
			moves = append(moves, e.faults(ctx, s, move{actor: i, jumps: true})...)
		}
	}
	return moves, nil
}

// faults returns the move, and those with what may befall it.
func (e *explorer) faults(ctx context.Context, s situation, m move) []move {
	moves := []move{m}
	if s.faults == 0 || e.place(ctx, s, m).ended {
		return moves
	}
	away, lost := move{m.actor, away, m.jumps}, move{m.actor, lost, m.jumps}
	moves = append(moves, away)
	if e.place(ctx, s, m).call.writes {
		moves = append(moves, lost)
	}
	return moves
}

// alive reports whether the actor has something to do.
func (e *explorer) alive(s situation, actor int) bool {
	if s.dead&(1<<actor) != 0 {
		return false
	}
	return s.places[actor] == 0 || !e.places[s.places[actor]-1].ended
}

// wrote reports whether the actor's last call may have changed the store. To die after
// another one is no different from dying before it.
func (e *explorer) wrote(s situation, actor int) bool {
	p := e.places[s.places[actor]-1]
	return p.parent != nil && p.parent.call.writes
}

// place returns the place of the actor that the move is about.
func (e *explorer) place(ctx context.Context, s situation, m move) *place {
	if id := s.places[m.actor]; id != 0 {
		return e.places[id-1]
	}
	now := int(s.now)
	if m.jumps {
		now++
	}
	return e.begin(ctx, m.actor, now)
}

// make makes the move and returns the situation after it.
func (e *explorer) make(ctx context.Context, s situation, m move) (situation, error) {
	if m.fault == death {
		s.dead |= 1 << m.actor
		s.faults--
		return s, nil
	}
	p := e.place(ctx, s, m)
	if m.jumps {
		s.now++
	}
	if s.current >= 0 && int(s.current) != m.actor && e.alive(s, int(s.current)) {
		s.preemptions--
	}
	if s.places[m.actor] == 0 {
		for j := range e.roles {
			if s.places[j] != 0 && e.places[s.places[j]-1].ended {
				s.after |= 1 << (m.actor*maxActors + j)
			}
		}
	}
	s.current = int8(m.actor)
	if p.ended { // It has nothing to ask.
		s.places[m.actor] = p.id
		return s, nil
	}
	result := effect{reply: answer{err: errAway}, after: e.contents[s.content]}
	if m.fault != away {
		var err error
		if result, err = e.do(ctx, result.after, p); err != nil {
			return s, err
		}
	}
	if m.fault != sound {
		s.faults--
		result.reply, result.mark = answer{err: errAway}, 0
	}
	s.content = result.after.id
	s.places[m.actor] = e.answered(ctx, p, result.reply, result.mark, int(s.now)).id
	if broken := result.after.ledger.Broken; broken != "" {
		e.ended++
		return s, e.violation(broken)
	}
	return s, nil
}

// finish holds the end of a schedule against the promises.
func (e *explorer) finish(ctx context.Context, s situation) error {
	e.ended++
	end, err := e.end(ctx, e.contents[s.content])
	if err != nil {
		return err
	}
	if end.broken != "" {
		return e.violation(end.broken)
	}
	last, err := e.model(end)
	if err != nil {
		return e.violation(err.Error())
	}
	key := judgedKey{s.content, s.places, s.dead, s.after}
	if e.judged[key] {
		return nil
	}
	results, err := e.results(s)
	if err != nil {
		return e.violation(err.Error())
	}
	if !judge(e.first, last, results) {
		return e.violation(fmt.Sprintf("what the actors heard isn't true: %s\nbefore %+v\nafter  %+v", describeResults(results), e.first, last))
	}
	e.judged[key] = true
	return nil
}

// results returns what the actors have heard.
func (e *explorer) results(s situation) ([]result, error) {
	results := make([]result, len(e.roles))
	for i, r := range e.roles {
		results[i] = result{role: r, own: e.ownSlot(i), verdict: unknown, after: make([]bool, len(e.roles))}
		for j := range e.roles {
			results[i].after[j] = s.after&(1<<(i*maxActors+j)) != 0
		}
		if s.places[i] == 0 || s.dead&(1<<i) != 0 {
			continue
		}
		err := e.places[s.places[i]-1].err
		results[i].err = err
		var internal error
		if results[i].verdict, internal = heard(err); internal != nil {
			return nil, internal
		}
	}
	return results, nil
}

func (e *explorer) violation(what string) error {
	return &violation{e.scenario, append(schedule(nil), e.path...), what}
}
