package contract

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// faults are mistakes that adapters make.
var faults = []fault{
	{"a field is dropped", "RoundTrip", inserting(func(o *domain.Organization) { o.Pending.Source = "" })},
	{"a big number is a float", "RoundTrip", inserting(func(o *domain.Organization) { o.Epoch = int64(float64(o.Epoch)) })},
	{"times are to the second", "RoundTrip", inserting(func(o *domain.Organization) { o.UpdatedAt = o.UpdatedAt.Truncate(time.Second) })},
	{"times are rounded", "TimesToTheMillisecondInUTC", inserting(func(o *domain.Organization) { o.CreatedAt = o.CreatedAt.Round(time.Millisecond) })},
	{"reservations are forgotten", "ReservationsAreForEver", inserting(func(o *domain.Organization) { o.Reserved = o.Reserved[:min(len(o.Reserved), 0)] })},
	{"the namespace is told before the name", "InsertErrors", organizationsWith(func(o ports.Organizations) ports.Organizations {
		return oddOrganizations{Organizations: o, insert: func(ctx context.Context, record domain.Organization) error {
			nameless := record
			nameless.Name = domain.StoredName("", string(record.ID))
			nameless.ID += " nameless"
			nameless.Pending = domain.Operation{}
			nameless.Status = domain.StatusPurged
			if err := o.Insert(ctx, nameless); errors.Is(err, domain.ErrNamespaceTaken) {
				return err
			}
			return o.Insert(ctx, record)
		}}
	})},
	{"a collation", "KeysAreComparedExactly", organizationsWith(func(o ports.Organizations) ports.Organizations {
		return oddOrganizations{Organizations: o, byKey: func(ctx context.Context, key string) (domain.Organization, error) {
			return o.ByNameKey(ctx, strings.ToLower(key))
		}}
	})},
	{"the version is not compared", "RaceForAVersion", organizationsWith(func(o ports.Organizations) ports.Organizations {
		return oddOrganizations{Organizations: o, set: func(ctx context.Context, record domain.Organization, version int64) error {
			for {
				err := o.Replace(ctx, record, version)
				old, lookErr := o.ByID(ctx, record.ID)
				if !errors.Is(err, domain.ErrVersionConflict) || lookErr != nil {
					return err
				}
				version = old.Version
			}
		}}
	})},
	{"a limit of none is no limit", "Due", organizationsWith(func(o ports.Organizations) ports.Organizations {
		return oddOrganizations{Organizations: o, due: func(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
			if limit == 0 {
				limit = 1000
			}
			return o.Due(ctx, until, limit)
		}}
	})},
	{"the boundary is outside", "DueAtTheBoundary", organizationsWith(func(o ports.Organizations) ports.Organizations {
		return oddOrganizations{Organizations: o, due: func(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
			return o.Due(ctx, until.Add(-time.Nanosecond), limit)
		}}
	})},
	{"the context is ignored", "ContextEnds", organizationsWith(func(o ports.Organizations) ports.Organizations {
		return oddOrganizations{Organizations: o, byKey: func(ctx context.Context, key string) (domain.Organization, error) {
			return o.ByNameKey(context.WithoutCancel(ctx), key)
		}}
	})},
	{"a second delete fails", "DeleteIsIdempotent", accountsWith(func(a ports.Accounts) oddAccounts {
		return oddAccounts{Accounts: a, remove: func(ctx context.Context, id domain.AccountID) error {
			if _, err := a.ByID(ctx, id); err != nil {
				return err
			}
			return a.Delete(ctx, id)
		}}
	})},
	{"emails are cut", "EmailKeysAreComparedExactly", accountsWith(func(a ports.Accounts) oddAccounts {
		return oddAccounts{Accounts: a, byKey: func(ctx context.Context, key string) (domain.Account, error) {
			return a.ByEmailKey(ctx, strings.TrimSpace(key))
		}}
	})},
	{"documents are taken for one's own", "EnsureOnDocuments", namespacesWith(func(m *memoryNamespaces) oddNamespaces {
		return oddNamespaces{Namespaces: m, ensure: func(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
			if err := m.Ensure(ctx, owner, p); !errors.Is(err, domain.ErrNamespaceOccupied) {
				return err
			}
			return nil
		}}
	})},
	{"a rename goes by the name", "RenameWithAStray", namespacesWith(func(m *memoryNamespaces) oddNamespaces {
		return oddNamespaces{Namespaces: m, rename: func(ctx context.Context, identity string, from, to domain.Placement) error {
			if info, err := m.Stat(ctx, from); err == nil && info.Exists {
				identity = info.Identity
			}
			return m.Rename(ctx, identity, from, to)
		}}
	})},
	{"a rename finds it anywhere", "LateRename", namespacesWith(func(m *memoryNamespaces) oddNamespaces {
		return oddNamespaces{Namespaces: m, rename: func(ctx context.Context, identity string, from, to domain.Placement) error {
			for name, space := range m.spaces {
				if space.identity == identity {
					from.Namespace = strings.TrimPrefix(name, domain.Placement{Database: from.Database}.Reservation())
				}
			}
			return m.Rename(ctx, identity, from, to)
		}}
	})},
	{"a rename makes a copy", "Rename", namespacesWith(func(m *memoryNamespaces) oddNamespaces {
		return oddNamespaces{Namespaces: m, rename: func(ctx context.Context, identity string, from, to domain.Placement) error {
			err := m.Rename(ctx, identity, from, to)
			if space := m.spaces[to.Reservation()]; err == nil && space != nil {
				m.made++
				space.identity += "'"
			}
			return err
		}}
	})},
	{"a rename replaces what is there", "RenameOntoSomething", namespacesWith(func(m *memoryNamespaces) oddNamespaces {
		return oddNamespaces{Namespaces: m, rename: func(ctx context.Context, identity string, from, to domain.Placement) error {
			err := m.Rename(ctx, identity, from, to)
			if errors.Is(err, domain.ErrNamespaceOccupied) {
				if err := m.Drop(ctx, to); err != nil {
					return err
				}
				return m.Rename(ctx, identity, from, to)
			}
			return err
		}}
	})},
	{"a receipt is dropped", "RoundTrip", inserting(func(o *domain.Organization) { o.Receipt = domain.Receipt{} })},
	{"a hold is dropped", "RoundTrip", inserting(func(o *domain.Organization) { o.Hold = false })},
	{"stuck ones are due", "DueWithoutStuckOnes", inserting(func(o *domain.Organization) { o.Pending.Stuck = false })},
	{"what comes after is counted", "ListBesideWriters", directoryWith(func(m memoryDirectory) ports.Directory {
		// Pages are told by how many came before, as by OFFSET.
		seen := map[domain.OrganizationID]int{}
		return oddDirectory{Directory: m, list: func(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
			skip, limit := seen[q.After], q.Limit
			q.After, q.Limit = "", skip+limit
			all, err := m.List(ctx, q)
			page := all[min(skip, len(all)):]
			if len(page) > 0 {
				seen[page[len(page)-1].ID] = skip + len(page)
			}
			return page, err
		}}
	})},
	{"a prefix is a pattern", "ListByNamePrefix", asking(func(q *ports.OrganizationQuery) {
		q.NameKeyPrefix = strings.TrimRight(q.NameKeyPrefix, "%")
	})},
	{"the end is in", "ListByCreation", asking(func(q *ports.OrganizationQuery) {
		if !q.CreatedBefore.IsZero() {
			q.CreatedBefore = q.CreatedBefore.Add(time.Millisecond)
		}
	})},
	{"one status is asked for", "ListByStatus", asking(func(q *ports.OrganizationQuery) {
		q.Statuses = q.Statuses[:min(1, len(q.Statuses))]
	})},
	{"stuck is not asked for", "ListOfStuckOnes", asking(func(q *ports.OrganizationQuery) { q.Stuck = false })},
	{"a hold is no matter", "PurgeDue", directoryWith(func(m memoryDirectory) ports.Directory {
		return oddDirectory{Directory: m, purge: func(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
			return m.purgeDue(ctx, until, limit, func(o domain.Organization) bool { return !o.Busy() })
		}}
	})},
	{"a purge that runs is due again", "PurgeDueOfNothingElse", directoryWith(func(m memoryDirectory) ports.Directory {
		return oddDirectory{Directory: m, purge: func(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
			return m.purgeDue(ctx, until, limit, func(o domain.Organization) bool { return !o.Hold })
		}}
	})},
	{"an empty answer is none", "AnswersSurvive", requestsWith(func(r ports.Requests) ports.Requests {
		return oddRequests{Requests: r, byID: func(ctx context.Context, id string) (domain.Request, error) {
			q, err := r.ByID(ctx, id)
			if len(q.Answer) == 0 {
				q.Answer = nil
			}
			return q, err
		}}
	})},
	{"requests are kept a little longer", "Forget", requestsWith(func(r ports.Requests) ports.Requests {
		return oddRequests{Requests: r, forget: func(ctx context.Context, until time.Time, limit int) (int, error) {
			return r.Forget(ctx, until.Add(-time.Nanosecond), limit)
		}}
	})},
	{"all is forgotten", "ForgetManyRequests", requestsWith(func(r ports.Requests) ports.Requests {
		return oddRequests{Requests: r, forget: func(ctx context.Context, until time.Time, limit int) (int, error) {
			n, err := r.Forget(ctx, until, 10_000)
			return min(n, limit), err
		}}
	})},
	{"a merge overwrites", "Merge", inventoryWith(func(m memoryInventory) oddInventory {
		return oddInventory{Inventory: m, merge: func(ctx context.Context, from, to domain.Placement) (int64, error) {
			n, err := m.Merge(ctx, from, to)
			if err == nil {
				m.mu.Lock()
				defer m.mu.Unlock()
				maps.Copy(m.spaces[to.Reservation()].documents, m.spaces[from.Reservation()].documents)
			}
			return n, err
		}}
	})},
	{"a merge swallows what is refused", "MergeAgainstAnIndex", inventoryWith(func(m memoryInventory) oddInventory {
		return oddInventory{Inventory: m, merge: func(ctx context.Context, from, to domain.Placement) (int64, error) {
			n, err := m.Merge(ctx, from, to)
			if errors.Is(err, errMemoryRefused) {
				err = nil
			}
			return n, err
		}}
	})},
	{"a merge makes what is missing", "MergeNothing", inventoryWith(func(m memoryInventory) oddInventory {
		return oddInventory{Inventory: m, merge: func(ctx context.Context, from, to domain.Placement) (int64, error) {
			m.mu.Lock()
			if m.spaces[to.Reservation()] == nil {
				m.add(to, false)
			}
			m.mu.Unlock()
			return m.Merge(ctx, from, to)
		}}
	})},
	{"a quarantine has one name", "QuarantineOfTheSameName", inventoryWith(func(m memoryInventory) oddInventory {
		return oddInventory{Inventory: m, quarantine: func(ctx context.Context, p domain.Placement) (string, error) {
			name, err := m.Quarantine(ctx, p)
			if err != nil {
				return "", err
			}
			from, to := p, p
			from.Namespace, to.Namespace = name, "quarantine_"+p.Namespace
			m.spaces[to.Reservation()] = m.spaces[from.Reservation()]
			delete(m.spaces, from.Reservation())
			return to.Namespace, nil
		}}
	})},
	{"a fault is not seen", "Missing", func(t *testing.T) {
		RunStructure(t, func(*testing.T) Structure {
			m := newMemoryStructure()
			s := m.subject()
			s.Structure = blind{m}
			return s
		})
	}},
	{"every password matches", "Match", func(t *testing.T) {
		RunPasswordHasher(t, func(*testing.T) ports.PasswordHasher { return credulous{newMemoryPasswords("one", racers, 2, 0)} })
	}},
	{"tokens never expire", "Expiry", func(t *testing.T) {
		RunTokens(t, func(*testing.T, func() time.Time) ports.Tokens {
			return memoryTokens{"key", func() time.Time { return issued }}
		})
	}},
	{"tokens may have spaces around", "NoTokens", func(t *testing.T) {
		RunTokens(t, func(_ *testing.T, now func() time.Time) ports.Tokens { return tolerant{memoryTokens{"key", now}} })
	}},
	{"every issuer has the same key", "Stranger", func(t *testing.T) {
		open := func(_ *testing.T, now func() time.Time) ports.Tokens { return memoryTokens{"key", now} }
		RunTokens(t, open, Stranger("the same", open))
	}},
}

// blind doesn't see that the last of the indexes is missing.
type blind struct{ *memoryStructure }

func (b blind) Faults(ctx context.Context) ([]string, error) {
	faults, err := b.memoryStructure.Faults(ctx)
	return slices.DeleteFunc(faults, func(f string) bool { return strings.Contains(f, "second") }), err
}

type credulous struct{ *memoryPasswords }

func (c credulous) Verify(context.Context, domain.Password, domain.PasswordHash) (ports.Verdict, error) {
	return match, nil
}

type tolerant struct{ memoryTokens }

func (o tolerant) Verify(token string) (ports.Claims, error) {
	return o.memoryTokens.Verify(strings.TrimSpace(token))
}
