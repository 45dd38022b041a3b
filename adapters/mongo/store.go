// Package mongo keeps the registry and the organizations' documents in MongoDB:
// a standalone server, a replica set or a sharded cluster. It uses no
// transactions. Races are decided by unique indexes and by compare-and-set.
//
// What is written is acknowledged by a majority and in the journal. The registry
// is read from the primary with read concern majority, so that nothing that was
// read is rolled back later.
package mongo

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// closeTimeout bounds the clearing up after an Open that failed. Without it a
// dead server holds the caller.
const closeTimeout = time.Second

// Store is an open connection to MongoDB. Its ports may be used by many
// goroutines at once.
type Store struct {
	client  *driver.Client
	timeout time.Duration
	tenant  string
	// master names the registry's database.
	master string
	// records, people, versions, requested, measured and moved are read with read concern
	// majority.
	records, people, versions, requested, measured, moved *driver.Collection
	// prepared has the names of the databases whose collections for shares are made.
	prepared sync.Map
	// fences says that the server has been seen to check collectionUUID.
	fences atomic.Bool
}

var _ ports.Health = (*Store)(nil)

// Open connects, checks the registry's schema, migrates an older one and ensures
// the indexes. It needs a primary that answers.
//
// Errors: domain.ErrStoreUnavailable when none answers within Options.Timeout,
// ErrSchemaTooNew, ErrIndexConflict, with Options.AsIs ErrSchemaOlder, and plain ones
// for wrong options. No error holds the URI's credentials.
func Open(ctx context.Context, o Options) (*Store, error) {
	o, clientOptions, err := o.checked()
	if err != nil {
		return nil, err
	}
	client, err := driver.Connect(clientOptions)
	if err != nil {
		return nil, errBadURI
	}
	s := newStore(client, o)
	if err := s.start(ctx, o.AsIs); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_ = client.Disconnect(ctx)
		return nil, explain(err, clientOptions, o)
	}
	return s, nil
}

// start waits for a primary and makes sure that the registry has this program's schema.
func (s *Store) start(ctx context.Context, asIs bool) error {
	if err := s.awaitPrimary(ctx); err != nil {
		return err
	}
	if asIs {
		return s.checkVersion(ctx)
	}
	return s.prepare(ctx)
}

func newStore(client *driver.Client, o Options) *Store {
	registry := client.Database(o.Master, options.Database().SetReadConcern(readconcern.Majority()))
	return &Store{
		client:    client,
		timeout:   o.Timeout,
		tenant:    o.Tenant,
		master:    o.Master,
		records:   registry.Collection(organizationsCollection),
		people:    registry.Collection(adminsCollection),
		versions:  registry.Collection(schemaCollection),
		requested: registry.Collection(requestsCollection),
		measured:  registry.Collection(usageCollection),
		moved:     registry.Collection(movesCollection),
	}
}

// explain adds to an error of Open where it was met. The driver's own words
// hold no credentials; should they ever do, they are struck out.
func explain(err error, c *options.ClientOptions, o Options) error {
	text := fmt.Sprintf("mongo: open the registry %q on %s", o.Master, strings.Join(c.Hosts, ","))
	if cause := causeOf(err); cause != nil {
		return fmt.Errorf("%s: %w (%s)", text, err, redact(cause.Error(), c, o))
	}
	return fmt.Errorf("%s: %w", text, err)
}

// Organizations returns the repository of organizations.
func (s *Store) Organizations() ports.Organizations { return &organizations{s} }

// Accounts returns the repository of accounts.
func (s *Store) Accounts() ports.Accounts { return &accounts{s} }

// Storage returns what there is for each strategy.
func (s *Store) Storage() map[domain.Strategy]ports.Storage {
	return map[domain.Strategy]ports.Storage{
		domain.StrategyCollection: s.Collections(),
		domain.StrategyDatabase:   s.Databases(),
		domain.StrategyShared:     s.Shared(),
	}
}

// Collections returns the storage of domain.StrategyCollection: a collection for each
// organization, in the database that its placement names. Documents need a server that
// checks collectionUUID: MongoDB 6.0 or later.
func (s *Store) Collections() ports.Storage {
	const strategy = domain.StrategyCollection
	return ports.Storage{
		Namespaces: &namespaces{s, strategy}, Inventory: &inventory{s, strategy}, Documents: &documents{s}, Size: sizeOf,
	}
}

// Databases returns the storage of domain.StrategyDatabase: a database for each
// organization, called by the database that its placement names, "_" and the namespace.
// Documents need what those of Collections need.
func (s *Store) Databases() ports.Storage {
	const strategy = domain.StrategyDatabase
	return ports.Storage{
		Namespaces: &databases{namespaces{s, strategy}},
		Inventory:  &databasesInventory{inventory{s, strategy}},
		Documents:  &documents{s},
		Size:       sizeOf,
	}
}

// Shared returns the storage of domain.StrategyShared: the documents of all organizations
// in one collection of the database that their placements name, each with its
// organization's ID and its share's key. Its collections are made with the first share.
func (s *Store) Shared() ports.Storage {
	return ports.Storage{Namespaces: &shares{s}, Inventory: &sharesInventory{s}, Documents: &documents{s}, Size: sizeOf}
}

// Census returns the counts and sweeps over all records.
func (s *Store) Census() ports.Census { return &census{s} }

// Directory returns the lists of organizations.
func (s *Store) Directory() ports.Directory { return &directory{s} }

// Requests returns the repository of requests with an idempotency key.
func (s *Store) Requests() ports.Requests { return &requests{s} }

// Usages returns the repository of what was measured of organizations, and their quotas.
func (s *Store) Usages() ports.Usages { return &usages{s} }

// Moves returns the repository of moves.
func (s *Store) Moves() ports.Moves { return &moves{s} }

// Mover returns what moves documents between namespaces of all strategies. It needs what
// Documents of Collections need.
func (s *Store) Mover() ports.Mover { return &mover{s} }

// Structure returns what checks the registry's collections and indexes.
func (s *Store) Structure() ports.Structure { return &structure{s} }

// Ping implements ports.Health. It asks the primary.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	return translate("ping", s.client.Ping(ctx, readpref.Primary()))
}

// Close ends the connections. It waits for calls that run until ctx ends, or the
// store's timeout is over. Later calls return domain.ErrStoreUnavailable.
func (s *Store) Close(ctx context.Context) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	return translate("close", s.client.Disconnect(ctx))
}

// limit gives a call its deadline. A deadline of the context, unlike the client's
// timeout, makes the driver tell it to the server (maxTimeMS) with every command
// that takes it.
func (s *Store) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.timeout)
}

// limitLong is limit for what can take as long as a start.
func (s *Store) limitLong(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, max(startTimeout, s.timeout))
}
