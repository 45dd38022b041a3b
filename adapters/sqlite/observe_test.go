package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

func TestCallsAreObserved(t *testing.T) {
	type key struct{}
	var seen []string
	s := openTest(t, Options{Memory: true, Observe: func(ctx context.Context, command string) func(bool) {
		if ctx.Value(key{}) != "caller" {
			t.Errorf("%s: not the caller's context", command)
		}
		return func(failed bool) { seen = append(seen, fmt.Sprint(command, " ", failed)) }
	}})
	ctx := context.WithValue(t.Context(), key{}, "caller")
	insert := func(id string) error { return s.Organizations().Insert(ctx, newOrganization(t, id, "Acme")) }
	if err := insert("1"); err != nil {
		t.Fatal(err)
	}
	// What the data refuses is no fault of the store.
	if err := insert("2"); !errors.Is(err, domain.ErrNameTaken) {
		t.Fatal(err)
	}
	if _, err := s.Accounts().ByID(ctx, "nobody"); !errors.Is(err, domain.ErrAccountNotFound) {
		t.Fatal(err)
	}
	if err := s.Collections().Namespaces.Ensure(ctx, "1", newPlacement("org_acme")); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Organizations().ByID(ended, "1"); !errors.Is(err, domain.ErrStoreUnavailable) {
		t.Fatal(err)
	}
	want := []string{
		"insert organization false", "insert organization false", "read account false", "make namespace false",
		"read organization true",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %q, want %q", seen, want)
	}
}
