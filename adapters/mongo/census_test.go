package mongo_test

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// TestASweepOfManyAccounts has accounts of both kinds of IDs in several batches,
// the orphans at the ends.
func TestASweepOfManyAccounts(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		home := bson.NewObjectID()
		db := server.Connect(t).Database(o.Master)
		_, err := db.Collection("organizations").InsertOne(t.Context(),
			bson.D{{Key: "_id", Value: home}, {Key: "organization_name", Value: "Home"}})
		if err != nil {
			t.Fatal(err)
		}
		var accounts []any
		want := map[domain.AccountID]bool{}
		add := func(id any, text string, i int) {
			// The organization's ID may be kept as text, whatever it is in its own record.
			organization := any(home)
			switch i {
			case 0, 1, mongo.SweepBatch - 1, mongo.SweepBatch, 2*mongo.SweepBatch + 6:
				organization = "gone"
				want[domain.AccountID(text)] = true
			case 2:
				organization = home.Hex()
			case 3:
				organization = ""
			case 4:
				organization = nil
			}
			accounts = append(accounts, bson.D{{Key: "_id", Value: id}, {Key: "organization_id", Value: organization}})
		}
		for i := range 2*mongo.SweepBatch + 7 {
			text := fmt.Sprintf("account-%06d", i)
			add(text, text, i)
			object := bson.ObjectID{byte(i >> 8), byte(i), 1}
			add(object, object.Hex(), i)
		}
		accounts = append(accounts, bson.D{{Key: "_id", Value: "older"}, {Key: "email", Value: "x"}})
		if _, err := db.Collection("admins").InsertMany(t.Context(), accounts); err != nil {
			t.Fatal(err)
		}
		all, err := store.Census().OrphanAccounts(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if !want[a.ID] {
				t.Errorf("%s is no orphan, or told twice", a.ID)
			}
			delete(want, a.ID)
		}
		if len(want) != 0 {
			t.Errorf("not told: %v", want)
		}
		for _, limit := range []int{-1, 0, 1, 3, 7} {
			some, err := store.Census().OrphanAccounts(t.Context(), limit)
			if err != nil || len(some) != max(limit, 0) {
				t.Errorf("with limit %d: %d, %v", limit, len(some), err)
			}
		}
	})
}
