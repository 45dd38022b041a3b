package mongo_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestListsHaveRecordsOfOlderServices: they have ObjectIDs and no status.
func TestListsHaveRecordsOfOlderServices(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		insertPair(t, store, 1)
		live, plain, gone := bson.ObjectID{1}, bson.ObjectID{2}, bson.ObjectID{3}
		db := server.Connect(t).Database(o.Master)
		insertRaw(t, db, "organizations", bson.D{{Key: "_id", Value: live}, {Key: "deleted", Value: false}})
		insertRaw(t, db, "organizations", bson.D{{Key: "_id", Value: plain}, {Key: "organization_name", Value: "Plain"}})
		insertRaw(t, db, "organizations", bson.D{{Key: "_id", Value: gone}, {Key: "deleted", Value: true}})
		for _, c := range []struct {
			statuses []domain.Status
			want     []string
		}{
			{nil, []string{"organization-1", live.Hex(), plain.Hex(), gone.Hex()}},
			{[]domain.Status{domain.StatusActive}, []string{live.Hex(), plain.Hex()}},
			{[]domain.Status{domain.StatusDeleted, domain.StatusProvisioning}, []string{"organization-1", gone.Hex()}},
			{[]domain.Status{domain.StatusPurged}, nil},
		} {
			var got []string
			for _, limit := range []int{1, 2, 10} {
				got = nil
				for q := (ports.OrganizationQuery{Statuses: c.statuses, Limit: limit}); ; {
					page, err := store.Directory().List(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					if len(page) == 0 {
						break
					}
					for _, found := range page {
						got = append(got, string(found.ID))
					}
					q.After = page[len(page)-1].ID
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("List of %v in pages of %d: got %v, want %v", c.statuses, limit, got, c.want)
				}
			}
		}
		if due, err := store.Directory().PurgeDue(t.Context(), epoch.Add(time.Hour), 10); err != nil || len(due) != 0 {
			t.Errorf("PurgeDue: %v, %v, want none", due, err)
		}
	})
}

// TestForgetInBatches removes more than one batch holds.
func TestForgetInBatches(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		const all = 2*mongo.ForgetBatch + 7
		documents := make([]any, all)
		for i := range documents {
			documents[i] = bson.D{{Key: "_id", Value: fmt.Sprint(i)}, {Key: "expires_at", Value: epoch}}
		}
		if _, err := server.Connect(t).Database(o.Master).Collection("idempotency").InsertMany(t.Context(), documents); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ limit, want int }{{mongo.ForgetBatch + 1, mongo.ForgetBatch + 1}, {all, mongo.ForgetBatch + 6}, {all, 0}} {
			if n, err := store.Requests().Forget(t.Context(), epoch, c.limit); err != nil || n != c.want {
				t.Errorf("Forget(%d): got %d, %v, want %d", c.limit, n, err, c.want)
			}
		}
	})
}
