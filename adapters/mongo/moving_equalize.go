package mongo

import (
	"bytes"
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
)

// ownForm is a document as it is in a collection of its own: less what a share adds.
type ownForm struct {
	id  bson.RawValue
	own bson.Raw
}

// pass says what equalize is for.
type pass int

const (
	// passCopy leaves the sums alone: everything will be looked at again.
	passCopy pass = iota
	// passCheck adds the documents to the sums.
	passCheck
	// passCatchUp takes away from the sums what the target had, and adds what it has.
	passCatchUp
)

// ownOf returns the own form of a document.
func (c *fenced) ownOf(document bson.Raw) (ownForm, error) {
	id, err := c.share.own(document.Lookup(domain.FieldID))
	if err != nil {
		return ownForm{}, errIDNotMovable.Because(err)
	}
	return ownForm{id, (*share)(nil).moved(c.share, id, document)}, nil
}

var (
	errIDNotMovable    = domain.ErrMoveRefused.Saying("A document has an _id that the target can't keep.")
	errFieldNotMovable = domain.ErrMoveRefused.Saying(
		"A document has a field organization_id, which the strategy shared needs for itself.")
	errTooBigToMove = domain.ErrMoveRefused.Saying("A document is too large for the strategy shared.")
)

// movable returns an error unless the target can keep the document.
func (g *moving) movable(d ownForm) error {
	if g.to.share == nil {
		return nil
	}
	if !g.to.share.takes(d.id) {
		return errIDNotMovable
	}
	// The own form of a share's document has no such field.
	if _, err := d.own.LookupErr(domain.FieldOrganization); err == nil {
		return errFieldNotMovable
	}
	if int64(len(d.own))+g.to.share.overhead() > documentBytes {
		return errTooBigToMove
	}
	return nil
}

// read returns the documents of the source that the filter finds, in the order of _id, and
// whether it has ended by limit or partBytes.
func (g *moving) read(ctx context.Context, filter func(*share) bson.D, limit int) (source []ownForm, full bool, err error) {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	var found []bson.Raw
	var from *fenced
	err = g.atSource(func(c *fenced) (err error) {
		from, full = c, false
		found, err = c.readWhile(ctx, "read documents to move", c.command("find",
			bson.E{Key: "filter", Value: filter(c.share)},
			bson.E{Key: "sort", Value: byID},
			bson.E{Key: "hint", Value: c.share.index()},
			bson.E{Key: "limit", Value: limit},
			bson.E{Key: "batchSize", Value: limit + 1}, g.readConcern()), func(size int) bool {
			full = size >= partBytes
			return !full
		})
		if err == nil {
			err = c.confirm(ctx)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	source = make([]ownForm, len(found))
	for i, document := range found {
		if source[i], err = from.ownOf(document); err == nil {
			err = g.movable(source[i])
		}
		if err != nil {
			return nil, false, err
		}
	}
	return source, full || len(found) == limit, nil
}

// equalize makes what the filter finds at the target what the source has there. Deletes go
// first, since they may make room in a unique index. What such an index refuses is left out
// for now: its _id is pending.
//
// The sums have, of a document that is pending, what the target has on both sides, so that
// it can be taken away from both.
func (g *moving) equalize(ctx context.Context, source []ownForm, filter bson.D, p pass) error {
	missing := make(map[string]ownForm, len(source))
	for _, d := range source {
		missing[keyOf(d.id)] = d
	}
	var surplus []bson.RawValue
	err := g.scan(ctx, filter, func(there ownForm) {
		if p == passCatchUp {
			g.sums.From.Remove(there.own)
			g.sums.To.Remove(there.own)
		}
		key := keyOf(there.id)
		if d, ok := missing[key]; !ok || !bytes.Equal(d.own, there.own) {
			surplus = append(surplus, there.id)
			return
		}
		delete(missing, key)
		g.add(p, there.own, there.own)
	})
	if err != nil {
		return err
	}
	wanted := make([]ownForm, 0, len(missing))
	for _, d := range source {
		if _, ok := missing[keyOf(d.id)]; ok {
			wanted = append(wanted, d)
		}
	}
	if err := g.remove(ctx, surplus); err != nil {
		return err
	}
	if p == passCopy {
		return g.insert(ctx, wanted)
	}
	if err := g.put(ctx, wanted); err != nil {
		return err
	}
	return g.readBack(ctx, missing, surplus, p)
}

// add adds a document to the sums.
func (g *moving) add(p pass, from, to bson.Raw) {
	if p != passCopy {
		g.sums.From.Add(from)
		g.sums.To.Add(to)
	}
}

// readBack looks what has become of the documents that were put, and of those that were
// removed.
func (g *moving) readBack(ctx context.Context, put map[string]ownForm, removed []bson.RawValue, p pass) error {
	open := make(map[string]bson.RawValue, len(put)+len(removed))
	for key, d := range put {
		open[key] = d.id
	}
	for _, id := range removed {
		open[keyOf(id)] = id
	}
	ids := make([]bson.RawValue, 0, len(open))
	for _, id := range open {
		ids = append(ids, id)
	}
	for some := range chunks(ids) {
		err := g.scan(ctx, g.to.share.among(some), func(there ownForm) {
			key := keyOf(there.id)
			d, ok := put[key]
			if ok && bytes.Equal(d.own, there.own) {
				g.add(p, d.own, there.own)
				delete(open, key)
				return
			}
			g.add(p, there.own, there.own)
			put[key] = ownForm{} // It stays open.
		})
		if err != nil {
			return err
		}
	}
	for key, id := range open {
		if _, ok := put[key]; ok {
			g.hold(id)
		}
	}
	return nil
}

// hold says that the document may differ.
func (g *moving) hold(id bson.RawValue) {
	if g.pending == nil {
		g.pending = map[string]bson.RawValue{}
	}
	g.pending[keyOf(id)] = id
}

// scan calls visit with the documents of the target that the filter finds.
func (g *moving) scan(ctx context.Context, filter bson.D, visit func(ownForm)) error {
	ctx, cancel := g.limitLong(ctx)
	defer cancel()
	cursor, err := g.to.db.RunCommandCursor(ctx, g.to.command("find",
		bson.E{Key: "filter", Value: filter},
		bson.E{Key: "sort", Value: byID},
		bson.E{Key: "hint", Value: g.to.share.index()},
		bson.E{Key: "batchSize", Value: scanPage}, majority))
	if err != nil {
		return g.to.failed("read moved documents", err)
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		d, err := g.to.ownOf(bytes.Clone(cursor.Current))
		if err != nil {
			return err
		}
		visit(d)
	}
	if err := cursor.Err(); err != nil {
		return g.to.failed("read moved documents", err)
	}
	return g.to.confirm(ctx)
}
