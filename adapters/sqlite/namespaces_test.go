package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// A table's name is legal and safe whatever the organization's ID is, and no two
// organizations share a table, also when SQLite can't tell their IDs apart.
func TestPhysicalNames(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	ids := []domain.OrganizationID{
		"0197f6a0-6b3e-7c55-8a41-3f0d6c2e9b17", "507f1f77bcf86cd799439011", "", "a", "A", "ä", "Ä", "a b", "a%20b",
		`x"; DROP TABLE namespaces; --`, "x\x00y", "x\xffy", "sqlite_sequence", domain.OrganizationID(strings.Repeat("ü", 300)),
	}
	seen := map[string]bool{}
	for i, id := range ids {
		at := newPlacement(fmt.Sprint("org_", i))
		if err := s.Collections().Namespaces.Ensure(t.Context(), id, at); err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		info, err := s.Collections().Namespaces.Stat(t.Context(), at)
		if err != nil || !info.Exists || !info.Empty {
			t.Fatalf("%q: %+v, %v", id, info, err)
		}
		if seen[strings.ToLower(info.Identity)] {
			t.Errorf("%q shares the table %s", id, info.Identity)
		}
		seen[strings.ToLower(info.Identity)] = true
		if err := s.Collections().Namespaces.Ensure(t.Context(), id, at); err != nil {
			t.Errorf("%q again: %v", id, err)
		}
	}
	for i := range ids {
		if err := s.Collections().Namespaces.Drop(t.Context(), newPlacement(fmt.Sprint("org_", i))); err != nil {
			t.Errorf("drop: %v", err)
		}
	}
	var tables int
	err := s.data.writer.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'documents%'").Scan(&tables)
	if tables != 0 || err != nil {
		t.Errorf("%d tables are left, %v", tables, err)
	}
}

// A rename leaves the table where it is, and an identity is never given again.
func TestIdentityIsTheTable(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	from, to := newPlacement("org_old"), newPlacement("org_new")
	to.Generation = 2
	if err := s.Collections().Namespaces.Ensure(t.Context(), "acme", from); err != nil {
		t.Fatal(err)
	}
	const want = "documents_acme_1_1"
	if info, err := s.Collections().Namespaces.Stat(t.Context(), from); info.Identity != want || err != nil {
		t.Fatalf("got %+v, %v", info, err)
	}
	if err := s.Collections().Namespaces.Rename(t.Context(), want, from, to); err != nil {
		t.Fatal(err)
	}
	if info, err := s.Collections().Namespaces.Stat(t.Context(), to); info.Identity != want || err != nil {
		t.Errorf("renamed: got %+v, %v", info, err)
	}
	if err := s.Collections().Namespaces.Drop(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if err := s.Collections().Namespaces.Ensure(t.Context(), "acme", from); err != nil {
		t.Fatal(err)
	}
	if info, err := s.Collections().Namespaces.Stat(t.Context(), from); info.Identity != "documents_acme_1_2" || err != nil {
		t.Errorf("made anew: got %+v, %v", info, err)
	}
}
