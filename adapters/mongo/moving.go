package mongo

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// moving implements ports.Moving.
type moving struct {
	*Store
	move domain.Move
	// from is where the source is read, left where it is once it is frozen: nil for a share,
	// which stays where it is.
	from, left, to *fenced
	target         string
	// carried are the application's indexes at the source that the target has, too.
	carried []bson.Raw
	// changes is nil where none are recorded.
	changes *changes
	frozen  bool
	// since is the time of the newest write that reads at the source are to see.
	since bson.Timestamp
	// pending are the own _ids of documents that may differ.
	pending map[string]bson.RawValue
	// stuck counts the rounds in which nothing at all could be brought over.
	stuck int
	// began is when the step that runs began to read the source.
	began   time.Time
	sums    ports.MoveSums
	checked bool
}

var _ ports.Moving = (*moving)(nil)

// Target implements ports.Moving.
func (g *moving) Target() string { return g.target }

// Records implements ports.Moving.
func (g *moving) Records() bool { return g.changes != nil }

// Close implements ports.Moving.
func (g *moving) Close() {
	if g.changes != nil {
		g.changes.close()
		g.changes = nil
	}
}

// Copy implements ports.Moving. A position is an own _id: its BSON in base64, the byte of
// the type first.
func (g *moving) Copy(ctx context.Context, position string, limit int) (ports.MovedPart, error) {
	return g.part(ctx, position, limit, passCopy)
}

// Check implements ports.Moving. What a unique index of the target has refused is tried
// again at the end, when nothing else is there that isn't at the source: while documents are
// written, one may have given to another what it had.
func (g *moving) Check(ctx context.Context, position string, limit int) (ports.MovedPart, error) {
	if position == "" {
		g.sums, g.checked, g.stuck = ports.MoveSums{}, false, 0
	}
	part, err := g.part(ctx, position, limit, passCheck)
	if err != nil || !part.Done {
		return part, err
	}
	g.checked = true
	for range 2 {
		if _, err := g.settle(ctx); err != nil {
			return part, err
		}
	}
	if g.frozen && g.changes == nil && len(g.pending) > 0 {
		return part, errUnique
	}
	return part, nil
}

// errUnique can only be when somebody has given the target an index.
var errUnique = domain.ErrMoveRefused.Saying("An index of the target refuses a document.")

// partBytes bounds what is read at once, but for one document more.
const partBytes = 8 << 20

func (g *moving) part(ctx context.Context, position string, limit int, p pass) (part ports.MovedPart, err error) {
	g.began = time.Now()
	after, err := idAt(position)
	if err != nil {
		return part, err
	}
	limit = max(limit, 1)
	source, full, err := g.read(ctx, func(s *share) bson.D { return s.after(after) }, limit)
	if err != nil {
		return part, err
	}
	part = ports.MovedPart{Position: position, Done: !full}
	for _, d := range source {
		part.Documents++
		part.Bytes += int64(len(d.own))
	}
	var last bson.RawValue
	if n := len(source); n > 0 {
		part.Position = positionOf(source[n-1].id)
		if full {
			last = source[n-1].id
		}
	}
	sums := g.sums
	if err = g.equalize(ctx, source, g.to.share.between(after, last), p); err != nil {
		g.sums = sums // It may be tried again.
	}
	return part, err
}

var errNoPosition = errors.New("mongo: the position of a move can't be read")

func positionOf(id bson.RawValue) string { return base64.StdEncoding.EncodeToString([]byte(keyOf(id))) }

func idAt(position string) (bson.RawValue, error) {
	if position == "" {
		return bson.RawValue{}, nil
	}
	data, err := base64.StdEncoding.DecodeString(position)
	if err != nil || len(data) == 0 {
		return bson.RawValue{}, errNoPosition
	}
	id := bson.RawValue{Type: bson.Type(data[0]), Value: data[1:]}
	if withID(id, emptyBody).Validate() != nil {
		return bson.RawValue{}, errNoPosition
	}
	return id, nil
}

// keyOf tells _ids apart, those of equal numbers of different types as well.
func keyOf(id bson.RawValue) string { return string(append([]byte{byte(id.Type)}, id.Value...)) }

// Freeze implements ports.Moving. A collection gets its other name: the commands of
// ports.Documents carry the name it had and its UUID, so that the server refuses them from
// then on. A share's record says so, at which writers look before and after they write.
//
// A writer to a share that has looked before the freeze may write after it, and isn't told
// that it is done: whether it is moved is no matter. As a rule it is, since CatchUp or the
// pause waits for such ones. One that comes even later may be in one of the counts of Sums
// and not in the other; then a Check sets it right.
func (g *moving) Freeze(ctx context.Context) error {
	if err := g.targetStands(ctx); err != nil {
		return err
	}
	if g.from.share == nil {
		err := g.rename(ctx, g.from.db, g.move.Source, g.move.From.Collection(), g.left.name)
		if err != nil {
			return err
		}
		g.from = g.left
	} else if err := g.freezeShare(ctx); err != nil {
		return err
	}
	g.frozen = true
	return g.await(ctx)
}

// targetStands returns domain.ErrNamespaceMissing unless the target is there.
func (g *moving) targetStands(ctx context.Context) error {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	if g.to.share != nil {
		return g.to.confirm(ctx)
	}
	_, err := g.to.read(ctx, "look for the target", g.to.one(bson.D{}, bson.E{Key: "projection", Value: onlyID}))
	return err
}

// lateWriters is how long a writer takes, as a rule, from its look to its write.
const lateWriters = 50 * time.Millisecond

func (g *moving) freezeShare(ctx context.Context) error {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	result, err := g.from.db.Collection(sharesCollection).UpdateOne(ctx,
		bson.D{
			{Key: "_id", Value: g.from.share.key},
			{Key: domain.FieldOrganization, Value: g.from.share.organization},
			notDropping,
		},
		bson.D{{Key: "$set", Value: bson.D{{Key: fieldFrozen, Value: true}}}})
	switch {
	case err != nil:
		return translate("freeze a share", err)
	case result.MatchedCount == 0:
		return domain.ErrNamespaceMissing
	case result.ModifiedCount > 0 && g.changes == nil:
		return pause(ctx, lateWriters)
	}
	return nil
}

// Sums implements ports.Moving. To count takes as long as a start may.
func (g *moving) Sums(ctx context.Context) (ports.MoveSums, error) {
	sums := g.sums
	counting, ctx := errgroup.WithContext(ctx)
	counting.Go(func() (err error) {
		sums.ToCount, err = g.count(ctx, g.to, majority)
		return err
	})
	counting.Go(func() error {
		return g.atSource(func(c *fenced) (err error) {
			sums.FromCount, err = g.count(ctx, c, g.readConcern())
			return err
		})
	})
	err := counting.Wait()
	return sums, err
}

func (g *moving) count(ctx context.Context, c *fenced, concern bson.E) (int64, error) {
	ctx, cancel := g.limitLong(ctx)
	defer cancel()
	return c.count(ctx, concern)
}

// atSource does what reads the source where it is. Another runner may have frozen it.
func (g *moving) atSource(do func(c *fenced) error) error {
	err := do(g.from)
	if g.left == nil || g.from == g.left || !errors.Is(err, domain.ErrNamespaceMissing) {
		return err
	}
	if err = do(g.left); err == nil {
		g.from = g.left
	}
	return err
}
