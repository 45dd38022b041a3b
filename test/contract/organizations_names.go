package contract

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/orgkeeper/orgkeeper/domain"
)

func organizationInsertErrors(t *testing.T, r Registry) {
	first := numbered(t, 1)
	other := numbered(t, 2)
	insertOrganizations(t, r, first, other)

	sameName := numbered(t, 3)
	sameName.Name = first.Name
	sameNamespace := numbered(t, 4)
	sameNamespace.Reserved = []string{"c:tenants.org_free", first.Reserved[0]}
	both := numbered(t, 5)
	both.Name, both.Reserved = first.Name, first.Reserved
	bothOfTwo := numbered(t, 6)
	bothOfTwo.Name, bothOfTwo.Reserved = first.Name, other.Reserved
	sameID := numbered(t, 7)
	sameID.ID = first.ID

	for _, c := range []struct {
		name string
		o    domain.Organization
		want error
	}{
		{"a name that is held", sameName, domain.ErrNameTaken},
		{"a namespace that was given", sameNamespace, domain.ErrNamespaceTaken},
		{"name and namespace of one organization", both, domain.ErrNameTaken},
		{"name and namespace of two organizations", bothOfTwo, domain.ErrNameTaken},
		{"an ID that exists", sameID, domain.ErrVersionConflict},
	} {
		wantError(t, "Insert with "+c.name, r.Organizations.Insert(t.Context(), c.o), c.want)
		if c.o.ID != first.ID {
			_, err := r.Organizations.ByID(t.Context(), c.o.ID)
			wantError(t, "ByID after a refused insert with "+c.name, err, domain.ErrOrganizationNotFound)
		}
	}
	wantOrganization(t, r, first)
	wantOrganization(t, r, other)

	// Nothing of what was refused is held.
	free := numbered(t, 8)
	free.Name, free.Reserved = sameID.Name, []string{"c:tenants.org_free", sameID.Reserved[0]}
	insertOrganizations(t, r, free)
}

func organizationLiveNames(t *testing.T, r Registry) {
	for i, status := range []domain.Status{domain.StatusProvisioning, domain.StatusActive, domain.StatusSuspended} {
		o := numbered(t, i)
		o.Status = status
		insertOrganizations(t, r, o)
		wantByKey(t, r.Organizations, o.Name.Key(), o.ID)
		again := numbered(t, 10+i)
		again.Name = o.Name
		wantError(t, fmt.Sprintf("Insert with the name of one that is %s", status),
			r.Organizations.Insert(t.Context(), again), domain.ErrNameTaken)
	}
}

func organizationFreedNames(t *testing.T, r Registry) {
	for i, leave := range []func(domain.Organization) domain.Organization{deleted, purged} {
		o := numbered(t, i)
		insertOrganizations(t, r, o)
		gone := leave(o)
		must(t, "Replace", r.Organizations.Replace(t.Context(), gone, o.Version))
		wantByKey(t, r.Organizations, o.Name.Key(), "")
		wantOrganization(t, r, gone)

		next := numbered(t, 10+i)
		next.Name = o.Name
		insertOrganizations(t, r, next)
		wantByKey(t, r.Organizations, o.Name.Key(), next.ID)

		// A second one may leave the same name behind, and one that left it doesn't
		// get it back while another has it.
		must(t, "Replace", r.Organizations.Replace(t.Context(), leave(next), next.Version))
		third := numbered(t, 20+i)
		third.Name = o.Name
		insertOrganizations(t, r, third)
		back := o
		back.Version = gone.Version + 1
		wantError(t, "Replace that brings back a name that another has",
			r.Organizations.Replace(t.Context(), back, gone.Version), domain.ErrNameTaken)
		wantOrganization(t, r, gone)
	}
}

