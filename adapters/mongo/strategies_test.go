package mongo_test

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// callsOfStrategies are those of calls for databases and shares, where they differ from
// those for collections.
func callsOfStrategies(o domain.OrganizationID, tenant string) []call {
	own, share := inDatabase(tenant, "org_one"), inShare(tenant, "org_one")
	at := ports.Place{Organization: o, Placement: share, Identity: "00112233445566778899aabb"}
	return []call{
		{"List of databases", "listDatabases", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Databases().Inventory.List(ctx, tenant, "", 3)
			return err
		}},
		{"Stat of a database", "listCollections", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Databases().Namespaces.Stat(ctx, own)
			return err
		}},
		{"Quarantine of a database", "listCollections", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Databases().Inventory.Quarantine(ctx, own)
			return err
		}},
		{"Drop of a database", "dropDatabase", func(ctx context.Context, s *mongo.Store) error {
			return s.Databases().Namespaces.Drop(ctx, own)
		}},
		{"Ensure of a share", "insert", func(ctx context.Context, s *mongo.Store) error {
			return s.Shared().Namespaces.Ensure(ctx, o, share)
		}},
		{"Stat of a share", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Shared().Namespaces.Stat(ctx, share)
			return err
		}},
		{"Rename of a share", "find", func(ctx context.Context, s *mongo.Store) error {
			return s.Shared().Namespaces.Rename(ctx, at.Identity, share, inShare(tenant, "org_two"))
		}},
		{"List of shares", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Shared().Inventory.List(ctx, tenant, "", 3)
			return err
		}},
		{"Measure of a share", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Shared().Inventory.Measure(ctx, share)
			return err
		}},
		{"Merge of shares", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Shared().Inventory.Merge(ctx, share, inShare(tenant, "org_two"))
			return err
		}},
		{"Quarantine of a share", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Shared().Inventory.Quarantine(ctx, inShare(tenant, "org_two"))
			return err
		}},
		{"Get in a share", "find", func(ctx context.Context, s *mongo.Store) error {
			_, err := s.Shared().Documents.Get(ctx, at, "a")
			return err
		}},
		{"Write in a share", "find", func(ctx context.Context, s *mongo.Store) error {
			results, err := s.Shared().Documents.Write(ctx, at, []ports.DocumentWrite{removing("a", "")})
			if err == nil {
				err = results[0].Err
			}
			return err
		}},
		{"Drop of a share", "findAndModify", func(ctx context.Context, s *mongo.Store) error {
			return s.Shared().Namespaces.Drop(ctx, share)
		}},
	}
}

// TestDropOfADatabaseWaits for another one, in the midst of which the server refuses it.
func TestDropOfADatabaseWaits(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	store, f, tenant := openFailing(t, server)
	defer f.off()
	f.set(bson.D{{Key: "times", Value: 3}}, bson.D{
		{Key: "failCommands", Value: bson.A{"dropDatabase"}},
		{Key: "errorCode", Value: 215}, // DatabaseDropPending
	})
	if err := store.Databases().Namespaces.Drop(t.Context(), inDatabase(tenant, "org_one")); err != nil {
		t.Error(err)
	}
}

// TestUnknownStrategies are no way around what a collection's placement is refused.
func TestUnknownStrategies(t *testing.T) {
	store, _, tenant := openFailing(t, mongotest.For(t, mongotest.Standalone))
	for _, strategy := range []domain.Strategy{"", "another"} {
		p := placed(tenant, "system.views")
		p.Strategy = strategy
		at := ports.Place{Organization: "organization", Placement: p, Identity: "00112233-4455-6677-8899-aabbccddeeff"}
		if _, err := store.Collections().Documents.Count(t.Context(), at); err == nil || errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("strategy %q: %v, want a refusal", strategy, err)
		}
	}
}
