package app

import (
	"context"
	"sync"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// places returns where the organization's documents are for the use: at its placement, or,
// while a rename is pending, where that leads to; what a move has frozen can be read where
// that leaves it. It returns domain.ErrNamespaceMissing when nothing stands at the
// placement, or when the organization changed meanwhile.
func (s *Service) places(ctx context.Context, o domain.Organization, use use) ([]ports.Place, error) {
	at := ports.Place{Organization: o.ID, Placement: o.Placement}
	if o.Pending.Kind == domain.OperationMove {
		at.Identity = o.Pending.Source
		all := []ports.Place{at}
		if use == reading {
			at.Placement = at.Placement.Left()
			all = append(all, at)
		}
		return all, nil
	}
	if target := o.Pending.Target; !target.IsZero() && o.Pending.Source != "" {
		at.Identity = o.Pending.Source
		all := []ports.Place{at}
		for _, p := range append([]domain.Placement{target}, o.FormerTargets()...) {
			at.Placement = p
			all = append(all, at)
		}
		return all, nil
	}
	var err error
	at.Identity, err = s.identity(ctx, o)
	return []ports.Place{at}, err
}

// identity returns the identity of what stands at the organization's placement. A name
// alone proves nothing: the namespace may have been renamed since the organization was
// read, and somebody may have made the old name anew. If the placement is the same
// after the look and no rename is pending, none had begun before it.
func (s *Service) identity(ctx context.Context, o domain.Organization) (string, error) {
	if identity, ok := s.identities.get(o); ok {
		return identity, nil
	}
	storage, err := s.storage(o.Placement)
	if err != nil {
		return "", err
	}
	info, err := storage.Namespaces.Stat(ctx, o.Placement)
	if err != nil {
		return "", err
	}
	now, err := s.organizations.ByID(ctx, o.ID)
	if err != nil {
		return "", err
	}
	if !info.Exists || info.Identity == "" || now.Placement != o.Placement || !now.Pending.Target.IsZero() {
		return "", domain.ErrNamespaceMissing
	}
	s.identities.keep(o, info.Identity)
	return info.Identity, nil
}

// identitiesMax bounds how many organizations identities knows.
const identitiesMax = 50_000

// identities remembers what stands at the placements of organizations that were used.
// What it says may be out of date: that is found out by using it.
type identities struct {
	mu   sync.RWMutex
	byID map[domain.OrganizationID]knownIdentity
}

type knownIdentity struct {
	placement domain.Placement
	identity  string
}

func (i *identities) get(o domain.Organization) (string, bool) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	known, ok := i.byID[o.ID]
	return known.identity, ok && known.placement == o.Placement
}

func (i *identities) keep(o domain.Organization, identity string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.byID == nil || len(i.byID) >= identitiesMax {
		i.byID = map[domain.OrganizationID]knownIdentity{}
	}
	i.byID[o.ID] = knownIdentity{o.Placement, identity}
}

func (i *identities) forget(id domain.OrganizationID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.byID, id)
}