func organizationPendingNames(t *testing.T, r Registry) {
	ctx := t.Context()
	o := numbered(t, 1)
	oldKey, newName := o.Name.Key(), mustName(t, "Another Name")
	insertOrganizations(t, r, o)
	pending := renaming(o, newName)
	must(t, "Replace", r.Organizations.Replace(ctx, pending, o.Version))
	wantByKey(t, r.Organizations, oldKey, o.ID)
	wantByKey(t, r.Organizations, newName.Key(), o.ID)

	// Both names are held, against inserts and against other renames.
	other := numbered(t, 2)
	insertOrganizations(t, r, other)
	for i, name := range []domain.Name{o.Name, newName} {
		third := numbered(t, 10+i)
		third.Name = name
		wantError(t, "Insert with a name that a rename holds", r.Organizations.Insert(ctx, third), domain.ErrNameTaken)
		wantError(t, "Replace with a name that a rename holds",
			r.Organizations.Replace(ctx, renaming(other, name), other.Version), domain.ErrNameTaken)
	}
	wantOrganization(t, r, other)

	// When it is done the old name is free.
	done := o
	done.Name, done.Version = newName, pending.Version+1
	must(t, "Replace", r.Organizations.Replace(ctx, done, pending.Version))
	wantByKey(t, r.Organizations, oldKey, "")
	wantByKey(t, r.Organizations, newName.Key(), o.ID)

	// A rename to the same key in another case holds one key.
	same := renaming(done, mustName(t, "ANOTHER NAME"))
	must(t, "Replace", r.Organizations.Replace(ctx, same, done.Version))
	wantByKey(t, r.Organizations, newName.Key(), o.ID)
	wantOrganization(t, r, same)

	// One that isn't live holds neither.
	gone := deleted(same)
	must(t, "Replace", r.Organizations.Replace(ctx, gone, same.Version))
	wantByKey(t, r.Organizations, newName.Key(), "")
	taker := numbered(t, 20)
	taker.Name = newName
	insertOrganizations(t, r, taker)
}

func organizationNameEquality(t *testing.T, r Registry) {
	o := named(t, 1, "ACME Café")
	insertOrganizations(t, r, o)
	for i, same := range []string{"acme café", "ACME CAFÉ", "ＡＣＭＥ cafe\u0301", "  Acme\t Cafe\u0301 "} {
		wantByKey(t, r.Organizations, mustName(t, same).Key(), o.ID)
		wantError(t, fmt.Sprintf("Insert of %q beside %q", same, o.Name),
			r.Organizations.Insert(t.Context(), named(t, 10+i, same)), domain.ErrNameTaken)
	}
	for i, other := range []string{"Acme Café!", "Acme Cafe", "AcmeCafé", "Acme Café 2", "Acme Çafé"} {
		wantByKey(t, r.Organizations, mustName(t, other).Key(), "")
		insertOrganizations(t, r, named(t, 20+i, other))
	}
	wantByKey(t, r.Organizations, o.Name.Key(), o.ID)
}

// organizationExactKeys keeps keys that a collation, a pattern or a number's
// affinity would take for one. The store compares the key's bytes.
func organizationExactKeys(t *testing.T, r Registry) {
	keys := []string{
		"a", "A", "á", "a\u0301", "a ", " a", "ａ", "ª", "а", "a.", "a%", "a_", "ss", "ß", "i", "ı", "İ", "1", "1.0", "01", "null", "\u3042", "\u30a2",
	}
	for i, key := range keys {
		o := numbered(t, i)
		o.Name = domain.StoredName("Display", key)
		insertOrganizations(t, r, o)
	}
	for i, key := range keys {
		wantByKey(t, r.Organizations, key, numbered(t, i).ID)
	}
}

func organizationLongNames(t *testing.T, r Registry) {
	// U+FDFA becomes 18 runes under NFKC, U+0390 three when its case is folded.
	for i, name := range []string{
		strings.Repeat("\ufdfa", domain.NameMaxRunes),
		strings.Repeat("\U0001f600", domain.NameMaxRunes),
		strings.Repeat("\u0390", domain.NameMaxRunes),
	} {
		o := named(t, i, name)
		if n := utf8.RuneCountInString(o.Name.String()); n != domain.NameMaxRunes {
			t.Fatalf("the name has %d runes, want %d", n, domain.NameMaxRunes)
		}
		insertOrganizations(t, r, o)
		wantOrganization(t, r, o)
		wantByKey(t, r.Organizations, o.Name.Key(), o.ID)
		again := named(t, 10+i, name)
		wantError(t, "Insert of a long name again", r.Organizations.Insert(t.Context(), again), domain.ErrNameTaken)

		// Only the last rune differs.
		runes := []rune(name)
		runes[len(runes)-1] = 'x'
		other := named(t, 20+i, string(runes))
		insertOrganizations(t, r, other)
		wantByKey(t, r.Organizations, other.Name.Key(), other.ID)
	}
}
