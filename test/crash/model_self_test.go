package crash

import (
	"slices"
	"testing"
)

func TestPossible(t *testing.T) {
	is := state{"1", "A", "a@x", active}
	rename := op{kind: update, name: "B"}
	both := op{kind: update, name: "C", email: "c@x"}
	gone := op{kind: remove}
	renamed, changed := state{"1", "B", "a@x", active}, state{"1", "C", "c@x", active}
	crossed := state{"1", "B", "c@x", active}
	for name, c := range map[string]struct {
		start state
		lines [][]attempt
		want  []state
	}{
		"nothing":                  {is, nil, []state{is}},
		"acknowledged":             {is, [][]attempt{{{op: rename, fate: done}}}, []state{renamed}},
		"refused":                  {is, [][]attempt{{{op: rename, fate: refused}}}, []state{is}},
		"lost":                     {is, [][]attempt{{{op: rename, fate: lost}}}, []state{is, renamed}},
		"one after the other":      {is, [][]attempt{{{op: rename, fate: done}, {op: both, fate: done}}}, []state{changed}},
		"at once":                  {is, [][]attempt{{{op: rename, fate: done}}, {{op: both, fate: done}}}, []state{changed, crossed}},
		"at once, one lost":        {is, [][]attempt{{{op: rename, fate: lost}}, {{op: gone, fate: done}}}, []state{{}}},
		"after the end":            {is, [][]attempt{{{op: gone, fate: done}, {op: rename, fate: done}}}, nil},
		"created":                  {state{}, [][]attempt{{{op: op{kind: create, name: "A", email: "a@x"}, fate: done, id: "1"}}}, []state{is}},
		"created, the answer lost": {state{}, [][]attempt{{{op: op{kind: create, name: "A", email: "a@x"}, fate: lost}}}, []state{{}, {"", "A", "a@x", active}}},
	} {
		got := possible(c.start, c.lines...)
		same := len(got) == len(c.want)
		for _, s := range c.want {
			same = same && slices.Contains(got, s)
		}
		if !same {
			t.Errorf("%s: %+v, should be %+v", name, got, c.want)
		}
	}
}

func TestMatches(t *testing.T) {
	unseen := state{"", "A", "a@x", active}
	if !unseen.matches(state{"1", "A", "a@x", active}) {
		t.Error("an ID that nobody has seen yet keeps the state from matching")
	}
	for _, other := range []state{{}, {"1", "A", "b@x", active}, {"1", "A", "a@x", deleted}} {
		if unseen.matches(other) {
			t.Errorf("%+v matches %+v", unseen, other)
		}
	}
	if (state{"2", "A", "a@x", active}).matches(state{"1", "A", "a@x", active}) {
		t.Error("two IDs match")
	}
}
