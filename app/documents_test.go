package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
)

// documentsRig is a rig with an organization, its documents, and one document in them.
type documentsRig struct {
	*rig
	organization domain.Organization
	documents    *app.Documents
}

var kept = domain.Document{ID: "kept", Body: domain.BodyOf(`{"a":1}`)}

func newDocumentsRig(t *testing.T, change ...func(*app.Dependencies, *app.Options)) *documentsRig {
	t.Helper()
	r := &documentsRig{rig: newRig(t, change...)}
	r.organization = r.mustCreate(t, "Acme", "admin@acme.example")
	var err error
	if r.documents, err = r.Documents(t.Context(), r.organization.ID); err != nil {
		t.Fatal(err)
	}
	if created, err := r.documents.Put(t.Context(), kept, ""); err != nil || !created {
		t.Fatalf("put: %v, %v", created, err)
	}
	return r
}

func (r *documentsRig) command() app.Command { return app.Command{Organization: r.organization.ID} }

func (r *documentsRig) renameTo(t *testing.T, name string) {
	t.Helper()
	if _, err := r.UpdateByOperator(t.Context(), r.command(), app.Change{Name: &name}); err != nil {
		t.Fatal(err)
	}
}

// wantKept fails t unless the documents are those that were put, and more can be.
func wantKept(t *testing.T, when string, documents *app.Documents) {
	t.Helper()
	got, err := documents.Get(t.Context(), kept.ID)
	if err != nil || got != kept {
		t.Errorf("%s: got %v, %v", when, got, err)
	}
	more := domain.Document{ID: "more", Body: domain.BodyOf(`{"when":"` + when + `"}`)}
	if _, err := documents.Put(t.Context(), more, ""); err != nil {
		t.Errorf("%s: put: %v", when, err)
	}
	list, err := documents.List(t.Context(), "", nil, 10)
	if err != nil || !slices.Equal(list.Documents, []domain.Document{kept, more}) {
		t.Errorf("%s: list %v, %v", when, list, err)
	}
	if n, err := documents.Count(t.Context()); n != 2 || err != nil {
		t.Errorf("%s: count %d, %v", when, n, err)
	}
}

func TestDocumentsFollowARename(t *testing.T) {
	r := newDocumentsRig(t)
	who := r.session(t, "admin@acme.example")
	wantKept(t, "before", r.DocumentsOf(who))
	r.renameTo(t, "Globex")
	wantKept(t, "a handle from before", r.documents)
	r.renameTo(t, "Initech")
	wantKept(t, "a session from before", r.DocumentsOf(who))
}

// TestDocumentsDuringARename stops a rename at each of its steps.
func TestDocumentsDuringARename(t *testing.T) {
	for _, known := range []bool{true, false} {
		for steps := range 6 {
			r := newDocumentsRig(t)
			if !known { // as in another process
				r.documents = another(t, r)
			}
			n := 0
			r.before = diesAfter(&n, steps)
			name := "Globex"
			_, _ = r.UpdateByOperator(t.Context(), r.command(), app.Change{Name: &name})
			r.before = nil
			wantKept(t, "stopped", r.documents)
			r.clock.pass(time.Hour)
			if err := r.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantKept(t, "done", r.documents)
		}
	}
}

