package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// How many changes CatchUp takes at once, and how long the server waits for one.
const (
	changesAtOnce = 1000
	changesAwait  = 20 * time.Millisecond
)

// changes tells what is written at the source, in the order of the writes, until the
// freeze: the order is that of the whole cluster.
type changes struct {
	stream *driver.ChangeStream
	// ended says that the freeze has come up: all was written before.
	ended bool
}

func (c *changes) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = c.stream.Close(ctx)
}

// watch opens a change stream, nil on a standalone server.
func (g *moving) watch(ctx context.Context) (*changes, error) {
	stream, err := g.openStream(ctx, nil)
	if hasCode(err, codeNoChangeStream) {
		return nil, nil //nolint:nilnil // nil is the answer
	}
	if err != nil {
		return nil, translate("open a change stream", err)
	}
	return &changes{stream: stream}, nil
}

// openStream opens a change stream that goes on after the token, if there is one.
func (g *moving) openStream(ctx context.Context, token bson.Raw) (*driver.ChangeStream, error) {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	o := options.ChangeStream().SetMaxAwaitTime(changesAwait).SetBatchSize(changesAtOnce)
	if token != nil {
		o.SetResumeAfter(token)
	}
	return g.from.db.Watch(ctx, driver.Pipeline{
		{{Key: "$match", Value: g.watched()}},
		{{Key: "$project", Value: bson.D{
			{Key: "operationType", Value: 1},
			{Key: "ns", Value: 1},
			{Key: "id", Value: "$documentKey._id"},
			{Key: "clusterTime", Value: 1},
			{Key: "frozen", Value: "$updateDescription.updatedFields." + fieldFrozen},
		}}},
	}, o)
}

// watched selects the changes of the source's documents and of the source itself.
func (g *moving) watched() bson.D {
	of := func(collection string, more ...bson.E) bson.D {
		return append(bson.D{{Key: "ns.coll", Value: collection}}, more...)
	}
	s := g.from.share
	if s == nil {
		return of(g.from.name)
	}
	const id = "documentKey._id"
	return bson.D{{Key: "$or", Value: bson.A{
		of(domain.SharedCollection,
			bson.E{Key: id + "." + domain.FieldOrganization, Value: s.organization}, bson.E{Key: id + "." + fieldShare, Value: s.key}),
		of(domain.SharedCollection, bson.E{Key: "documentKey", Value: bson.D{{Key: "$exists", Value: false}}}),
		of(sharesCollection, bson.E{Key: id, Value: s.key}),
	}}}
}

// change is an event of the stream.
type change struct {
	Type string `bson:"operationType"`
	In   struct {
		Collection string `bson:"coll"`
	} `bson:"ns"`
	ID     bson.RawValue  `bson:"id"`
	Time   bson.Timestamp `bson:"clusterTime"`
	Frozen bool           `bson:"frozen"`
}

// CatchUp implements ports.Moving. It notes the _ids of what was written, and equalizes
// these documents as they are by now. As long as there is a way back it looks whether the
// source has other indexes than were carried along: a new session carries those.
func (g *moving) CatchUp(ctx context.Context) (int, error) {
	if g.checked && !g.frozen {
		if err := g.sameIndexes(ctx); err != nil {
			return 0, err
		}
	}
	if g.changes == nil {
		return 0, translate("look for changes", ctx.Err())
	}
	g.began = time.Now()
	written, err := g.listen(ctx)
	if err != nil {
		return 0, err
	}
	open := len(g.pending)
	right, err := g.settle(ctx)
	if err != nil || !g.frozen || open == 0 {
		return max(written, right), err
	}
	if g.stuck++; written > 0 || right > 0 {
		g.stuck = 0
	}
	if g.stuck > 1 {
		return 0, errUnique
	}
	return max(written, open), nil
}

