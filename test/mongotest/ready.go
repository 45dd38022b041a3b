package mongotest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	replicaSetName     = "rs0"
	alreadyInitialized = 23 // error code of a second replSetInitiate
)

// hello is what MongoDB's hello command tells, as far as tests need it.
type hello struct {
	SetName           string `bson:"setName"`
	IsWritablePrimary bool   `bson:"isWritablePrimary"`
}

// waitReady waits until the server at uri takes writes; ctx bounds the wait.
// Where member is given, the server is first made the only member of a replica set, by that address.
func waitReady(ctx context.Context, uri, member string) error {
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetDirect(true).
		SetServerSelectionTimeout(time.Second))
	if err != nil {
		return err
	}
	defer disconnect(client)
	if member != "" {
		if err := retry(ctx, func() error { return initiate(ctx, client, member) }); err != nil {
			return fmt.Errorf("initiate the replica set: %w", err)
		}
	}
	return retry(ctx, func() error {
		reply, err := sayHello(ctx, client)
		if err == nil && !reply.IsWritablePrimary {
			err = errors.New("not a writable primary yet")
		}
		return err
	})
}

func initiate(ctx context.Context, client *mongo.Client, member string) error {
	err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "replSetInitiate", Value: bson.D{
		{Key: "_id", Value: replicaSetName},
		{Key: "members", Value: bson.A{bson.D{{Key: "_id", Value: 0}, {Key: "host", Value: member}}}},
	}}}).Err()
	if command, ok := errors.AsType[mongo.CommandError](err); ok && command.Code == alreadyInitialized {
		return nil
	}
	return err
}

func sayHello(ctx context.Context, client *mongo.Client) (hello, error) {
	var reply hello
	err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&reply)
	return reply, err
}

// retry calls do until it succeeds or ctx ends, then it returns do's last error.
func retry(ctx context.Context, do func() error) error {
	for {
		err := do()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// disconnect ends a client. Towards a dead server the driver waits as long as it is let: it wants to end
// its sessions there. That nobody misses, so it is not let for long.
func disconnect(client *mongo.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = client.Disconnect(ctx)
}

// existing describes the server at uri, which must be up.
func existing(uri string) (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(10 * time.Second))
	if err != nil {
		return nil, fmt.Errorf("TEST_MONGO_URI: %s", strings.ReplaceAll(err.Error(), uri, "…"))
	}
	defer disconnect(client)
	reply, err := sayHello(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("the server of TEST_MONGO_URI does not answer: %w", err)
	}
	return &Server{Name: string(URI), URI: uri, ReplicaSet: reply.SetName != ""}, nil
}
