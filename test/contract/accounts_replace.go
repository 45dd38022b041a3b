package contract

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

func accountCompareAndSet(t *testing.T, r Registry) {
	ctx := t.Context()
	first := numberedAccount(t, 1)
	insertAccounts(t, r, first)
	second := first.WithEmail(mustEmail(t, "second@example.com"), at(50))
	for _, wrong := range []int64{-1, 0, 2, 3} {
		wantError(t, "Replace with another version", r.Accounts.Replace(ctx, second, wrong), domain.ErrVersionConflict)
		wantAccount(t, r, first)
	}
	wantNoAccount(t, r, second.Email.Key())
	must(t, "Replace", r.Accounts.Replace(ctx, second, 1))
	wantAccount(t, r, second)
	wantNoAccount(t, r, first.Email.Key())
	wantError(t, "Replace a second time", r.Accounts.Replace(ctx, second, 1), domain.ErrVersionConflict)

	missing := numberedAccount(t, 2)
	for _, version := range []int64{0, 1} {
		wantError(t, "Replace of one that doesn't exist", r.Accounts.Replace(ctx, missing, version), domain.ErrVersionConflict)
	}
	_, err := r.Accounts.ByID(ctx, missing.ID)
	wantError(t, "ByID after Replace of one that doesn't exist", err, domain.ErrAccountNotFound)

	// The same email in another case is the account's own.
	third := second.WithEmail(mustEmail(t, "SECOND@example.com"), at(51))
	must(t, "Replace", r.Accounts.Replace(ctx, third, second.Version))
	wantAccount(t, r, third)

	// The email that was left is free.
	taker := numberedAccount(t, 3)
	taker.Email = first.Email
	insertAccounts(t, r, taker)
	wantAccount(t, r, taker)
}

func accountReplaceErrors(t *testing.T, r Registry) {
	ctx := t.Context()
	first, subject := numberedAccount(t, 1), numberedAccount(t, 2)
	insertAccounts(t, r, first, subject)
	taken := subject.WithEmail(mustEmail(t, "OWNER.1@EXAMPLE.COM"), at(50)).
		WithPasswordHash(domain.NewPasswordHash("another hash"), at(51))
	wantError(t, "Replace with an email that is taken", r.Accounts.Replace(ctx, taken, subject.Version), domain.ErrEmailTaken)
	wantAccount(t, r, subject)
	wantError(t, "Replace with an email that is taken and another version",
		r.Accounts.Replace(ctx, taken, subject.Version+7), domain.ErrVersionConflict)
	wantAccount(t, r, subject)
	wantAccount(t, r, first)
}

func accountDelete(t *testing.T, r Registry) {
	ctx := t.Context()
	first, second := numberedAccount(t, 1), numberedAccount(t, 2)
	insertAccounts(t, r, first, second)
	for range 2 {
		must(t, "Delete of one that doesn't exist", r.Accounts.Delete(ctx, "account-3"))
		must(t, "Delete", r.Accounts.Delete(ctx, first.ID))
		_, err := r.Accounts.ByID(ctx, first.ID)
		wantError(t, "ByID after Delete", err, domain.ErrAccountNotFound)
		wantNoAccount(t, r, first.Email.Key())
		wantError(t, "Replace after Delete", r.Accounts.Replace(ctx, first, first.Version), domain.ErrVersionConflict)
		wantAccount(t, r, second)
	}
	// The email is free, and so is what a store might remember of the ID.
	taker := numberedAccount(t, 4)
	taker.Email = first.Email
	insertAccounts(t, r, taker)
	wantAccount(t, r, taker)
}

func accountIsolation(t *testing.T, r Registry) {
	ctx := t.Context()
	accounts := []domain.Account{numberedAccount(t, 1), numberedAccount(t, 2)}
	insertAccounts(t, r, accounts...)
	for i := range accounts {
		subject, bystander := &accounts[i], accounts[1-i]
		next := subject.WithEmail(mustEmail(t, string(subject.ID)+"@example.org"), at(60)).
			WithPasswordHash(domain.NewPasswordHash("hash of "+string(subject.ID)), at(61))
		must(t, "Replace", r.Accounts.Replace(ctx, next, subject.Version))
		*subject = next
		wantAccount(t, r, next)
		wantAccount(t, r, bystander)
	}
	for i := range accounts {
		subject, bystander := accounts[i], accounts[1-i]
		must(t, "Delete", r.Accounts.Delete(ctx, subject.ID))
		wantNoAccount(t, r, subject.Email.Key())
		wantAccount(t, r, bystander)
		insertAccounts(t, r, subject)
	}
}