// listen takes the changes that are there, and after the freeze waits until there are some,
// or the freeze itself has come up. Of a share it goes on to listen for late writers; what
// is written under a collection's former name isn't the organization's.
func (g *moving) listen(ctx context.Context) (written int, err error) {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	for idle := 0; written < changesAtOnce && (!g.changes.ended || g.from.share != nil); {
		if g.changes.stream.TryNext(ctx) {
			idle = 0
			document, err := g.note(g.changes.stream.Current)
			if err != nil {
				return written, err
			}
			if document {
				written++
			}
			if written > 0 && g.changes.stream.RemainingBatchLength() == 0 {
				return written, nil // Others come while these are brought over.
			}
			continue
		}
		if err := g.resume(ctx); err != nil {
			return written, err
		}
		// The first answer is the one that has come when the stream was opened.
		if idle++; idle > 1 && (!g.frozen || g.changes.ended) {
			return 0, nil
		}
		if err := ctx.Err(); err != nil {
			return written, translate("wait for the freeze", err)
		}
	}
	return written, nil
}

// note takes a change down, and reports whether it is a document's.
func (g *moving) note(event bson.Raw) (document bool, err error) {
	var c change
	if err := bson.Unmarshal(event, &c); err != nil {
		return false, ports.ErrChangesLost
	}
	g.seen(c.Time)
	switch c.Type {
	case "insert", "update", "replace", "delete":
		if c.In.Collection == sharesCollection {
			g.changes.ended = g.changes.ended || c.Frozen
			if c.Type == "delete" {
				return false, domain.ErrNamespaceMissing
			}
			return false, nil
		}
		id, err := g.from.share.own(c.ID)
		if err != nil {
			return false, errIDNotMovable.Because(err)
		}
		g.hold(bson.RawValue{Type: id.Type, Value: slices.Clone(id.Value)})
		return true, nil
	case "rename":
		if g.from.share == nil {
			g.changes.ended = true
			return false, nil
		}
		return false, domain.ErrNamespaceMissing
	case "drop":
		return false, domain.ErrNamespaceMissing
	case "invalidate", "dropDatabase":
		return false, ports.ErrChangesLost
	}
	return false, nil // of indexes
}

// resume goes on with a stream that has broken off.
func (g *moving) resume(ctx context.Context) error {
	err := g.changes.stream.Err()
	if err == nil {
		if g.changes.stream.ID() == 0 {
			return ports.ErrChangesLost
		}
		return nil
	}
	token := g.changes.stream.ResumeToken()
	if lost(err) || token == nil {
		return fmt.Errorf("%w: %w", ports.ErrChangesLost, withoutData(err))
	}
	if err := ctx.Err(); err != nil { // The next call tries.
		return translate("read a change stream", err)
	}
	stream, err := g.openStream(ctx, token)
	switch {
	case err != nil && lost(err):
		return fmt.Errorf("%w: %w", ports.ErrChangesLost, withoutData(err))
	case err != nil:
		return translate("go on with a change stream", err)
	}
	g.changes.close()
	g.changes.stream = stream
	return nil
}

// lost reports whether no change stream can go on after such an error.
func lost(err error) bool {
	return slices.ContainsFunc([]int{codeChangeStreamLost, codeChangeStreamFatal, codeInvalidResumeToken}, func(code int) bool {
		return hasCode(err, code)
	})
}

// settle equalizes the documents that are pending, and returns how many are right now.
func (g *moving) settle(ctx context.Context) (right int, err error) {
	p := passCopy
	if g.checked {
		p = passCatchUp
	}
	ids := make([]bson.RawValue, 0, len(g.pending))
	for _, id := range g.pending {
		ids = append(ids, id)
	}
	for some := range chunks(ids) {
		source, full, err := g.read(ctx, func(s *share) bson.D { return s.among(some) }, len(some)+1)
		if err != nil {
			return right, err
		}
		if full { // The others wait: those that weren't read, and those that are gone.
			some = nil
			for _, d := range source {
				some = append(some, d.id)
			}
		}
		before := len(g.pending)
		for _, id := range some {
			delete(g.pending, keyOf(id))
		}
		if err := g.equalize(ctx, source, g.to.share.among(some), p); err != nil {
			for _, id := range some {
				g.hold(id)
			}
			if p == passCatchUp { // What the sums have of these is no longer at the target.
				g.checked = false
				if !errors.Is(err, domain.ErrMoveRefused) && !errors.Is(err, domain.ErrNamespaceMissing) {
					err = fmt.Errorf("%w: %w", ports.ErrChangesLost, err)
				}
			}
			return right, err
		}
		right += before - len(g.pending)
	}
	return right, nil
}
