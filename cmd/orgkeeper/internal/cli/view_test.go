package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// at is an instant of the tests.
func at(minute int) time.Time {
	return time.Date(2031, 3, 4, 5, minute, 7, 89*int(time.Millisecond), time.UTC)
}

// full is an organization in which everything is set that a view shows.
func full(t *testing.T) app.OrganizationDetails {
	t.Helper()
	email, err := domain.ParseEmail("admin@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	return app.OrganizationDetails{
		AdminEmail: email,
		Organization: domain.Organization{
			ID: "0198-1", Name: domain.StoredName("Acme\x1b[2J", "acme"), Status: domain.StatusDeleted,
			Placement: domain.Placement{Strategy: domain.StrategyCollection, Database: "tenants", Namespace: "org_acme", Generation: 2, State: domain.PlacementOpen},
			Owner:     "0198-2", Epoch: 3, Version: 7, Hold: true,
			CreatedAt: at(1), UpdatedAt: at(2), DeletedAt: at(3), PurgeAt: at(4),
			Receipt: domain.Receipt{By: domain.ActorRetention, At: at(5), Usage: domain.Usage{Documents: 6, Bytes: 78}},
			Pending: domain.Operation{
				ID: "0198-3", Kind: domain.OperationPurge, Phase: domain.PhaseCommitted, By: domain.ActorOperator,
				StartedAt: at(6), LeaseUntil: at(7), Attempt: 4, Failures: 5, Stuck: true,
			},
		},
	}
}

func TestJSONOfAnOrganization(t *testing.T) {
	const want = `{"id":"0198-1","name":"Acme\u001b[2J","status":"deleted","admin_email":"admin@acme.example",` +
		`"placement":{"strategy":"collection","database":"tenants","collection":"org_acme","namespace":"org_acme","generation":2,"state":"open"},` +
		`"hold":true,"created_at":"2031-03-04T05:01:07.089Z","updated_at":"2031-03-04T05:02:07.089Z",` +
		`"deleted_at":"2031-03-04T05:03:07.089Z","purge_at":"2031-03-04T05:04:07.089Z",` +
		`"receipt":{"by":"retention","at":"2031-03-04T05:05:07.089Z","documents":6,"bytes":78},"version":7,` +
		`"operation":{"id":"0198-3","kind":"purge","phase":"committed","by":"operator","started_at":"2031-03-04T05:06:07.089Z",` +
		`"lease_until":"2031-03-04T05:07:07.089Z","attempt":4,"failures":5,"stuck":true,"abortable":false}}` + "\n"
	var b bytes.Buffer
	if err := writeJSON(&b, httpapi.Represent(full(t))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestTextOfAnOrganization(t *testing.T) {
	const want = `ID          0198-1
Name        Acme\u001b[2J
Status      deleted
Admin       admin@acme.example
Database    tenants
Namespace   org_acme (collection, generation 2, open)
Hold        its data may not be dropped
Created     2031-03-04T05:01:07Z
Updated     2031-03-04T05:02:07Z
Deleted     2031-03-04T05:03:07Z
Kept until  2031-03-04T05:04:07Z
Purged      2031-03-04T05:05:07Z, by retention: 6 documents, 78 bytes
Operation   purge since 2031-03-04T05:06:07Z, committed, attempt 4, 5 failed, stuck: retry or abort it
Version     7
`
	var b bytes.Buffer
	if err := describe(&b, full(t)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if got, want := note(full(t).Organization), "on hold, purge is stuck, kept until 2031-03-04T05:04:07Z"; got != want {
		t.Errorf("the note is %q, want %q", got, want)
	}
}
