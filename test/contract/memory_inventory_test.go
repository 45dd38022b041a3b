package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

type memoryInventory struct{ *memoryNamespaces }

var _ ports.Inventory = memoryInventory{}

func (m memoryInventory) List(ctx context.Context, database, after string, limit int) ([]string, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return nil, err
	}
	var names []string
	prefix := domain.Placement{Database: database}.Reservation()
	for entry := range m.spaces {
		if name, in := strings.CutPrefix(entry, prefix); in && name > after {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:min(limit, len(names))], nil
}

func (m memoryInventory) Measure(ctx context.Context, p domain.Placement) (domain.Usage, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var usage domain.Usage
	if space := m.spaces[p.Reservation()]; err == nil && space != nil {
		for _, d := range space.documents {
			usage.Documents++
			usage.Bytes += int64(len(d.Text)) + 16
		}
	}
	return usage, err
}

// errMemoryRefused says that a unique index refused a document.
var errMemoryRefused = errors.New("a document is refused")

func (m memoryInventory) Merge(ctx context.Context, from, to domain.Placement) (copied int64, err error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return 0, err
	}
	source, target := m.spaces[from.Reservation()], m.spaces[to.Reservation()]
	if source == nil || target == nil {
		return 0, domain.ErrNamespaceMissing
	}
	for number, d := range source.documents {
		switch _, exists := target.documents[number]; {
		case exists:
		case target.unique && target.hasGroup(d.Group):
			err = errMemoryRefused
		default:
			target.documents[number] = d
			copied++
		}
	}
	return copied, err
}

func (s *memorySpace) hasGroup(group int) bool {
	for _, d := range s.documents {
		if d.Group == group {
			return true
		}
	}
	return false
}

func (m memoryInventory) Quarantine(ctx context.Context, p domain.Placement) (string, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return "", err
	}
	space := m.spaces[p.Reservation()]
	if space == nil {
		return "", domain.ErrNamespaceMissing
	}
	m.made++
	to := p
	to.Namespace = fmt.Sprintf("quarantine_%s_%d", p.Namespace, m.made)
	delete(m.spaces, p.Reservation())
	m.spaces[to.Reservation()] = space
	return to.Namespace, nil
}

// memoryStructure needs two indexes.
type memoryStructure struct {
	mu      sync.Mutex
	indexes map[string]string
}

func newMemoryStructure() *memoryStructure {
	return &memoryStructure{indexes: map[string]string{"first": "good", "second": "good"}}
}

// subject returns the structure with what can be damaged.
func (m *memoryStructure) subject() Structure {
	take := func(name string) Damage {
		return Damage{"a missing " + name, func(*testing.T) { delete(m.indexes, name) }}
	}
	return Structure{
		Structure: m,
		Missing:   []Damage{take("first"), take("second")},
		Wrong:     []Damage{{"another first", func(*testing.T) { m.indexes["first"] = "bad" }}},
	}
}

func (m *memoryStructure) Faults(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, domain.ErrStoreUnavailable.Because(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var faults []string
	for _, name := range []string{"first", "second"} {
		if m.indexes[name] != "good" {
			faults = append(faults, fmt.Sprintf("the index %s is wrong", name))
		}
	}
	return faults, nil
}

func (m *memoryStructure) Mend(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return domain.ErrStoreUnavailable.Because(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range []string{"first", "second"} {
		if m.indexes[name] == "" {
			m.indexes[name] = "good"
		}
	}
	return nil
}
