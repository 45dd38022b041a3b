package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// identifiers returns IDs of all kinds, of which an engine might take two for one, or
// one for something else. None is a string of another's type.
func identifiers(t *testing.T) []domain.DocumentID {
	t.Helper()
	ids := []domain.DocumentID{
		"a", "A", "a ", " a", " ", "aa", "á", "a\u0301", "ａ", "ß", "ss", "ı", "i", "I", "İ", "文書", "😀", "\u2028", "\ufeff", "\ufffd", "\U0010ffff",
		"a/b", "a/../b", "/", "//", "...", "a.b", "$where", "$oid", "__proto__", "%", "%2f", "a%00b", "_", "*", "?", "a?b=c#d", "a\\b", `"`, "'", "';--",
		"null", "true", "0", "-1", "1", "01", "1.0", "5", "[]", "a{", "0195d3c8-4b00-7abc-8def-0123456789ab", "0123456789abcdef01234567",
	}
	long := strings.Repeat("x", 511)
	ids = append(ids, domain.DocumentID(long+"a"), domain.DocumentID(long+"b"), domain.DocumentID(long), domain.DocumentID(strings.Repeat("ü", 256)))
	for _, text := range []string{
		`{"$oid":"0123456789abcdef01234567"}`, `{"$oid":"0123456789abcdef01234568"}`, `{"$oid":"ffffffffffffffffffffffff"}`,
		`{"$numberInt":"5"}`, `{"$numberInt":"-5"}`, `{"$numberLong":"9007199254740993"}`, `{"$numberDouble":"5.5"}`, `{"$numberDecimal":"5.25"}`,
		`{"$date":"2031-05-06T12:00:00Z"}`, `{"$date":"1969-05-06T12:00:00.001Z"}`, `{"$binary":{"base64":"AP+A","subType":"00"}}`,
		`{"$uuid":"0195d3c8-4b00-7abc-8def-0123456789ab"}`, `{"$timestamp":{"t":1,"i":2}}`, `{"$minKey":1}`, `{"$maxKey":1}`,
		`{}`, `{"a":1,"b":{"$oid":"0123456789abcdef01234567"}}`, `{"b":{"$oid":"0123456789abcdef01234567"},"a":1}`, `{"oid":"x"}`,
	} {
		id, err := domain.ParseDocumentID(text)
		must(t, fmt.Sprintf("ParseDocumentID(%q)", text), err)
		ids = append(ids, id)
	}
	return ids
}

// identified returns a document for each of identifiers, with a body that tells it.
func identified(t *testing.T) []domain.Document {
	t.Helper()
	var all []domain.Document
	for i, id := range identifiers(t) {
		all = append(all, newDocument(t, id, fmt.Sprintf(`{"n":%d}`, i)))
	}
	return all
}

func documentIDs(t *testing.T, s DocumentStorage) {
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	all := identified(t)
	for _, d := range all {
		o.wantGot(t, d.ID, domain.Document{})
		o.perform(t, there, creating(d))
	}
	o.wantOnly(t, all...)
	for _, d := range all {
		o.perform(t, there, creating(d), putting(newDocument(t, "another", "{}"), domain.AnyETag))
		o.perform(t, there, putting(newDocument(t, d.ID, `{"next":"`+string(d.ETag())+`"}`), d.ETag()))
	}
	o.wantOnly(t, there.all()...)
	for _, d := range all {
		o.perform(t, there, deleting(d.ID, domain.AnyETag))
		o.wantGot(t, d.ID, domain.Document{})
	}
	o.wantOnly(t)
}

// documentListBytes walks in pages that end by their size.
func documentListBytes(t *testing.T, s DocumentStorage) {
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	var all []domain.Document
	for i := range 9 {
		d := newDocument(t, domain.DocumentID(fmt.Sprintf("document %d", i)), `{"v":1,"text":"`+strings.Repeat("x", 1000)+`"}`)
		o.perform(t, there, creating(d))
		all = append(all, d)
	}
	for _, filter := range [][]domain.Equal{nil, {{Field: "v", Value: int64(1)}}} {
		for _, c := range []struct{ bytes, want int }{{1, 1}, {1500, 2}, {2500, 3}, {1 << 20, 9}} {
			q := ports.DocumentQuery{Filter: filter, Limit: 100, Bytes: c.bytes, Scan: len(all)}
			var got []domain.Document
			for more := true; more && len(got) <= len(all); {
				page, err := o.documents.List(t.Context(), o.at, q)
				must(t, "List", err)
				if n := len(page.Documents); n != min(c.want, len(all)-len(got)) || page.More != (n == c.want && c.want < len(all)) && n > 0 {
					t.Fatalf("List of %d bytes after %d documents: got %d, more: %v", c.bytes, len(got), n, page.More)
				}
				got, more = append(got, page.Documents...), page.More
				if more {
					q.After = got[len(got)-1].ID
				}
			}
			wantDocuments(t, fmt.Sprintf("List in pages of %d bytes", c.bytes), got, all)
		}
	}
}

