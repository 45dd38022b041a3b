package sqlite

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// mover moves documents between the shelves of all strategies. The row of the source says
// that what is written there is to be recorded, and the IDs come into the change log in the
// transactions that write the documents: at rest a write does no more than look at its row.
type mover struct{ shelves map[domain.Strategy]shelves }

var _ ports.Mover = (*mover)(nil)

// side is one end of a move.
type side struct {
	shelves
	place ports.Place
}

// find finds what stands at the side's place.
func (s side) find() finder { return s.names().at(s.place) }

// same reports whether both are one namespace.
func (s side) same(as side) bool {
	return s.names().table == as.names().table && s.place.Identity == as.place.Identity
}

func (v *mover) side(m domain.Move, p domain.Placement, identity string) side {
	return side{v.shelves[p.Strategy], ports.Place{Organization: m.Organization, Placement: p, Identity: identity}}
}

// Open: see ports.Mover. What an application has made with the source is not made at the
// target: the move is refused. Of many that open one move the last goes on, and the others
// get ports.ErrChangesLost.
func (v *mover) Open(ctx context.Context, m domain.Move) (ports.Moving, error) {
	from, to := v.side(m, m.From, m.Source), v.side(m, m.To, m.Target)
	e, err := from.names().lookUp(ctx, from.find())
	if err == nil && e.moving != frozen {
		err = from.movable(ctx, from.find())
	}
	if err != nil {
		return nil, err
	}
	if m.Target == "" {
		if err := to.ensure(ctx, m.Organization, m.To); err != nil {
			return nil, err
		}
		made, err := to.names().lookUp(ctx, usable(to.names().under(m.To)))
		if err != nil {
			return nil, err
		}
		to.place.Identity = made.identity
	}
	if from.same(to) {
		return nil, domain.ErrNamespaceOccupied
	}
	opened := &moving{from: from, to: to}
	if e, err = from.record(ctx, opened.source(false)); err != nil {
		return nil, err
	}
	opened.session = e.session
	return opened, nil
}

// Forget: see ports.Mover.
func (v *mover) Forget(ctx context.Context, m domain.Move) error {
	from := v.side(m, m.From, m.Source)
	return unlessMissing(from.unrecord(ctx, from.find()))
}

// source finds the source as long as both namespaces are there. inSession says that nobody
// else may have opened the move since, or ended it.
func (m *moving) source(inSession bool) finder {
	return func(ctx context.Context, db queryer) (namespaceRow, error) {
		from, _, err := m.rows(ctx, db, inSession)
		return from, err
	}
}

// target finds the target, in the session.
func (m *moving) target() finder {
	return func(ctx context.Context, db queryer) (namespaceRow, error) {
		_, to, err := m.rows(ctx, db, true)
		return to, err
	}
}

func (m *moving) rows(ctx context.Context, db queryer, inSession bool) (from, to namespaceRow, err error) {
	if from, err = m.from.find()(ctx, db); err != nil {
		return namespaceRow{}, namespaceRow{}, err
	}
	if inSession && (from.session != m.session || from.moving == atRest) {
		return namespaceRow{}, namespaceRow{}, ports.ErrChangesLost
	}
	if to, err = writable(m.to.find())(ctx, db); err != nil {
		return namespaceRow{}, namespaceRow{}, err
	}
	return from, to, nil
}
