package crash

import (
	"fmt"
	"slices"
)

// status is an organization's status; "" is none: it was never made, or it is purged.
type status string

const (
	active    status = "active"
	suspended status = "suspended"
	deleted   status = "deleted"
)

// state is what there is of an organization.
type state struct {
	// id is "" while nobody has seen it.
	id          string
	name, email string
	status      status
}

// live reports whether the organization holds its name.
func (s state) live() bool { return s.status == active || s.status == suspended }

// matches reports whether what was observed may be s.
func (s state) matches(observed state) bool {
	if s.id == "" {
		s.id = observed.id
	}
	return s == observed
}

// kind is what is asked for.
type kind string

const (
	create kind = "create"
	// update and remove are the owner's, change and retire the operator's.
	update   kind = "update"
	remove   kind = "remove"
	change   kind = "change"
	retire   kind = "retire"
	restore  kind = "restore"
	suspend  kind = "suspend"
	activate kind = "activate"
	purge    kind = "purge"
)

// op is a change that is asked for. An empty name or email leaves it as it is.
type op struct {
	kind        kind
	name, email string
	// key is the idempotency key.
	key string
	// strategy is what an operator creates an organization with; "" is the public's way.
	strategy string
	// kept says that the process that is asked keeps what is deleted.
	kept bool
}

// apply returns the state after the change, and whether it is possible in s.
func (o op) apply(s state) (state, bool) {
	next := s
	switch o.kind {
	case create:
		return state{"", o.name, o.email, active}, s.status == ""
	case update, change:
		if o.name != "" {
			next.name = o.name
		}
		if o.email != "" {
			next.email = o.email
		}
		return next, s.status == active || o.kind == change && s.status == suspended
	case remove, retire:
		next.status = deleted
		if !o.kept {
			next = state{}
		}
		return next, s.status == active || o.kind == retire && s.status == suspended
	case restore:
		next.status = active
		if o.name != "" {
			next.name = o.name
		}
		return next, s.status == deleted
	case suspend:
		next.status = suspended
		return next, s.live()
	case activate:
		next.status = active
		return next, s.live()
	case purge:
		return state{}, s.status == deleted
	}
	return s, false
}

// fate is what the answer tells about a change.
type fate int

const (
	// done: it was acknowledged. refused: it has changed nothing. lost: one of both.
	done fate = iota
	refused
	lost
)

// attempt is a change and what became of it.
type attempt struct {
	op   op
	fate fate
	// id is the organization's ID, as far as the answer tells.
	id string
	// on is the ID of the organization that was to be changed.
	on     string
	answer answer
}

// String tells the attempt in a line.
func (a attempt) String() string {
	return fmt.Sprintf("%s %q %q %s of %.36s: %v %v in %v", a.op.kind, a.op.name, a.op.email, a.op.key, a.on, a.answer, a.id, a.answer.took)
}

// meant reports whether the attempt was about the organization in the state.
func (a attempt) meant(s state) bool { return a.on == "" || s.id == "" || a.on == s.id }

// possible returns the states in which an organization may be after the attempts. Those
// of one line were made one after the other, those of different lines at once. None is
// possible when the answers contradict each other.
func possible(start state, lines ...[]attempt) []state {
	pending := false
	var states []state
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		pending = true
		rest := slices.Clone(lines)
		rest[i] = line[1:]
		first := line[0]
		if next, ok := first.op.apply(start); ok && first.fate != refused && first.meant(start) {
			if first.op.kind == create {
				next.id = first.id
			}
			states = append(states, possible(next, rest...)...)
		}
		if first.fate != done {
			states = append(states, possible(start, rest...)...)
		}
	}
	if !pending {
		return []state{start}
	}
	return distinct(states)
}

func distinct(states []state) []state {
	var kept []state
	for _, s := range states {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}
