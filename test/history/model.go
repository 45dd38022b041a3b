package history

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// phase is what a name is at one instant.
type phase string

const (
	free phase = "free"
	// held is a name whose organization comes to have it: the intent is written.
	held phase = "held"
	live phase = "live"
)

// state is a name's, and whose it is.
type state struct {
	phase        phase
	organization string
}

// kind says what an event does to a name, or has seen of it.
type kind string

const (
	// A create, a restore and the new name of a rename are two events: hold, then
	// goLive. A delete and the old name of a rename are one: leave.
	hold   kind = "hold"
	goLive kind = "go live"
	leave  kind = "leave"
	// conflict was told that the name is taken, found and absent what a look-up saw.
	conflict kind = "conflict"
	found    kind = "found"
	absent   kind = "absent"
	// The same three as above, of somebody who was not told whether they happened.
	mayHold   kind = "may hold"
	mayGoLive kind = "may go live or back"
	mayLeave  kind = "may leave"
)

// event is what happened to a name, or was seen of it.
type event struct {
	name         string
	kind         kind
	organization string
}

// next returns the states that may follow s after e, none if e can't have been.
func (s state) next(e event) []any {
	mine := s.organization == e.organization
	holding, living := state{held, e.organization}, state{live, e.organization}
	switch e.kind {
	case hold:
		return when(s.phase == free, holding)
	case goLive:
		return when(s.phase == held && mine, living)
	case leave:
		return when(s.phase == live && mine, state{phase: free})
	case conflict:
		return when(s.phase != free, s)
	case found:
		return when(s.phase == live && mine, s)
	case absent:
		return when(s.phase != live, s)
	case mayHold:
		return append(when(s.phase == free, holding), s)
	case mayGoLive:
		return append(when(s.phase == held && mine, living, state{phase: free}), s)
	case mayLeave:
		return append(when(s.phase == live && mine, state{phase: free}), s)
	}
	return nil
}

func when(possible bool, states ...any) []any {
	if !possible {
		return nil
	}
	return states
}

// model is the registry for the checker, a part for each name.
func model() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Partition: byName,
		Init:      func() []any { return []any{state{phase: free}} },
		Step: func(s, input, _ any) []any {
			return s.(state).next(input.(event)) //nolint:forcetypeassert // the history holds nothing else
		},
		DescribeOperation: func(input, _ any) string { return fmt.Sprint(input) },
		DescribeState:     func(s any) string { return fmt.Sprint(s) },
	}
	return m.ToModel()
}

func byName(history []porcupine.Operation) [][]porcupine.Operation {
	var names []string
	parts := map[string][]porcupine.Operation{}
	for _, o := range history {
		name := o.Input.(event).name //nolint:forcetypeassert // the history holds nothing else
		if parts[name] == nil {
			names = append(names, name)
		}
		parts[name] = append(parts[name], o)
	}
	all := make([][]porcupine.Operation, len(names))
	for i, name := range names {
		all[i] = parts[name]
	}
	return all
}
