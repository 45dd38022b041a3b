package mongo_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// fields returns the sorted names of a document's fields.
func fields(t *testing.T, c *driver.Collection, id any) ([]string, bson.M) {
	t.Helper()
	var document bson.M
	if err := c.FindOne(t.Context(), bson.D{{Key: "_id", Value: id}}).Decode(&document); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(document)), document
}

func wantFields(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: fields (-want +got):\n%s", what, diff)
	}
}

// TestShape holds the documents to what the schema's page says of them.
func TestShape(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		insertPair(t, store, 1)
		db := server.Connect(t).Database(o.Master)
		always := []string{
			"_id", "organization_name", "name_key", "reserved", "admin_user_id", "status", "live", "deleted",
			"epoch", "version", "created_at", "updated_at",
		}
		organizations := db.Collection("organizations")
		got, document := fields(t, organizations, "organization-1")
		wantFields(t, "being created", got, append(always, "name_keys", "collection_name", "placement", "pending")...)
		if document["collection_name"] != "org_1" || document["live"] != true || document["deleted"] != false {
			t.Errorf("collection_name %v, live %v, deleted %v", document["collection_name"], document["live"], document["deleted"])
		}

		first := numbered(t, 1)
		back, err := first.TurnBack(domain.CodeEmailTaken)
		if err == nil {
			back, err = back.Finish(epoch)
		}
		if err == nil {
			err = store.Organizations().Replace(t.Context(), back, first.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, document = fields(t, organizations, "organization-1")
		wantFields(t, "purged", got, append(always, "last", "deleted_at")...)
		if document["live"] != false || document["deleted"] != true {
			t.Errorf("live %v, deleted %v", document["live"], document["deleted"])
		}

		got, _ = fields(t, db.Collection("admins"), "account-1")
		wantFields(t, "an account", got, "_id", "email", "email_key", "password_hash", "organization_id",
			"epoch", "version", "created_at", "updated_at")
	})
}

func TestUnknownFieldsSurviveAReplace(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		insertPair(t, store, 1)
		db := server.Connect(t).Database(o.Master)
		theirs := bson.D{{Key: "$set", Value: bson.D{{Key: "theirs", Value: "kept"}}}}
		for _, collection := range []string{"organizations", "admins"} {
			if _, err := db.Collection(collection).UpdateMany(t.Context(), bson.D{}, theirs); err != nil {
				t.Fatal(err)
			}
		}
		active, err := numbered(t, 1).Finish(epoch)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Organizations().Replace(t.Context(), active, 1); err != nil {
			t.Fatal(err)
		}
		account := numberedAccount(t, 1)
		if err := store.Accounts().Replace(t.Context(), account.WithEmail(account.Email, epoch), 1); err != nil {
			t.Fatal(err)
		}
		for collection, id := range map[string]string{"organizations": "organization-1", "admins": "account-1"} {
			if _, document := fields(t, db.Collection(collection), id); document["theirs"] != "kept" || document["version"] != int64(2) {
				t.Errorf("%s: %v", collection, document)
			}
		}
	})
}

