package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// fencedShare returns the share at a place, or domain.ErrNamespaceMissing if none can be
// there. Whether it is there confirm and survived say.
func (s *Store) fencedShare(db *driver.Database, at ports.Place) (*fenced, error) {
	key, ok := shareKey(at.Identity)
	if !ok {
		return nil, domain.ErrNamespaceMissing
	}
	return &fenced{
		Store: s, db: db, name: domain.SharedCollection,
		share: &share{identifier(at.Organization), key}, namespace: at.Placement.Namespace,
	}, nil
}

// shareThere returns the share's record, nil if it is dropped, or is about to be.
func shareThere(ctx context.Context, db *driver.Database, s *share) (*shareRecord, error) {
	return shareBy(ctx, db, bson.D{
		{Key: "_id", Value: s.key},
		{Key: domain.FieldOrganization, Value: s.organization},
		notDropping,
	})
}

// confirm returns domain.ErrNamespaceMissing unless the share is there under its name. A
// drop marks the record before it removes anything, and a share that is gone never comes
// back: what was read before a look that finds it was whole. In a collection each command
// looks for itself.
func (c *fenced) confirm(ctx context.Context) error {
	_, err := c.standing(ctx)
	return err
}

// writable is confirm before a write: a move may have frozen the share.
func (c *fenced) writable(ctx context.Context) error {
	r, err := c.standing(ctx)
	if err == nil && r != nil && r.Frozen {
		return domain.ErrNamespaceMissing
	}
	return err
}

// standing returns the share's record, nil of a collection.
func (c *fenced) standing(ctx context.Context) (*shareRecord, error) {
	if c.share == nil {
		return nil, nil //nolint:nilnil // there is none
	}
	r, err := shareThere(ctx, c.db, c.share)
	if err == nil && (r == nil || r.Name != c.namespace) {
		return nil, domain.ErrNamespaceMissing
	}
	return r, err
}

// confirming begins to confirm, and returns what waits for the result.
func (c *fenced) confirming(ctx context.Context) (wait func() error) {
	if c.share == nil {
		return func() error { return nil }
	}
	result := make(chan error, 1)
	go func() { result <- c.confirm(ctx) }()
	return func() error { return <-result }
}

// survived looks after a command of writes whether the share is still there, and whether a
// move has frozen it meanwhile.
func (b *batch) survived(ctx context.Context, all []statement) (frozen bool, err error) {
	if b.share == nil {
		return false, nil
	}
	ids := make([]bson.RawValue, len(all))
	for i, s := range all {
		ids[i] = b.share.stored(idValue(b.writes[s.place].Document.ID))
	}
	return survived(ctx, b.db, b.share, ids)
}

// errFrozenMeanwhile is the cause when a write has met a move's freeze: whether it was
// moved nobody knows.
var errFrozenMeanwhile = errors.New("mongo: a move has frozen the share while it was written")

// unsure is the error of the whole call when a share was frozen beside a command of writes.
// Plain puts and deletes can be repeated where the organization is by now. By then only such
// ones have been done.
func (b *batch) unsure(all []statement) error {
	for _, s := range all {
		if w := b.writes[s.place]; w.Action == ports.DocumentCreate || w.IfMatch != "" {
			return domain.ErrStoreUnavailable.Because(errFrozenMeanwhile)
		}
	}
	return domain.ErrNamespaceMissing.Because(errFrozenMeanwhile)
}

// survived looks whether a share is still there, under whatever name: one that was renamed
// beside the writes holds what was written. When a drop has begun, it may be past the
// documents with these stored _ids: they are removed, and the error is
// domain.ErrNamespaceMissing. No other share ever has their key. It reports whether a move
// has frozen it.
func survived(ctx context.Context, db *driver.Database, s *share, ids []bson.RawValue) (frozen bool, err error) {
	r, err := shareThere(ctx, db, s)
	if err != nil {
		return false, err
	}
	if r != nil {
		return r.Frozen, nil
	}
	_, err = db.Collection(domain.SharedCollection).DeleteMany(ctx, s.where(bson.D{{Key: "$in", Value: ids}}))
	if err != nil {
		return false, translate("remove what came after a drop", err)
	}
	return false, domain.ErrNamespaceMissing
}
