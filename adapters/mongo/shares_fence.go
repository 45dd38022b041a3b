package mongo

import (
	"context"

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
	if c.share == nil {
		return nil
	}
	r, err := shareThere(ctx, c.db, c.share)
	if err == nil && (r == nil || r.Name != c.namespace) {
		return domain.ErrNamespaceMissing
	}
	return err
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

// survived looks after a command of writes whether the share is still there.
func (b *batch) survived(ctx context.Context, all []statement) error {
	if b.share == nil {
		return nil
	}
	ids := make([]bson.RawValue, len(all))
	for i, s := range all {
		ids[i] = b.share.stored(idValue(b.writes[s.place].Document.ID))
	}
	return survived(ctx, b.db, b.share, ids)
}

// survived looks whether a share is still there, under whatever name: one that was renamed
// beside the writes holds what was written. When a drop has begun, it may be past the
// documents with these stored _ids: they are removed, and the error is
// domain.ErrNamespaceMissing. No other share ever has their key.
func survived(ctx context.Context, db *driver.Database, s *share, ids []bson.RawValue) error {
	r, err := shareThere(ctx, db, s)
	if err != nil || r != nil {
		return err
	}
	_, err = db.Collection(domain.SharedCollection).DeleteMany(ctx, s.where(bson.D{{Key: "$in", Value: ids}}))
	if err != nil {
		return translate("remove what came after a drop", err)
	}
	return domain.ErrNamespaceMissing
}
