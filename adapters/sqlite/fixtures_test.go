package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// noon is when everything in these tests happens.
var noon = time.Date(2031, time.May, 6, 12, 0, 0, 123_000_000, time.UTC)

// newOrganization returns an organization that is being created.
func newOrganization(t *testing.T, id, name string) domain.Organization {
	t.Helper()
	parsed, err := domain.ParseName(name)
	if err != nil {
		t.Fatal(err)
	}
	op := domain.Operation{
		ID: domain.OperationID("op-" + id), Kind: domain.OperationCreate, Phase: domain.PhaseForward,
		StartedAt: noon, LeaseUntil: noon.Add(time.Minute), Attempt: 1,
	}
	at := newPlacement("org_" + strings.ReplaceAll(strings.ToLower(name), " ", "_"))
	return domain.NewOrganization(domain.OrganizationID(id), domain.AccountID("owner-"+id), parsed, at, op, noon)
}

// newPlacement returns a first placement.
func newPlacement(namespace string) domain.Placement {
	return domain.Placement{
		Strategy: domain.StrategyCollection, Database: "tenants", Namespace: namespace,
		Generation: 1, State: domain.PlacementOpen,
	}
}

// newAccount returns the account of an organization's owner.
func newAccount(id, email string) domain.Account {
	hash := domain.NewPasswordHash("$argon2id$v=19$" + strings.Repeat("x", 8))
	return domain.NewAccount(domain.AccountID(id), domain.OrganizationID("of-"+id), domain.StoredEmail(email), hash, noon)
}

// placeOf returns the place of a namespace that exists.
func placeOf(t *testing.T, s *Store, owner domain.OrganizationID, p domain.Placement) ports.Place {
	t.Helper()
	info, err := s.Storage()[p.Strategy].Namespaces.Stat(t.Context(), p)
	if err != nil || !info.Exists {
		t.Fatalf("stat: %+v, %v", info, err)
	}
	return ports.Place{Organization: owner, Placement: p, Identity: info.Identity}
}

// newPlace makes a namespace of domain.StrategyCollection and returns its place.
func newPlace(t *testing.T, s *Store, owner domain.OrganizationID, namespace string) ports.Place {
	t.Helper()
	return newPlaceIn(t, s, domain.StrategyCollection, owner, namespace)
}

// newPlaceIn makes a namespace of the strategy and returns its place.
func newPlaceIn(t *testing.T, s *Store, strategy domain.Strategy, owner domain.OrganizationID, namespace string) ports.Place {
	t.Helper()
	p := newPlacement(namespace)
	p.Strategy = strategy
	if err := s.Storage()[strategy].Namespaces.Ensure(t.Context(), owner, p); err != nil {
		t.Fatalf("ensure: %v", err)
	}
	return placeOf(t, s, owner, p)
}

// fillPlace puts n documents.
func fillPlace(t *testing.T, s *Store, at ports.Place, n int) {
	t.Helper()
	documents := make([]domain.Document, n)
	for i := range documents {
		documents[i] = domain.Document{ID: domain.DocumentID(fmt.Sprintf("%06d", i)), Body: domain.BodyOf(`{"n":1}`)}
	}
	putDocuments(t, s, at, documents...)
}

// putDocuments puts documents or ends the test.
func putDocuments(t *testing.T, s *Store, at ports.Place, documents ...domain.Document) {
	t.Helper()
	var writes []ports.DocumentWrite
	for _, d := range documents {
		writes = append(writes, ports.DocumentWrite{Action: ports.DocumentPut, Document: d})
	}
	results, err := s.Storage()[at.Placement.Strategy].Documents.Write(t.Context(), at, writes)
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	for i, result := range results {
		if result.Err != nil {
			t.Fatalf("put %q: %v", documents[i].ID, result.Err)
		}
	}
}

// sources are the files of the program in this directory.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all, err := filepath.Glob("*.go")
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	found := map[string]string{}
	for _, file := range all {
		if !strings.HasSuffix(file, "_test.go") {
			found[file] = contents(t, ".", file)
		}
	}
	return found
}

// insert adds an organization or ends the test.
func insert(t *testing.T, s *Store, o domain.Organization) {
	t.Helper()
	if err := s.Organizations().Insert(t.Context(), o); err != nil {
		t.Fatalf("insert: %v", err)
	}
}
