package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// calls are all calls of a store's ports.
func calls(t *testing.T, s *Store) map[string]func(context.Context) error {
	t.Helper()
	var (
		organization = newOrganization(t, "1", "Acme")
		account      = newAccount("1", "ann@acme.example")
		at, to       = newPlacement("org_acme"), newPlacement("org_other")
		place        = ports.Place{Organization: "1", Placement: at, Identity: "documents_1_1_1"}
		document     = domain.Document{ID: "1"}
		request      = domain.Request{ID: "1", Fingerprint: "f", ExpiresAt: noon, Version: 1}
	)
	return map[string]func(context.Context) error{
		"Organizations.Insert":  func(ctx context.Context) error { return s.Organizations().Insert(ctx, organization) },
		"Organizations.Replace": func(ctx context.Context) error { return s.Organizations().Replace(ctx, organization, 1) },
		"Organizations.ByID":    func(ctx context.Context) error { _, err := s.Organizations().ByID(ctx, "1"); return err },
		"Organizations.ByNameKey": func(ctx context.Context) error {
			_, err := s.Organizations().ByNameKey(ctx, "acme")
			return err
		},
		"Organizations.Due":   func(ctx context.Context) error { _, err := s.Organizations().Due(ctx, noon, 10); return err },
		"Accounts.Insert":     func(ctx context.Context) error { return s.Accounts().Insert(ctx, account) },
		"Accounts.Replace":    func(ctx context.Context) error { return s.Accounts().Replace(ctx, account, 1) },
		"Accounts.Delete":     func(ctx context.Context) error { return s.Accounts().Delete(ctx, "1") },
		"Accounts.ByID":       func(ctx context.Context) error { _, err := s.Accounts().ByID(ctx, "1"); return err },
		"Accounts.ByEmailKey": func(ctx context.Context) error { _, err := s.Accounts().ByEmailKey(ctx, "x"); return err },
		"Namespaces.Ensure":   func(ctx context.Context) error { return s.Collections().Namespaces.Ensure(ctx, "1", at) },
		"Namespaces.Rename":   func(ctx context.Context) error { return s.Collections().Namespaces.Rename(ctx, "x", at, to) },
		"Namespaces.Drop":     func(ctx context.Context) error { return s.Collections().Namespaces.Drop(ctx, at) },
		"Namespaces.Stat":     func(ctx context.Context) error { _, err := s.Collections().Namespaces.Stat(ctx, at); return err },
		"Documents.Get":       func(ctx context.Context) error { _, err := s.Collections().Documents.Get(ctx, place, "1"); return err },
		"Documents.List": func(ctx context.Context) error {
			_, err := s.Collections().Documents.List(ctx, place, ports.DocumentQuery{Limit: 10})
			return err
		},
		"Documents.Count": func(ctx context.Context) error { _, err := s.Collections().Documents.Count(ctx, place); return err },
		"Documents.Write": func(ctx context.Context) error {
			_, err := s.Collections().Documents.Write(ctx, place, []ports.DocumentWrite{{Action: ports.DocumentPut, Document: document}})
			return err
		},
		"Census.CountLive": func(ctx context.Context) error { _, err := s.Census().CountLive(ctx); return err },
		"Census.OrphanAccounts": func(ctx context.Context) error {
			_, err := s.Census().OrphanAccounts(ctx, 10)
			return err
		},
		"Directory.List": func(ctx context.Context) error {
			_, err := s.Directory().List(ctx, ports.OrganizationQuery{Limit: 10})
			return err
		},
		"Directory.ByReservations": func(ctx context.Context) error {
			_, err := s.Directory().ByReservations(ctx, organization.Reserved)
			return err
		},
		"Directory.PurgeDue": func(ctx context.Context) error { _, err := s.Directory().PurgeDue(ctx, noon, 10); return err },
		"Inventory.List": func(ctx context.Context) error {
			_, err := s.Collections().Inventory.List(ctx, "tenants", "", 10)
			return err
		},
		"Inventory.Measure":    func(ctx context.Context) error { _, err := s.Collections().Inventory.Measure(ctx, at); return err },
		"Inventory.Merge":      func(ctx context.Context) error { _, err := s.Collections().Inventory.Merge(ctx, at, to); return err },
		"Inventory.Quarantine": func(ctx context.Context) error { _, err := s.Collections().Inventory.Quarantine(ctx, at); return err },
		"Requests.Insert":      func(ctx context.Context) error { return s.Requests().Insert(ctx, request) },
		"Requests.Replace":     func(ctx context.Context) error { return s.Requests().Replace(ctx, request, 1) },
		"Requests.ByID":        func(ctx context.Context) error { _, err := s.Requests().ByID(ctx, "1"); return err },
		"Requests.Forget":      func(ctx context.Context) error { _, err := s.Requests().Forget(ctx, noon, 10); return err },
		"Structure.Faults":     func(ctx context.Context) error { _, err := s.Structure().Faults(ctx); return err },
		"Structure.Mend":       func(ctx context.Context) error { return s.Structure().Mend(ctx) },
		"Ping":                 s.Ping,
	}
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) {
		s := open(t)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for name, call := range calls(t, s) {
			if err := call(t.Context()); !errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// A context that ends at any moment, before, in and after a transaction, ends
// the call with success or as unavailable, and the next call finds the store
// healthy: no transaction left open, nothing half done, in memory nothing lost.
func TestCancelledThenHealthy(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) {
		s := open(t)
		insert(t, s, newOrganization(t, "0", "First"))
		for i := range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*10*time.Microsecond)
			id := fmt.Sprint("c", i)
			o := newOrganization(t, id, "Name "+id)
			err := s.Organizations().Insert(ctx, o)
			if err != nil && !errors.Is(err, domain.ErrStoreUnavailable) {
				t.Fatalf("insert %d: %v", i, err)
			}
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("insert %d: the cause is %v", i, errors.Unwrap(err))
			}
			ensured := s.Collections().Namespaces.Ensure(ctx, o.ID, o.Placement)
			if ensured != nil && !errors.Is(ensured, domain.ErrStoreUnavailable) {
				t.Fatalf("ensure %d: %v", i, ensured)
			}
			cancel()
			if err == nil {
				if _, err := s.Organizations().ByID(t.Context(), o.ID); err != nil {
					t.Fatalf("%d was inserted and is gone: %v", i, err)
				}
			}
			// Again, or for the first time: whole either way.
			err = s.Organizations().Insert(t.Context(), o)
			if err != nil && !errors.Is(err, domain.ErrVersionConflict) {
				t.Fatalf("insert %d again: %v", i, err)
			}
			if err := s.Collections().Namespaces.Ensure(t.Context(), o.ID, o.Placement); err != nil {
				t.Fatalf("ensure %d again: %v", i, err)
			}
		}
		if n, err := s.Census().CountLive(t.Context()); n != 101 || err != nil {
			t.Errorf("%d live organizations, %v", n, err)
		}
	})
}

