package mongo

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// databases implements ports.Namespaces with one database for each organization, whose
// collection domain.OwnCollection has the documents. That collection's identity is the
// namespace's. A database can't be renamed.
type databases struct{ namespaces }

var _ ports.Namespaces = (*databases)(nil)

// Ensure implements ports.Namespaces. A database that holds anything else, or whose name
// differs from another's in case alone, is occupied.
func (d *databases) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	db, err := d.place(p, d.strategy)
	if err != nil {
		return err
	}
	looking, cancel := d.limit(ctx)
	defer cancel()
	found, err := list(looking, db, bson.D{})
	if err != nil {
		return err
	}
	for name := range found {
		if name != domain.OwnCollection {
			return domain.ErrNamespaceOccupied
		}
	}
	return d.namespaces.Ensure(ctx, owner, p)
}

// Rename implements ports.Namespaces: it returns errors.ErrUnsupported.
func (d *databases) Rename(context.Context, string, domain.Placement, domain.Placement) error {
	return errors.ErrUnsupported
}

// dropPause is how long a drop waits for another one of the same database.
const dropPause = 20 * time.Millisecond

// Drop implements ports.Namespaces by dropDatabase.
func (d *databases) Drop(ctx context.Context, p domain.Placement) error {
	db, err := d.place(p, d.strategy)
	if err != nil {
		return err
	}
	ctx, cancel := d.limit(ctx)
	defer cancel()
	for {
		err := db.RunCommand(ctx, bson.D{{Key: "dropDatabase", Value: 1}, durably}).Err()
		if !hasCode(err, codeDatabaseDropPending) {
			return translate("drop a database", err)
		}
		if err := pause(ctx, dropPause); err != nil {
			return err
		}
	}
}

// Stat implements ports.Namespaces. What a quarantine that broke off has left exists, and
// has no identity.
func (d *databases) Stat(ctx context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	info, err := d.namespaces.Stat(ctx, p)
	switch {
	case errors.Is(err, errNoName):
		return ports.NamespaceInfo{Empty: true}, nil
	case err != nil || info.Exists:
		return info, err
	}
	ctx, cancel := d.limit(ctx)
	defer cancel()
	claimed, err := claimIn(ctx, d.client.Database(p.OwnDatabase()), p)
	return ports.NamespaceInfo{Exists: claimed != "", Empty: claimed == ""}, err
}

// databasesInventory implements ports.Inventory for databases.
type databasesInventory struct{ inventory }

var _ ports.Inventory = (*databasesInventory)(nil)

// List implements ports.Inventory. A name is what comes after the database's and "_", of
// those databases that hold documents. It looks into each of them; each command has the
// store's timeout.
func (v *databasesInventory) List(ctx context.Context, database, after string, limit int) ([]string, error) {
	if _, err := v.tenantDatabase(database); err != nil || limit <= 0 {
		return nil, err
	}
	prefix := database + "_"
	all, err := v.databaseNames(ctx, prefix, after)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range firstOf(all, len(all)) {
		p := domain.Placement{
			Strategy:  domain.StrategyDatabase,
			Database:  database,
			Namespace: strings.TrimPrefix(name, prefix),
		}
		if _, err := v.place(p, v.strategy); err != nil {
			continue
		}
		holds, err := v.holds(ctx, p)
		if err != nil {
			return nil, err
		}
		if !holds {
			continue
		}
		if names = append(names, p.Namespace); len(names) == limit {
			break
		}
	}
	return names, nil
}

// databaseNames returns the names that begin with the prefix and come after it and after.
func (v *databasesInventory) databaseNames(ctx context.Context, prefix, after string) ([]string, error) {
	ctx, cancel := v.limit(ctx)
	defer cancel()
	condition := bson.D{{Key: "$gt", Value: prefix + after}}
	if end, ok := next(prefix); ok {
		condition = append(condition, bson.E{Key: "$lt", Value: end})
	}
	names, err := v.client.ListDatabaseNames(ctx, bson.D{{Key: "name", Value: condition}})
	return names, translate("list databases", err)
}

// holds reports whether the database has documents, or did until a quarantine broke off.
func (v *databasesInventory) holds(ctx context.Context, p domain.Placement) (bool, error) {
	ctx, cancel := v.limit(ctx)
	defer cancel()
	db := v.client.Database(p.OwnDatabase())
	found, err := look(ctx, db, domain.OwnCollection)
	if err != nil || len(found) > 0 {
		return len(found) > 0, err
	}
	claimed, err := claimIn(ctx, db, p)
	return claimed != "", err
}
