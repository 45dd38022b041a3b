package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
)

// mongoStore reads and writes as durably as the program does.
type mongoStore struct {
	tenant                *mongo.Database
	organizations, admins *mongo.Collection
	organization, admin   bson.M // the first ones, to be copied
}

func openMongo(ctx context.Context, uri, master, tenant string) (*mongoStore, error) {
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetWriteConcern(durable).SetReadConcern(readconcern.Majority()))
	if err != nil {
		return nil, err
	}
	registry := client.Database(master)
	s := &mongoStore{
		tenant:        client.Database(tenant),
		organizations: registry.Collection("organizations"),
		admins:        registry.Collection("admins"),
	}
	return s, errors.Join(
		s.organizations.FindOne(ctx, bson.D{{Key: "name_key", Value: "organization 0"}}).Decode(&s.organization),
		s.admins.FindOne(ctx, bson.D{{Key: "_id", Value: s.organization["admin_user_id"]}}).Decode(&s.admin))
}

var durable = &writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: new(true)}

func byNameKey(key string) bson.D {
	return bson.D{{Key: "name_keys", Value: key}, {Key: "live", Value: true}}
}

func (s *mongoStore) get(ctx context.Context, key string) (httpapi.GetResponse, error) {
	return s.read(ctx, key, options.FindOne())
}

func (s *mongoStore) lean(ctx context.Context, key string) (httpapi.GetResponse, error) {
	return s.read(ctx, key, options.FindOne().SetProjection(answered))
}

// answered are the fields that the answer needs.
var answered = bson.D{
	{Key: "organization_name", Value: 1}, {Key: "collection_name", Value: 1}, {Key: "created_at", Value: 1},
}

func (s *mongoStore) read(ctx context.Context, key string, how *options.FindOneOptionsBuilder) (httpapi.GetResponse, error) {
	var o struct {
		ID         string    `bson:"_id"`
		Name       string    `bson:"organization_name"`
		Collection string    `bson:"collection_name"`
		Created    time.Time `bson:"created_at"`
	}
	err := s.organizations.FindOne(ctx, byNameKey(key), how).Decode(&o)
	return httpapi.GetResponse{OrganizationID: o.ID, OrganizationName: o.Name, CollectionName: o.Collection, CreatedAt: o.Created}, err
}

func (s *mongoStore) session(ctx context.Context) error {
	var read struct {
		Epoch int64 `bson:"epoch"`
	}
	return errors.Join(
		s.organizations.FindOne(ctx, bson.D{{Key: "_id", Value: s.organization["_id"]}}).Decode(&read),
		s.admins.FindOne(ctx, bson.D{{Key: "_id", Value: s.admin["_id"]}}).Decode(&read))
}

// batch is how many documents are sent at once.
const batch = 10_000

func insertMany(ctx context.Context, c *mongo.Collection, first, last int, document func(i int) any) error {
	for ; first <= last; first += batch {
		var documents []any
		for i := first; i < first+batch && i <= last; i++ {
			documents = append(documents, document(i))
		}
		if _, err := c.InsertMany(ctx, documents); err != nil {
			return err
		}
	}
	return nil
}

func (s *mongoStore) fill(ctx context.Context, first, last int) error {
	return insertMany(ctx, s.organizations, first, last, s.copied)
}

func (s *mongoStore) documents(ctx context.Context, namespace string, n int) error {
	return insertMany(ctx, s.tenant.Collection(namespace), 1, n, func(i int) any {
		return bson.D{{Key: "_id", Value: i}, {Key: "text", Value: fmt.Sprint("some words ", i)}}
	})
}
