package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/contract"
	"github.com/orgkeeper/orgkeeper/test/notrun"
)

func TestContract(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) {
		registry := func(t *testing.T) contract.Registry {
			s := open(t)
			return contract.Registry{
				Organizations: s.Organizations(), Accounts: s.Accounts(), Census: s.Census(),
				Directory: s.Directory(), Requests: s.Requests(), Usages: s.Usages(),
				Moves: s.Moves(),
			}
		}
		t.Run("organizations", func(t *testing.T) { contract.RunOrganizations(t, registry) })
		t.Run("accounts", func(t *testing.T) { contract.RunAccounts(t, registry) })
		t.Run("census", func(t *testing.T) { contract.RunCensus(t, registry) })
		t.Run("directory", func(t *testing.T) { contract.RunDirectory(t, registry) })
		t.Run("requests", func(t *testing.T) { contract.RunRequests(t, registry) })
		t.Run("usages", func(t *testing.T) { contract.RunUsages(t, registry) })
		t.Run("moves", func(t *testing.T) { contract.RunMoves(t, registry) })
		t.Run("collection", func(t *testing.T) { testStorage(t, open, domain.StrategyCollection) })
		t.Run("structure", func(t *testing.T) {
			contract.RunStructure(t, func(t *testing.T) contract.Structure { return damageable(t, open(t)) })
		})
	})
}

// TestContractOfDatabases runs on files, which have code of their own.
func TestContractOfDatabases(t *testing.T) {
	testStorage(t, func(t *testing.T) *Store { return openTest(t, Options{Dir: t.TempDir()}) }, domain.StrategyDatabase)
}

// TestContractOfOtherStrategies has nothing that runs at once and isn't in the others: under
// the race detector it would take minutes.
func TestContractOfOtherStrategies(t *testing.T) {
	if Raced {
		t.Skip(notrun.Message("the shared strategy, and databases in memory, on SQLite", "make explore runs them, without the race detector"))
	}
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) { testStorage(t, open, domain.StrategyShared) })
	t.Run("databases in memory", func(t *testing.T) {
		testStorage(t, func(t *testing.T) *Store { return openTest(t, Options{Memory: true}) }, domain.StrategyDatabase)
	})
}

// TestContractOfMover runs on files, and under the race detector in the one direction that
// has every kind of code: from a file of its own to a table.
func TestContractOfMover(t *testing.T) {
	directions := contract.Directions()
	if Raced {
		directions = []contract.Direction{{From: domain.StrategyDatabase, To: domain.StrategyShared}}
	}
	testMover(t, func(t *testing.T) *Store { return openTest(t, Options{Dir: t.TempDir()}) }, directions...)
}

// TestContractOfMoverInMemory has directions within one strategy, and one between each two
// kinds of databases.
func TestContractOfMoverInMemory(t *testing.T) {
	if Raced {
		t.Skip(notrun.Message("moves of documents on SQLite in memory", "make explore runs them, without the race detector"))
	}
	directions := []contract.Direction{
		{From: domain.StrategyCollection, To: domain.StrategyDatabase}, {From: domain.StrategyDatabase, To: domain.StrategyShared},
	}
	for _, strategy := range domain.Strategies() {
		directions = append(directions, contract.Direction{From: strategy, To: strategy})
	}
	testMover(t, func(t *testing.T) *Store { return openTest(t, Options{Memory: true}) }, directions...)
}

func testMover(t *testing.T, open func(t *testing.T) *Store, directions ...contract.Direction) {
	t.Helper()
	contract.RunMover(t, func(t *testing.T) contract.MoveStorage {
		s := open(t)
		return contract.MoveStorage{Storage: s.Storage(), Mover: s.Mover(), Database: "tenants"}
	}, directions...)
}

// testStorage runs the suites of one strategy.
func testStorage(t *testing.T, open func(t *testing.T) *Store, strategy domain.Strategy) {
	t.Helper()
	storage := func(t *testing.T) contract.Storage {
		s := open(t)
		probe := probe{s, strategy}
		c := contract.Storage{
			Namespaces: probe.storage().Namespaces, Inventory: probe.storage().Inventory,
			Strategy: strategy, Database: "tenants", Probe: probe, Foreign: probe.makeForeign, AddUnique: probe.addUnique,
		}
		if strategy == domain.StrategyShared {
			c.AddUnique = nil // An index of tenants is one for all shares, those of the suite's documents included.
		}
		return c
	}
	documents := func(t *testing.T) contract.DocumentStorage {
		s := probe{open(t), strategy}.storage()
		return contract.DocumentStorage{Documents: s.Documents, Namespaces: s.Namespaces, Strategy: strategy, Database: "tenants"}
	}
	t.Run("namespaces", func(t *testing.T) { contract.RunNamespaces(t, storage) })
	t.Run("inventory", func(t *testing.T) { contract.RunInventory(t, storage) })
	t.Run("documents", func(t *testing.T) { contract.RunDocuments(t, documents) })
}