// another returns the documents by a second service on the same store.
func another(t *testing.T, r *documentsRig) *app.Documents {
	t.Helper()
	d := cleartoken.On(r.store)
	d.Now = r.clock.time
	service, err := app.New(d, app.Options{Database: "data"})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := service.Documents(t.Context(), r.organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	return documents
}

func TestDocumentsThroughALife(t *testing.T) {
	r := newDocumentsRig(t, func(_ *app.Dependencies, o *app.Options) { o.DeleteRetention = time.Hour })
	who := r.session(t, "admin@acme.example")
	refused := func(when string, want error) {
		t.Helper()
		_, err := r.documents.Get(t.Context(), kept.ID)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", when, err, want)
		}
		if _, err := r.Documents(t.Context(), r.organization.ID); !errors.Is(err, want) {
			t.Errorf("%s, a new handle: %v, want %v", when, err, want)
		}
	}
	for _, step := range []struct {
		name string
		do   func(context.Context, app.Command) (domain.Organization, error)
		want error
	}{
		{"suspended", r.SuspendOrganization, domain.ErrSuspended},
		{"activated", r.ActivateOrganization, nil},
		{"deleted", r.DeleteByOperator, domain.ErrOrganizationNotFound},
		{"restored", func(ctx context.Context, c app.Command) (domain.Organization, error) {
			return r.RestoreOrganization(ctx, c, "")
		}, nil},
		{"deleted again", r.DeleteByOperator, domain.ErrOrganizationNotFound},
		{"purged", r.PurgeOrganization, domain.ErrOrganizationNotFound},
	} {
		if _, err := step.do(t.Context(), r.command()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		refused(step.name, step.want)
	}
	// The session is from before. What it was for is gone.
	_, err := r.DocumentsOf(who).Put(t.Context(), kept, "")
	wantError(t, err, domain.ErrOrganizationNotFound)
	_, err = r.Documents(t.Context(), "nobody")
	wantError(t, err, domain.ErrOrganizationNotFound)
}

func TestDocumentsWhoseNamespaceIsReplaced(t *testing.T) {
	r := newDocumentsRig(t)
	at := r.organization.Placement
	if err := r.store.Collections().Namespaces.Drop(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	_, err := r.documents.Get(t.Context(), kept.ID)
	wantError(t, err, domain.ErrStoreUnavailable)
	if err := r.store.Collections().Namespaces.Ensure(t.Context(), r.organization.ID, at); err != nil {
		t.Fatal(err)
	}
	_, err = r.documents.Get(t.Context(), kept.ID)
	wantError(t, err, domain.ErrDocumentNotFound)
}

// overtaken renames the organization, and makes the old name anew as a stray writer does,
// before the first look at what stands there.
type overtaken struct {
	ports.Namespaces
	before func()
}

func (n *overtaken) Stat(ctx context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	if before := n.before; before != nil {
		n.before = nil
		before()
	}
	return n.Namespaces.Stat(ctx, p)
}

func TestDocumentsAreNotFoundByTheNameAlone(t *testing.T) {
	slow := &overtaken{}
	r := newDocumentsRig(t, func(d *app.Dependencies, _ *app.Options) {
		slow.Namespaces = d.Storage[domain.StrategyCollection].Namespaces
		setNamespaces(d, slow)
	})
	documents := r.mustCreate(t, "Initech", "admin@initech.example")
	handle, err := r.Documents(t.Context(), documents.ID)
	if err != nil {
		t.Fatal(err)
	}
	slow.before = func() {
		name := "Hooli"
		if _, err := r.UpdateByOperator(t.Context(), app.Command{Organization: documents.ID}, app.Change{Name: &name}); err != nil {
			t.Fatal(err)
		}
		if err := r.store.Collections().Namespaces.Ensure(t.Context(), documents.ID, documents.Placement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := handle.Put(t.Context(), kept, ""); err != nil {
		t.Fatal(err)
	}
	info, err := r.store.Collections().Namespaces.Stat(t.Context(), documents.Placement)
	if err != nil || !info.Empty {
		t.Errorf("written to what somebody has made under the old name: %+v, %v", info, err)
	}
	if got, err := handle.Get(t.Context(), kept.ID); got != kept || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// torn does each second write of the first batch alone, as when a namespace is renamed
// in its middle.
type torn struct {
	ports.Documents
	torn bool
}

func (d *torn) Write(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	if d.torn {
		return d.Documents.Write(ctx, at, writes)
	}
	d.torn = true
	results := make([]ports.DocumentResult, len(writes))
	for i, w := range writes {
		if i%2 == 0 {
			results[i].Err = domain.ErrNamespaceMissing
			continue
		}
		done, err := d.Documents.Write(ctx, at, []ports.DocumentWrite{w})
		if err != nil {
			return nil, err
		}
		results[i] = done[0]
	}
	return results, nil
}

func TestBatchGoesOnWhereItWasTorn(t *testing.T) {
	d := &torn{torn: true}
	r := newDocumentsRig(t, func(dependencies *app.Dependencies, _ *app.Options) {
		storage := dependencies.Storage[domain.StrategyCollection]
		d.Documents, storage.Documents = storage.Documents, d
		dependencies.Storage[domain.StrategyCollection] = storage
	})
	d.torn = false
	create := func(id domain.DocumentID) ports.DocumentWrite {
		return ports.DocumentWrite{Action: ports.DocumentCreate, Document: domain.Document{ID: id}}
	}
	results, err := r.documents.Batch(t.Context(), []ports.DocumentWrite{create("a"), create("b"), create("kept"), create("c")})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{nil, nil, domain.ErrDocumentExists, nil} {
		if !errors.Is(results[i].Err, want) || results[i].Created != (want == nil) {
			t.Errorf("write %d: %+v, want %v", i, results[i], want)
		}
	}
}

func TestWritesThatAreRefused(t *testing.T) {
	r := newDocumentsRig(t)
	put := func(id domain.DocumentID) ports.DocumentWrite {
		return ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{ID: id}}
	}
	many := make([]ports.DocumentWrite, app.DocumentBatchLimit+1)
	for name, writes := range map[string][]ports.DocumentWrite{
		"none":            nil,
		"too many":        many,
		"no ID":           {put("")},
		"one twice":       {put("a"), put("b"), put("a")},
		"one in two ways": {put(`{"a":1}`), put(`{ "a": 1 }`)},
		"no action":       {{Document: domain.Document{ID: "a"}}},
	} {
		_, err := r.documents.Batch(t.Context(), writes)
		if e := (*domain.Error)(nil); !errors.As(err, &e) || e.Code != domain.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, limit := range []int{-1, 0, app.DocumentListLimit + 1} {
		if _, err := r.documents.List(t.Context(), "", nil, limit); err == nil {
			t.Errorf("a list of %d", limit)
		}
	}
	wantKept(t, "afterwards", r.documents)
}

func TestCreateMakesAnID(t *testing.T) {
	r := newDocumentsRig(t)
	made, err := r.documents.Create(t.Context(), domain.Document{Body: kept.Body})
	if err != nil || made.ID == "" {
		t.Fatalf("%+v, %v", made, err)
	}
	_, err = r.documents.Create(t.Context(), made)
	wantError(t, err, domain.ErrDocumentExists)
	if err := r.documents.Delete(t.Context(), made.ID, made.ETag()); err != nil {
		t.Error(err)
	}
	wantError(t, r.documents.Delete(t.Context(), made.ID, made.ETag()), domain.ErrDocumentChanged)
	if err := r.documents.Delete(t.Context(), made.ID, ""); err != nil {
		t.Error(err)
	}
}
