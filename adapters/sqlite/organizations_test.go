package sqlite

import (
	"errors"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// A reservation that a record lists no more stays given.
func TestReservationsOnlyGrow(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	o := newOrganization(t, "1", "Acme")
	o.Reserved = []string{"c:tenants.a", "c:tenants.b"}
	insert(t, s, o)
	for i, list := range [][]string{{"c:tenants.c"}, {"c:tenants.b", "c:tenants.a"}, nil} {
		o.Version, o.Reserved = o.Version+1, list
		if err := s.Organizations().Replace(t.Context(), o, o.Version-1); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		got, err := s.Organizations().ByID(t.Context(), "1")
		if err != nil || len(got.Reserved) != len(list) || len(list) > 0 && got.Reserved[0] != list[0] {
			t.Errorf("%d: got %v, %v", i, got.Reserved, err)
		}
	}
	for _, entry := range []string{"c:tenants.a", "c:tenants.b", "c:tenants.c"} {
		other := newOrganization(t, "2", "Other")
		other.Reserved = []string{entry}
		if err := s.Organizations().Insert(t.Context(), other); !errors.Is(err, domain.ErrNamespaceTaken) {
			t.Errorf("%s: got %v", entry, err)
		}
	}
}
