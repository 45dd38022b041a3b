package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// scan returns all that a scan visits.
func (o tenant) scan(t *testing.T, after domain.DocumentID) (all []domain.Document, consistent bool) {
	t.Helper()
	consistent, err := o.documents.Scan(t.Context(), o.at, after, func(d domain.Document) error {
		all = append(all, d)
		return nil
	})
	must(t, "Scan", err)
	return all, consistent
}

// documentScan scans documents with IDs of all kinds, more of them than a page has.
func documentScan(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	if all, _ := o.scan(t, ""); len(all) != 0 {
		t.Errorf("Scan of nothing: got %d", len(all))
	}
	o.put(t, identified(t)...)
	o.put(t, newDocuments(t, 0, 900)...)
	o.put(t, newDocuments(t, 900, 900)...)
	want := o.walk(t, nil, 1000)
	got, _ := o.scan(t, "")
	wantSame(t, "Scan", got, want)
	for _, i := range []int{0, len(want) / 2, len(want) - 2, len(want) - 1} {
		got, _ := o.scan(t, want[i].ID)
		wantSame(t, fmt.Sprintf("Scan after %d of %d", i+1, len(want)), got, want[i+1:])
	}
}

func wantSame(t *testing.T, what string, got, want []domain.Document) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d, want %d", what, len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: got %v at %d, want %v", what, got[i], i, want[i])
		}
	}
}

// documentScanOfAnInstant changes documents while a scan visits the first. A scan that
// says that it is consistent sees nothing of it, another one sees each document once.
func documentScanOfAnInstant(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	before := newDocuments(t, 0, 1500)
	o.put(t, before[:1000]...)
	o.put(t, before[1000:]...)
	first, last := before[0], before[len(before)-1]
	seen := map[domain.DocumentID]int{}
	consistent, err := o.documents.Scan(t.Context(), o.at, "", func(d domain.Document) error {
		if len(seen) == 0 {
			o.put(t, newDocument(t, first.ID, `{"late":1}`), newDocument(t, last.ID, `{"late":1}`), newDocument(t, "zzz new", `{}`))
			must(t, "delete", o.perform1(t, deleting(before[len(before)-2].ID, "")))
		}
		seen[d.ID]++
		if d.ID == last.ID && d != last {
			seen["changed"] = 1
		}
		return nil
	})
	must(t, "Scan", err)
	for id, times := range seen {
		if times != 1 {
			t.Errorf("Scan: %q was visited %d times", id, times)
		}
	}
	for _, d := range before[:len(before)-2] {
		if seen[d.ID] != 1 {
			t.Errorf("Scan: %q was visited %d times", d.ID, seen[d.ID])
		}
	}
	if consistent && (seen["changed"] != 0 || seen["zzz new"] != 0 || seen[before[len(before)-2].ID] != 1) {
		t.Error("Scan says that it is consistent, and has what came later")
	}
}

// perform1 performs one write and returns its error.
func (o tenant) perform1(t *testing.T, w ports.DocumentWrite) error {
	t.Helper()
	_, err := o.try(t.Context(), w)
	return err
}

var errVisit = errors.New("contract: enough was visited")

func documentScanEnds(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := newDocuments(t, 0, 5)
	o.put(t, all...)
	visits := 0
	_, err := o.documents.Scan(t.Context(), o.at, "", func(domain.Document) error {
		if visits++; visits == 3 {
			return errVisit
		}
		return nil
	})
	if !errors.Is(err, errVisit) || visits != 3 {
		t.Errorf("Scan whose visit fails: got error %v after %d visits", err, visits)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = o.documents.Scan(ctx, o.at, "", func(domain.Document) error { return nil })
	wantError(t, "Scan whose context has ended", err, domain.ErrStoreUnavailable)

	elsewhere := o
	elsewhere.at.Placement.Namespace += "_never"
	_, err = elsewhere.documents.Scan(t.Context(), elsewhere.at, "", func(domain.Document) error { return nil })
	wantError(t, "Scan where nothing is", err, domain.ErrNamespaceMissing)
}
