package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// try performs one write, and returns its error, whichever of both it is.
func (o tenant) try(ctx context.Context, w ports.DocumentWrite) (created bool, err error) {
	results, err := o.documents.Write(ctx, o.at, []ports.DocumentWrite{w})
	if err != nil {
		return false, err
	}
	if len(results) != 1 {
		return false, fmt.Errorf("%d results of a write", len(results))
	}
	return results[0].Created, results[0].Err
}

// rivals returns a document for each racer, all with one ID.
func rivals(t *testing.T) []domain.Document {
	t.Helper()
	all := make([]domain.Document, racers)
	for i := range all {
		all[i] = newDocument(t, "contested", fmt.Sprintf(`{"racer":%d}`, i))
	}
	return all
}

func documentRaceForVersion(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := rivals(t)
	for round := range 2 {
		start := newDocument(t, "contested", fmt.Sprintf(`{"round":%d}`, round))
		o.put(t, start)
		results := race(func(i int) error { _, err := o.try(t.Context(), putting(all[i], start.ETag())); return err })
		if winner := wantOneWinner(t, results, domain.ErrDocumentChanged); winner >= 0 {
			o.wantOnly(t, all[winner])
		}
	}
}

func documentRaceToDelete(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	d := newDocument(t, "contested", `{"n":1}`)
	for _, condition := range []domain.ETag{d.ETag(), domain.AnyETag} {
		o.put(t, d)
		results := race(func(int) error { _, err := o.try(t.Context(), deleting(d.ID, condition)); return err })
		wantOneWinner(t, results, domain.ErrDocumentChanged)
		o.wantOnly(t)
	}
	o.put(t, d)
	wantAllWin(t, "delete at once", race(func(int) error { _, err := o.try(t.Context(), deleting(d.ID, "")); return err }))
	o.wantOnly(t)
}

func documentRaceToCreate(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := rivals(t)
	results := race(func(i int) error { _, err := o.try(t.Context(), creating(all[i])); return err })
	if winner := wantOneWinner(t, results, domain.ErrDocumentExists); winner >= 0 {
		o.wantOnly(t, all[winner])
	}
}

// documentRaceToPut puts a document at once: all are done, and one has made it.
func documentRaceToPut(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := rivals(t)
	made := make([]bool, racers)
	wantAllWin(t, "put at once", race(func(i int) (err error) {
		w := putting(all[i], "")
		w.New = i%2 == 0
		made[i], err = o.try(t.Context(), w)
		return err
	}))
	if n := strings.Count(fmt.Sprint(made), "true"); n != 1 {
		t.Errorf("%d of %d made the document, want 1", n, racers)
	}
	found := o.walk(t, nil, 1000)
	if len(found) != 1 {
		t.Fatalf("List: got %d, want 1", len(found))
	}
	there := false
	for _, d := range all {
		there = there || d == found[0]
	}
	if !there {
		t.Errorf("nobody has put %s", found[0].Body)
	}
}

// documentCountByVersions lets everybody add one to a number, by reading the document
// and putting it if it hasn't changed: none is lost.
func documentCountByVersions(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	counter := func(n int) domain.Document { return newDocument(t, "counter", fmt.Sprintf(`{"n":%d}`, n)) }
	numbers := map[domain.Document]int{}
	steps := make([]domain.Document, racers+1)
	for n := range steps {
		steps[n] = counter(n)
		numbers[steps[n]] = n
	}
	o.put(t, steps[0])
	wantAllWin(t, "count at once", race(func(int) error {
		for {
			d, err := o.documents.Get(t.Context(), o.at, "counter")
			if err != nil {
				return err
			}
			n, known := numbers[d]
			if !known || n == racers {
				return fmt.Errorf("nobody could put %s", d.Body)
			}
			_, err = o.try(t.Context(), putting(steps[n+1], d.ETag()))
			if !errors.Is(err, domain.ErrDocumentChanged) {
				return err
			}
		}
	}))
	o.wantOnly(t, steps[racers])
}
