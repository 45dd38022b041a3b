package mongotest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

func TestEachAnswersAndTakesWrites(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		database := server.Connect(t).Database(server.Database(t))
		if err := database.RunCommand(t.Context(), bson.D{{Key: "ping", Value: 1}}).Err(); err != nil {
			t.Fatalf("ping: %v", err)
		}
		if _, err := database.Collection("c").InsertOne(t.Context(), bson.D{{Key: "n", Value: 1}}); err != nil {
			t.Fatalf("insert: %v", err)
		}
		var hello struct {
			SetName string `bson:"setName"`
			Primary bool   `bson:"isWritablePrimary"`
		}
		err := database.RunCommand(t.Context(), bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
		if err != nil {
			t.Fatalf("hello: %v", err)
		}
		if !hello.Primary {
			t.Error("the server is not a writable primary")
		}
		if got := hello.SetName != ""; got != server.ReplicaSet {
			t.Errorf("a member of a replica set: %v, and the Server says %v", got, server.ReplicaSet)
		}
	})
}

func TestForSharesOneServer(t *testing.T) {
	first, second := mongotest.For(t, mongotest.Standalone), mongotest.For(t, mongotest.Standalone)
	if first != second {
		t.Errorf("two servers of one kind: %s and %s", first.URI, second.URI)
	}
}

func TestDatabaseIsDroppedAtCleanup(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	client := server.Connect(t)
	var name string
	t.Run("use", func(t *testing.T) {
		name = server.Database(t)
		if _, err := client.Database(name).Collection("c").InsertOne(t.Context(), bson.D{}); err != nil {
			t.Fatal(err)
		}
	})
	left, err := client.ListDatabaseNames(t.Context(), bson.D{{Key: "name", Value: name}})
	if err != nil || len(left) > 0 {
		t.Errorf("after the subtest: %v, %v", left, err)
	}
}

func TestDatabaseName(t *testing.T) {
	for _, name := range []string{"Ünï/ ..$", strings.Repeat("long", 40)} {
		t.Run(name, func(t *testing.T) {
			one, two := mongotest.DatabaseName(t), mongotest.DatabaseName(t)
			if one == two {
				t.Errorf("the same name twice: %s", one)
			}
			if len(one) >= 40 || strings.Trim(one, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
				t.Errorf("%q is too long or has illegal characters", one)
			}
		})
	}
}

func TestChildKeepsWhatAMajorityHasWritten(t *testing.T) {
	for _, kind := range []mongotest.Kind{mongotest.ReplicaSet, mongotest.Standalone} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			child := mongotest.Child(t, mongotest.Options{ReplicaSet: kind == mongotest.ReplicaSet})
			durable := options.Collection().SetWriteConcern(&writeconcern.WriteConcern{W: "majority", Journal: new(true)})
			documents := child.Connect(t).Database("kept").Collection("c", durable)
			ways := []struct {
				name string
				end  func()
			}{{"kill", child.Kill}, {"stop", child.Stop}, {"no end before", func() {}}}
			for n, way := range ways {
				if _, err := documents.InsertOne(t.Context(), bson.D{{Key: "_id", Value: n}}); err != nil {
					t.Fatalf("insert before %s: %v", way.name, err)
				}
				way.end()
				child.Restart()
				count, err := documents.CountDocuments(t.Context(), bson.D{})
				if err != nil || count != int64(n)+1 {
					t.Fatalf("after %s and restart: %d documents, %v; want %d", way.name, count, err, n+1)
				}
			}
		})
	}
}

func TestChildPauses(t *testing.T) {
	t.Parallel()
	child := mongotest.Child(t, mongotest.Options{})
	client := child.Connect(t)
	ping := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return client.Ping(ctx, nil)
	}
	if err := ping(); err != nil {
		t.Fatalf("before: %v", err)
	}
	child.Pause()
	if err := ping(); !mongo.IsTimeout(err) {
		t.Errorf("a paused server: %v, want a timeout", err)
	}
	child.Resume()
	if err := ping(); err != nil {
		t.Errorf("after: %v", err)
	}
	child.Pause()
	child.Stop() // a paused server can be stopped, and stopped twice
	child.Stop()
	child.Kill()
}

func TestChildTakesFailPoints(t *testing.T) {
	t.Parallel()
	child := mongotest.Child(t, mongotest.Options{})
	client := child.Connect(t)
	err := client.Database("admin").RunCommand(t.Context(), bson.D{
		{Key: "configureFailPoint", Value: "failCommand"},
		{Key: "mode", Value: bson.D{{Key: "times", Value: 1}}},
		{Key: "data", Value: bson.D{
			{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "errorCode", Value: 11},
		}},
	}).Err()
	if err != nil {
		t.Fatalf("set a fail point: %v", err)
	}
	_, err = client.Database("d").Collection("c").InsertOne(t.Context(), bson.D{})
	if refused, ok := errors.AsType[mongo.ServerError](err); !ok || !refused.HasErrorCode(11) {
		t.Errorf("the insert said %v, want code 11", err)
	}
}
