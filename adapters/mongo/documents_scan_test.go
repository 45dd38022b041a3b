package mongo_test

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestScanIsOfAnInstantWhereItCanBe scans on every server, and goes on without a snapshot
// when the server doesn't keep it any more.
func TestScanIsOfAnInstantWhereItCanBe(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		o.Tenant = server.Database(t)
		f := failures{t, server, "scanning-" + o.Master}
		o.URI = domain.NewSecret(server.URI + "&appName=" + f.appName)
		store := open(t, o)
		s := shelf{t: t, store: store, documents: store.Collections().Documents}
		s.at.Organization, s.at.Placement = "organization", placed(o.Tenant, "org_one")
		if err := store.Collections().Namespaces.Ensure(t.Context(), s.at.Organization, s.at.Placement); err != nil {
			t.Fatal(err)
		}
		s.at.Identity = identityAt(t, store, s.at.Placement)
		s.native = server.Connect(t).Database(o.Tenant).Collection("org_one")
		var all []any
		for i := range 2500 {
			all = append(all, bson.D{{Key: "_id", Value: fmt.Sprintf("%04d", i)}})
		}
		s.insert(all...)

		scan := func(during func()) (visits int, consistent bool) {
			t.Helper()
			consistent, err := s.documents.Scan(t.Context(), s.at, "", func(domain.Document) error {
				if visits++; visits == 1 && during != nil {
					during()
				}
				return nil
			})
			if err != nil || visits != len(all) {
				t.Fatalf("%d visits, %v", visits, err)
			}
			return visits, consistent
		}
		if _, consistent := scan(nil); consistent != server.ReplicaSet {
			t.Errorf("consistent: %v", consistent)
		}
		if !server.ReplicaSet {
			return
		}
		defer f.off()
		_, consistent := scan(func() {
			f.set(bson.D{{Key: "times", Value: 1}}, bson.D{
				{Key: "failCommands", Value: bson.A{"find"}}, {Key: "errorCode", Value: 239}, // SnapshotTooOld
			})
		})
		if consistent {
			t.Error("consistent, though the snapshot was too old")
		}
	})
}
