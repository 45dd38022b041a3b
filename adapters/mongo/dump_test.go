package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// The databases of these tests, each on servers of its own.
const (
	dumpMaster = "registry"
	dumpTenant = "tenants"
)

// A dump that is made while operations are left at every boundary between two of
// their steps is restored into an empty server, where the reconciler finishes them:
// every organization is whole, with its documents, and nothing is left over. On a
// replica set organizations come and go while the dump is made.
func TestDumpAndRestore(t *testing.T) {
	for _, replicaSet := range []bool{true, false} {
		t.Run(fmt.Sprintf("replica set %v", replicaSet), func(t *testing.T) {
			dump, restore := mongotest.Tool(t, "mongodump"), mongotest.Tool(t, "mongorestore")
			source := mongotest.Child(t, mongotest.Options{ReplicaSet: replicaSet})
			target := mongotest.Child(t, mongotest.Options{ReplicaSet: replicaSet})
			file := filepath.Join(t.TempDir(), "dump")
			dumpArgs := []string{"--uri", source.URI, "--archive=" + file}
			restoreArgs := []string{"--uri", target.URI, "--archive=" + file, "--drop", "--preserveUUID"}

			w := newDumpWorld(t, source.Server)
			left := w.leaveOperations(t)
			stop := func() {}
			if replicaSet {
				dumpArgs, restoreArgs = append(dumpArgs, "--oplog"), append(restoreArgs, "--oplogReplay")
				stop = w.keepBusy(t)
			}
			out, err := exec.CommandContext(t.Context(), dump, dumpArgs...).CombinedOutput()
			stop()
			if err != nil {
				t.Fatalf("mongodump: %v\n%s", err, out)
			}
			if out, err := exec.CommandContext(t.Context(), restore, restoreArgs...).CombinedOutput(); err != nil {
				t.Fatalf("mongorestore: %v\n%s", err, out)
			}
			restored := newDumpWorld(t, target.Server)
			due, err := restored.store.Organizations().Due(t.Context(), time.Now().AddDate(1, 0, 0), 1000)
			if err != nil || len(due) < left {
				t.Fatalf("%d operations are pending, should be %d at least; error %v", len(due), left, err)
			}
			service := restored.service(t, time.Hour, nil)
			if err := service.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			err = service.Check(t.Context(), app.CheckOptions{Found: func(f app.Finding) {
				t.Errorf("the restored dump has a fault: %+v", f)
			}})
			if err != nil {
				t.Fatal(err)
			}
			restored.check(t)
		})
	}
}

// dumpWorld is a store whose organizations have documents.
type dumpWorld struct {
	server *mongotest.Server
	store  *mongo.Store
}

func newDumpWorld(t *testing.T, server *mongotest.Server) *dumpWorld {
	t.Helper()
	return &dumpWorld{server, open(t, mongo.Options{
		URI: domain.NewSecret(server.URI), Master: dumpMaster, Tenant: dumpTenant, Timeout: testTimeout,
	})}
}

