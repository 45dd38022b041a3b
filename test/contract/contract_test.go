package contract

import (
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func openMemory(*testing.T) Registry {
	m := newMemory()
	return Registry{memoryOrganizations{m}, memoryAccounts{m}, memoryCensus{m}}
}

func TestOrganizations(t *testing.T) { RunOrganizations(t, openMemory) }

func TestAccounts(t *testing.T) { RunAccounts(t, openMemory) }

func TestCensus(t *testing.T) { RunCensus(t, openMemory) }

func TestNamespaces(t *testing.T) {
	for _, foreign := range []bool{true, false} {
		RunNamespaces(t, func(*testing.T) Storage {
			m := newMemoryNamespaces()
			s := Storage{Namespaces: m, Database: "tenants", Probe: memoryProbe{m}}
			if foreign {
				s.Foreign = func(_ *testing.T, p domain.Placement) { m.add(p, true) }
			}
			return s
		})
	}
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
