package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// made returns an active organization and its owner, as a create leaves them.
func made(t *testing.T, st *store, n int) (domain.Organization, domain.Account) {
	t.Helper()
	name, err := domain.ParseName(fmt.Sprintf("Company %06d", n))
	if err != nil {
		t.Fatal(err)
	}
	email, err := domain.ParseEmail(fmt.Sprintf("admin-%06d@example.com", n))
	if err != nil {
		t.Fatal(err)
	}
	id, owner, now := domain.OrganizationID(newID()), domain.AccountID(newID()), time.Now().UTC().Truncate(time.Millisecond)
	at := domain.Placement{
		Strategy: domain.StrategyCollection, Database: st.database, Namespace: fmt.Sprintf("org_company_%06d", n),
		Generation: 1, State: domain.PlacementOpen,
	}
	op := domain.Operation{ID: domain.OperationID(newID()), Kind: domain.OperationCreate, Phase: domain.PhaseForward, By: domain.ActorOwner, StartedAt: now, LeaseUntil: now, Attempt: 1}
	o, err := domain.NewOrganization(id, owner, name, at, op, now).Finish(now)
	if err != nil {
		t.Fatal(err)
	}
	return o, domain.NewAccount(owner, id, email, domain.NewPasswordHash("none"), now)
}

// stick leaves an update of the organization's name and its owner's email stuck before
// its first step.
func stick(t *testing.T, st *store, id domain.OrganizationID, newName string) {
	t.Helper()
	o, err := st.Organizations().ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	name, err := domain.ParseName(newName)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	info, err := st.Storage()[domain.StrategyCollection].Namespaces.Stat(t.Context(), o.Placement)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := st.Accounts().ByID(t.Context(), o.Owner)
	if err != nil {
		t.Fatal(err)
	}
	email, err := domain.ParseEmail("new-" + owner.Email.String())
	if err != nil {
		t.Fatal(err)
	}
	stuck, err := o.BeginUpdate(domain.Operation{
		ID: domain.OperationID(newID()), Kind: domain.OperationUpdate, Phase: domain.PhaseForward, By: domain.ActorOwner,
		StartedAt: now, LeaseUntil: now, Attempt: 1, Name: name, Email: email, FormerEmail: owner.Email, Target: o.NextPlacement("org_" + strings.ToLower(newName)), Source: info.Identity,
	}, now)
	if err == nil {
		stuck, err = stuck.Fail(now, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	stuck.Version = o.Version + 1
	if err := st.Organizations().Replace(t.Context(), stuck, o.Version); err != nil {
		t.Fatal(err)
	}
}

// fill inserts n organizations with their owners and namespaces, without any hashing.
func fill(t *testing.T, st *store, n int) {
	t.Helper()
	for i := range n {
		o, a := made(t, st, i)
		err := st.Organizations().Insert(t.Context(), o)
		if err == nil {
			err = st.Accounts().Insert(t.Context(), a)
		}
		if err == nil {
			err = st.Storage()[domain.StrategyCollection].Namespaces.Ensure(t.Context(), o.ID, o.Placement)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// sql changes a file of the SQLite store, which nobody has open.
func (w world) sql(file, statement string) {
	w.Helper()
	db, err := sql.Open("sqlite", filepath.Join(os.Getenv("DATA_DIR"), file))
	w.must(err)
	defer db.Close()
	_, err = db.ExecContext(w.Context(), statement)
	w.must(err)
}

// sqlText returns the one text that the query finds.
func (w world) sqlText(file, query string) (text string) {
	w.Helper()
	db, err := sql.Open("sqlite", filepath.Join(os.Getenv("DATA_DIR"), file))
	w.must(err)
	defer db.Close()
	w.must(db.QueryRowContext(w.Context(), query).Scan(&text))
	return text
}
