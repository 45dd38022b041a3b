package mongo

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// matchingAtOnce is how many writes with a condition of one call run at once. Each waits
// for the journal, which the server writes for many as fast as for one.
const matchingAtOnce = 8

// errTooBigToCompare is for a document of which its condition can't be sent: with what
// shall take its place it is longer than a command.
var errTooBigToCompare = domain.Invalid("document", "is too large to be put in the place of a large one by a condition")

// performConditional performs the writes that have a condition, one command for each.
func (b *batch) performConditional(ctx context.Context, places []int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		group  sync.WaitGroup
		next   atomic.Int64
		once   sync.Once
		failed error
	)
	for range min(matchingAtOnce, len(places)) {
		group.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(places)); n = next.Add(1) - 1 {
				if err := b.match(ctx, places[n]); err != nil {
					once.Do(func() { failed = err })
					cancel()
					return
				}
			}
		})
	}
	group.Wait()
	return failed
}

// match performs a write whose condition is met. It reads the document, compares it, and
// writes if it is still the same then; else it looks anew.
//
// The server takes values of different types for the same if they are equal: 1 and 1.0.
// So of two writers that have seen the same document, one of which has changed nothing
// but the type of a number, both succeed.
func (b *batch) match(ctx context.Context, place int) error {
	w := b.writes[place]
	for range lookAgain {
		filter, size, err := b.unchanged(ctx, w)
		if errors.Is(err, domain.ErrNamespaceMissing) {
			b.results[place].Err = err
			return nil
		}
		if err != nil {
			return err
		}
		if filter == nil {
			break
		}
		s := b.delete(place, filter)
		if w.Action != ports.DocumentDelete {
			body, err := bodyOf(w.Document.Body)
			if err != nil {
				return err
			}
			if s = b.update(place, filter, body, false); s.size+size > documentBytes {
				b.results[place].Err = errTooBigToCompare
				return nil
			}
		}
		n, _, err := b.send(ctx, []statement{s})
		if err != nil || n > 0 || b.results[place].Err != nil {
			return err
		}
		if w.IfMatch == domain.AnyETag {
			break
		}
	}
	b.results[place].Err = domain.ErrDocumentChanged
	return nil
}

// unchanged returns the filter for the document as it is now, and how long it is, or nil
// if it doesn't meet the condition. What a majority hasn't got yet counts as well: a
// write that rests on it waits for a majority to have both.
func (b *batch) unchanged(ctx context.Context, w ports.DocumentWrite) (filter bson.D, size int, err error) {
	filter = b.share.one(idValue(w.Document.ID))
	if w.IfMatch == domain.AnyETag {
		return filter, 0, nil
	}
	ctx, cancel := b.limit(ctx)
	defer cancel()
	found, err := b.read(ctx, "compare a document", b.one(filter))
	if err != nil {
		return nil, 0, err
	}
	if len(found) == 0 {
		return nil, 0, b.writable(ctx)
	}
	document, err := documentOf(b.share, found[0])
	if err != nil {
		return nil, 0, err
	}
	if !w.IfMatch.Met(document) {
		return nil, 0, b.writable(ctx)
	}
	same := bson.D{{Key: "$eq", Value: bson.A{"$$ROOT", bson.D{{Key: "$literal", Value: found[0]}}}}}
	return append(filter, bson.E{Key: "$expr", Value: same}), len(found[0]), nil
}
