package crash

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// storm is a time in which the store does not do its work as it should.
type storm struct {
	name       string
	begin, end func()
	lasts      time.Duration
	// away says that the store answers nothing while it lasts.
	away bool
}

// storms are the bad days of a server behind a lane.
func storms(t *testing.T, server *mongotest.Process, l *lane) []storm {
	t.Helper()
	admin := server.Connect(t).Database("admin")
	const while = 2 * time.Second
	all := []storm{
		{"restart", server.Kill, server.Restart, time.Second, true},
		{"freeze of 5 s", server.Pause, server.Resume, 5 * time.Second, true},
		{"cut replies", func() { l.put(cutting, map[string]int{"one_in": 15}) }, l.clear, while, false},
		{"latency of 100 to 300 ms", func() { l.put("latency", map[string]int{"latency": 200, "jitter": 100}) }, l.clear, while, false},
		{"8 KB/s a connection", func() { l.put("bandwidth", map[string]int{"rate": 8}) }, l.clear, while, false},
		failing(t, admin, "connections closed by the server", bson.D{{Key: "closeConnection", Value: true}}),
	}
	if server.ReplicaSet {
		all = append(all,
			failing(t, admin, "no longer primary", bson.D{{Key: "errorCode", Value: 10107}}),
			storm{"step down", func() { stepDown(t, admin) }, func() { awaitPrimary(t, admin) }, while, false},
		)
	}
	return all
}

// failing is a storm in which every third command fails in the server.
func failing(t *testing.T, admin *mongo.Database, name string, how bson.D) storm {
	t.Helper()
	set := func(mode any) {
		data := append(bson.D{
			{Key: "failCommands", Value: bson.A{"find", "insert", "update", "findAndModify", "delete", "create", "renameCollection", "drop"}},
		}, how...)
		command(t, admin, bson.D{{Key: "configureFailPoint", Value: "failCommand"}, {Key: "mode", Value: mode}, {Key: "data", Value: data}})
	}
	return storm{
		name:  name,
		begin: func() { set(bson.D{{Key: "activationProbability", Value: 0.3}}) },
		end:   func() { set("off") },
		lasts: 2 * time.Second,
	}
}

// stepDown has the only member of a replica set be no primary for two seconds.
func stepDown(t *testing.T, admin *mongo.Database) {
	t.Helper()
	command(t, admin, bson.D{{Key: "replSetStepDown", Value: 2}, {Key: "force", Value: true}})
}

func awaitPrimary(t *testing.T, admin *mongo.Database) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(10 * time.Millisecond) {
		var reply struct {
			IsWritablePrimary bool `bson:"isWritablePrimary"`
		}
		err := admin.RunCommand(t.Context(), bson.D{{Key: "hello", Value: 1}}).Decode(&reply)
		if err == nil && reply.IsWritablePrimary {
			return
		}
	}
	t.Fatal("the server doesn't become primary again")
}

func command(t *testing.T, admin *mongo.Database, c bson.D) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := admin.RunCommand(ctx, c).Err(); err != nil {
		t.Fatalf("%s: %v", c[0].Key, err)
	}
}
