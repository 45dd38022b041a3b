package app

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// StrayKind says how a namespace came to stand where no organization lives.
type StrayKind string

// The kinds of strays.
const (
	// StrayLeft stands under a name that an organization has left by a rename: an
	// application has written there late.
	StrayLeft StrayKind = "left"
	// StrayReserved stands under a name that was given to an organization which perhaps
	// never lived there: the documents may be somebody else's.
	StrayReserved StrayKind = "reserved"
	// StrayPurged stands under a name of an organization that is purged.
	StrayPurged StrayKind = "purged"
	// StrayUnknown has a name as namespaces have, which was never given.
	StrayUnknown StrayKind = "unknown"
)

// Stray is a namespace that stands where no organization lives.
type Stray struct {
	Kind      StrayKind
	Placement domain.Placement
	// Organization is the one that the name was given to; "" for StrayUnknown.
	Organization domain.OrganizationID
	domain.Usage
}

// inventoryBatch is how many namespaces a look at the storage reads at once.
const inventoryBatch = 500

// Strays returns the namespaces that stand where no organization lives, in the order of
// their names. One that an operation is about to make or to remove is none of them.
// It reads the names of all namespaces, in batches.
//
// Errors: domain.ErrStoreUnavailable.
func (s *Service) Strays(ctx context.Context) ([]Stray, error) {
	var strays []Stray
	err := s.eachStray(ctx, func(stray Stray) error {
		strays = append(strays, stray)
		return nil
	}, func(int) {})
	return strays, err
}

// eachStray calls found for each stray, and seen with the number of namespaces that it
// has looked at.
func (s *Service) eachStray(ctx context.Context, found func(Stray) error, seen func(n int)) error {
	for _, strategy := range s.strategies() {
		inventory := s.storages[strategy].Inventory
		at := domain.Placement{Strategy: strategy, Database: s.tenancy.Database}
		for after := ""; ; {
			names, err := inventory.List(ctx, at.Database, after, inventoryBatch)
			if err != nil {
				return err
			}
			strays, err := s.straysAmong(ctx, at, names)
			if err != nil {
				return err
			}
			for _, stray := range strays {
				if err := found(stray); err != nil {
					return err
				}
			}
			seen(len(names))
			if len(names) < inventoryBatch {
				break
			}
			after = names[len(names)-1]
		}
	}
	return nil
}

// strategies returns those that there is storage for, in an order that never changes.
func (s *Service) strategies() []domain.Strategy { return slices.Sorted(maps.Keys(s.storages)) }

// straysAmong returns the strays among the names.
func (s *Service) straysAmong(ctx context.Context, at domain.Placement, names []string) ([]Stray, error) {
	entries := make([]string, len(names))
	for i, name := range names {
		at.Namespace = name
		entries[i] = at.Reservation()
	}
	owners, err := s.directory.ByReservations(ctx, entries)
	if err != nil {
		return nil, err
	}
	var strays []Stray
	for i, name := range names {
		at.Namespace = name
		kind, suspect := suspicion(owners[entries[i]], at)
		if !suspect {
			continue
		}
		stray, confirmed, err := s.confirm(ctx, at, kind)
		if err != nil {
			return nil, err
		}
		if confirmed {
			strays = append(strays, stray)
		}
	}
	return strays, nil
}

// suspicion says what a namespace at p would be, given the organization that the name
// was given to, the zero one if there is none. An organization with an operation under
// way may be anywhere that it was or will be.
func suspicion(o domain.Organization, p domain.Placement) (kind StrayKind, suspect bool) {
	switch {
	case o.ID == "":
		return StrayUnknown, strings.HasPrefix(p.Namespace, domain.NamespacePrefix)
	case o.Busy():
		return "", false
	case o.Status == domain.StatusPurged:
		return StrayPurged, true
	}
	if o.Placement.Reservation() == p.Reservation() {
		return "", false
	}
	if o.EverywhereHome() {
		return StrayLeft, true
	}
	return StrayReserved, true
}

// confirm looks again: since the names were listed, the namespace may have been moved
// to where it belongs, or away from there.
func (s *Service) confirm(ctx context.Context, p domain.Placement, kind StrayKind) (stray Stray, confirmed bool, err error) {
	owners, err := s.directory.ByReservations(ctx, []string{p.Reservation()})
	if err != nil {
		return stray, false, err
	}
	o := owners[p.Reservation()]
	now, suspect := suspicion(o, p)
	if !suspect || now != kind {
		return stray, false, nil
	}
	if kept, err := s.keptByMove(ctx, o.ID, p); err != nil || kept {
		return stray, false, err
	}
	storage, err := s.storage(p)
	if err != nil {
		return stray, false, err
	}
	info, err := storage.Namespaces.Stat(ctx, p)
	if err != nil || !info.Exists {
		return stray, false, err
	}
	usage, err := storage.Inventory.Measure(ctx, p)
	if err != nil {
		return stray, false, err
	}
	return Stray{Kind: kind, Placement: p, Organization: o.ID, Usage: usage}, true, nil
}

// stray returns the stray of that name, or ErrStrayNotFound.
func (s *Service) stray(ctx context.Context, namespace string) (Stray, ports.Inventory, error) {
	for _, strategy := range s.strategies() {
		at := domain.Placement{Strategy: strategy, Database: s.tenancy.Database}
		strays, err := s.straysAmong(ctx, at, []string{namespace})
		if err != nil {
			return Stray{}, nil, err
		}
		if len(strays) == 1 {
			return strays[0], s.storages[strategy].Inventory, nil
		}
	}
	return Stray{}, nil, domain.ErrStrayNotFound
}

// keptByMove reports whether the organization has left p by a move, which drops it in time.
func (s *Service) keptByMove(ctx context.Context, id domain.OrganizationID, p domain.Placement) (bool, error) {
	if id == "" {
		return false, nil
	}
	all, err := s.moves.ByOrganization(ctx, id)
	return slices.ContainsFunc(all, func(m domain.Move) bool { return m.From.Reservation() == p.Reservation() }), err
}
