package contract

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// moverRandom writes at random while documents are moved, and opens the move again at
// random. What is at the target in the end is what was written.
func moverRandom(t *testing.T, r route) {
	n := 0
	rapid.Check(t, func(random *rapid.T) {
		n++
		source := r.tenant(t, r.From, firstOwner, fmt.Sprintf("org_%d", n))
		walk := randomWalk{journey: r.from(source, fmt.Sprintf("org_%d_moved", n)), there: kept{}}
		walk.writes(t, random)
		walk.open(t)
		for range rapid.IntRange(0, 10).Draw(random, "steps") {
			walk.step(t, random)
		}
		if walk.position != "" { // A check is under way.
			walk.checked = false
		}
		walk.end(t, walk.checked)
		walk.wantMoved(t, walk.there.all()...)
		for _, o := range []tenant{walk.reader(t), walk.target()} {
			must(t, "Drop", r.Storage[o.at.Placement.Strategy].Namespaces.Drop(t.Context(), o.at.Placement))
		}
		walk.Close()
	})
}

// randomWalk is a move with random steps.
type randomWalk struct {
	*journey
	there kept
	// copied is how far the copy has come, and position the check, "" unless one is under
	// way. checked says that one has come to its end since the move was opened.
	copied, position string
	checked          bool
}

// writes makes random writes at the source.
func (w *randomWalk) writes(t *testing.T, random *rapid.T) {
	t.Helper()
	var writes []ports.DocumentWrite
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(randomIDs), 1, 5, rapid.ID).Draw(random, "ids") {
		writes = append(writes, randomWrite(t, random, w.there, id))
	}
	for i, result := range w.source.write(t, writes...) {
		if wrong := compareResult(writes[i], result, w.there.apply(writes[i])); wrong != "" {
			random.Fatal(wrong)
		}
	}
}

func (w *randomWalk) step(t *testing.T, random *rapid.T) {
	t.Helper()
	limit := rapid.IntRange(1, len(randomIDs)).Draw(random, "limit")
	switch rapid.SampledFrom([]string{"write", "write", "copy", "check", "check", "catch up", "open"}).Draw(random, "step") {
	case "write":
		w.writes(t, random)
	case "copy":
		if w.position != "" || w.checked {
			return
		}
		part, err := w.Copy(t.Context(), w.copied, limit)
		must(t, "Copy", err)
		if w.copied = part.Position; part.Done {
			w.copied = ""
		}
	case "check":
		part, err := w.Check(t.Context(), w.position, limit)
		must(t, "Check", err)
		if w.position, w.checked = part.Position, part.Done; part.Done {
			w.position = ""
		}
	case "catch up":
		if w.position != "" || !w.Records() {
			return
		}
		w.catchUp(t)
		w.target().wantMost(t, w.there, w.checked)
	default:
		w.open(t)
		w.position, w.checked = "", false
	}
}

// wantMost fails t when all should be at the target and isn't.
func (o tenant) wantMost(t *testing.T, there map[domain.DocumentID]domain.Document, all bool) {
	t.Helper()
	if all {
		o.wantOnly(t, kept(there).all()...)
	}
}
