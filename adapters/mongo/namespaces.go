package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// namespaces implements ports.Namespaces with one collection for each
// organization. A collection's identity is the UUID that listCollections tells.
type namespaces struct {
	*Store
	strategy domain.Strategy
}

var _ ports.Namespaces = (*namespaces)(nil)

// errNoUUID is for servers that speak MongoDB's protocol but tell no UUID.
// Without one nobody can say after a crash whether a rename has happened.
var errNoUUID = errors.New("mongo: the server tells no UUID of collections (listCollections, info.uuid), " +
	"which a rename needs")

// lookAgain is how often a step looks anew when what it saw has changed before it
// acted.
const lookAgain = 8

// errRestless is the cause when it has changed every time.
var errRestless = errors.New("mongo: the namespace keeps changing")

// Ensure implements ports.Namespaces.
func (n *namespaces) Ensure(ctx context.Context, _ domain.OrganizationID, p domain.Placement) error {
	db, err := n.place(p, n.strategy)
	if err != nil {
		return err
	}
	ctx, cancel := n.limit(ctx)
	defer cancel()
	for range lookAgain {
		err := db.RunCommand(ctx, command("create", p.Collection())).Err()
		switch {
		case hasCode(err, codeDatabaseDifferCase):
			return domain.ErrNamespaceOccupied
		case err != nil && !hasCode(err, codeNamespaceExists):
			return translate("create a collection", err)
		case err == nil:
			// Some servers report success for one that exists and is alike.
			return occupiedUnlessEmpty(isEmpty(ctx, db, p.Collection()))
		}
		found, err := look(ctx, db, p.Collection())
		if err != nil {
			return err
		}
		switch there, exists := found[p.Collection()]; {
		case !exists: // dropped just now
			continue
		case !there.plain():
			return domain.ErrNamespaceOccupied
		default:
			empty, err := isEmpty(ctx, db, p.Collection())
			if err != nil || !empty {
				return occupiedUnlessEmpty(empty, err)
			}
			// A collection that was moved away since the look is empty, too.
			found, err := look(ctx, db, p.Collection())
			if err != nil || found[p.Collection()].identity() == there.identity() {
				return err
			}
		}
	}
	return domain.ErrStoreUnavailable.Because(errRestless)
}

func occupiedUnlessEmpty(empty bool, err error) error {
	if err == nil && !empty {
		return domain.ErrNamespaceOccupied
	}
	return err
}

// Drop implements ports.Namespaces.
func (n *namespaces) Drop(ctx context.Context, p domain.Placement) error {
	db, err := n.place(p, n.strategy)
	if err != nil {
		return err
	}
	ctx, cancel := n.limit(ctx)
	defer cancel()
	err = db.RunCommand(ctx, command("drop", p.Collection())).Err()
	if hasCode(err, codeNamespaceNotFound) {
		return nil
	}
	return translate("drop a collection", err)
}

// Stat implements ports.Namespaces. A view or a time series counts as not empty,
// and may have no identity.
func (n *namespaces) Stat(ctx context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	db, err := n.place(p, n.strategy)
	if err != nil {
		return ports.NamespaceInfo{}, err
	}
	ctx, cancel := n.limit(ctx)
	defer cancel()
	found, err := look(ctx, db, p.Collection())
	if err != nil {
		return ports.NamespaceInfo{}, err
	}
	there, exists := found[p.Collection()]
	switch {
	case !exists:
		return ports.NamespaceInfo{Empty: true}, nil
	case !there.holdsDocuments():
		return ports.NamespaceInfo{Exists: true, Identity: there.identity()}, nil
	case there.identity() == "":
		return ports.NamespaceInfo{}, errNoUUID
	}
	empty, err := isEmpty(ctx, db, p.Collection())
	if err != nil {
		return ports.NamespaceInfo{}, err
	}
	return ports.NamespaceInfo{Exists: true, Identity: there.identity(), Empty: empty}, nil
}

// errNoPlace is for placements in a database of MongoDB's own or in the registry's
// collections, which are never documents of an organization, and for those of another
// strategy.
var errNoPlace = errors.New("mongo: the placement is no place for documents of an organization")

// errNoName is for a name that no database can have.
var errNoName = errors.New("mongo: the placement's name is no name of a database")

