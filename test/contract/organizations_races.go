package contract

import (
	"context"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// contestants returns one organization for each racer, which share nothing.
func contestants(t *testing.T) []domain.Organization {
	t.Helper()
	all := make([]domain.Organization, racers)
	for i := range all {
		all[i] = numbered(t, i)
	}
	return all
}

// raceInserts inserts all at once and checks that one is there, and is whole.
func raceInserts(t *testing.T, r Registry, all []domain.Organization, want error) {
	t.Helper()
	results := race(func(i int) error { return r.Organizations.Insert(t.Context(), all[i]) })
	winner := wantOneWinner(t, results, want)
	if winner < 0 {
		return
	}
	wantOrganization(t, r, all[winner])
	for i, o := range all {
		if i != winner && o.ID != all[winner].ID {
			_, err := r.Organizations.ByID(t.Context(), o.ID)
			wantError(t, "ByID of a loser", err, domain.ErrOrganizationNotFound)
		}
	}
}

func organizationRaceForName(t *testing.T, r Registry) {
	all := contestants(t)
	for i := range all {
		all[i].Name = all[0].Name
	}
	raceInserts(t, r, all, domain.ErrNameTaken)
}

func organizationRaceForNamespace(t *testing.T, r Registry) {
	all := contestants(t)
	for i := range all {
		all[i].Reserved = append(all[i].Reserved, "c:tenants.org_contested")
	}
	raceInserts(t, r, all, domain.ErrNamespaceTaken)
}

func organizationRaceForBoth(t *testing.T, r Registry) {
	all := contestants(t)
	for i := range all {
		all[i].Name, all[i].Reserved = all[0].Name, all[0].Reserved
	}
	raceInserts(t, r, all, domain.ErrNameTaken)
}

func organizationRaceForID(t *testing.T, r Registry) {
	all := contestants(t)
	for i := range all {
		all[i].ID = all[0].ID
	}
	raceInserts(t, r, all, domain.ErrVersionConflict)
}

// organizationRaceForNewName lets existing organizations take one name.
func organizationRaceForNewName(t *testing.T, r Registry) {
	all := contestants(t)
	insertOrganizations(t, r, all...)
	name := mustName(t, "Contested")
	results := race(func(i int) error {
		return r.Organizations.Replace(t.Context(), renaming(all[i], name), all[i].Version)
	})
	winner := wantOneWinner(t, results, domain.ErrNameTaken)
	for i, o := range all {
		if i == winner {
			o = renaming(o, name)
			wantByKey(t, r.Organizations, name.Key(), o.ID)
		}
		wantOrganization(t, r, o)
	}
}

func organizationRaceForVersion(t *testing.T, r Registry) {
	o := numbered(t, 1)
	insertOrganizations(t, r, o)
	versions := make([]domain.Organization, racers)
	for i := range versions {
		versions[i] = reserving(renaming(o, numbered(t, 100+i).Name), numbered(t, 100+i).Placement)
	}
	results := race(func(i int) error { return r.Organizations.Replace(t.Context(), versions[i], o.Version) })
	winner := wantOneWinner(t, results, domain.ErrVersionConflict)
	if winner < 0 {
		return
	}
	wantOrganization(t, r, versions[winner])

	// What the losers wanted is free.
	for i := range versions {
		if i != winner {
			insertOrganizations(t, r, numbered(t, 100+i))
		}
	}
}

func organizationContextEnds(t *testing.T, r Registry) {
	o := numbered(t, 1)
	insertOrganizations(t, r, o)
	next := renaming(o, mustName(t, "Another Name"))
	wantUnavailable(t, []call{
		{"Insert", func(ctx context.Context) error { return r.Organizations.Insert(ctx, numbered(t, 2)) }},
		{"ByID", func(ctx context.Context) error { _, err := r.Organizations.ByID(ctx, o.ID); return err }},
		{"ByNameKey", func(ctx context.Context) error {
			_, err := r.Organizations.ByNameKey(ctx, o.Name.Key())
			return err
		}},
		{"Replace", func(ctx context.Context) error { return r.Organizations.Replace(ctx, next, o.Version) }},
		{"Due", func(ctx context.Context) error { _, err := r.Organizations.Due(ctx, at(9), 9); return err }},
	})
	wantOrganization(t, r, o)
	must(t, "Replace", r.Organizations.Replace(t.Context(), next, o.Version))
	wantOrganization(t, r, next)
}
