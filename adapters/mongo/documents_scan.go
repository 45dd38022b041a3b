package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// scanPage is how many documents a scan asks for at once. A page ends at 16 MiB, too.
const scanPage = 1000

// Scan implements ports.Documents, page by page: no cursor waits for who reads slowly.
// On a replica set and a sharded cluster all pages are read at the cluster time of the
// first, for as long as the server keeps it (minSnapshotHistoryWindowInSeconds, 5 min by
// default). After that, and on a standalone server, each page is read as it is then.
func (d *documents) Scan(
	ctx context.Context, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
) (consistent bool, err error) {
	s := &scan{documents: d, at: at, concern: bson.D{{Key: "level", Value: "snapshot"}}, snapshot: true}
	for {
		page, err := s.page(ctx, after)
		if err != nil || len(page) == 0 {
			return s.snapshot, err
		}
		for _, document := range page {
			if err := visit(document); err != nil {
				return false, err
			}
			after = document.ID
		}
	}
}

// scan is a scan that runs.
type scan struct {
	*documents
	at      ports.Place
	concern bson.D
	// snapshot says that all pages so far were read at one time.
	snapshot bool
}

// scanReply is the server's answer to a find.
type scanReply struct {
	Cursor struct {
		Batch []bson.Raw     `bson:"firstBatch"`
		Time  bson.Timestamp `bson:"atClusterTime"`
	} `bson:"cursor"`
}

// page returns the documents that come next. Where there is no snapshot, or none any
// more, it goes on without.
func (s *scan) page(ctx context.Context, from domain.DocumentID) ([]domain.Document, error) {
	c, reply, err := s.find(ctx, from)
	var refused *serverError
	if s.snapshot && errors.As(err, &refused) && !errors.Is(err, domain.ErrNamespaceMissing) {
		s.snapshot, s.concern = false, bson.D{{Key: "level", Value: "majority"}}
		c, reply, err = s.find(ctx, from)
	}
	if err != nil {
		return nil, err
	}
	if s.snapshot && len(s.concern) == 1 {
		s.concern = append(s.concern, bson.E{Key: "atClusterTime", Value: reply.Cursor.Time})
	}
	all := make([]domain.Document, len(reply.Cursor.Batch))
	for i, raw := range reply.Cursor.Batch {
		if all[i], err = documentOf(c.share, raw); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// find reads a page, and then looks whether its place is still there.
func (s *scan) find(ctx context.Context, from domain.DocumentID) (c *fenced, reply scanReply, err error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	if c, err = s.fenced(ctx, s.at); err != nil {
		return nil, reply, err
	}
	err = c.db.RunCommand(ctx, c.command("find",
		bson.E{Key: "filter", Value: c.after(from)},
		bson.E{Key: "sort", Value: byID},
		bson.E{Key: "hint", Value: c.share.index()},
		bson.E{Key: "limit", Value: scanPage},
		bson.E{Key: "batchSize", Value: scanPage + 1},
		bson.E{Key: "singleBatch", Value: true},
		bson.E{Key: "readConcern", Value: s.concern})).Decode(&reply)
	if err != nil {
		return nil, reply, c.failed("scan documents", err)
	}
	err = c.confirm(ctx)
	return c, reply, err
}
