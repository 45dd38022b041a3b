package explore

import (
	"context"
	"fmt"
	"io"
)

// replay makes the moves of one schedule, and writes what happens. It returns a
// *violation if the schedule breaks a promise.
func (e *explorer) replay(ctx context.Context, s situation, moves schedule, out io.Writer) error {
	s.preemptions, s.faults = ^uint8(0), ^uint8(0)
	for i, m := range moves {
		if m.actor >= len(e.roles) || !e.alive(s, m.actor) {
			return fmt.Errorf("move %d: the actor %c has ended, or there is none", i+1, 'a'+m.actor)
		}
		if m.jumps {
			fmt.Fprintln(out, "-- all leases run out")
		}
		e.path = append(e.path, m)
		if m.fault == death {
			fmt.Fprintf(out, "%c dies\n", 'a'+m.actor)
		}
		p := e.place(ctx, s, m)
		next, err := e.make(ctx, s, m)
		if m.fault != death {
			fmt.Fprintf(out, "%c %s: %s\n", 'a'+m.actor, p.call, e.outcome(next, m, p))
		}
		if err != nil {
			return err
		}
		s = next
		if reached := e.places[s.places[m.actor]-1]; reached.ended {
			fmt.Fprintf(out, "%c ends: %v\n", 'a'+m.actor, reached.err)
		}
	}
	return e.finish(ctx, s)
}

// outcome says what came of a call.
func (e *explorer) outcome(s situation, m move, p *place) string {
	switch m.fault {
	case lost:
		return "its answer is lost"
	case away:
		return "the store is away"
	case sound, death:
	}
	for _, reached := range p.next {
		if reached.id == s.places[m.actor] {
			return describeAnswer(reached.reply)
		}
	}
	return "?"
}
