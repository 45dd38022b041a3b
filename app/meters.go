package app

import (
	"maps"
	"sync"

	"github.com/orgkeeper/orgkeeper/domain"
)

// metersMax bounds how many organizations meters knows, beside those in use.
const metersMax = 50_000

// meters has the meters of organizations that were used. To forget one that nobody has is
// safe: a new one measures first.
type meters struct {
	mu   sync.Mutex
	byID map[domain.OrganizationID]*meter
}

// take returns the organization's meter, to be given back.
func (a *meters) take(id domain.OrganizationID) *meter {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.byID[id]
	if m == nil {
		if len(a.byID) >= metersMax {
			maps.DeleteFunc(a.byID, func(_ domain.OrganizationID, m *meter) bool { return m.users == 0 })
		}
		if a.byID == nil {
			a.byID = map[domain.OrganizationID]*meter{}
		}
		m = &meter{id: id, turn: make(chan struct{}, 1)}
		a.byID[id] = m
	}
	m.users++
	return m
}

// give gives a meter back.
func (a *meters) give(m *meter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m.users--
}
