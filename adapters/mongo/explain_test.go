package mongo_test

import (
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// plan is the winning plan of a query and what running it took.
type plan struct {
	stages  []string
	indexes []string
	// keys and documents are how many were examined.
	keys, documents int64
}

func (p plan) uses(index string) bool { return slices.Contains(p.indexes, index) }

// explain runs a command and returns its plan.
func explain(t *testing.T, db *driver.Database, command bson.D) plan {
	t.Helper()
	var reply struct {
		QueryPlanner struct {
			WinningPlan bson.Raw `bson:"winningPlan"`
		} `bson:"queryPlanner"`
		ExecutionStats struct {
			Keys      int64 `bson:"totalKeysExamined"`
			Documents int64 `bson:"totalDocsExamined"`
		} `bson:"executionStats"`
	}
	err := db.RunCommand(t.Context(), bson.D{
		{Key: "explain", Value: command}, {Key: "verbosity", Value: "executionStats"},
	}).Decode(&reply)
	if err != nil {
		t.Fatalf("explain: %v", err)
	}
	p := plan{keys: reply.ExecutionStats.Keys, documents: reply.ExecutionStats.Documents}
	p.read(reply.QueryPlanner.WinningPlan)
	return p
}

// read collects stages and indexes, wherever in the plan they are.
func (p *plan) read(raw bson.Raw) {
	elements, _ := raw.Elements()
	for _, e := range elements {
		switch e.Key() {
		case "stage":
			p.stages = append(p.stages, e.Value().StringValue())
		case "indexName":
			p.indexes = append(p.indexes, e.Value().StringValue())
		}
		if inner, ok := e.Value().DocumentOK(); ok {
			p.read(inner)
		}
	}
}

// wantIndexScan fails t unless the plan is one scan of the index that examines
// no more than n keys and documents.
func wantIndexScan(t *testing.T, what string, got plan, index string, n int64) {
	t.Helper()
	scans := 0
	for _, stage := range got.stages {
		switch stage {
		case "IXSCAN":
			scans++
		case "FETCH", "LIMIT", "COUNT", "PROJECTION_SIMPLE", "PROJECTION_COVERED":
		default:
			t.Errorf("%s: the plan has a stage %s", what, stage)
		}
	}
	if scans != 1 || !slices.Equal(got.indexes, []string{index}) {
		t.Errorf("%s: the plan is %v by %v, want one scan of %s", what, got.stages, got.indexes, index)
	}
	if got.keys > n || got.documents > n {
		t.Errorf("%s: examined %d keys and %d documents, want %d at most", what, got.keys, got.documents, n)
	}
}

func TestLookUpsAreOneIndexScan(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		const all = 200
		for i := range all {
			insertPair(t, store, i)
		}
		db := server.Connect(t).Database(o.Master)
		organization := numbered(t, 7)
		find := func(collection string, filter bson.D, more ...bson.E) plan {
			return explain(t, db, append(bson.D{{Key: "find", Value: collection}, {Key: "filter", Value: filter}}, more...))
		}
		wantIndexScan(t, "ByNameKey",
			find("organizations", mongo.FilterByNameKey(organization.Name.Key())), mongo.LiveNames, 1)
		wantIndexScan(t, "ByEmailKey",
			find("admins", mongo.FilterByEmailKey(numberedAccount(t, 7).Email.Key())), "email_key_1", 1)
		wantIndexScan(t, "Due", find("organizations", mongo.FilterDue(epoch.Add(time.Hour)),
			bson.E{Key: "sort", Value: bson.D{{Key: "pending.lease_until", Value: 1}}},
			bson.E{Key: "limit", Value: 5}), "pending.lease_until_1", 5)
		wantIndexScan(t, "ByReservations", find("organizations", mongo.FilterByReservations(organization.Reserved)), "reserved_1", 1)
		wantIndexScan(t, "PurgeDue", find("organizations", mongo.FilterPurgeDue(epoch.Add(time.Hour)),
			bson.E{Key: "sort", Value: bson.D{{Key: "purge_at", Value: 1}}},
			bson.E{Key: "limit", Value: 5}), "purge_at_1", 5)
		wantIndexScan(t, "Forget", find("idempotency", mongo.FilterExpired(epoch.Add(time.Hour)),
			bson.E{Key: "sort", Value: bson.D{{Key: "expires_at", Value: 1}}},
			bson.E{Key: "limit", Value: 5}), "expires_at_1", 5)
		wantIndexScan(t, "CountLive", explain(t, db, bson.D{
			{Key: "count", Value: "organizations"},
			{Key: "query", Value: bson.D{{Key: "live", Value: true}}},
			{Key: "hint", Value: mongo.LiveNames},
		}), mongo.LiveNames, all)
		if n, err := store.Census().CountLive(t.Context()); err != nil || n != all {
			t.Errorf("CountLive: %d, %v, want %d", n, err, all)
		}
	})
}

// TestListsAreIndexScans lists organizations by what has an index. Where the index
// isn't in the order of IDs what it finds is sorted, and no more than that.
func TestListsAreIndexScans(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		store := open(t, o)
		const all, few = 400, 8
		for i := range all {
			organization := numbered(t, i)
			switch {
			case i%100 < 2:
				organization.Status = domain.StatusSuspended
			case i%100 == 2:
				organization.Pending.Stuck = true
			}
			if err := store.Organizations().Insert(t.Context(), organization); err != nil {
				t.Fatal(err)
			}
		}
		db := server.Connect(t).Database(o.Master)
		for _, c := range []struct {
			name  string
			query ports.OrganizationQuery
			index string
			n     int64
		}{
			{"all", ports.OrganizationQuery{}, "_id_", 5},
			{"one status", ports.OrganizationQuery{Statuses: []domain.Status{domain.StatusSuspended}}, "status_1__id_1", few + 1},
			{"a prefix", ports.OrganizationQuery{NameKeyPrefix: numbered(t, 317).Name.Key()}, "name_key_1", 2},
			{"stuck ones", ports.OrganizationQuery{Stuck: true}, "pending.stuck_1__id_1", 5},
		} {
			got := explain(t, db, bson.D{
				{Key: "find", Value: "organizations"},
				{Key: "filter", Value: append(mongo.FilterSelection(c.query), bson.E{Key: "_id", Value: bson.D{{Key: "$gt", Value: ""}}})},
				{Key: "sort", Value: bson.D{{Key: "_id", Value: 1}}},
				{Key: "limit", Value: 5},
			})
			if !slices.Equal(got.indexes, []string{c.index}) || slices.Contains(got.stages, "COLLSCAN") || got.keys > c.n || got.documents > c.n {
				t.Errorf("%s: the plan is %v by %v, examines %d keys and %d documents, want %s and %d at most",
					c.name, got.stages, got.indexes, got.keys, got.documents, c.index, c.n)
			}
		}
	})
}
