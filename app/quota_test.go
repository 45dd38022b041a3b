package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func quotaOf(documents, bytes int64) func(*app.Dependencies, *app.Options) {
	return func(_ *app.Dependencies, o *app.Options) { o.Quota = domain.Quota{Documents: documents, Bytes: bytes} }
}

// fillTo puts documents until there are so many.
func (r *documentsRig) fillTo(t *testing.T, n int) {
	t.Helper()
	for i := 1; i < n; i++ {
		r.mustPut(t, fmt.Sprintf("document %d", i), `{"a":1}`)
	}
}

func TestDocumentsQuota(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(3, 0))
	r.fillTo(t, 3)
	wantError(t, r.put(t, "fourth", `{}`), domain.ErrQuotaExceeded)
	_, err := r.documents.Create(t.Context(), domain.Document{})
	wantError(t, err, domain.ErrQuotaExceeded)
	_, err = r.documents.Create(t.Context(), kept)
	wantError(t, err, domain.ErrDocumentExists)
	_, err = r.documents.Put(t.Context(), domain.Document{ID: "fourth"}, domain.AnyETag)
	wantError(t, err, domain.ErrDocumentChanged)
	r.mustPut(t, "kept", `{"much":"larger than it was"}`)
	if err := r.documents.Delete(t.Context(), "document 1", ""); err != nil {
		t.Fatal(err)
	}
	r.mustPut(t, "fourth", `{}`)
	wantError(t, r.put(t, "fifth", `{}`), domain.ErrQuotaExceeded)
	if n, err := r.documents.Count(t.Context()); n != 3 || err != nil {
		t.Errorf("there are %d (%v)", n, err)
	}
}

func TestBytesQuota(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(0, 27)) // kept has 7
	r.mustPut(t, "second", `{"a":"1234"}`)  // 12
	wantError(t, r.put(t, "third", `{"a":1234}`), domain.ErrQuotaExceeded)
	r.mustPut(t, "third", `{"a":12}`) // 8: all is taken
	wantError(t, r.put(t, "fourth", `{}`), domain.ErrQuotaExceeded)
	wantError(t, r.put(t, "third", `{"a":123}`), domain.ErrQuotaExceeded)
	r.mustPut(t, "third", `{"b":12}`)
	r.mustPut(t, "second", `{"a":"12"}`)
	wantError(t, r.put(t, "fourth", `{"a":1}`), domain.ErrQuotaExceeded)
	r.clock.pass(time.Second)
	wantError(t, r.put(t, "fourth", `{"a":1}`), domain.ErrQuotaExceeded)
	r.mustPut(t, "fourth", `{}`)
	r.clock.pass(app.UsageAge)
	wantUsage(t, r.Service, r.organization.ID, 4, 27, r.clock.time())
}

func TestQuotaInABatch(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(4, 40))
	put := func(id, body string) ports.DocumentWrite {
		return ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{ID: domain.DocumentID(id), Body: domain.BodyOf(body)}}
	}
	large := `{"a":"` + string(bytes.Repeat([]byte("x"), 30)) + `"}`
	writes := []ports.DocumentWrite{
		put("large", large),
		put("one", `{}`),
		{Action: ports.DocumentDelete, Document: domain.Document{ID: "nothing"}},
		put("kept", `{"b":1}`),
		{Action: ports.DocumentCreate, Document: domain.Document{ID: "two"}},
		put("three", `{}`),
		put("four", `{}`),
	}
	results, err := r.documents.Batch(t.Context(), writes)
	if err != nil {
		t.Fatal(err)
	}
	for i, refused := range []bool{true, false, false, false, false, false, true} {
		if got := errors.Is(results[i].Err, domain.ErrQuotaExceeded); got != refused || !refused && results[i].Err != nil {
			t.Errorf("%s: %v", writes[i].Document.ID, results[i].Err)
		}
	}
	if !results[1].Created || results[3].Created {
		t.Errorf("%+v", results)
	}
	list, err := r.documents.List(t.Context(), "", nil, 10)
	var ids []domain.DocumentID
	for _, d := range list.Documents {
		ids = append(ids, d.ID)
	}
	if err != nil || !slices.Equal(ids, []domain.DocumentID{"kept", "one", "three", "two"}) {
		t.Errorf("%v, %v", ids, err)
	}
	// A delete makes room for what comes after its batch.
	results, err = r.documents.Batch(t.Context(), []ports.DocumentWrite{
		{Action: ports.DocumentDelete, Document: domain.Document{ID: "one"}}, put("four", `{}`),
	})
	if err != nil || results[0].Err != nil || !errors.Is(results[1].Err, domain.ErrQuotaExceeded) {
		t.Errorf("%v, %v", results, err)
	}
	r.mustPut(t, "four", `{}`)
}

