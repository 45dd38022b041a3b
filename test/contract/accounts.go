package contract

import (
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

var accountChecks = []check[Registry]{
	{"RoundTrip", accountRoundTrip},
	{"RoundTripOfZeroValues", accountRoundTripZero},
	{"TimesToTheMillisecondInUTC", accountTimes},
	{"IDsAreOpaque", accountIDs},
	{"HashesSurvive", accountHashes},
	{"NotFound", accountNotFound},
	{"InsertErrors", accountInsertErrors},
	{"EmailKeysAreComparedExactly", accountExactKeys},
	{"ReplaceComparesAndSets", accountCompareAndSet},
	{"ReplaceErrors", accountReplaceErrors},
	{"DeleteIsIdempotent", accountDelete},
	{"Isolation", accountIsolation},
	{"RaceForAnEmail", accountRaceForEmail},
	{"RaceForANewEmail", accountRaceForNewEmail},
	{"RaceForAnID", accountRaceForID},
	{"RaceForAVersion", accountRaceForVersion},
	{"RaceOfDeletes", accountRaceOfDeletes},
	{"ContextEnds", accountContextEnds},
}

// insertAccounts writes all of them.
func insertAccounts(t *testing.T, r Registry, accounts ...domain.Account) {
	t.Helper()
	for _, a := range accounts {
		must(t, fmt.Sprintf("Insert(%s)", a.ID), r.Accounts.Insert(t.Context(), a))
	}
}

// wantAccount fails t unless a is found whole, by its ID and by its email.
func wantAccount(t *testing.T, r Registry, a domain.Account) {
	t.Helper()
	got, err := r.Accounts.ByID(t.Context(), a.ID)
	must(t, fmt.Sprintf("ByID(%s)", a.ID), err)
	wantRecord(t, fmt.Sprintf("ByID(%s)", a.ID), got, a)
	got, err = r.Accounts.ByEmailKey(t.Context(), a.Email.Key())
	must(t, fmt.Sprintf("ByEmailKey(%s)", a.Email.Key()), err)
	wantRecord(t, fmt.Sprintf("ByEmailKey(%s)", a.Email.Key()), got, a)
}

// wantNoAccount fails t when an account has the email key.
func wantNoAccount(t *testing.T, r Registry, key string) {
	t.Helper()
	_, err := r.Accounts.ByEmailKey(t.Context(), key)
	wantError(t, fmt.Sprintf("ByEmailKey(%q)", key), err, domain.ErrAccountNotFound)
}

func accountRoundTrip(t *testing.T, r Registry) {
	want := fullAccount()
	insertAccounts(t, r, want)
	wantAccount(t, r, want)

	// The same by Replace, from a record that differs in all.
	before := numberedAccount(t, 1)
	insertAccounts(t, r, before)
	next := fullAccount()
	next.ID, next.CreatedAt = before.ID, before.CreatedAt
	next.Email = domain.StoredEmail("Another+" + next.Email.String())
	must(t, "Replace", r.Accounts.Replace(t.Context(), next, before.Version))
	wantAccount(t, r, next)
	wantAccount(t, r, want)
	wantNoAccount(t, r, before.Email.Key())
}

func accountRoundTripZero(t *testing.T, r Registry) {
	// An account of an older service may name no organization and have no hash.
	a := numberedAccount(t, 1)
	a.OrganizationID, a.PasswordHash, a.Epoch = "", domain.PasswordHash{}, 0
	insertAccounts(t, r, a)
	wantAccount(t, r, a)

	// What was set and is not any more is gone.
	b := numberedAccount(t, 2)
	insertAccounts(t, r, b)
	emptied := b
	emptied.OrganizationID, emptied.PasswordHash, emptied.Epoch, emptied.Version = "", domain.PasswordHash{}, 0, 2
	must(t, "Replace", r.Accounts.Replace(t.Context(), emptied, b.Version))
	wantAccount(t, r, emptied)
}

func accountTimes(t *testing.T, r Registry) {
	written, want := fullAccount(), fullAccount()
	written.CreatedAt, want.CreatedAt = finer(11), at(11)
	written.UpdatedAt, want.UpdatedAt = finer(12), at(12)
	insertAccounts(t, r, written)
	wantAccount(t, r, want)
}

func accountIDs(t *testing.T, r Registry) {
	var all []domain.Account
	for i, id := range opaqueIDs {
		a := numberedAccount(t, i)
		a.ID, a.OrganizationID = domain.AccountID(id), domain.OrganizationID(id)
		all = append(all, a)
	}
	for _, a := range all {
		_, err := r.Accounts.ByID(t.Context(), a.ID)
		wantError(t, fmt.Sprintf("ByID(%q) before it is written", a.ID), err, domain.ErrAccountNotFound)
		insertAccounts(t, r, a)
	}
	for _, a := range all {
		wantAccount(t, r, a)
	}
}

func accountHashes(t *testing.T, r Registry) {
	for i, encoded := range []string{
		"$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/w",
		"$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
		" outer spaces ", "'; DROP TABLE admins; --", "$where", "12", "ＦＵＬＬ width, é e\u0301",
	} {
		a := numberedAccount(t, i)
		a.PasswordHash = domain.NewPasswordHash(encoded)
		insertAccounts(t, r, a)
		wantAccount(t, r, a)
	}
}

func accountNotFound(t *testing.T, r Registry) {
	insertAccounts(t, r, numberedAccount(t, 1))
	for _, id := range []domain.AccountID{"", "account-2", "Account-1", "account-1 ", "account-_", ".*"} {
		_, err := r.Accounts.ByID(t.Context(), id)
		wantError(t, fmt.Sprintf("ByID(%q)", id), err, domain.ErrAccountNotFound)
	}
	for _, key := range []string{"", "owner.2@example.com", "Owner.1@example.com", "owner_1@example.com", "owner.1@example.com ", "owner%", ".*"} {
		wantNoAccount(t, r, key)
	}
}

func accountInsertErrors(t *testing.T, r Registry) {
	first := numberedAccount(t, 1)
	insertAccounts(t, r, first)
	sameEmail := numberedAccount(t, 2)
	sameEmail.Email = mustEmail(t, "OWNER.1@Example.COM")
	sameID := numberedAccount(t, 3)
	sameID.ID = first.ID
	wantError(t, "Insert with an email that is taken", r.Accounts.Insert(t.Context(), sameEmail), domain.ErrEmailTaken)
	_, err := r.Accounts.ByID(t.Context(), sameEmail.ID)
	wantError(t, "ByID after a refused insert", err, domain.ErrAccountNotFound)
	wantError(t, "Insert with an ID that exists", r.Accounts.Insert(t.Context(), sameID), domain.ErrVersionConflict)
	wantNoAccount(t, r, sameID.Email.Key())
	wantAccount(t, r, first)

	// Two accounts may name one organization.
	second := numberedAccount(t, 4)
	second.OrganizationID = first.OrganizationID
	insertAccounts(t, r, second)
	wantAccount(t, r, second)
}

// accountExactKeys keeps emails that a collation or a pattern would take for
// one. The store compares the key's bytes.
func accountExactKeys(t *testing.T, r Registry) {
	emails := []string{
		"a@example.com", "á@example.com", "a\u0301@example.com", "ａ@example.com", "a @example.com", "a@example.com ",
		"ss@example.com", "ß@example.com", "_@example.com", "%@example.com", "i@example.com", "ı@example.com", "а@example.com",
	}
	for i, email := range emails {
		a := numberedAccount(t, i)
		a.Email = domain.StoredEmail(email)
		insertAccounts(t, r, a)
	}
	for i, email := range emails {
		got, err := r.Accounts.ByEmailKey(t.Context(), domain.StoredEmail(email).Key())
		must(t, fmt.Sprintf("ByEmailKey(%q)", email), err)
		if want := numberedAccount(t, i).ID; got.ID != want {
			t.Errorf("ByEmailKey(%q): got %s, want %s", email, got.ID, want)
		}
	}
	capital := numberedAccount(t, 100)
	capital.Email = domain.StoredEmail("Á@EXAMPLE.com")
	wantError(t, "Insert of an email in another case", r.Accounts.Insert(t.Context(), capital), domain.ErrEmailTaken)
}
