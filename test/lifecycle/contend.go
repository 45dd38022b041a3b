package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// crowd is how many requests race each other.
const crowd = 32

// races lets a crowd want the same thing at once.
func races(t *testing.T, open func(t *testing.T) Store) {
	t.Run("one name", func(t *testing.T) {
		won := race(t, newWorld(open(t)), func(ctx context.Context, s *app.Service, i int) error {
			return create(ctx, s, state{Name: []string{"Acme", "ACME", "ａｃｍｅ", " acme "}[i%4], Email: fmt.Sprintf("a%d@acme.example", i)})
		}, domain.ErrNameTaken)
		if won != 1 {
			t.Errorf("%d of %d created the organization", won, crowd)
		}
	})
	t.Run("one email", func(t *testing.T) {
		won := race(t, newWorld(open(t)), func(ctx context.Context, s *app.Service, i int) error {
			return create(ctx, s, state{Name: fmt.Sprintf("Acme %d", i), Email: []string{"admin@acme.example", "Admin@ACME.example"}[i%2]})
		}, domain.ErrEmailTaken)
		if won != 1 {
			t.Errorf("%d of %d created an organization with the email", won, crowd)
		}
	})
	t.Run("one slug", func(t *testing.T) {
		w := newWorld(open(t))
		won := race(t, w, func(ctx context.Context, s *app.Service, i int) error {
			return create(ctx, s, state{Name: "Acme" + strings.Repeat("!", i), Email: fmt.Sprintf("a%d@acme.example", i)})
		}, nil)
		if won != crowd {
			t.Errorf("%d of %d organizations were created", won, crowd)
		}
		placements := map[string]bool{}
		s := w.process(t, nil)
		for i := range crowd {
			o, err := s.GetOrganization(t.Context(), "Acme"+strings.Repeat("!", i))
			if err != nil {
				t.Fatal(err)
			}
			placements[o.Placement.Reservation()] = true
		}
		if len(placements) != crowd {
			t.Errorf("%d organizations share %d namespaces", crowd, len(placements))
		}
	})
	t.Run("one organization", func(t *testing.T) { raceOnOne(t, newWorld(open(t))) })
}

// raceOnOne lets a crowd rename, and delete, the same organization.
func raceOnOne(t *testing.T, w *world) {
	if err := create(t.Context(), w.process(t, nil), start); err != nil {
		t.Fatal(err)
	}
	who, err := session(t.Context(), w.process(t, nil), start.Email)
	if err != nil {
		t.Fatal(err)
	}
	race(t, w, func(ctx context.Context, s *app.Service, i int) error {
		if i == crowd/2 {
			return s.DeleteOrganization(ctx, who, start.Name)
		}
		_, err := s.UpdateOrganization(ctx, who, app.UpdateOrganization{
			Name: fmt.Sprintf("Globex %d", i), Password: domain.NewSecret(password),
		})
		return err
	}, domain.ErrOperationInProgress, domain.ErrUnauthenticated, domain.ErrOrganizationNotFound)
	w.pass()
	if err := w.process(t, nil).Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	o, err := w.store.Organizations.ByID(t.Context(), who.Organization.ID)
	if err != nil || o.Busy() {
		t.Fatalf("not at rest: %+v, error %v", o, err)
	}
	switch info, err := w.namespaces().Stat(t.Context(), placementOf(o, w)); {
	case err != nil:
		t.Fatal(err)
	case info.Exists != o.Live():
		t.Errorf("live: %v, namespace: %+v", o.Live(), info)
	}
}

func placementOf(o domain.Organization, w *world) domain.Placement {
	if !o.Placement.IsZero() {
		return o.Placement
	}
	_, namespace, _ := strings.Cut(o.Reserved[len(o.Reserved)-1], ".")
	return domain.Placement{Strategy: domain.StrategyCollection, Database: w.database, Namespace: namespace}
}

// race runs want from a crowd, each from a process of its own, and returns how
// many succeeded. All others must have got one of the errors.
func race(t *testing.T, w *world, want func(ctx context.Context, s *app.Service, i int) error, losing ...error) int {
	t.Helper()
	var all sync.WaitGroup
	begin := make(chan struct{})
	results := make([]error, crowd)
	for i := range crowd {
		s := w.process(t, nil)
		all.Go(func() {
			<-begin
			results[i] = want(t.Context(), s, i)
		})
	}
	close(begin)
	all.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !slices.ContainsFunc(losing, func(l error) bool { return l != nil && errors.Is(err, l) }) {
			t.Errorf("a loser got %v", err)
		}
	}
	return won
}