func documentListWalk(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := identified(t)
	o.put(t, all...)
	order := sequence(o.walk(t, nil, 1000))
	for _, limit := range []int{1, 2, 3, len(all) - 1, len(all)} {
		found := o.walk(t, nil, limit)
		wantDocuments(t, fmt.Sprintf("List in pages of %d", limit), found, all)
		wantSequence(t, fmt.Sprintf("List in pages of %d", limit), found, order)
	}

	// What happens to the documents changes nothing of it.
	for i, d := range all {
		if i%2 == 0 {
			o.delete(t, d.ID)
		}
		o.put(t, newDocument(t, d.ID, `{"next":true}`))
	}
	wantSequence(t, "List after changes", o.walk(t, nil, 4), order)
}

// documentListAfter takes each ID in turn for the one after which the list begins, when
// it is there and when it isn't.
func documentListAfter(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := identified(t)
	o.put(t, all...)
	order := sequence(o.walk(t, nil, 1000))
	for i, id := range order {
		found := o.list(t, ports.DocumentQuery{After: id, Limit: 1000})
		wantSequence(t, fmt.Sprintf("List after %.200q", id), found, order[i+1:])
		o.delete(t, id)
		found = o.list(t, ports.DocumentQuery{After: id, Limit: 1000})
		wantSequence(t, fmt.Sprintf("List after %.200q, which is gone", id), found, order[i+1:])
		if i%2 == 0 {
			o.put(t, newDocument(t, id, "{}"))
		}
	}
}

func documentListLimit(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := newDocuments(t, 0, 1000)
	o.put(t, all...)
	for _, limit := range []int{0, 1, 999, 1000} {
		for _, filter := range [][]domain.Equal{nil, {{Field: "absent", Value: "x"}}} {
			found := o.list(t, ports.DocumentQuery{Limit: limit, Filter: filter, Scan: enough})
			if want := limit * (1 - len(filter)); len(found) != want {
				t.Errorf("List with the limit %d and %d conditions: got %d, want %d", limit, len(filter), len(found), want)
			}
		}
	}
	o.put(t, newDocument(t, "one more", "{}"))
	if found := o.list(t, ports.DocumentQuery{Limit: 1000}); len(found) != 1000 {
		t.Errorf("List of 1001 with the limit 1000: got %d", len(found))
	}
}

// documentListBesideWriters walks while others put, change and delete documents in
// between: those that stay are met once.
func documentListBesideWriters(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	identified := identified(t)
	o.put(t, identified...)
	stay := sequence(identified)
	order := sequence(o.walk(t, nil, 1000))
	walked := make(chan struct{})
	failures := make([]error, 4)
	var group sync.WaitGroup
	for i := range failures {
		group.Go(func() {
			for round := 0; failures[i] == nil; round++ {
				select {
				case <-walked:
					return
				default:
				}
				guest := domain.Document{ID: domain.DocumentID(fmt.Sprintf("%c guest %d", "Aax文"[i:][0], i)), Body: identified[0].Body}
				_, made := o.try(t.Context(), putting(guest, ""))
				changed := identified[(round*len(failures)+i)%len(identified)]
				changed.Body = identified[round%len(identified)].Body
				_, put := o.try(t.Context(), putting(changed, ""))
				_, gone := o.try(t.Context(), deleting(guest.ID, ""))
				failures[i] = errors.Join(made, put, gone)
			}
		})
	}
	for limit := 1; limit <= 8; limit++ {
		var met []domain.DocumentID
		for _, d := range o.walk(t, nil, limit) {
			if slices.Contains(stay, d.ID) {
				met = append(met, d.ID)
			}
		}
		if diff := gocmp.Diff(order, met); diff != "" {
			t.Errorf("List in pages of %d, beside writers (-want +got):\n%.2000s", limit, diff)
		}
	}
	close(walked)
	group.Wait()
	must(t, "Write", errors.Join(failures...))
}
