package steps

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Names are the names of the steps that operations have, but for moves.
var Names = []string{
	"Organizations.Insert", "Organizations.Replace",
	"Accounts.Insert", "Accounts.Replace", "Accounts.Delete",
	"Namespaces.Ensure", "Namespaces.Rename", "Namespaces.Drop",
	"Requests.Insert", "Requests.Replace",
}

// MoveNames are the names of the steps that moves have beside them.
var MoveNames = []string{
	"Moves.Insert", "Moves.Replace", "Moves.Remove", "Mover.Open", "Mover.Forget",
	"Moving.Copy", "Moving.Check", "Moving.CatchUp", "Moving.Freeze", "Moving.Sums",
}

// Point is one boundary between two steps, reached once in the life of a process. It may
// be used by many goroutines at once.
type Point struct {
	// name is "" for a boundary that is given by its number among all.
	name string
	done bool
	// at is the number, from 1, among those that are meant.
	at, met int64
}

// ParsePoint reads a boundary: its number among all, from 1, or the step, before or
// after, and the number among those alike, as in Organizations.Replace:before:2. Without
// that number it is the first.
func ParsePoint(text string) (*Point, error) {
	name, rest, named := strings.Cut(text, ":")
	if !named {
		at, err := parseNumber(text)
		return &Point{at: at}, err
	}
	side, number, numbered := strings.Cut(rest, ":")
	p := &Point{name: name, done: side == "after", at: 1}
	if !slices.Contains(Names, name) && !slices.Contains(MoveNames, name) {
		return nil, fmt.Errorf("steps: no step %q", name)
	}
	if side != "before" && side != "after" {
		return nil, fmt.Errorf("steps: %q is neither before nor after", side)
	}
	var err error
	if numbered {
		p.at, err = parseNumber(number)
	}
	return p, err
}

func parseNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && n < 1 {
		err = errors.New("steps: boundaries are counted from 1")
	}
	return n, err
}

// Reached reports whether step is at the point. It tells so once.
func (p *Point) Reached(step Step) bool {
	if p.name != "" && (p.name != step.Name || p.done != step.Done) {
		return false
	}
	return atomic.AddInt64(&p.met, 1) == p.at
}
