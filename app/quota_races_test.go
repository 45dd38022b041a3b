package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// processes returns n services on one store, with the documents of one organization that
// has none.
func processes(t *testing.T, n int, quota domain.Quota) []*documentsRig {
	t.Helper()
	all := []*documentsRig{newDocumentsRig(t, quotaOf(quota.Documents, quota.Bytes))}
	if err := all[0].documents.Delete(t.Context(), kept.ID, ""); err != nil {
		t.Fatal(err)
	}
	for len(all) < n {
		p := beside(t, all[0].rig, quotaOf(quota.Documents, quota.Bytes))
		var err error
		if p.documents, err = p.Documents(t.Context(), all[0].organization.ID); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// writeUntilRefused puts new documents until one is refused, and returns how many were
// done.
func writeUntilRefused(ctx context.Context, d *app.Documents, who, most int) (done int, err error) {
	for ; done < most; done++ {
		id := domain.DocumentID(fmt.Sprintf("%d of %d", done, who))
		if _, err := d.Put(ctx, domain.Document{ID: id, Body: domain.BodyOf(`{"a":1}`)}, ""); err != nil {
			return done, err
		}
	}
	return done, nil
}

// Two processes exceed a quota by no more than the bound, and by all of it when the one
// that has measured first writes last.
func TestTwoProcessesReachTheBound(t *testing.T) {
	const quota, bound = 320, 320 / 16
	all := processes(t, 2, domain.Quota{Documents: quota})
	if _, err := writeUntilRefused(t.Context(), all[1].documents, 1, 1); err != nil { // It has measured.
		t.Fatal(err)
	}
	n, err := writeUntilRefused(t.Context(), all[0].documents, 0, 2*quota)
	wantError(t, err, domain.ErrQuotaExceeded)
	if n != quota-1 {
		t.Errorf("the first has written %d", n)
	}
	n, err = writeUntilRefused(t.Context(), all[1].documents, 2, 2*quota)
	wantError(t, err, domain.ErrQuotaExceeded)
	if n != bound-1 { // and the one before
		t.Errorf("the second has written %d beyond the quota, want %d", n, bound-1)
	}
}

// A batch that is larger than a sixteenth of the quota is a process's budget as well.
func TestTwoProcessesWithBatches(t *testing.T) {
	const quota, size = 100, 60
	all := processes(t, 2, domain.Quota{Documents: quota})
	batch := func(p *documentsRig, who string) (done int64) {
		writes := make([]ports.DocumentWrite, size)
		for i := range writes {
			writes[i] = ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{ID: domain.DocumentID(fmt.Sprintf("%s-%d", who, i))}}
		}
		results, err := p.documents.Batch(t.Context(), writes)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Err == nil {
				done++
			}
		}
		return done
	}
	got := []int64{batch(all[0], "a"), batch(all[1], "b"), batch(all[0], "c"), batch(all[1], "d")}
	if got[0] != size || got[1] != quota-size || got[2] != 0 || got[3] != 0 {
		t.Errorf("%v", got)
	}
}

// Many goroutines of several processes go for the quota at once.
func TestRaceForTheQuota(t *testing.T) {
	for _, c := range []struct {
		name            string
		processes       int
		quota           domain.Quota
		bound           domain.Usage
		documents, size int64
	}{
		{"one process", 1, domain.Quota{Documents: 200}, domain.Usage{}, 200, 7},
		{"one process, by bytes", 1, domain.Quota{Bytes: 1400}, domain.Usage{}, 200, 7},
		{"three processes", 3, domain.Quota{Documents: 200}, domain.Usage{Documents: 2 * 200 / 16}, 200, 7},
		{"three processes, by bytes", 3, domain.Quota{Bytes: 1400}, domain.Usage{Bytes: 2 * 1400 / 16}, 200, 7},
		{"a small quota", 3, domain.Quota{Documents: 5}, domain.Usage{Documents: 2}, 5, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := processes(t, c.processes, c.quota)
			var group sync.WaitGroup
			for i, p := range all {
				for j := range 4 {
					group.Go(func() {
						_, err := writeUntilRefused(t.Context(), p.documents, 10*i+j, 1000)
						if !errors.Is(err, domain.ErrQuotaExceeded) {
							t.Errorf("%v", err)
						}
					})
				}
			}
			group.Wait()
			all[0].clock.pass(app.UsageAge)
			got, err := all[0].OrganizationUsage(t.Context(), all[0].organization.ID)
			if err != nil {
				t.Fatal(err)
			}
			over := c.bound.Documents + c.bound.Bytes/c.size
			if got.Documents < c.documents || got.Documents > c.documents+over {
				t.Errorf("there are %d documents, want %d and %d more at most", got.Documents, c.documents, over)
			}
		})
	}
}

// A write that is under way while another one measures is in no measurement and in no
// budget, unless the measurement waits for it.
func TestAMeasurementWaitsForWrites(t *testing.T) {
	slow := &slowDocuments{begun: make(chan struct{}), finish: make(chan struct{})}
	r := newDocumentsRig(t, func(d *app.Dependencies, o *app.Options) {
		storage := d.Storage[domain.StrategyCollection]
		slow.Documents = storage.Documents
		storage.Documents = slow
		d.Storage[domain.StrategyCollection] = storage
		o.Quota.Documents = 2
	})
	slow.hold.Store("second", true)
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- r.put(t, "second", `{}`) }()
	<-slow.begun
	r.clock.pass(time.Second) // so that a measurement is worth it
	go func() { second <- r.put(t, "third", `{}`) }()
	select {
	case err := <-second:
		close(slow.finish)
		t.Fatalf("it didn't wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(slow.finish)
	if err := <-first; err != nil {
		t.Error(err)
	}
	wantError(t, <-second, domain.ErrQuotaExceeded)
}

// slowDocuments holds the writes of some documents up.
type slowDocuments struct {
	ports.Documents
	hold          sync.Map
	begun, finish chan struct{}
}

func (s *slowDocuments) Write(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	if _, held := s.hold.Load(string(writes[0].Document.ID)); held {
		close(s.begun)
		<-s.finish
	}
	return s.Documents.Write(ctx, at, writes)
}