// probe implements contract.Probe by SQL of its own.
type probe struct {
	store    *Store
	strategy domain.Strategy
}

// collections is the probe of domain.StrategyCollection.
func collections(s *Store) probe { return probe{s, domain.StrategyCollection} }

func (p probe) storage() ports.Storage { return p.store.Storage()[p.strategy] }

// makeForeign makes an empty namespace of an organization that no test knows:
// the one thing that can stand under a name here and isn't the asker's.
func (p probe) makeForeign(t *testing.T, at domain.Placement) {
	t.Helper()
	if err := p.storage().Namespaces.Ensure(t.Context(), "somebody else", at); err != nil {
		t.Fatalf("foreign namespace: %v", err)
	}
}

// Insert implements contract.Probe.
func (p probe) Insert(t *testing.T, at domain.Placement, documents []contract.Document) {
	t.Helper()
	table := p.table(t, at)
	p.write(t, at, func(ctx context.Context, tx *sql.Tx) error {
		statement, err := tx.PrepareContext(ctx, table.insertDocument())
		if err != nil {
			return err
		}
		defer func() { _ = statement.Close() }()
		for _, d := range documents {
			body, err := json.Marshal(d)
			if err != nil {
				return err
			}
			if _, err := statement.ExecContext(ctx, table.args(strconv.Itoa(d.Number), string(body))...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Documents implements contract.Probe.
func (p probe) Documents(t *testing.T, at domain.Placement) []contract.Document {
	t.Helper()
	table := p.table(t, at)
	bodies := texts(t, p.database(t, at), "SELECT body FROM "+table.quoted()+table.where()+" ORDER BY body ->> 'Number'", table.args()...)
	documents := make([]contract.Document, len(bodies))
	for i, body := range bodies {
		if err := json.Unmarshal([]byte(body), &documents[i]); err != nil {
			t.Fatalf("document: %v", err)
		}
	}
	return documents
}

// AddIndex implements contract.Probe. That of tenants is one for all.
func (p probe) AddIndex(t *testing.T, at domain.Placement) {
	t.Helper()
	p.addIndex(t, at, "INDEX IF NOT EXISTS by_group")
}

// addUnique makes an index on Group that no two documents may share.
func (p probe) addUnique(t *testing.T, at domain.Placement) {
	t.Helper()
	p.addIndex(t, at, "UNIQUE INDEX one_of_a_group")
}

func (p probe) addIndex(t *testing.T, at domain.Placement, index string) {
	t.Helper()
	table := p.table(t, at)
	p.write(t, at, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE "+index+" ON "+table.quoted()+" ("+table.list("body ->> 'Group'")+")")
		return err
	})
}

// IndexServes implements contract.Probe.
func (p probe) IndexServes(t *testing.T, at domain.Placement) bool {
	t.Helper()
	table := p.table(t, at)
	query := "SELECT id FROM " + table.quoted() + table.where("body ->> 'Group' = ?")
	return strings.Contains(explain(t, p.database(t, at).writer, query, table.args(1)...), "USING INDEX by_group")
}

// table returns where the documents are.
func (p probe) table(t *testing.T, at domain.Placement) documentTable {
	t.Helper()
	named := func(columns, catalogue string) string {
		found := texts(t, p.store.data, "SELECT "+columns+" FROM "+catalogue+" WHERE database = ? AND name = ?", at.Database, at.Namespace)
		if len(found) != 1 {
			t.Fatalf("%d namespaces named %s", len(found), at.Namespace)
		}
		return found[0]
	}
	if p.strategy == domain.StrategyDatabase {
		return documentTable{name: ownTable}
	}
	if p.strategy == domain.StrategyShared {
		number, err := strconv.ParseInt(named("number", "shares"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return shareOf(named("organization_id", "shares"), number)
	}
	return documentTable{name: named("physical", "namespaces")}
}

// database returns the database that the documents are in. It is open, as it was used.
func (p probe) database(t *testing.T, at domain.Placement) *database {
	t.Helper()
	if p.strategy != domain.StrategyDatabase {
		return p.store.data
	}
	shelves := p.store.databases()
	var found *database
	err := shelves.within(t.Context(), shelves.under(at), func(ctx context.Context, h held) (err error) {
		found, err = shelves.opened(ctx, h)
		return err
	})
	if err != nil {
		t.Fatalf("database of %s: %v", at.Namespace, err)
	}
	return found
}

// texts returns the first column of a query.
func texts(t *testing.T, d *database, query string, args ...any) (texts []string) {
	t.Helper()
	rows, err := d.readers.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return texts
}

// write changes the database that the documents are in. It isn't bound by the deadline
// of a call.
func (p probe) write(t *testing.T, at domain.Placement, work func(context.Context, *sql.Tx) error) {
	t.Helper()
	if err := transact(t.Context(), p.database(t, at).writer, nil, work); err != nil {
		t.Fatal(err)
	}
}
