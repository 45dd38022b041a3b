package contract

import (
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func openMemory(*testing.T) Registry {
	m := newMemory()
	return Registry{
		Organizations: memoryOrganizations{m},
		Accounts:      memoryAccounts{m},
		Census:        memoryCensus{m},
		Directory:     memoryDirectory{m},
		Requests:      memoryRequests{m},
		Usages:        memoryUsages{m},
	}
}

func TestOrganizations(t *testing.T) { RunOrganizations(t, openMemory) }

func TestAccounts(t *testing.T) { RunAccounts(t, openMemory) }

func TestCensus(t *testing.T) { RunCensus(t, openMemory) }

func TestDirectory(t *testing.T) { RunDirectory(t, openMemory) }

func TestRequests(t *testing.T) { RunRequests(t, openMemory) }

func TestUsages(t *testing.T) { RunUsages(t, openMemory) }

// openStorage returns a storage with all that is optional, or without.
func openStorage(all bool) func(*testing.T) Storage {
	return func(*testing.T) Storage {
		m := newMemoryNamespaces()
		s := Storage{Namespaces: m, Inventory: memoryInventory{m}, Database: "tenants", Probe: memoryProbe{m}}
		if all {
			s.Foreign = func(_ *testing.T, p domain.Placement) { m.add(p, true) }
			s.AddUnique = func(_ *testing.T, p domain.Placement) { m.spaces[p.Reservation()].unique = true }
		}
		return s
	}
}

func TestNamespaces(t *testing.T) {
	for _, all := range []bool{true, false} {
		RunNamespaces(t, openStorage(all))
	}
}

func TestInventory(t *testing.T) {
	for _, all := range []bool{true, false} {
		RunInventory(t, openStorage(all))
	}
}

func TestDocuments(t *testing.T) {
	RunDocuments(t, func(*testing.T) DocumentStorage { return newMemoryDocuments().storage() })
}

func TestStructure(t *testing.T) {
	RunStructure(t, func(*testing.T) Structure { return newMemoryStructure().subject() })
}

func TestPasswordHasher(t *testing.T) {
	RunPasswordHasher(t,
		func(*testing.T) ports.PasswordHasher { return newMemoryPasswords("one", racers, 2, 0) },
		OtherParameters(func(*testing.T) ports.PasswordHasher { return newMemoryPasswords("two", racers, 2, 0) }),
		SmallQueue(func(*testing.T) ports.PasswordHasher {
			return newMemoryPasswords("one", 1, 1, 20*time.Millisecond)
		}))
}

func TestTokens(t *testing.T) {
	open := func(key string) func(*testing.T, func() time.Time) ports.Tokens {
		return func(_ *testing.T, now func() time.Time) ports.Tokens { return memoryTokens{key, now} }
	}
	RunTokens(t, open("key"), Stranger("another key", open("another")))
}