func TestQuotaOfAnImport(t *testing.T) {
	r := newDocumentsRig(t)
	fill(t, r.documents) // 1503 with kept
	text, _ := export(t, r.rig, r.organization.ID)
	to := r.mustCreate(t, "Globex", "admin@globex.example")
	if _, err := r.SetQuota(t.Context(), to.ID, &domain.Quota{Documents: 1200}); err != nil {
		t.Fatal(err)
	}
	done, err := r.ImportDocuments(t.Context(), to.ID, bytes.NewReader([]byte(text)), 0)
	wantError(t, err, domain.ErrQuotaExceeded)
	if done.Offset != 1200 || done.Created != 1200 {
		t.Errorf("%+v", done)
	}
	if _, err := r.SetQuota(t.Context(), to.ID, &domain.Quota{Documents: 1503}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // The second time it replaces all, at the quota.
		if done, err = r.ImportDocuments(t.Context(), to.ID, bytes.NewReader([]byte(text)), done.Offset); err != nil || done.Offset != 1503 {
			t.Errorf("%+v, %v", done, err)
		}
		done.Offset = 0
	}
}

// Where there is no quota, a write costs one read of a small record every ten seconds.
func TestWritesWithoutAQuota(t *testing.T) {
	g, u := &gauge{}, &readUsages{}
	r := newDocumentsRig(t, g.gauged, u.counted)
	r.fillTo(t, 50)
	if g.taken.Load() != 0 || u.reads.Load() != 1 {
		t.Errorf("measured %d times, read %d times", g.taken.Load(), u.reads.Load())
	}
	r.clock.pass(10 * time.Second)
	r.fillTo(t, 50)
	if g.taken.Load() != 0 || u.reads.Load() != 2 {
		t.Errorf("measured %d times, read %d times", g.taken.Load(), u.reads.Load())
	}
}

func TestOwnQuota(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(2, 0))
	other := beside(t, r.rig, quotaOf(2, 0))
	var err error
	if other.documents, err = other.Documents(t.Context(), r.organization.ID); err != nil {
		t.Fatal(err)
	}
	r.mustPut(t, "second", `{}`)
	wantError(t, r.put(t, "third", `{}`), domain.ErrQuotaExceeded)
	wantError(t, other.put(t, "third", `{}`), domain.ErrQuotaExceeded)

	own := &domain.Quota{Documents: 3, Bytes: 1000}
	got, err := r.SetQuota(t.Context(), r.organization.ID, own)
	if err != nil || got.Quota != *own || !got.Own || got.Documents != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	r.mustPut(t, "third", `{}`)
	r.clock.pass(9 * time.Second)
	wantError(t, other.put(t, "fourth", `{}`), domain.ErrQuotaExceeded)
	if _, err := r.SetQuota(t.Context(), r.organization.ID, &domain.Quota{}); err != nil { // none at all
		t.Fatal(err)
	}
	r.mustPut(t, "fourth", `{}`)
	wantError(t, other.put(t, "fifth", `{}`), domain.ErrQuotaExceeded)
	r.clock.pass(time.Second)
	other.mustPut(t, "fifth", `{}`)

	got, err = r.SetQuota(t.Context(), r.organization.ID, nil)
	if err != nil || got.Own || got.Quota != (domain.Quota{Documents: 2}) {
		t.Errorf("%+v, %v", got, err)
	}
	wantError(t, r.put(t, "sixth", `{}`), domain.ErrQuotaExceeded)
	r.mustPut(t, "fifth", `{}`)
}

