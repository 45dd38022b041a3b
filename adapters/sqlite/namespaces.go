package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// namespaces keeps each namespace as a row of a catalogue and what its strategy has for
// the documents.
//
// Every method works on the writer's connection, also to read: a reader would
// parse the whole schema anew after each table that came or went (83 ms at
// 10,000 tables), the connection that made the change needn't.
type namespaces struct{ shelves }

var _ ports.Namespaces = (*namespaces)(nil)

// Ensure: see ports.Namespaces. An empty one of another organization is occupied
// as well.
func (n *namespaces) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	return n.ensure(ctx, owner, p)
}

// Rename: see ports.Namespaces. One UPDATE, whatever the namespace holds.
func (n *namespaces) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	return n.alone(ctx, identity, func(ctx context.Context) error {
		return n.names().database.write(ctx, "rename namespace", func(ctx context.Context, tx *sql.Tx) error {
			return n.names().rename(ctx, tx, identity, from, to)
		})
	})
}

// Drop: see ports.Namespaces.
func (n *namespaces) Drop(ctx context.Context, p domain.Placement) error { return n.drop(ctx, p) }

// Stat: see ports.Namespaces. What is being dropped exists until all of it is gone.
func (n *namespaces) Stat(ctx context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	info, err := n.stat(ctx, n.names().under(p))
	switch {
	case errors.Is(err, domain.ErrNamespaceMissing):
		return ports.NamespaceInfo{Empty: true}, nil
	case err != nil:
		return ports.NamespaceInfo{}, err
	}
	return info, nil
}
