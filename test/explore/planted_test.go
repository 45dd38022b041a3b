package explore

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// TestPlantedFaults plants faults that are known to do harm. The explorer must find
// each of them, and its schedule must show it again.
func TestPlantedFaults(t *testing.T) {
	skipRaced(t)
	tests := []struct {
		name     string
		plant    plant
		scenario string
		// finds is a part of what the violation says.
		finds string
		// harm leaves the double gift unnoticed, to see what comes of it when nobody
		// dies.
		harm bool
	}{
		{"a namespace is given anew", reuseNamespaces, "live: delete, create", "was given to", false},
		{"a namespace is given anew, to its harm", reuseNamespaces, "live: delete, create, reconcile", "has lost the document", true},
		{"a rename frees its old name at the intent", freeNamesEarly, "live: update, create", "is held by", false},
		{"an account comes after its create went back", keepLateAccounts, "empty: create, reconcile", "has no organization", false},
		{"a write passes the freeze of a move", writePastFreezes, "live: move, put", "has lost the document", false},
		{"a rehash writes over a change of the email", rehashBlindly, "live: update-email, login", "isn't true", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mustParse(t, tt.scenario)
			faults := 1
			if tt.harm {
				faults = 0
			}
			if v, _ := hunt(t, open(t, nil), s, faults); v != nil {
				t.Fatalf("found without the fault: %v", v)
			}
			m := open(t, tt.plant)
			m.reuses = tt.harm
			v, walked := hunt(t, m, s, faults)
			if v == nil || !strings.Contains(v.what, tt.finds) {
				t.Fatalf("%d schedules, found %v", walked, v)
			}
			t.Logf("found in schedule %d of %s: %s, %s", walked, s, v.schedule, v.what)
			m = open(t, tt.plant)
			m.reuses = tt.harm
			if again := replayed(t, m, s, v.schedule.String()); again == nil || again.what != v.what {
				t.Errorf("replayed: %v, should be %v", again, v)
			}
		})
	}
}

// hunt returns the first violation, and in which schedule it was.
func hunt(t *testing.T, m *machine, s scenario, faults int) (*violation, int) {
	t.Helper()
	e, start, err := newExplorer(t.Context(), m, s)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	var v *violation
	if _, err := e.explore(t.Context(), start, 2, faults); err != nil && !errors.As(err, &v) {
		t.Fatal(err)
	}
	return v, e.ended
}

// planted are organizations that do something more after a write.
type planted struct {
	ports.Organizations
	after func(ctx context.Context, o domain.Organization) error
}

func (p planted) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	if err := p.Organizations.Replace(ctx, o, ifVersion); err != nil {
		return err
	}
	return p.after(ctx, o)
}

// reuseNamespaces forgets a purged organization's reservations.
func reuseNamespaces(m *machine, d app.Dependencies) app.Dependencies {
	d.Organizations = planted{d.Organizations, func(ctx context.Context, o domain.Organization) error {
		if o.Status != domain.StatusPurged {
			return nil
		}
		return m.registry.execute(ctx,
			"DELETE FROM reservations WHERE organization = (SELECT number FROM organizations WHERE id = ?)", string(o.ID))
	}}
	return d
}

// freeNamesEarly frees the old name when a rename has only begun.
func freeNamesEarly(m *machine, d app.Dependencies) app.Dependencies {
	d.Organizations = planted{d.Organizations, func(ctx context.Context, o domain.Organization) error {
		if o.Pending.Name.IsZero() || o.Pending.Name.Key() == o.Name.Key() {
			return nil
		}
		return m.registry.execute(ctx, "DELETE FROM name_keys WHERE key = ?", o.Name.Key())
	}}
	return d
}

// lateAccounts are accounts and a census that leave accounts where they are whose
// create went back before.
type lateAccounts struct {
	ports.Accounts
	ports.Census
	organizations ports.Organizations
}

func keepLateAccounts(_ *machine, d app.Dependencies) app.Dependencies {
	late := lateAccounts{d.Accounts, d.Census, d.Organizations}
	d.Accounts, d.Census = late, late
	return d
}

func (l lateAccounts) Delete(ctx context.Context, id domain.AccountID) error {
	a, err := l.ByID(ctx, id)
	if err != nil {
		return nil //nolint:nilerr // There is nothing to delete.
	}
	if o, err := l.organizations.ByID(ctx, a.OrganizationID); err == nil && o.Status == domain.StatusPurged {
		return nil
	}
	return l.Accounts.Delete(ctx, id)
}

func (l lateAccounts) OrphanAccounts(context.Context, int) ([]domain.Account, error) { return nil, nil }

// blindAccounts write a new hash whatever has become of the account.
type blindAccounts struct{ ports.Accounts }

func rehashBlindly(_ *machine, d app.Dependencies) app.Dependencies {
	d.Accounts = blindAccounts{d.Accounts}
	return d
}

func (b blindAccounts) Replace(ctx context.Context, a domain.Account, ifVersion int64) error {
	stored, err := b.ByID(ctx, a.ID)
	if err != nil {
		return domain.ErrVersionConflict
	}
	if a.PasswordHash != stored.PasswordHash {
		a.Version, ifVersion = stored.Version+1, stored.Version
	}
	return b.Accounts.Replace(ctx, a, ifVersion)
}

// thawing are documents whose writes a freeze doesn't stop.
type thawing struct {
	ports.Documents
	machine *machine
}

func writePastFreezes(m *machine, d app.Dependencies) app.Dependencies {
	d.Storage = maps.Clone(d.Storage)
	s := d.Storage[domain.StrategyCollection]
	s.Documents = thawing{s.Documents, m}
	d.Storage[domain.StrategyCollection] = s
	return d
}

func (t thawing) Write(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	if err := t.machine.data.execute(ctx, "UPDATE namespaces SET moving = 1 WHERE moving = 2"); err != nil {
		return nil, err
	}
	return t.Documents.Write(ctx, at, writes)
}
