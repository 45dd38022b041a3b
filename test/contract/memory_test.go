package contract

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// memory is a registry that forgets everything at its end. It shows that the
// suites can pass.
type memory struct {
	mu            sync.Mutex
	organizations map[domain.OrganizationID]domain.Organization
	accounts      map[domain.AccountID]domain.Account
	requests      map[string]domain.Request
	usages        map[domain.OrganizationID]domain.UsageRecord
}

func newMemory() *memory {
	return &memory{
		organizations: map[domain.OrganizationID]domain.Organization{},
		accounts:      map[domain.AccountID]domain.Account{},
		requests:      map[string]domain.Request{},
		usages:        map[domain.OrganizationID]domain.UsageRecord{},
	}
}

// enter locks, unless ctx is over.
func (m *memory) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return func() {}, domain.ErrStoreUnavailable.Because(err)
	}
	m.mu.Lock()
	return m.mu.Unlock, nil
}

// stored cuts a time as stores do.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func storedOrganization(o domain.Organization) domain.Organization {
	o.Reserved = slices.Clone(o.Reserved)
	o.CreatedAt, o.UpdatedAt, o.DeletedAt = stored(o.CreatedAt), stored(o.UpdatedAt), stored(o.DeletedAt)
	o.Pending.StartedAt, o.Pending.LeaseUntil = stored(o.Pending.StartedAt), stored(o.Pending.LeaseUntil)
	o.Last.StartedAt, o.Last.EndedAt = stored(o.Last.StartedAt), stored(o.Last.EndedAt)
	o.PurgeAt, o.Receipt.At = stored(o.PurgeAt), stored(o.Receipt.At)
	return o
}

type memoryOrganizations struct{ *memory }

var _ ports.Organizations = memoryOrganizations{}

// conflict tells what of o another record has.
func (m memoryOrganizations) conflict(o domain.Organization) error {
	var err error
	for _, other := range m.organizations {
		if other.ID == o.ID {
			continue
		}
		for _, key := range o.NameKeys() {
			if slices.Contains(other.NameKeys(), key) {
				return domain.ErrNameTaken
			}
		}
		for _, reservation := range o.Reserved {
			if slices.Contains(other.Reserved, reservation) {
				err = domain.ErrNamespaceTaken
			}
		}
	}
	return err
}

func (m memoryOrganizations) Insert(ctx context.Context, o domain.Organization) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	if _, exists := m.organizations[o.ID]; exists {
		return domain.ErrVersionConflict
	}
	if err := m.conflict(o); err != nil {
		return err
	}
	m.organizations[o.ID] = storedOrganization(o)
	return nil
}

func (m memoryOrganizations) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	return m.find(ctx, func(o domain.Organization) bool { return o.ID == id })
}

func (m memoryOrganizations) ByNameKey(ctx context.Context, key string) (domain.Organization, error) {
	return m.find(ctx, func(o domain.Organization) bool { return slices.Contains(o.NameKeys(), key) })
}

func (m memoryOrganizations) find(ctx context.Context, is func(domain.Organization) bool) (domain.Organization, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return domain.Organization{}, err
	}
	for _, o := range m.organizations {
		if is(o) {
			return storedOrganization(o), nil
		}
	}
	return domain.Organization{}, domain.ErrOrganizationNotFound
}

func (m memoryOrganizations) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	old, exists := m.organizations[o.ID]
	if !exists || old.Version != ifVersion {
		return domain.ErrVersionConflict
	}
	if err := m.conflict(o); err != nil {
		return err
	}
	o.CreatedAt = old.CreatedAt
	m.organizations[o.ID] = storedOrganization(o)
	return nil
}

func (m memoryOrganizations) Due(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return nil, err
	}
	var due []domain.Organization
	for _, o := range m.organizations {
		if o.Busy() && !o.Pending.Stuck && !o.Pending.LeaseUntil.After(until) {
			due = append(due, storedOrganization(o))
		}
	}
	slices.SortFunc(due, func(a, b domain.Organization) int { return a.Pending.LeaseUntil.Compare(b.Pending.LeaseUntil) })
	return due[:min(limit, len(due))], nil
}

type memoryAccounts struct{ *memory }

var _ ports.Accounts = memoryAccounts{}

func storedAccount(a domain.Account) domain.Account {
	a.CreatedAt, a.UpdatedAt = stored(a.CreatedAt), stored(a.UpdatedAt)
	return a
}

func (m memoryAccounts) emailTaken(a domain.Account) bool {
	for _, other := range m.accounts {
		if other.ID != a.ID && other.Email.Key() == a.Email.Key() {
			return true
		}
	}
	return false
}

func (m memoryAccounts) Insert(ctx context.Context, a domain.Account) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	if _, exists := m.accounts[a.ID]; exists {
		return domain.ErrVersionConflict
	}
	if m.emailTaken(a) {
		return domain.ErrEmailTaken
	}
	m.accounts[a.ID] = storedAccount(a)
	return nil
}

func (m memoryAccounts) ByID(ctx context.Context, id domain.AccountID) (domain.Account, error) {
	return m.find(ctx, func(a domain.Account) bool { return a.ID == id })
}

func (m memoryAccounts) ByEmailKey(ctx context.Context, key string) (domain.Account, error) {
	return m.find(ctx, func(a domain.Account) bool { return a.Email.Key() == key })
}

func (m memoryAccounts) find(ctx context.Context, is func(domain.Account) bool) (domain.Account, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return domain.Account{}, err
	}
	for _, a := range m.accounts {
		if is(a) {
			return a, nil
		}
	}
	return domain.Account{}, domain.ErrAccountNotFound
}

func (m memoryAccounts) Replace(ctx context.Context, a domain.Account, ifVersion int64) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	old, exists := m.accounts[a.ID]
	if !exists || old.Version != ifVersion {
		return domain.ErrVersionConflict
	}
	if m.emailTaken(a) {
		return domain.ErrEmailTaken
	}
	m.accounts[a.ID] = storedAccount(a)
	return nil
}

func (m memoryAccounts) Delete(ctx context.Context, id domain.AccountID) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	delete(m.accounts, id)
	return nil
}

type memoryCensus struct{ *memory }

var _ ports.Census = memoryCensus{}

func (m memoryCensus) CountLive(ctx context.Context) (int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	live := 0
	for _, o := range m.organizations {
		if err == nil && o.Live() {
			live++
		}
	}
	return live, err
}

func (m memoryCensus) OrphanAccounts(ctx context.Context, limit int) ([]domain.Account, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return nil, err
	}
	var orphans []domain.Account
	for _, a := range m.accounts {
		o, exists := m.organizations[a.OrganizationID]
		if a.OrganizationID != "" && (!exists || o.Status == domain.StatusPurged) {
			orphans = append(orphans, a)
		}
	}
	slices.SortFunc(orphans, func(a, b domain.Account) int { return cmp.Compare(a.ID, b.ID) })
	return orphans[:min(limit, len(orphans))], nil
}
