package mongo

import (
	"cmp"
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// documents implements ports.Documents for all strategies. Where a place is a collection,
// its UUID goes with every command, so that the server itself refuses to work on another
// collection of the same name, and to make one. Where it is a share, its key goes with
// every command, and the list of shares says whether it is still there.
type documents struct{ *Store }

var _ ports.Documents = (*documents)(nil)

// Get implements ports.Documents. In a share it looks for the document and the share at
// once: a document that is there was there before any drop.
func (d *documents) Get(ctx context.Context, at ports.Place, id domain.DocumentID) (domain.Document, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	c, err := d.fenced(ctx, at)
	if err != nil {
		return domain.Document{}, err
	}
	there := c.confirming(ctx)
	found, err := c.read(ctx, "get a document", c.one(c.share.one(idValue(id)), majority))
	if missing := there(); err == nil {
		err = missing
	}
	if err == nil && len(found) == 0 {
		if err = c.confirm(ctx); err == nil {
			err = domain.ErrDocumentNotFound
		}
	}
	if err != nil {
		return domain.Document{}, err
	}
	return documentOf(c.share, found[0])
}

// Count implements ports.Documents. It counts the entries of an index.
func (d *documents) Count(ctx context.Context, at ports.Place) (int64, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	c, err := d.fenced(ctx, at)
	if err != nil {
		return 0, err
	}
	return c.count(ctx, majority)
}

func (c *fenced) count(ctx context.Context, readConcern bson.E) (int64, error) {
	pipeline := bson.A{bson.D{{Key: "$count", Value: "n"}}}
	if c.share != nil {
		pipeline = append(bson.A{bson.D{{Key: "$match", Value: c.after("")}}}, pipeline...)
	}
	found, err := c.read(ctx, "count documents", c.command("aggregate",
		bson.E{Key: "pipeline", Value: pipeline},
		bson.E{Key: "cursor", Value: bson.D{}},
		bson.E{Key: "hint", Value: c.share.index()}, readConcern))
	if err == nil {
		err = c.confirm(ctx)
	}
	if err != nil || len(found) == 0 {
		return 0, err
	}
	n, _ := found[0].Lookup("n").AsInt64OK()
	return n, nil
}

// List implements ports.Documents, in the server's own order of _ids of all types.
func (d *documents) List(ctx context.Context, at ports.Place, q ports.DocumentQuery) (page ports.DocumentPage, err error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	c, err := d.fenced(ctx, at)
	if err != nil {
		return page, err
	}
	q.Limit, q.Scan = max(q.Limit, 0), max(q.Scan, 0)
	var found []bson.Raw
	if len(q.Filter) == 0 {
		found, err = c.page(ctx, q)
	} else {
		found, err = c.search(ctx, q)
	}
	if err == nil || errors.Is(err, domain.ErrFilterTooBroad) {
		err = cmp.Or(c.confirm(ctx), err)
	}
	if err != nil {
		return page, err
	}
	page.More = isFull(q, found)
	for _, raw := range found[:min(q.Limit, len(found))] {
		document, err := documentOf(c.share, raw)
		if err != nil {
			return ports.DocumentPage{}, err
		}
		page.Documents = append(page.Documents, document)
	}
	return page, nil
}

// isFull reports whether a list has ended by what it may have.
func isFull(q ports.DocumentQuery, found []bson.Raw) bool {
	size := 0
	for _, raw := range found {
		size += len(raw)
	}
	return q.Limit > 0 && (len(found) == q.Limit || !q.HasRoom(size))
}

// page returns the documents that come next.
func (c *fenced) page(ctx context.Context, q ports.DocumentQuery) ([]bson.Raw, error) {
	limit := max(q.Limit, 1) // 0 would be all
	return c.readWhile(ctx, "list documents", c.command("find",
		bson.E{Key: "filter", Value: c.after(q.After)},
		bson.E{Key: "sort", Value: byID},
		bson.E{Key: "hint", Value: c.share.index()},
		bson.E{Key: "limit", Value: limit},
		bson.E{Key: "batchSize", Value: limit + 1}, majority), q.HasRoom)
}

// search returns those of the next q.Scan documents that have what the filter says.
func (c *fenced) search(ctx context.Context, q ports.DocumentQuery) ([]bson.Raw, error) {
	var found []bson.Raw
	if q.Limit > 0 && q.Scan > 0 {
		var err error
		found, err = c.readWhile(ctx, "search documents", c.command("aggregate",
			bson.E{Key: "pipeline", Value: bson.A{
				bson.D{{Key: "$match", Value: c.after(q.After)}},
				bson.D{{Key: "$sort", Value: byID}},
				bson.D{{Key: "$limit", Value: q.Scan}},
				bson.D{{Key: "$match", Value: having(q.Filter)}},
				bson.D{{Key: "$limit", Value: q.Limit}},
			}},
			bson.E{Key: "cursor", Value: bson.D{{Key: "batchSize", Value: q.Limit + 1}}},
			bson.E{Key: "hint", Value: c.share.index()}, majority), q.HasRoom)
		if err != nil {
			return nil, err
		}
	}
	if isFull(q, found) {
		return found, nil
	}
	further, err := c.read(ctx, "search documents", c.command("find",
		bson.E{Key: "filter", Value: c.after(q.After)},
		bson.E{Key: "projection", Value: onlyID},
		bson.E{Key: "sort", Value: byID},
		bson.E{Key: "hint", Value: c.share.index()},
		bson.E{Key: "skip", Value: q.Scan},
		bson.E{Key: "limit", Value: 1},
		bson.E{Key: "singleBatch", Value: true}, majority))
	if err == nil && len(further) > 0 && q.Limit > 0 {
		err = domain.ErrFilterTooBroad
	}
	return found, err
}

// after selects the documents whose ID comes after id, "" all of them.
func (c *fenced) after(id domain.DocumentID) bson.D {
	if id == "" {
		return c.share.after(bson.RawValue{})
	}
	return c.share.after(idValue(id))
}

// having selects the documents with these values. Expressions compare exactly: they don't
// look into arrays, null isn't a field that is missing, numbers but decimals are equal by
// their value, and a key is a name whatever characters it has.
func having(filter []domain.Equal) bson.D {
	var all bson.A
	for _, e := range filter {
		field := bson.D{{Key: "$getField", Value: bson.D{
			{Key: "field", Value: bson.D{{Key: "$literal", Value: e.Field}}},
			{Key: "input", Value: "$$ROOT"},
		}}}
		all = append(all,
			bson.D{{Key: "$eq", Value: bson.A{field, bson.D{{Key: "$literal", Value: e.Value}}}}},
			bson.D{{Key: "$ne", Value: bson.A{bson.D{{Key: "$type", Value: field}}, "decimal"}}})
	}
	return bson.D{{Key: "$expr", Value: bson.D{{Key: "$and", Value: all}}}}
}