// TestRecordsOfOlderServices reads what a Python service has written, and writes
// it back.
func TestRecordsOfOlderServices(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		o.Tenant = "their_tenants"
		store := open(t, o)
		db := server.Connect(t).Database(o.Master)
		owner, one, gone, bare := bson.NewObjectID(), bson.NewObjectID(), bson.NewObjectID(), bson.NewObjectID()
		_, err := db.Collection("organizations").InsertMany(t.Context(), []any{
			bson.D{
				{Key: "_id", Value: one},
				{Key: "organization_name", Value: "ACME Café"},
				{Key: "collection_name", Value: "org_acme_caf"},
				{Key: "admin_user_id", Value: owner.Hex()},
				{Key: "created_at", Value: epoch},
				{Key: "updated_at", Value: nil},
				{Key: "deleted", Value: false},
				{Key: "deleted_at", Value: nil},
			},
			bson.D{
				{Key: "_id", Value: gone},
				{Key: "organization_name", Value: "Gone"},
				{Key: "collection_name", Value: nil},
				{Key: "admin_user_id", Value: owner},
				{Key: "deleted", Value: true},
				{Key: "deleted_at", Value: epoch},
			},
			bson.D{{Key: "_id", Value: bare}},
		})
		if err == nil {
			_, err = db.Collection("admins").InsertOne(t.Context(), bson.D{
				{Key: "_id", Value: owner},
				{Key: "email", Value: "A@Example.com"},
				{Key: "password_hash", Value: "$2b$x"},
				{Key: "created_at", Value: epoch},
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		ctx, organizations := t.Context(), store.Organizations()

		got, err := organizations.ByID(ctx, domain.OrganizationID(one.Hex()))
		want := domain.Organization{
			ID: domain.OrganizationID(one.Hex()), Name: domain.StoredName("ACME Café", "acme café"),
			Status: domain.StatusActive, Placement: placed("their_tenants", "org_acme_caf"),
			Owner: domain.AccountID(owner.Hex()), CreatedAt: epoch,
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(domain.Name{}, domain.Email{})); diff != "" || err != nil {
			t.Errorf("a live one: %v (-want +got):\n%s", err, diff)
		}
		got, err = organizations.ByID(ctx, domain.OrganizationID(gone.Hex()))
		if err != nil || got.Status != domain.StatusDeleted || !got.Placement.IsZero() || !got.DeletedAt.Equal(epoch) ||
			got.Owner != domain.AccountID(owner.Hex()) {
			t.Errorf("a deleted one: %+v, %v", got, err)
		}
		if _, err := organizations.ByID(ctx, domain.OrganizationID(bare.Hex())); err != nil {
			t.Errorf("a bare one: %v", err)
		}
		account, err := store.Accounts().ByID(ctx, domain.AccountID(owner.Hex()))
		if err != nil || account.Email.String() != "A@Example.com" || !account.CreatedAt.Equal(epoch) {
			t.Errorf("an account: %+v, %v", account, err)
		}
		if orphans, err := store.Census().OrphanAccounts(ctx, 10); err != nil || len(orphans) != 0 {
			t.Errorf("orphans: %v, %v, want none", orphans, err)
		}

		// The first write makes it a record of this registry.
		want.Version, want.UpdatedAt = 1, epoch.Add(time.Second)
		if err := organizations.Replace(ctx, want, 0); err != nil {
			t.Fatalf("Replace: %v", err)
		}
		if found, err := organizations.ByNameKey(ctx, "acme café"); err != nil || found.ID != want.ID {
			t.Errorf("ByNameKey: %v, %v", found.ID, err)
		}
	})
}

func TestARecordThatIsDamagedIsAnError(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	store := open(t, o)
	organizations := server.Connect(t).Database(o.Master).Collection("organizations")
	for id, damage := range map[string]bson.E{
		"a": {Key: "created_at", Value: "marker"},
		"b": {Key: "admin_user_id", Value: 12},
		"c": {Key: "pending", Value: "marker"},
		"d": {Key: "version", Value: "marker"},
	} {
		if _, err := organizations.InsertOne(t.Context(), bson.D{{Key: "_id", Value: id}, damage}); err != nil {
			t.Fatal(err)
		}
		_, err := store.Organizations().ByID(t.Context(), domain.OrganizationID(id))
		if err == nil {
			t.Errorf("%s: no error", damage.Key)
		}
		wantNowhere(t, err, "marker")
	}
}

// TestRecordsWithoutTheNewerFields reads an outcome and an operation as they were
// written before they said who wanted them, and writes what came since.
func TestRecordsWithoutTheNewerFields(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		insertPair(t, store, 1)
		organizations := server.Connect(t).Database(o.Master).Collection("organizations")
		_, err := organizations.UpdateMany(t.Context(), bson.D{}, bson.D{{Key: "$set", Value: bson.D{
			{Key: "last", Value: bson.D{{Key: "operation", Value: "before"}, {Key: "refused", Value: "email_taken"}}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		want := numbered(t, 1)
		want.Last = domain.Outcome{Operation: "before", Refused: domain.CodeEmailTaken}
		got, err := store.Organizations().ByID(t.Context(), want.ID)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(domain.Name{}, domain.Email{})); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}

		// A deleted one whose data is kept, on hold, and one that is purged.
		kept := got
		kept.Status, kept.Pending, kept.PurgeAt, kept.Hold, kept.Version = domain.StatusDeleted, domain.Operation{}, epoch, true, 2
		if err := store.Organizations().Replace(t.Context(), kept, 1); err != nil {
			t.Fatal(err)
		}
		names, _ := fields(t, organizations, "organization-1")
		for _, name := range []string{"purge_at", "hold"} {
			if !slices.Contains(names, name) {
				t.Errorf("kept: no field %s", name)
			}
		}
		gone := kept
		gone.Status, gone.PurgeAt, gone.Hold, gone.Version = domain.StatusPurged, time.Time{}, false, 3
		gone.Receipt = domain.Receipt{By: domain.ActorRetention, At: epoch, Usage: domain.Usage{Documents: 1}}
		if err := store.Organizations().Replace(t.Context(), gone, 2); err != nil {
			t.Fatal(err)
		}
		names, _ = fields(t, organizations, "organization-1")
		if slices.Contains(names, "purge_at") || slices.Contains(names, "hold") || !slices.Contains(names, "receipt") {
			t.Errorf("purged: fields %v", names)
		}
	})
}
