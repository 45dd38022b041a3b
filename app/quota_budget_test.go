package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func putOf(id, body string) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{ID: domain.DocumentID(id), Body: domain.BodyOf(body)}}
}

// A write that the old budget has room for waits while another one measures.
func TestWritesWaitForAMeasurement(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged, quotaOf(160, 0))
	small := make(chan error, 1)
	var measured atomic.Bool
	g.before = func() error {
		if measured.Swap(true) {
			return nil
		}
		go func() { small <- r.put(t, "small", `{}`) }()
		select {
		case err := <-small:
			t.Errorf("it didn't wait: %v", err)
			small <- err
		case <-time.After(50 * time.Millisecond):
		}
		return nil
	}
	writes := make([]ports.DocumentWrite, 20)
	for i := range writes {
		writes[i] = putOf(fmt.Sprint(i), `{}`)
	}
	if _, err := r.documents.Batch(t.Context(), writes); err != nil {
		t.Error(err)
	}
	if err := <-small; err != nil {
		t.Error(err)
	}
}

// A budget is of the quota that it was made of.
func TestASmallerQuotaEndsTheBudget(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(1600, 0))
	if _, err := r.SetQuota(t.Context(), r.organization.ID, &domain.Quota{Documents: 3}); err != nil {
		t.Fatal(err)
	}
	r.fillTo(t, 3)
	wantError(t, r.put(t, "fourth", `{}`), domain.ErrQuotaExceeded)
}

// What has replaced a document is no document more.
func TestReplacingSpendsNoDocuments(t *testing.T) {
	g, looks := &gauge{}, &looked{}
	r := newDocumentsRig(t, g.gauged, looks.counted, quotaOf(160, 0))
	for range 200 {
		r.mustPut(t, "kept", `{}`)
		_, err := r.documents.Create(t.Context(), kept)
		wantError(t, err, domain.ErrDocumentExists)
	}
	if n := g.taken.Load(); n != 1 || looks.n != 0 {
		t.Errorf("measured %d times, looked %d times", n, looks.n)
	}
}

// looked counts the documents that are got.
type looked struct {
	ports.Documents
	n int
}

func (l *looked) Get(ctx context.Context, at ports.Place, id domain.DocumentID) (domain.Document, error) {
	l.n++
	return l.Documents.Get(ctx, at, id)
}

func (l *looked) counted(d *app.Dependencies, _ *app.Options) {
	storage := d.Storage[domain.StrategyCollection]
	l.Documents, storage.Documents = storage.Documents, l
	d.Storage[domain.StrategyCollection] = storage
}

// What becomes smaller makes no room in its own batch: it may not come to be.
func TestShrinkingMakesNoRoomInABatch(t *testing.T) {
	r := newDocumentsRig(t, quotaOf(0, 20)) // kept has 7
	r.mustPut(t, "second", `{"a":"12345"}`)
	results, err := r.documents.Batch(t.Context(), []ports.DocumentWrite{putOf("kept", `{}`), putOf("third", `{}`)})
	if err != nil || results[0].Err != nil || !errors.Is(results[1].Err, domain.ErrQuotaExceeded) {
		t.Errorf("%v, %v", results, err)
	}
}
