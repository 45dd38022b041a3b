package domain

import (
	"slices"
	"strings"
	"time"
)

// Organization is a tenant. Its ID never changes and is never used again.
//
// Fields are exported for the stores, which write and read all of them; change
// an organization by its transitions alone.
type Organization struct {
	ID        OrganizationID
	Name      Name
	Status    Status
	Placement Placement
	// Reserved lists every namespace that was ever given to the organization,
	// as Placement.Reservation says it, in the order given. It only grows.
	Reserved []string
	Owner    AccountID
	// Epoch only grows; raising it revokes all tokens of the organization.
	Epoch int64
	// Pending is the operation that runs, Last what became of the one before.
	Pending Operation
	Last    Outcome
	// Version counts the writes, from 1; compare-and-set rests on it.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// DeletedAt is zero unless the organization is deleted or purged.
	DeletedAt time.Time
	// PurgeAt is until when the data of a deleted organization is kept, zero unless
	// it is deleted and can be restored.
	PurgeAt time.Time
	// Hold forbids to drop the organization's data for as long as it is set.
	Hold bool
	// Receipt says what was dropped; zero unless the organization is purged.
	Receipt Receipt
}

// Receipt remembers the purge of an organization's data.
type Receipt struct {
	By Actor
	At time.Time
	Usage
}

// Usage is how much a namespace holds.
type Usage struct {
	Documents int64
	// Bytes is the size of the documents as the engine counts it, without indexes.
	Bytes int64
}

// NewOrganization returns an organization that is being created by op.
func NewOrganization(id OrganizationID, owner AccountID, name Name, at Placement, op Operation, now time.Time) Organization {
	return Organization{
		ID:        id,
		Name:      name,
		Status:    StatusProvisioning,
		Placement: at,
		Reserved:  []string{at.Reservation()},
		Owner:     owner,
		Epoch:     1,
		Pending:   op,
		Version:   1,
		CreatedAt: now,
		UpdatedAt: now,
	}
}

// NewTombstone returns the record that keeps a namespace from ever being given: a purged
// organization that never was.
func NewTombstone(id OrganizationID, p Placement, now time.Time) Organization {
	return Organization{
		ID:        id,
		Status:    StatusPurged,
		Reserved:  []string{p.Reservation()},
		Epoch:     1,
		Version:   1,
		CreatedAt: now,
		UpdatedAt: now,
		DeletedAt: now,
	}
}

// EverywhereHome reports whether every namespace that was given to the organization has
// been its home. It isn't so when one was found occupied, or when a rename went back.
func (o Organization) EverywhereHome() bool {
	return int64(len(o.Reserved)) == o.Placement.Generation
}

// Live reports whether the organization holds its name.
func (o Organization) Live() bool { return o.Status.Live() }

// Busy reports whether an operation runs.
func (o Organization) Busy() bool { return !o.Pending.IsZero() }

// NameKeys returns the keys of the names that the organization holds: none when
// it isn't live, its own, and beside it the one that a pending update gives it.
func (o Organization) NameKeys() []string {
	if !o.Live() {
		return nil
	}
	keys := []string{o.Name.Key()}
	if next := o.Pending.Name; !next.IsZero() && next.Key() != o.Name.Key() {
		keys = append(keys, next.Key())
	}
	return keys
}

// FormerTargets returns where the pending update was to lead before it was
// retargeted, in order. Each was reserved after the placement, so that none is of
// an operation that came later.
func (o Organization) FormerTargets() []Placement {
	var targets []Placement
	from := slices.Index(o.Reserved, o.Placement.Reservation()) + 1
	for _, reservation := range o.Reserved[from:] {
		p := o.Pending.Target
		p.Namespace = strings.TrimPrefix(reservation, Placement{Strategy: p.Strategy, Database: p.Database}.Reservation())
		if p.Namespace != o.Pending.Target.Namespace {
			targets = append(targets, p)
		}
	}
	return targets
}

// step returns a copy whose operation is to change, in the next version: what runs on an
// organization is no update of it.
func (o Organization) step() Organization { return o.next(o.UpdatedAt) }

// next returns a copy to change, in the next version.
func (o Organization) next(now time.Time) Organization {
	o.Reserved = slices.Clone(o.Reserved)
	o.Version++
	o.UpdatedAt = now
	return o
}
