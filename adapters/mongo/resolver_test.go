package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// serve returns a service on the store, and an organization.
func serve(t *testing.T, store *mongo.Store, database string) (*app.Service, domain.Organization) {
	t.Helper()
	service, err := app.New(cleartoken.On(store), app.Options{Database: database})
	if err != nil {
		t.Fatal(err)
	}
	created, err := service.CreateOrganization(t.Context(), app.CreateOrganization{
		Name: "Acme", Email: "admin@acme.example", Password: domain.NewSecret("correct horse"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return service, created.Organization
}

// steadily puts one document after the other, from 0 on, until it is stopped, and tells then
// how many these were.
func steadily(t *testing.T, put func(ctx context.Context, number int) error) (stop func() int) {
	t.Helper()
	stopped, written := make(chan struct{}), make(chan int)
	go func() {
		for number := 0; ; number++ {
			select {
			case <-stopped:
				written <- number
				return
			default:
			}
			if err := put(t.Context(), number); err != nil {
				t.Errorf("document %d: %v", number, err)
			}
		}
	}()
	return func() int {
		close(stopped)
		return <-written
	}
}

// TestResolverFollowsRenames writes by the resolver while the organization is renamed.
// Every document that was written for good is there in the end.
func TestResolverFollowsRenames(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		service, organization := serve(t, store, o.Master)
		resolver := store.Resolver()
		put := func(ctx context.Context, number int) error {
			return resolver.Within(ctx, organization.ID, func(ctx context.Context, h mongo.Home) error {
				_, err := h.Collection.ReplaceOne(ctx, h.ByID(number), h.Fields, options.Replace().SetUpsert(true))
				return err
			})
		}
		stop := steadily(t, put)
		for i := range 20 {
			name := fmt.Sprintf("Acme %d", i)
			if _, err := service.UpdateByOperator(t.Context(), app.Command{Organization: organization.ID}, app.Change{Name: &name}); err != nil {
				t.Fatal(err)
			}
		}
		want := int64(stop())
		err := resolver.Within(t.Context(), organization.ID, func(ctx context.Context, h mongo.Home) error {
			got, err := h.Collection.CountDocuments(ctx, h.Filter)
			if err != nil || got != want || h.Placement.Namespace != h.Collection.Name() {
				t.Errorf("%s has %d documents, %v, want %d", h.Placement.Namespace, got, err, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestResolverRefuses(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	store := open(t, o)
	service, organization := serve(t, store, o.Master)
	called := 0
	errWork := errors.New("work")
	within := func(ctx context.Context, id domain.OrganizationID, want error) {
		t.Helper()
		err := store.Resolver().Within(ctx, id, func(context.Context, mongo.Home) error {
			called++
			return errWork
		})
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	within(t.Context(), "nobody", domain.ErrOrganizationNotFound)
	within(t.Context(), organization.ID, errWork)
	command := app.Command{Organization: organization.ID}
	if _, err := service.SuspendOrganization(t.Context(), command); err != nil {
		t.Fatal(err)
	}
	within(t.Context(), organization.ID, domain.ErrSuspended)

	// A rename that nobody goes on with.
	suspended, err := store.Organizations().ByID(t.Context(), organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	moving := suspended
	moving.Status, moving.Version = domain.StatusActive, suspended.Version+1
	moving.Pending = domain.Operation{
		ID: "rename", Kind: domain.OperationUpdate, Phase: domain.PhaseCommitted, StartedAt: epoch, LeaseUntil: epoch,
		Name: domain.StoredName("Globex", "globex"), Target: placed(o.Master, "org_globex"), Attempt: 1,
	}
	if err := store.Organizations().Replace(t.Context(), moving, suspended.Version); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	within(ctx, organization.ID, domain.ErrStoreUnavailable)
	if called != 1 {
		t.Errorf("the work was done %d times", called)
	}
}

// TestResolverKeepsToTheOrganization has two of each strategy, with the same IDs.
func TestResolverKeepsToTheOrganization(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	for _, strategy := range domain.Strategies() {
		t.Run(string(strategy), func(t *testing.T) {
			o := optionsFor(t, server)
			store, base := open(t, o), server.Databases(t)
			service, err := app.New(cleartoken.On(store), app.Options{Database: base, Strategy: strategy})
			if err != nil {
				t.Fatal(err)
			}
			var all []domain.Organization
			for _, name := range []string{"Acme", "Globex"} {
				created, err := service.CreateOrganization(t.Context(), app.CreateOrganization{
					Name: name, Email: name + "@example.com", Password: domain.NewSecret("correct horse"),
				})
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, created.Organization)
				err = store.Resolver().Within(t.Context(), created.Organization.ID, func(ctx context.Context, h mongo.Home) error {
					for _, id := range []any{"a", 7} {
						document := append(bson.D{{Key: "_id", Value: h.ID(id)}}, h.Fields...)
						if _, err := h.Collection.InsertOne(ctx, append(document, bson.E{Key: "of", Value: name})); err != nil {
							return err
						}
					}
					_, err := h.Collection.ReplaceOne(ctx, h.ByID("a"), append(h.Fields, bson.E{Key: "of", Value: name}))
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for i, name := range []string{"Acme", "Globex"} {
				err = store.Resolver().Within(t.Context(), all[i].ID, func(ctx context.Context, h mongo.Home) error {
					both, err := h.Collection.CountDocuments(ctx, h.Filter)
					if err != nil {
						return err
					}
					own, err := h.Collection.CountDocuments(ctx, append(h.Filter, bson.E{Key: "of", Value: name}))
					if both != 2 || own != 2 {
						t.Errorf("%s has %d documents, %d of its own", name, both, own)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
				documents, err := service.Documents(t.Context(), all[i].ID)
				if err != nil {
					t.Fatal(err)
				}
				d, err := documents.Get(t.Context(), "a")
				if want := fmt.Sprintf(`{"of":%q}`, name); err != nil || d.Body.String() != want {
					t.Errorf("%s: got %s, %v, want %s", name, d.Body, err, want)
				}
			}
			if strategy != domain.StrategyShared {
				return
			}
			if err := store.Shared().Namespaces.Drop(t.Context(), all[0].Placement); err != nil {
				t.Fatal(err)
			}
			err = store.Resolver().Within(t.Context(), all[0].ID, func(context.Context, mongo.Home) error { return nil })
			if !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("without a share: %v", err)
			}
		})
	}
}

func ExampleResolver_Within() {
	ctx := context.Background()
	store, err := mongo.Open(ctx, mongo.Options{URI: domain.NewSecret("mongodb://127.0.0.1:27017")})
	if err != nil {
		return
	}
	defer store.Close(ctx)
	organization := domain.OrganizationID("01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f") // from the token, never from a name
	err = store.Resolver().Within(ctx, organization, func(ctx context.Context, h mongo.Home) error {
		invoice := slices.Concat(h.Fields, bson.D{{Key: "total", Value: 120}})
		_, err := h.Collection.ReplaceOne(ctx, h.ByID("invoice-7"), invoice, options.Replace().SetUpsert(true))
		return err
	})
	if err != nil {
		slog.Error("the invoice is not written", "error", err)
	}
	err = store.Resolver().Within(ctx, organization, func(ctx context.Context, h mongo.Home) error {
		large, err := h.Collection.CountDocuments(ctx, slices.Concat(h.Filter, bson.D{{Key: "total", Value: bson.D{{Key: "$gte", Value: 100}}}}))
		if err == nil {
			slog.Info("counted", "large invoices", large)
		}
		return err
	})
	if err != nil {
		slog.Error("the invoices are not counted", "error", err)
	}
}
