package mongo_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// parts returns the conditions of a command, and of an insert its documents.
func (s sent) parts() []bson.Raw {
	var all []bson.Raw
	inner := func(list, field string) {
		values, _ := s.body.Lookup(list).Array().Values()
		for _, v := range values {
			part, _ := v.Document(), field
			if field != "" {
				part, _ = part.Lookup(field).DocumentOK()
			}
			all = append(all, part)
		}
	}
	switch s.name {
	case "find":
		all = append(all, s.body.Lookup("filter").Document())
	case "aggregate":
		all = append(all, s.body.Lookup("pipeline", "0", "$match").Document())
	case "update":
		inner("updates", "q")
	case "delete":
		inner("deletes", "q")
	case "insert":
		inner("documents", "")
	}
	return all
}

// onTenants reports whether the command reads or writes documents of shares.
func (s sent) onTenants() bool {
	return !strings.HasSuffix(s.name, "Indexes") && s.text(s.name) == "tenants"
}

// faultOf says why a command doesn't keep to one share, "" if it does. With a pipeline the
// new document is in it.
func (s sent) faultOf() string {
	if !slices.Contains([]string{"find", "aggregate", "update", "delete", "insert"}, s.name) {
		return "is none that is looked at"
	}
	parts := s.parts()
	if len(parts) == 0 {
		return "has no conditions"
	}
	for _, part := range parts {
		organization := part.Lookup("organization_id")
		if organization.Type != bson.TypeString && organization.Type != bson.TypeObjectID {
			return "has no organization"
		}
		ids := []bson.RawValue{part.Lookup("_id")}
		if s.name != "insert" {
			ids = bounds(ids[0])
		}
		if len(ids) == 0 {
			return "has no bounds"
		}
		share := ids[0].Document().Lookup("share")
		for _, id := range ids {
			if !id.Document().Lookup("organization_id").Equal(organization) || !id.Document().Lookup("share").Equal(share) || share.Type != bson.TypeObjectID {
				return "leaves the share"
			}
		}
	}
	return ""
}

// bounds returns the _ids that a condition names, none if it is open at one end.
func bounds(condition bson.RawValue) []bson.RawValue {
	d, ok := condition.DocumentOK()
	if !ok {
		return nil
	}
	if eq := d.Lookup("$eq"); eq.Type == bson.TypeEmbeddedDocument {
		return []bson.RawValue{eq}
	}
	if in, ok := d.Lookup("$in").ArrayOK(); ok {
		all, _ := in.Values()
		return all
	}
	low, high := d.Lookup("$gte"), d.Lookup("$lte")
	if low.IsZero() {
		low = d.Lookup("$gt")
	}
	if low.IsZero() || high.IsZero() {
		return nil
	}
	return []bson.RawValue{low, high}
}

// wantKept fails t unless each command on documents keeps to a share.
func wantKept(t *testing.T, all []sent) {
	t.Helper()
	n := 0
	for _, command := range all {
		if !command.onTenants() {
			continue
		}
		n++
		if fault := command.faultOf(); fault != "" {
			t.Errorf("%s %s: %.500s", command.name, fault, command.body)
		}
	}
	if n == 0 {
		t.Log("no command on documents was sent")
	}
}

// TestCommandsKeepToTheShare looks at what all calls send, and at the plans.
func TestCommandsKeepToTheShare(t *testing.T) {
	eachOfTwo(t, func(t *testing.T, server *mongotest.Server) {
		s := newSharedShelf(t, server)
		storage := s.store.Shared()
		var documents []any
		const own = 300
		for i := range own {
			documents = append(documents, bson.D{{Key: "_id", Value: fmt.Sprintf("text %03d", i)}, {Key: "even", Value: i%2 == 0}})
		}
		s.insert(documents...)
		for i := range 3 { // of others
			_, other := s.probe.share(t, inShare(s.at.Placement.Database, []string{"org_0", "org_1", "org_4"}[i]))
			var more []any
			for n := range 300 {
				more = append(more, other.document(bson.D{{Key: "_id", Value: 1000 + n}, {Key: "even", Value: true}}))
			}
			if _, err := s.native.InsertMany(t.Context(), more); err != nil {
				t.Fatal(err)
			}
		}
		for call, err := range s.everyCall(s.at) {
			if errors.Is(err, domain.ErrNamespaceMissing) || errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("%s: %v", call, err)
			}
		}
		filter := []domain.Equal{{Field: "even", Value: true}}
		for _, after := range []domain.DocumentID{"", "text 150", `{"$numberInt":"1"}`} {
			for _, q := range []ports.DocumentQuery{{Limit: 5}, {Limit: 5, Scan: 20, Filter: filter}, {Limit: 15, Scan: 20, Filter: filter}} {
				q.After = after
				page, err := s.documents.List(t.Context(), s.at, q)
				if q.Limit == 5 && (err != nil || len(page.Documents) != 5) || q.Limit == 15 && !errors.Is(err, domain.ErrFilterTooBroad) {
					t.Errorf("List(%+v): got %d, %v", q, len(page.Documents), err)
				}
			}
			if _, err := s.documents.Scan(t.Context(), s.at, after, func(domain.Document) error { return nil }); err != nil {
				t.Error(err)
			}
		}
		to := inShare(s.at.Placement.Database, "org_5")
		s.ensure("organization", to)
		must := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		usage, err := storage.Inventory.Measure(t.Context(), s.at.Placement)
		if err != nil || usage.Documents != own {
			t.Errorf("Measure: %+v, %v", usage, err)
		}
		for range 2 {
			_, err = storage.Inventory.Merge(t.Context(), s.at.Placement, to)
			must("Merge", err)
		}
		must("Drop", storage.Namespaces.Drop(t.Context(), to))

		all := s.sent.take()
		wantKept(t, all)
		seen := map[string]int{}
		for _, command := range all {
			wantDurable(t, command)
			if !command.onTenants() {
				continue
			}
			seen[command.name]++
			if command.name != "insert" {
				wantShareScan(t, s.native.Database(), command, own+1)
			}
		}
		for _, name := range []string{"find", "aggregate", "insert", "update", "delete"} {
			if seen[name] == 0 {
				t.Errorf("no %s was sent", name)
			}
		}
	})
}

// wantShareScan fails t unless the command scans indexes alone, and no more than n entries.
func wantShareScan(t *testing.T, db *driver.Database, s sent, n int64) {
	t.Helper()
	p := planOf(t, db, s)
	if slices.Contains(p.stages, "COLLSCAN") || slices.Contains(p.stages, "SORT") || p.keys > n || p.documents > n {
		t.Errorf("%s: the plan is %v by %v, examined %d keys and %d documents, want %d at most: %.500s",
			s.name, p.stages, p.indexes, p.keys, p.documents, n, s.body)
	}
	for _, index := range p.indexes {
		if !strings.HasPrefix(index, "organization_id_1") && index != "_id_" {
			t.Errorf("%s: the plan uses %s", s.name, index)
		}
	}
	if len(p.indexes) == 0 && !slices.Contains(p.stages, "EOF") {
		t.Errorf("%s: the plan %v has no index: %.500s", s.name, p.stages, s.body)
	}
}
