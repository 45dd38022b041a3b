package mongo

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// mover implements ports.Mover. What it needs to know of a move is in the move's record and
// in the namespaces themselves: it stores nothing of its own.
//
// Commands of a runner that was overtaken may come late. Each names the UUID or the share's
// key, which no other namespace ever has. Those that change what is at the target, but for
// the inserts of a copy, are done within a short time by the server's own clock, or not at
// all, and none by a runner that has slept since it read the source: an organization that
// lives there by then keeps what it has. A freeze leads from a name that is never a home
// again, since it comes after the move can't be called off any more.
type mover struct{ *Store }

var _ ports.Mover = (*mover)(nil)

// Open implements ports.Mover. On a replica set and a sharded cluster a change stream tells
// what is written at the source, whoever does it. Each session has its own: what was written
// before it is found by a Check. It is opened before the look that finds the source not
// frozen, so that it will tell of the freeze as well. A standalone server has none, and one
// for a source that is frozen already would never end.
func (v *mover) Open(ctx context.Context, m domain.Move) (ports.Moving, error) {
	g := &moving{Store: v.Store, move: m}
	if err := g.look(ctx); err != nil {
		return nil, err
	}
	if g.frozen { // The indexes were carried along before.
		if err := g.ensureTarget(ctx); err != nil {
			return nil, err
		}
		return g, nil
	}
	carried, err := g.indexesToCarry(ctx)
	if err != nil {
		return nil, err
	}
	if err := g.ensureTarget(ctx); err != nil {
		return nil, err
	}
	if err := g.makeIndexes(ctx, carried); err != nil {
		return nil, err
	}
	if g.changes, err = g.watch(ctx); err != nil {
		return nil, err
	}
	err = g.look(ctx)
	if err == nil {
		err = g.await(ctx)
	}
	if err != nil || g.frozen {
		g.Close()
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

// Forget implements ports.Mover: nothing is there to forget. A share's freeze is for ever.
func (*mover) Forget(ctx context.Context, _ domain.Move) error {
	return translate("forget a move", ctx.Err())
}

// look looks where the source is, and whether it is frozen.
func (g *moving) look(ctx context.Context) error {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	at := ports.Place{Organization: g.move.Organization, Placement: g.move.From, Identity: g.move.Source}
	from, err := g.fenced(ctx, at)
	if err != nil {
		return err
	}
	if from.share != nil {
		r, err := from.standing(ctx)
		if err == nil {
			g.from, g.frozen = from, r.Frozen
		}
		return err
	}
	at.Placement = at.Placement.Left()
	left, err := g.fenced(ctx, at)
	if err != nil {
		return err
	}
	for range missingLooks { // A listing isn't a snapshot.
		found, err := look(ctx, from.db, from.name, left.name)
		if err != nil {
			return err
		}
		for _, c := range []*fenced{from, left} {
			if o, exists := found[c.name]; exists && o.identity() == g.move.Source {
				g.from, g.left, g.frozen = c, left, c == left
				if _, taken := found[left.name]; taken && !g.frozen {
					return errLeftTaken
				}
				return nil
			}
		}
		if err := pause(ctx, missingPause); err != nil {
			return err
		}
	}
	return domain.ErrNamespaceMissing
}

// errLeftTaken would come up when nobody can write any more.
var errLeftTaken = domain.ErrMoveRefused.Saying("A collection has the name that the source gets when it is left.")

// ensureTarget makes the target unless it is known, and looks at it.
func (g *moving) ensureTarget(ctx context.Context) error {
	to := g.move.To
	if !slices.Contains(domain.Strategies(), to.Strategy) {
		return errNoPlace
	}
	namespaces := g.Storage()[to.Strategy].Namespaces
	if g.move.Target == "" {
		if err := namespaces.Ensure(ctx, g.move.Organization, to); err != nil {
			return err
		}
	}
	info, err := namespaces.Stat(ctx, to)
	switch {
	case err != nil:
		return err
	case !info.Exists || g.move.Target != "" && g.move.Target != info.Identity:
		return domain.ErrNamespaceMissing
	}
	ctx, cancel := g.limit(ctx)
	defer cancel()
	g.to, err = g.fenced(ctx, ports.Place{Organization: g.move.Organization, Placement: to, Identity: info.Identity})
	if err == nil {
		err = g.to.confirm(ctx)
	}
	g.target = info.Identity
	return err
}

// await makes reads at the source wait until a majority has what is there now. Without, a
// read might be of a time before the change stream's.
func (g *moving) await(ctx context.Context) error {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	var now struct {
		Time bson.Timestamp `bson:"operationTime"` // A standalone server has none.
	}
	err := g.from.db.RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Decode(&now)
	g.seen(now.Time)
	return translate("ping", err)
}

// seen makes reads at the source see what was written until then.
func (g *moving) seen(t bson.Timestamp) {
	if t.After(g.since) {
		g.since = t
	}
}

// readConcern is that of reads at the source.
func (g *moving) readConcern() bson.E {
	if g.since.IsZero() {
		return majority
	}
	return bson.E{Key: "readConcern", Value: bson.D{
		{Key: "level", Value: "majority"}, {Key: "afterClusterTime", Value: g.since},
	}}
}
