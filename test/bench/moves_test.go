package bench

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

const (
	// movedDocuments is how many documents an organization has that is moved.
	movedDocuments = 100_000
	// movedWrites is how many writes a second there are meanwhile.
	movedWrites = 200
)

// BenchmarkMoves moves an organization from each strategy to each other one under writes,
// and tells how many documents are moved in a second, for how long nobody could write, and
// how long the writes took: the slowest, and the one that all but a hundredth were faster
// than.
func BenchmarkMoves(b *testing.B) {
	eachKeeper(b, func(b *testing.B, k keeper, from domain.Strategy) {
		for _, to := range domain.Strategies() {
			if to == from {
				continue
			}
			b.Run("to="+string(to), func(b *testing.B) {
				var took, held time.Duration
				var writes []time.Duration
				for b.Loop() {
					b.StopTimer()
					id, documents := k.organization(b, from)
					fill(b, documents, movedDocuments)
					w := beginWrites(b, documents)
					b.StartTimer()
					began := time.Now()
					held = max(held, k.move(b, id, to))
					took += time.Since(began)
					b.StopTimer()
					writes = append(writes, w.end()...)
					b.StartTimer()
				}
				slices.Sort(writes)
				b.ReportMetric(float64(b.N)*movedDocuments/took.Seconds(), "documents/s")
				b.ReportMetric(milliseconds(held), "held-ms")
				b.ReportMetric(milliseconds(writes[len(writes)*99/100]), "write-p99-ms")
				b.ReportMetric(milliseconds(writes[len(writes)-1]), "write-max-ms")
			})
		}
	}, mongotest.Standalone)
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// move moves an organization and returns for how long nobody could write.
func (k keeper) move(b *testing.B, id domain.OrganizationID, to domain.Strategy) (held time.Duration) {
	b.Helper()
	o, err := k.MoveOrganization(b.Context(), app.Command{Organization: id}, to)
	if err == nil {
		_, err = k.FinishMove(b.Context(), id, o.Pending.ID, func(m domain.Move) { held = max(held, m.Held) })
	}
	if err != nil {
		b.Fatal(err)
	}
	return held
}

// writes are writes at a steady rate.
type writes struct {
	stop  chan struct{}
	group sync.WaitGroup
	mu    sync.Mutex
	took  []time.Duration
}

// beginWrites writes documents until the end. One that waits keeps no other from being
// written.
func beginWrites(b *testing.B, documents *app.Documents) *writes {
	b.Helper()
	w := &writes{stop: make(chan struct{})}
	body := domain.BodyOf(documentText)
	w.group.Go(func() {
		tick := time.NewTicker(time.Second / movedWrites)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-w.stop:
				return
			case <-tick.C:
			}
			w.group.Go(func() {
				began := time.Now()
				id := domain.DocumentID(documentID(i * 7919 % movedDocuments))
				if _, err := documents.Put(context.WithoutCancel(b.Context()), domain.Document{ID: id, Body: body}, ""); err != nil {
					b.Error(err)
				}
				w.mu.Lock()
				defer w.mu.Unlock()
				w.took = append(w.took, time.Since(began))
			})
		}
	})
	return w
}

// end stops, and returns how long each write took.
func (w *writes) end() []time.Duration {
	close(w.stop)
	w.group.Wait()
	return w.took
}