// tenantDatabase returns the database of that name, or errNoPlace if no tenants can have
// it.
func (s *Store) tenantDatabase(name string) (*driver.Database, error) {
	if name == "" || checkDatabase("", name) != nil {
		return nil, errNoPlace
	}
	return s.client.Database(name), nil
}

// place returns the database of a placement of the strategy, errNoPlace or
// errNoName.
func (s *Store) place(p domain.Placement, strategy domain.Strategy) (*driver.Database, error) {
	if p.Strategy != strategy || p.Namespace == "" || strings.ContainsAny(p.Namespace, "$\x00") {
		return nil, errNoPlace
	}
	if _, err := s.tenantDatabase(p.Database); err != nil {
		return nil, err
	}
	database := p.OwnDatabase()
	switch strategy {
	case domain.StrategyCollection:
		if s.reserves(database, p.Namespace) {
			return nil, errNoPlace
		}
	case domain.StrategyDatabase:
		if checkDatabase("", database) != nil {
			return nil, errNoName
		}
		if strings.EqualFold(database, s.master) || strings.EqualFold(database, s.tenant) {
			return nil, errNoPlace
		}
	case domain.StrategyShared:
	default:
		return nil, errNoPlace
	}
	return s.client.Database(database), nil
}

// reserves reports whether the collection isn't one of an organization's own.
func (s *Store) reserves(database, name string) bool {
	return strings.HasPrefix(name, "system.") || slices.Contains(sharedCollections, name) ||
		database == s.master && slices.Contains(registryCollections, name)
}

// command returns a command that changes the catalog, acknowledged as every
// write is.
func command(name, argument string, more ...bson.E) bson.D {
	c := append(bson.D{{Key: name, Value: argument}}, more...)
	return append(c, durably)
}

// durably is durable as a plain command has it.
var durably = bson.E{Key: "writeConcern", Value: bson.D{{Key: "w", Value: "majority"}, {Key: "j", Value: true}}}

// object is something that stands under a name.
type object struct{ driver.CollectionSpecification }

// identity returns the UUID's text, "" if there is none.
func (o object) identity() string {
	if o.UUID == nil || len(o.UUID.Data) != 16 {
		return ""
	}
	return identityOf(o.UUID.Data)
}

func identityOf(uuid []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", uuid[:4], uuid[4:6], uuid[6:8], uuid[8:10], uuid[10:])
}

// holdsDocuments reports whether o is a collection: no view, no time series.
func (o object) holdsDocuments() bool { return o.Type == "" || o.Type == "collection" }

// foreign are options that orgkeeper gives no collection, and that change what
// documents it takes or keeps.
var foreign = []string{
	"viewOn", "timeseries", "clusteredIndex", "expireAfterSeconds", "validator", "collation", "encryptedFields",
}

// plain reports whether o is a collection such as Ensure makes.
func (o object) plain() bool {
	if !o.holdsDocuments() {
		return false
	}
	if capped, ok := o.Options.Lookup("capped").BooleanOK(); ok && capped {
		return false
	}
	for _, option := range foreign {
		if _, err := o.Options.LookupErr(option); err == nil {
			return false
		}
	}
	return true
}

// look returns what stands under the names now, by one command.
func look(ctx context.Context, db *driver.Database, names ...string) (map[string]object, error) {
	return list(ctx, db, bson.D{{Key: "name", Value: bson.D{{Key: "$in", Value: names}}}})
}

func list(ctx context.Context, db *driver.Database, filter bson.D) (map[string]object, error) {
	all, err := db.ListCollectionSpecifications(ctx, filter)
	if err != nil {
		return nil, translate("list collections", err)
	}
	found := make(map[string]object, len(all))
	for _, specification := range all {
		found[specification.Name] = object{specification}
	}
	return found, nil
}

// isEmpty reports whether the collection holds no document. It reads one _id at
// most, of what is newest.
func isEmpty(ctx context.Context, db *driver.Database, name string) (bool, error) {
	err := db.Collection(name).FindOne(ctx, bson.D{}, options.FindOne().SetProjection(onlyID)).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return true, nil
	}
	return false, translate("look into a collection", err)
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return translate("wait", ctx.Err())
	case <-time.After(d):
		return nil
	}
}
