package mongo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
)

var epoch = time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)

// placed returns a placement in the database.
func placed(database, namespace string) domain.Placement {
	return domain.Placement{
		Strategy:   domain.StrategyCollection,
		Database:   database,
		Namespace:  namespace,
		Generation: 1,
		State:      domain.PlacementOpen,
	}
}

// numbered returns an organization that is being created.
func numbered(t *testing.T, n int) domain.Organization {
	t.Helper()
	name, err := domain.ParseName(fmt.Sprintf("Organization %d", n))
	if err != nil {
		t.Fatal(err)
	}
	op := domain.Operation{
		ID: "operation", Kind: domain.OperationCreate, Phase: domain.PhaseForward,
		StartedAt: epoch, LeaseUntil: epoch.Add(time.Duration(n) * time.Second), Attempt: 1,
	}
	id := domain.OrganizationID(fmt.Sprintf("organization-%d", n))
	return domain.NewOrganization(id, domain.AccountID(fmt.Sprintf("account-%d", n)), name,
		placed("tenants", fmt.Sprintf("org_%d", n)), op, epoch)
}

func numberedAccount(t *testing.T, n int) domain.Account {
	t.Helper()
	email, err := domain.ParseEmail(fmt.Sprintf("Owner.%d@example.com", n))
	if err != nil {
		t.Fatal(err)
	}
	return domain.NewAccount(domain.AccountID(fmt.Sprintf("account-%d", n)),
		domain.OrganizationID(fmt.Sprintf("organization-%d", n)), email, domain.NewPasswordHash("hash"), epoch)
}

// insertPair inserts an organization and its owner.
func insertPair(t *testing.T, store *mongo.Store, n int) {
	t.Helper()
	if err := store.Organizations().Insert(t.Context(), numbered(t, n)); err != nil {
		t.Fatal(err)
	}
	if err := store.Accounts().Insert(t.Context(), numberedAccount(t, n)); err != nil {
		t.Fatal(err)
	}
}

// wantNowhere fails t when the error, its causes included, holds one of the texts.
func wantNowhere(t *testing.T, err error, texts ...string) {
	t.Helper()
	full := fmt.Sprintf("%v %+v %#v", err, err, err)
	for e := err; e != nil; {
		full += " " + e.Error()
		unwrapper, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = unwrapper.Unwrap()
	}
	for _, text := range texts {
		if strings.Contains(full, text) {
			t.Errorf("the error holds %q: %s", text, full)
		}
	}
}
