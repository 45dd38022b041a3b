package explore

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// schedule is a sequence of moves. Its text has a letter for each actor and the number
// of calls that it makes; + before it means that the clock jumps past all leases, ?
// after it that the last call's answer is lost, ! that the last call isn't made since
// the store is away, x that the actor dies then: "a12 +b7x" means that the first actor
// makes twelve calls, that the leases run out, that the second actor makes seven calls
// and dies.
type schedule []move

// String writes the schedule.
func (s schedule) String() string {
	var b strings.Builder
	for i := 0; i < len(s); {
		n := 1
		for s[i].fault == sound && i+n < len(s) && s[i+n].actor == s[i].actor && s[i+n].fault != death && !s[i+n].jumps {
			n++
			if s[i+n-1].fault != sound {
				break
			}
		}
		if b.Len() > 0 && s[i].fault != death {
			b.WriteByte(' ')
		}
		last := s[i+n-1]
		switch {
		case s[i].fault == death:
			b.WriteByte('x')
		default:
			if s[i].jumps {
				b.WriteByte('+')
			}
			fmt.Fprintf(&b, "%c%d", 'a'+s[i].actor, n)
			switch last.fault {
			case lost:
				b.WriteByte('?')
			case away:
				b.WriteByte('!')
			case sound, death:
			}
		}
		i += n
	}
	return b.String()
}

var part = regexp.MustCompile(`^(\+?)([a-c])([0-9]+)([?!]?)(x?)$`)

// parseSchedule reads what String has written.
func parseSchedule(text string) (schedule, error) {
	var s schedule
	for _, field := range strings.Fields(text) {
		m := part.FindStringSubmatch(field)
		if m == nil {
			return nil, fmt.Errorf("no part of a schedule: %q", field)
		}
		actor := int(m[2][0] - 'a')
		n, err := strconv.Atoi(m[3])
		if err != nil || n == 0 {
			return nil, fmt.Errorf("no number of calls: %q", field)
		}
		for i := range n {
			s = append(s, move{actor: actor, jumps: i == 0 && m[1] == "+"})
		}
		switch m[4] {
		case "?":
			s[len(s)-1].fault = lost
		case "!":
			s[len(s)-1].fault = away
		}
		if m[5] == "x" {
			s = append(s, move{actor: actor, fault: death})
		}
	}
	return s, nil
}
