package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/contract"
)

func TestContract(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) {
		registry := func(t *testing.T) contract.Registry {
			s := open(t)
			return contract.Registry{
				Organizations: s.Organizations(), Accounts: s.Accounts(), Census: s.Census(),
				Directory: s.Directory(), Requests: s.Requests(),
			}
		}
		storage := func(t *testing.T) contract.Storage {
			s := open(t)
			return contract.Storage{
				Namespaces: s.Collections().Namespaces, Inventory: s.Collections().Inventory, Database: "tenants", Probe: probe{s},
				Foreign:   func(t *testing.T, p domain.Placement) { makeForeign(t, s, p) },
				AddUnique: probe{s}.addUnique,
			}
		}
		documents := func(t *testing.T) contract.DocumentStorage {
			s := open(t)
			return contract.DocumentStorage{Documents: s.Collections().Documents, Namespaces: s.Collections().Namespaces, Database: "tenants"}
		}
		t.Run("organizations", func(t *testing.T) { contract.RunOrganizations(t, registry) })
		t.Run("accounts", func(t *testing.T) { contract.RunAccounts(t, registry) })
		t.Run("census", func(t *testing.T) { contract.RunCensus(t, registry) })
		t.Run("directory", func(t *testing.T) { contract.RunDirectory(t, registry) })
		t.Run("requests", func(t *testing.T) { contract.RunRequests(t, registry) })
		t.Run("namespaces", func(t *testing.T) { contract.RunNamespaces(t, storage) })
		t.Run("inventory", func(t *testing.T) { contract.RunInventory(t, storage) })
		t.Run("documents", func(t *testing.T) { contract.RunDocuments(t, documents) })
		t.Run("structure", func(t *testing.T) {
			contract.RunStructure(t, func(t *testing.T) contract.Structure { return damageable(t, open(t)) })
		})
	})
}

// makeForeign makes an empty namespace of an organization that no test knows:
// the one thing that can stand under a name here and isn't the asker's.
func makeForeign(t *testing.T, s *Store, p domain.Placement) {
	t.Helper()
	if err := s.Collections().Namespaces.Ensure(t.Context(), "somebody else", p); err != nil {
		t.Fatalf("foreign namespace: %v", err)
	}
}

// probe implements contract.Probe by SQL of its own.
type probe struct{ store *Store }

// Insert implements contract.Probe.
func (p probe) Insert(t *testing.T, at domain.Placement, documents []contract.Document) {
	t.Helper()
	table := p.table(t, at)
	p.write(t, func(ctx context.Context, tx *sql.Tx) error {
		statement, err := tx.PrepareContext(ctx, "INSERT INTO "+table+" (id, body) VALUES (?, ?)")
		if err != nil {
			return err
		}
		defer func() { _ = statement.Close() }()
		for _, d := range documents {
			body, err := json.Marshal(d)
			if err != nil {
				return err
			}
			if _, err := statement.ExecContext(ctx, strconv.Itoa(d.Number), string(body)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Documents implements contract.Probe.
func (p probe) Documents(t *testing.T, at domain.Placement) []contract.Document {
	t.Helper()
	bodies := p.texts(t, "SELECT body FROM "+p.table(t, at)+" ORDER BY body ->> 'Number'")
	documents := make([]contract.Document, len(bodies))
	for i, body := range bodies {
		if err := json.Unmarshal([]byte(body), &documents[i]); err != nil {
			t.Fatalf("document: %v", err)
		}
	}
	return documents
}

// AddIndex implements contract.Probe.
func (p probe) AddIndex(t *testing.T, at domain.Placement) {
	t.Helper()
	table := p.table(t, at)
	p.write(t, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE INDEX by_group ON "+table+" (body ->> 'Group')")
		return err
	})
}

// addUnique makes an index on Group that no two documents may share.
func (p probe) addUnique(t *testing.T, at domain.Placement) {
	t.Helper()
	table := p.table(t, at)
	p.write(t, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE UNIQUE INDEX one_of_a_group ON "+table+" (body ->> 'Group')")
		return err
	})
}

// IndexServes implements contract.Probe.
func (p probe) IndexServes(t *testing.T, at domain.Placement) bool {
	t.Helper()
	plan := explain(t, p.store.data.writer, "SELECT id FROM "+p.table(t, at)+" WHERE body ->> 'Group' = ?", 1)
	return strings.Contains(plan, "USING INDEX by_group")
}

// table returns the quoted name of the table that holds the documents.
func (p probe) table(t *testing.T, at domain.Placement) string {
	t.Helper()
	found := p.texts(t, "SELECT physical FROM namespaces WHERE database = ? AND name = ?", at.Database, at.Namespace)
	if len(found) != 1 {
		t.Fatalf("%d namespaces named %s", len(found), at.Namespace)
	}
	return quote(found[0])
}

// texts returns the first column of a query.
func (p probe) texts(t *testing.T, query string, args ...any) (texts []string) {
	t.Helper()
	rows, err := p.store.data.readers.QueryContext(t.Context(), query, args...)
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

// write changes data.db. It isn't bound by the deadline of a call.
func (p probe) write(t *testing.T, work func(context.Context, *sql.Tx) error) {
	t.Helper()
	if err := transact(t.Context(), p.store.data.writer, nil, work); err != nil {
		t.Fatal(err)
	}
}
