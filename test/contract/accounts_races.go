package contract

import (
	"context"
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// accountContestants returns one account for each racer, which share nothing.
func accountContestants(t *testing.T) []domain.Account {
	t.Helper()
	all := make([]domain.Account, racers)
	for i := range all {
		all[i] = numberedAccount(t, i)
	}
	return all
}

func accountRaceForEmail(t *testing.T, r Registry) {
	all := accountContestants(t)
	for i := range all {
		// Half of them shout.
		address := "contested@example.com"
		if i%2 == 1 {
			address = "CONTESTED@EXAMPLE.COM"
		}
		all[i].Email = mustEmail(t, address)
	}
	results := race(func(i int) error { return r.Accounts.Insert(t.Context(), all[i]) })
	winner := wantOneWinner(t, results, domain.ErrEmailTaken)
	if winner < 0 {
		return
	}
	wantAccount(t, r, all[winner])
	for i, a := range all {
		if i != winner {
			_, err := r.Accounts.ByID(t.Context(), a.ID)
			wantError(t, "ByID of a loser", err, domain.ErrAccountNotFound)
		}
	}
}

func accountRaceForNewEmail(t *testing.T, r Registry) {
	all := accountContestants(t)
	insertAccounts(t, r, all...)
	email := mustEmail(t, "contested@example.com")
	results := race(func(i int) error {
		return r.Accounts.Replace(t.Context(), all[i].WithEmail(email, at(90)), all[i].Version)
	})
	winner := wantOneWinner(t, results, domain.ErrEmailTaken)
	for i, a := range all {
		if i == winner {
			a = a.WithEmail(email, at(90))
		}
		wantAccount(t, r, a)
	}
}

func accountRaceForID(t *testing.T, r Registry) {
	all := accountContestants(t)
	for i := range all {
		all[i].ID = all[0].ID
	}
	results := race(func(i int) error { return r.Accounts.Insert(t.Context(), all[i]) })
	if winner := wantOneWinner(t, results, domain.ErrVersionConflict); winner >= 0 {
		wantAccount(t, r, all[winner])
	}
}

func accountRaceForVersion(t *testing.T, r Registry) {
	a := numberedAccount(t, 1)
	insertAccounts(t, r, a)
	versions := make([]domain.Account, racers)
	for i := range versions {
		versions[i] = a.WithEmail(mustEmail(t, fmt.Sprintf("racer.%d@example.com", i)), at(90+i))
	}
	results := race(func(i int) error { return r.Accounts.Replace(t.Context(), versions[i], a.Version) })
	winner := wantOneWinner(t, results, domain.ErrVersionConflict)
	if winner < 0 {
		return
	}
	wantAccount(t, r, versions[winner])
	for i, loser := range versions {
		if i != winner {
			wantNoAccount(t, r, loser.Email.Key())
		}
	}
}

func accountRaceOfDeletes(t *testing.T, r Registry) {
	a, bystander := numberedAccount(t, 1), numberedAccount(t, 2)
	insertAccounts(t, r, a, bystander)
	wantAllWin(t, "Delete", race(func(int) error { return r.Accounts.Delete(t.Context(), a.ID) }))
	wantNoAccount(t, r, a.Email.Key())
	wantAccount(t, r, bystander)
}

func accountContextEnds(t *testing.T, r Registry) {
	a := numberedAccount(t, 1)
	insertAccounts(t, r, a)
	next := a.WithEmail(mustEmail(t, "next@example.com"), at(90))
	wantUnavailable(t, []call{
		{"Insert", func(ctx context.Context) error { return r.Accounts.Insert(ctx, numberedAccount(t, 2)) }},
		{"ByID", func(ctx context.Context) error { _, err := r.Accounts.ByID(ctx, a.ID); return err }},
		{"ByEmailKey", func(ctx context.Context) error {
			_, err := r.Accounts.ByEmailKey(ctx, a.Email.Key())
			return err
		}},
		{"Replace", func(ctx context.Context) error { return r.Accounts.Replace(ctx, next, a.Version) }},
		{"Delete", func(ctx context.Context) error { return r.Accounts.Delete(ctx, a.ID) }},
	})
	wantAccount(t, r, a)
	must(t, "Replace", r.Accounts.Replace(t.Context(), next, a.Version))
	wantAccount(t, r, next)
}