// What is measured is bounded: by the room when there is some, by the clock when not.
func TestQuotaMeasuresSeldom(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged, quotaOf(1000, 0))
	r.fillTo(t, 1000)
	// A sixteenth of 1000, of what is left, and so on: 16 ln(1000/16) and 16.
	if n := g.taken.Load(); n < 40 || n > 90 {
		t.Errorf("measured %d times", n)
	}
	g.taken.Store(0)
	for range 20 {
		wantError(t, r.put(t, "more", `{}`), domain.ErrQuotaExceeded)
		r.mustPut(t, "kept", `{}`)
	}
	if n := g.taken.Load(); n > 1 {
		t.Errorf("at the quota: measured %d times", n)
	}
	g.taken.Store(0)
	r.clock.pass(time.Second)
	for range 20 {
		wantError(t, r.put(t, "more", `{}`), domain.ErrQuotaExceeded)
	}
	if n := g.taken.Load(); n != 1 {
		t.Errorf("after a second: measured %d times", n)
	}
	if err := r.documents.Delete(t.Context(), kept.ID, ""); err != nil {
		t.Fatal(err)
	}
	r.mustPut(t, "more", `{}`)
	if n := g.taken.Load(); n != 2 {
		t.Errorf("after a delete: measured %d times", n)
	}
}

// A measurement counts for a minute: who wrote since without this package is seen then.
func TestQuotaSeesOthersInTheEnd(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(1600, 0))
	r.mustPut(t, "second", `{}`)
	unbounded := beside(t, r.rig)
	var err error
	if unbounded.documents, err = unbounded.Documents(t.Context(), r.organization.ID); err != nil {
		t.Fatal(err)
	}
	fill(t, unbounded.documents)
	unbounded.fillTo(t, 200)
	r.mustPut(t, "third", `{}`)
	r.clock.pass(time.Minute)
	wantError(t, r.put(t, "fourth", `{}`), domain.ErrQuotaExceeded)
}

// A quota doesn't tell a stranger what there is, and doesn't hide why nothing can be
// written.
func TestQuotaOfASuspendedOrganization(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(1, 0))
	if _, err := r.SuspendOrganization(t.Context(), r.command()); err != nil {
		t.Fatal(err)
	}
	wantError(t, r.put(t, "second", `{}`), domain.ErrSuspended)
	if err := r.documents.Delete(t.Context(), kept.ID, ""); !errors.Is(err, domain.ErrSuspended) {
		t.Error(err)
	}
}

func TestQuotaWhenTheStoreFails(t *testing.T) {
	g, u := &gauge{}, &readUsages{}
	r := newDocumentsRig(t, g.gauged, u.counted, quotaOf(100, 0))
	r.clock.pass(time.Minute)
	g.before = func() error { return domain.ErrStoreUnavailable }
	wantError(t, r.put(t, "second", `{}`), domain.ErrStoreUnavailable)
	g.before = nil
	u.fail = domain.ErrStoreUnavailable
	r.clock.pass(time.Minute)
	wantError(t, r.put(t, "second", `{}`), domain.ErrStoreUnavailable)
	u.fail = nil
	r.mustPut(t, "second", `{}`)

	// Who waits for another's measurement gives up when its own time is over.
	r.clock.pass(time.Minute)
	begun, finish := make(chan struct{}), make(chan struct{})
	g.before = func() error {
		close(begun)
		<-finish
		return nil
	}
	first := make(chan error, 1)
	go func() { first <- r.put(t, "third", `{}`) }()
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := r.documents.Put(ctx, domain.Document{ID: "fourth"}, "")
	wantError(t, err, domain.ErrStoreUnavailable)
	close(finish)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// The request that began a measurement may end: others wait for it.
func TestAMeasurementOutlivesItsRequest(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged, quotaOf(100, 0))
	r.clock.pass(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	g.before = func() error { cancel(); return nil }
	g.taken.Store(0)
	_, err := r.documents.Put(ctx, domain.Document{ID: "second"}, "")
	wantError(t, err, domain.ErrStoreUnavailable)
	r.mustPut(t, "third", `{}`)
	if n := g.taken.Load(); n != 1 {
		t.Errorf("measured %d times", n)
	}
}

func TestQuotaDuringARename(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged, quotaOf(2, 0))
	r.mustPut(t, "second", `{}`)
	r.clock.pass(time.Second)
	renamed := false
	g.before = func() error {
		if !renamed {
			renamed = true
			r.renameTo(t, "Globex")
		}
		return nil
	}
	wantError(t, r.put(t, "third", `{}`), domain.ErrQuotaExceeded)
	if !renamed {
		t.Error("nothing was renamed")
	}
}
