package mongo_test

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestUsageIsTheSameInEachStrategy compares what is measured with the documents' own sizes.
func TestUsageIsTheSameInEachStrategy(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	o.Tenant = server.Databases(t)
	all := open(t, o).Storage()
	for _, owner := range []domain.OrganizationID{"organization", "5f43aaa1b2c3d4e5f6a7b8c9"} {
		for strategy, storage := range all {
			at := ports.Place{Organization: owner, Placement: domain.Placement{
				Strategy: strategy, Database: o.Tenant, Namespace: "org_" + string(owner), Generation: 1, State: domain.PlacementOpen,
			}}
			if err := storage.Namespaces.Ensure(t.Context(), owner, at.Placement); err != nil {
				t.Fatal(err)
			}
			info, err := storage.Namespaces.Stat(t.Context(), at.Placement)
			if err != nil {
				t.Fatal(err)
			}
			at.Identity = info.Identity
			var want domain.Usage
			for _, id := range []domain.DocumentID{"a", "a longer one", `{"$numberInt":"7"}`} {
				d := domain.Document{ID: id, Body: domain.BodyOf(`{"n":1,"text":"größer","list":[1,2.5]}`)}
				results, err := storage.Documents.Write(t.Context(), at, []ports.DocumentWrite{{Action: ports.DocumentPut, Document: d}})
				if err != nil || results[0].Err != nil {
					t.Fatal(err, results)
				}
				want.Documents++
				want.Bytes += storage.Size(d)
			}
			if got, err := storage.Inventory.Measure(t.Context(), at.Placement); err != nil || got != want {
				t.Errorf("%s of %s: measured %+v, %v; want %+v", strategy, owner, got, err, want)
			}
		}
	}
}