// service returns the use cases, ahead of the time, with the hook around their steps.
func (w *dumpWorld) service(t *testing.T, ahead time.Duration, hook steps.Hook) *app.Service {
	t.Helper()
	d := cleartoken.On(w.store)
	d.Now = func() time.Time { return time.Now().Add(ahead) }
	if hook != nil {
		d = steps.Wrap(d, hook)
	}
	s, err := app.New(d, app.Options{Database: dumpTenant})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// leaveOperations lets a process die at each boundary of each kind of operation, and
// returns how many operations it has left pending.
func (w *dumpWorld) leaveOperations(t *testing.T) (pending int) {
	t.Helper()
	died := errors.New("the process is dead")
	for kind, operation := range map[string]func(ctx context.Context, s *app.Service, name, email string) error{
		"created": create, "renamed": rename, "deleted": remove,
	} {
		for at, done := 0, false; !done; at++ {
			name, email := fmt.Sprintf("%s %d", kind, at), fmt.Sprintf("%s%d@dump.example", kind, at)
			if kind != "created" {
				w.createWithDocument(t, name, email)
			}
			var boundaries atomic.Int64
			err := operation(t.Context(), w.service(t, 0, func(context.Context, steps.Step) error {
				if int(boundaries.Add(1)) > at {
					return died
				}
				return nil
			}), name, email)
			done = err == nil
			if at > 50 {
				t.Fatalf("%s ends with %v", kind, err)
			}
		}
	}
	due, err := w.store.Organizations().Due(t.Context(), time.Now().AddDate(1, 0, 0), 1000)
	if err != nil || len(due) < 10 {
		t.Fatalf("only %d operations are left, error %v", len(due), err)
	}
	return len(due)
}

// createWithDocument makes an organization and a document that names it.
func (w *dumpWorld) createWithDocument(t *testing.T, name, email string) {
	t.Helper()
	if err := create(t.Context(), w.service(t, 0, nil), name, email); err != nil {
		t.Fatal(err)
	}
	o, err := w.service(t, 0, nil).GetOrganization(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.server.Connect(t).Database(dumpTenant).Collection(o.Placement.Namespace).
		InsertOne(t.Context(), bson.D{{Key: "_id", Value: string(o.ID)}})
	if err != nil {
		t.Fatal(err)
	}
}

// keepBusy creates and deletes organizations until stop is called.
func (w *dumpWorld) keepBusy(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	for worker := range 3 {
		s := w.service(t, 0, nil)
		busy.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				name, email := fmt.Sprintf("busy %d %d", worker, n), fmt.Sprintf("busy%d-%d@dump.example", worker, n)
				err := create(ctx, s, name, email)
				if err == nil && n%2 == 0 {
					err = remove(ctx, s, name, email)
				}
				if err != nil && ctx.Err() == nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	return func() { cancel(); busy.Wait() }
}

// check sees to it that every organization is whole and that nothing is left over.
func (w *dumpWorld) check(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	client := w.server.Connect(t)
	cursor, err := client.Database(dumpMaster).Collection("organizations").Find(ctx, bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	var records []struct {
		ID   string `bson:"_id"`
		Name string `bson:"organization_name"`
	}
	if err := cursor.All(ctx, &records); err != nil {
		t.Fatal(err)
	}
	var placed []string
	for _, record := range records {
		o, err := w.store.Organizations().ByID(ctx, domain.OrganizationID(record.ID))
		if err != nil {
			t.Fatal(err)
		}
		_, ownerErr := w.store.Accounts().ByID(ctx, o.Owner)
		switch {
		case o.Busy():
			t.Errorf("%s is left with a pending %s", o.Name, o.Pending.Kind)
		case o.Status == domain.StatusPurged:
			if !errors.Is(ownerErr, domain.ErrAccountNotFound) {
				t.Errorf("%s is purged, its owner: %v", o.Name, ownerErr)
			}
		case o.Status != domain.StatusActive || ownerErr != nil:
			t.Errorf("%s is %s, its owner: %v", o.Name, o.Status, ownerErr)
		default:
			placed = append(placed, o.Placement.Namespace)
			count, err := client.Database(dumpTenant).Collection(o.Placement.Namespace).
				CountDocuments(ctx, bson.D{{Key: "_id", Value: record.ID}})
			made := record.Name[:4] != "crea" && record.Name[:4] != "busy"
			if err != nil || made != (count == 1) {
				t.Errorf("%s in %s: %d documents, error %v", o.Name, o.Placement.Namespace, count, err)
			}
		}
	}
	collections, err := client.Database(dumpTenant).ListCollectionNames(ctx, bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(placed)
	slices.Sort(collections)
	if !slices.Equal(placed, collections) {
		t.Errorf("the organizations have %v, the collections are %v", placed, collections)
	}
	if orphans, err := w.store.Census().OrphanAccounts(ctx, 10); err != nil || len(orphans) > 0 {
		t.Errorf("%d accounts without organization, error %v", len(orphans), err)
	}
	t.Logf("%d records, %d live organizations", len(records), len(placed))
}

const dumpPassword = "correct horse"

func create(ctx context.Context, s *app.Service, name, email string) error {
	_, err := s.CreateOrganization(ctx, app.CreateOrganization{
		Name: name, Email: email, Password: domain.NewSecret(dumpPassword),
	})
	return err
}

func rename(ctx context.Context, s *app.Service, name, email string) error {
	who, err := session(ctx, s, email)
	if err != nil {
		return err
	}
	changed := "new-" + email
	_, err = s.UpdateOrganization(ctx, who, app.UpdateOrganization{
		Name: name + " anew", Email: &changed, Password: domain.NewSecret(dumpPassword),
	})
	return err
}

func remove(ctx context.Context, s *app.Service, name, email string) error {
	who, err := session(ctx, s, email)
	if err != nil {
		return err
	}
	return s.DeleteOrganization(ctx, who, name)
}

func session(ctx context.Context, s *app.Service, email string) (app.Session, error) {
	in, err := s.LogIn(ctx, app.LogIn{Email: email, Password: domain.NewSecret(dumpPassword)})
	if err != nil {
		return app.Session{}, err
	}
	return s.Authenticate(ctx, in.Token)
}
