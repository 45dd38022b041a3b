package contract

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// memoryNamespaces keeps documents in maps.
type memoryNamespaces struct {
	mu     sync.Mutex
	made   int
	spaces map[string]*memorySpace
}

type memorySpace struct {
	identity  string
	foreign   bool
	indexed   bool
	unique    bool
	documents map[int]Document
	kept      kept // by memoryDocuments
}

func (s *memorySpace) empty() bool { return len(s.documents)+len(s.kept) == 0 }

func newMemoryNamespaces() *memoryNamespaces {
	return &memoryNamespaces{spaces: map[string]*memorySpace{}}
}

func (m *memoryNamespaces) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return func() {}, domain.ErrStoreUnavailable.Because(err)
	}
	m.mu.Lock()
	return m.mu.Unlock, nil
}

func (m *memoryNamespaces) add(p domain.Placement, foreign bool) {
	m.made++
	m.spaces[p.Reservation()] = &memorySpace{
		identity: fmt.Sprint("identity ", m.made), foreign: foreign, documents: map[int]Document{}, kept: kept{},
	}
}

func (m *memoryNamespaces) Ensure(ctx context.Context, _ domain.OrganizationID, p domain.Placement) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	switch space := m.spaces[p.Reservation()]; {
	case space == nil:
		m.add(p, false)
	case space.foreign || !space.empty():
		return domain.ErrNamespaceOccupied
	}
	return nil
}

func (m *memoryNamespaces) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	if there := m.spaces[to.Reservation()]; there != nil {
		if there.identity == identity {
			return nil
		}
		return domain.ErrNamespaceOccupied
	}
	space := m.spaces[from.Reservation()]
	if space == nil || space.identity != identity {
		return domain.ErrNamespaceMissing
	}
	delete(m.spaces, from.Reservation())
	m.spaces[to.Reservation()] = space
	return nil
}

func (m *memoryNamespaces) Drop(ctx context.Context, p domain.Placement) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil {
		delete(m.spaces, p.Reservation())
	}
	return err
}

func (m *memoryNamespaces) Stat(ctx context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return ports.NamespaceInfo{}, err
	}
	space := m.spaces[p.Reservation()]
	if space == nil {
		return ports.NamespaceInfo{Empty: true}, nil
	}
	return ports.NamespaceInfo{Exists: true, Identity: space.identity, Empty: space.empty()}, nil
}

// memoryProbe fills Probe.
type memoryProbe struct{ *memoryNamespaces }

func (m memoryProbe) Insert(_ *testing.T, p domain.Placement, documents []Document) {
	for _, d := range documents {
		m.spaces[p.Reservation()].documents[d.Number] = d
	}
}

func (m memoryProbe) Documents(_ *testing.T, p domain.Placement) []Document {
	documents := m.spaces[p.Reservation()].documents
	return slices.SortedFunc(maps.Values(documents), func(a, b Document) int { return a.Number - b.Number })
}

func (m memoryProbe) AddIndex(_ *testing.T, p domain.Placement) {
	m.spaces[p.Reservation()].indexed = true
}

func (m memoryProbe) IndexServes(_ *testing.T, p domain.Placement) bool {
	return m.spaces[p.Reservation()].indexed
}