// A writer that somebody holds up costs a call its deadline, not more.
func TestTimeout(t *testing.T) {
	for _, o := range []Options{{Dir: t.TempDir()}, {Memory: true}} {
		o.Timeout = 50 * time.Millisecond
		s := openTest(t, o)
		tx, err := s.registry.writer.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err = s.Organizations().Insert(t.Context(), newOrganization(t, "1", "Acme"))
		if !errors.Is(err, domain.ErrStoreUnavailable) || time.Since(began) > 2*time.Second {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		insert(t, s, newOrganization(t, "1", "Acme"))
	}
}

// A full disk is unavailable, changes nothing, and heals.
func TestFull(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir()})
	var pages int
	if err := s.registry.writer.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limitPages(t, s, pages)
	var full error
	last := 0
	for ; full == nil && last < 1000; last++ {
		full = s.Organizations().Insert(t.Context(), newOrganization(t, fmt.Sprint(last), fmt.Sprint("Acme ", last)))
	}
	if !errors.Is(full, domain.ErrStoreUnavailable) {
		t.Fatalf("got %v", full)
	}
	limitPages(t, s, 1_000_000)
	insert(t, s, newOrganization(t, fmt.Sprint(last-1), fmt.Sprint("Acme ", last-1)))
}

func limitPages(t *testing.T, s *Store, pages int) {
	t.Helper()
	var now int
	err := s.registry.writer.QueryRowContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&now)
	if err != nil || now != pages {
		t.Fatalf("max_page_count %d, %v", now, err)
	}
}

// What isn't the store's absence is told as it is, without a bound value.
func TestDamageIsNotUnavailable(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	if _, err := s.data.writer.ExecContext(t.Context(), "DROP TABLE namespaces"); err != nil {
		t.Fatal(err)
	}
	err := s.Collections().Namespaces.Ensure(t.Context(), "1", newPlacement("org_acme"))
	var named *domain.Error
	if err == nil || errors.As(err, &named) {
		t.Errorf("got %v", err)
	}
}

// Close waits for the calls that run.
func TestCloseWhileServing(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) {
		s := open(t)
		all := calls(t, s)
		var group sync.WaitGroup
		for name, call := range all {
			group.Go(func() {
				for {
					err := call(t.Context())
					if errors.Is(err, domain.ErrStoreUnavailable) {
						return
					}
					var named *domain.Error
					if err != nil && !errors.As(err, &named) {
						t.Errorf("%s: %v", name, err)
						return
					}
				}
			})
		}
		time.Sleep(20 * time.Millisecond)
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		group.Wait()
	})
}
