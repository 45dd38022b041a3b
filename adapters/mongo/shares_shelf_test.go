package mongo_test

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// onShelves runs on a collection on every server, and on a share.
func onShelves(t *testing.T, run func(t *testing.T, s shelf)) {
	t.Helper()
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) { run(t, newShelf(t, server)) })
	t.Run("in a share", func(t *testing.T) { run(t, newSharedShelf(t, mongotest.For(t, mongotest.Standalone)).shelf) })
}

// sharedShelf is a shelf that is a share.
type sharedShelf struct {
	shelf
	stored storedShare
	probe  shareProbe
	// options are those of another store on the same registry.
	options mongo.Options
}

// newSharedShelf makes an empty share between two others that hold documents, in the order
// of keys, and one of the same organization.
func newSharedShelf(t *testing.T, server *mongotest.Server) sharedShelf {
	t.Helper()
	o := optionsFor(t, server)
	o.Tenant = server.Database(t)
	s := sharedShelf{shelf: shelf{t: t, sent: &recorder{}}, probe: shareProbe{server.Connect(t)}, options: o}
	var err error
	if s.store, err = mongo.OpenMonitored(t.Context(), o, s.sent.monitor()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close(context.Background()) })
	for i, owner := range []domain.OrganizationID{"organizatio", "organization", "organization", "organization", "organizationn"} {
		p := inShare(o.Tenant, "org_"+string(rune('0'+i)))
		s.ensure(owner, p)
		if i == 2 {
			s.documents = s.store.Shared().Documents
			s.at = ports.Place{Organization: owner, Placement: p, Identity: s.info(p).Identity}
			s.native, s.stored = s.probe.share(t, p)
			continue
		}
		tenants, other := s.probe.share(t, p)
		for _, id := range []any{bson.MinKey{}, 1, "a", bson.MaxKey{}} {
			insertRaw(t, tenants.Database(), "tenants", other.document(bson.D{{Key: "_id", Value: id}, {Key: "of", Value: "another"}}))
		}
	}
	s.shelf.stored = s.stored.document
	s.sent.take()
	return s
}

// document returns what is stored of a document in the share.
func (s storedShare) document(d bson.D) bson.D {
	stored := bson.D{{Key: "_id", Value: s.id(d[0].Value)}, {Key: "organization_id", Value: s.Organization}}
	return append(stored, d[1:]...)
}

func (s sharedShelf) ensure(owner domain.OrganizationID, p domain.Placement) {
	s.t.Helper()
	if err := s.store.Shared().Namespaces.Ensure(s.t.Context(), owner, p); err != nil {
		s.t.Fatal(err)
	}
}

func (s sharedShelf) info(p domain.Placement) ports.NamespaceInfo {
	s.t.Helper()
	info, err := s.store.Shared().Namespaces.Stat(s.t.Context(), p)
	if err != nil {
		s.t.Fatal(err)
	}
	return info
}

// wantOthers fails t unless the documents that were there at first are there, and in all n
// of the share.
func (s sharedShelf) wantOthers(n int64) {
	s.t.Helper()
	others, err := s.native.CountDocuments(s.t.Context(), bson.D{{Key: "of", Value: "another"}})
	if err != nil || others != 16 {
		s.t.Errorf("%d documents are left of others, %v", others, err)
	}
	own, err := s.native.CountDocuments(s.t.Context(), s.stored.all())
	if err != nil || own != n {
		s.t.Errorf("%d documents are in the share, %v, want %d", own, err, n)
	}
}
