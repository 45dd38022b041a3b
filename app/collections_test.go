package app_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// collections are namespaces as MongoDB has them: whoever asks for a name that stands
// and is empty takes it for its own. SQLite knows whose they are.
type collections struct {
	mu    sync.Mutex
	made  int
	under map[string]*collection
	// beforeQuarantine, if set, is called before one is renamed, and may fail it.
	beforeQuarantine func() error
}

// collection holds the IDs of its documents.
type collection struct {
	identity  string
	documents map[string]bool
}

var (
	_ ports.Namespaces = (*collections)(nil)
	_ ports.Inventory  = shelf{}
)

// newCollectionsRig returns a rig whose namespaces are collections.
func newCollectionsRig(t *testing.T) (*rig, *collections) {
	t.Helper()
	c := &collections{under: map[string]*collection{}}
	return newRig(t, func(d *app.Dependencies, _ *app.Options) {
		storage := d.Storage[domain.StrategyCollection]
		storage.Namespaces, storage.Inventory = c, shelf{c}
		d.Storage[domain.StrategyCollection] = storage
	}), c
}

// add makes a collection with the documents, if it isn't there.
func (c *collections) add(name string, documents ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.under[name] == nil {
		c.made++
		c.under[name] = &collection{fmt.Sprint("identity ", c.made), map[string]bool{}}
	}
	for _, id := range documents {
		c.under[name].documents[id] = true
	}
}

// want fails t unless just these documents are in the collection.
func (c *collections) want(t *testing.T, name string, documents ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.under[name] == nil {
		t.Errorf("%s does not exist", name)
		return
	}
	if got := slices.Sorted(maps.Keys(c.under[name].documents)); !slices.Equal(got, documents) {
		t.Errorf("%s holds %q, should hold %q", name, got, documents)
	}
}

func (c *collections) Ensure(_ context.Context, _ domain.OrganizationID, p domain.Placement) error {
	c.add(p.Namespace)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.under[p.Namespace].documents) > 0 {
		return domain.ErrNamespaceOccupied
	}
	return nil
}

func (c *collections) Rename(_ context.Context, identity string, from, to domain.Placement) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if there := c.under[to.Namespace]; there != nil {
		if there.identity == identity {
			return nil
		}
		return domain.ErrNamespaceOccupied
	}
	moving := c.under[from.Namespace]
	if moving == nil || moving.identity != identity {
		return domain.ErrNamespaceMissing
	}
	delete(c.under, from.Namespace)
	c.under[to.Namespace] = moving
	return nil
}

func (c *collections) Drop(_ context.Context, p domain.Placement) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.under, p.Namespace)
	return nil
}

func (c *collections) Stat(_ context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	there := c.under[p.Namespace]
	if there == nil {
		return ports.NamespaceInfo{Empty: true}, nil
	}
	return ports.NamespaceInfo{Exists: true, Identity: there.identity, Empty: len(there.documents) == 0}, nil
}

// shelf is the inventory of collections.
type shelf struct{ *collections }

func (s shelf) List(_ context.Context, _, after string, limit int) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.under))
	names = slices.DeleteFunc(names, func(name string) bool { return name <= after })
	return names[:min(limit, len(names))], nil
}

func (s shelf) Measure(_ context.Context, p domain.Placement) (domain.Usage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if there := s.under[p.Namespace]; there != nil {
		return domain.Usage{Documents: int64(len(there.documents))}, nil
	}
	return domain.Usage{}, nil
}

func (s shelf) Merge(_ context.Context, from, to domain.Placement) (copied int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	source, target := s.under[from.Namespace], s.under[to.Namespace]
	if source == nil || target == nil {
		return 0, domain.ErrNamespaceMissing
	}
	for id := range source.documents {
		if !target.documents[id] {
			target.documents[id] = true
			copied++
		}
	}
	return copied, nil
}

func (s shelf) Quarantine(_ context.Context, p domain.Placement) (string, error) {
	if s.beforeQuarantine != nil {
		if err := s.beforeQuarantine(); err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	there, name := s.under[p.Namespace], "quarantine_"+p.Namespace
	if there == nil {
		return "", domain.ErrNamespaceMissing
	}
	delete(s.under, p.Namespace)
	s.under[name] = there
	return name, nil
}
