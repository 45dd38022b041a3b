package mongo_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// BenchmarkDocuments puts and gets documents of 400 bytes, by the port and by the bare
// driver with the same guarantees.
func BenchmarkDocuments(b *testing.B) {
	server := mongotest.For(b, mongotest.ReplicaSet)
	database := server.Database(b)
	store, err := mongo.Open(b.Context(), mongo.Options{URI: domain.NewSecret(server.URI), Master: database, Timeout: testTimeout})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close(context.Background()) })
	at := ports.Place{Organization: "o", Placement: placed(database, "org_bench")}
	if err := store.Collections().Namespaces.Ensure(b.Context(), at.Organization, at.Placement); err != nil {
		b.Fatal(err)
	}
	info, err := store.Collections().Namespaces.Stat(b.Context(), at.Placement)
	if err != nil {
		b.Fatal(err)
	}
	at.Identity = info.Identity
	document := domain.Document{Body: domain.BodyOf(`{"name":"` + strings.Repeat("x", 300) + `","count":7,"price":1.5,"tags":["a","b"],"open":true}`)}
	var fields bson.D
	if err := bson.UnmarshalExtJSON([]byte(document.Body.String()), false, &fields); err != nil {
		b.Fatal(err)
	}
	bare := server.Connect(b).Database(database).Collection("org_bench", options.Collection().
		SetReadConcern(readconcern.Majority()).
		SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: new(true)}))
	const many = 1000
	id := func(n int64) string { return fmt.Sprintf("document-%d", n%many) }
	documents := store.Collections().Documents
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, n int64) error
	}{
		{"put/port", func(ctx context.Context, n int64) error {
			d := document
			d.ID = domain.DocumentID(id(n))
			_, err := documents.Write(ctx, at, []ports.DocumentWrite{{Action: ports.DocumentPut, Document: d}})
			return err
		}},
		{"put/driver", func(ctx context.Context, n int64) error {
			_, err := bare.ReplaceOne(ctx, bson.D{{Key: "_id", Value: id(n)}}, fields, options.Replace().SetUpsert(true))
			return err
		}},
		{"get/port", func(ctx context.Context, n int64) error {
			_, err := documents.Get(ctx, at, domain.DocumentID(id(n)))
			return missing(err)
		}},
		{"get/driver", func(ctx context.Context, n int64) error {
			var found bson.D
			return missing(bare.FindOne(ctx, bson.D{{Key: "_id", Value: id(n)}}).Decode(&found))
		}},
	} {
		for _, connections := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/connections=%d", c.name, connections), func(b *testing.B) {
				b.SetParallelism(connections) // of each processor
				var n atomic.Int64
				if connections == 1 {
					for b.Loop() {
						if err := c.do(b.Context(), n.Add(1)); err != nil {
							b.Fatal(err)
						}
					}
					return
				}
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := c.do(b.Context(), n.Add(1)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}

// missing passes over a document that a short run hasn't put.
func missing(err error) error {
	if err == driver.ErrNoDocuments || err == domain.ErrDocumentNotFound { //nolint:errorlint // neither is wrapped
		return nil
	}
	return err
}
