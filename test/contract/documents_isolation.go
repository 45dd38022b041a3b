package contract

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// pair makes two organizations, between which an engine might see no difference.
func (s DocumentStorage) pair(t *testing.T) [2]tenant {
	t.Helper()
	return [2]tenant{s.tenant(t, firstOwner, "org_one"), s.tenant(t, secondOwner, "org_one_2")}
}

// documentIsolation plays everything that can happen to the documents of one
// organization beside another that has the same IDs and must not notice, and then with
// the roles swapped.
func documentIsolation(t *testing.T, s DocumentStorage) {
	pair := s.pair(t)
	for i := range pair {
		isolate(t, pair[i], pair[1-i])
	}
}

func isolate(t *testing.T, subject, bystander tenant) {
	t.Helper()
	ids := identifiers(t)
	mine, theirs := kept{}, kept{}
	for i, id := range ids {
		theirs[id] = newDocument(t, id, fmt.Sprintf(`{"n":%d,"of":"bystander"}`, i))
	}
	bystander.put(t, theirs.all()...)
	filter := []domain.Equal{{Field: "of", Value: "bystander"}}
	look := func() {
		t.Helper()
		subject.wantOnly(t, mine.all()...)
		wantDocuments(t, "List of what the other one has", subject.walk(t, filter, 1000), nil)
		bystander.wantOnly(t, theirs.all()...)
		wantDocuments(t, "List of what it has", bystander.walk(t, filter, 1000), theirs.all())
	}
	look()

	// What exists there doesn't exist here: no version, and nothing to delete.
	var refused []ports.DocumentWrite
	for i, d := range theirs.all() {
		w := putting(newDocument(t, d.ID, `{"of":"subject"}`), d.ETag())
		if i%2 == 0 {
			w = deleting(d.ID, domain.AnyETag)
		}
		subject.wantGot(t, d.ID, domain.Document{})
		refused = append(refused, w)
	}
	subject.perform(t, mine, refused...)
	look()
	subject.delete(t, ids...)
	look()

	for _, id := range ids {
		subject.perform(t, mine, creating(newDocument(t, id, `{"of":"subject"}`)))
	}
	look()
	for i, d := range mine.all() {
		switch i % 4 {
		case 0:
			subject.perform(t, mine, putting(newDocument(t, d.ID, `{"of":"subject","next":true}`), ""))
		case 1:
			subject.perform(t, mine, putting(newDocument(t, d.ID, `{"of":"subject","next":true}`), d.ETag()))
		case 2:
			subject.perform(t, mine, putting(theirs[d.ID], theirs[d.ID].ETag())) // refused
		default:
			subject.perform(t, mine, deleting(d.ID, d.ETag()))
		}
	}
	look()
	subject.delete(t, ids...)
	clear(mine)
	look()
	bystander.delete(t, ids...)
}

// documentRandomCalls makes random calls for two organizations, and compares what they
// return with what there should be.
func documentRandomCalls(t *testing.T, s DocumentStorage) {
	pair := s.pair(t)
	rapid.Check(t, func(r *rapid.T) {
		var there [2]kept
		for i, o := range pair {
			there[i] = kept{}
			var all []ports.DocumentWrite
			for _, id := range randomIDs {
				all = append(all, deleting(id, ""))
			}
			o.write(t, all...)
		}
		for range rapid.IntRange(1, 12).Draw(r, "calls") {
			i := rapid.IntRange(0, 1).Draw(r, "organization")
			randomCall(t, r, pair[i], there[i])
		}
		for i, o := range pair {
			randomList(t, r, o, there[i], randomFilters[0], 1000)
		}
	})
}

// What random calls are about.
var (
	randomIDs = []domain.DocumentID{"a", "A", "a ", "5", `{"$numberInt":"5"}`, `{"$oid":"0123456789abcdef01234567"}`}

	randomBodies = []string{`{}`, `{"v":null}`, `{"v":1}`, `{"v":1.0}`, `{"v":"x"}`, `{"v":["x"]}`}

	// randomFilters says for each filter which of randomBodies it selects.
	randomFilters = []randomFilter{
		{nil, []int{0, 1, 2, 3, 4, 5}},
		{[]domain.Equal{{Field: "v", Value: nil}}, []int{1}},
		{[]domain.Equal{{Field: "v", Value: int64(1)}}, []int{2, 3}},
		{[]domain.Equal{{Field: "v", Value: "x"}}, []int{4}},
		{[]domain.Equal{{Field: "v", Value: "x"}, {Field: "w", Value: nil}}, nil},
	}
)

type randomFilter struct {
	filter []domain.Equal
	bodies []int
}

func randomCall(t *testing.T, r *rapid.T, o tenant, there kept) {
	switch rapid.IntRange(0, 5).Draw(r, "call") {
	case 0:
		id := rapid.SampledFrom(randomIDs).Draw(r, "id")
		got, err := o.documents.Get(t.Context(), o.at, id)
		want, exists := there[id]
		if exists && (err != nil || got != want) || !exists && err == nil {
			r.Fatalf("Get(%q): got %v and error %s, want %v", id, got, describe(err), want)
		}
	case 1:
		n, err := o.documents.Count(t.Context(), o.at)
		if err != nil || n != int64(len(there)) {
			r.Fatalf("Count: got %d and error %s, want %d", n, describe(err), len(there))
		}
	case 2:
		randomList(t, r, o, there, rapid.SampledFrom(randomFilters).Draw(r, "filter"), rapid.IntRange(1, 7).Draw(r, "limit"))
	default:
		var writes []ports.DocumentWrite
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(randomIDs), 1, 4, rapid.ID).Draw(r, "ids") {
			writes = append(writes, randomWrite(t, r, there, id))
		}
		results, err := o.documents.Write(t.Context(), o.at, writes)
		if err != nil || len(results) != len(writes) {
			r.Fatalf("Write: got %d results of %d and error %s", len(results), len(writes), describe(err))
		}
		for i, w := range writes {
			if wrong := compareResult(w, results[i], there.apply(w)); wrong != "" {
				r.Fatal(wrong)
			}
		}
	}
}

func randomWrite(t *testing.T, r *rapid.T, there kept, id domain.DocumentID) ports.DocumentWrite {
	d := newDocument(t, id, rapid.SampledFrom(randomBodies).Draw(r, "body"))
	w := creating(d)
	w.Action = rapid.SampledFrom([]ports.DocumentAction{ports.DocumentPut, ports.DocumentCreate, ports.DocumentDelete}).Draw(r, "action")
	if w.Action != ports.DocumentCreate {
		w.IfMatch = rapid.SampledFrom([]domain.ETag{"", domain.AnyETag, d.ETag(), there[id].ETag()}).Draw(r, "condition")
	}
	w.New = rapid.Bool().Draw(r, "new")
	return w
}

// randomList walks through what a filter selects.
func randomList(t *testing.T, r *rapid.T, o tenant, there kept, f randomFilter, limit int) {
	want := map[domain.DocumentID]domain.Document{}
	for id, d := range there {
		if slices.ContainsFunc(f.bodies, func(i int) bool { return newDocument(t, id, randomBodies[i]) == d }) {
			want[id] = d
		}
	}
	q := ports.DocumentQuery{Filter: f.filter, Limit: limit, Scan: len(randomIDs)}
	for {
		found, err := o.documents.List(t.Context(), o.at, q)
		page := found.Documents
		if err != nil || len(page) > limit {
			r.Fatalf("List(%v): got %d and error %s", q, len(page), describe(err))
		}
		if len(page) == 0 {
			break
		}
		for _, d := range page {
			if want[d.ID] != d {
				r.Fatalf("List(%v): got %v, want %v or, when it was there before, none", q, d, want[d.ID])
			}
			delete(want, d.ID)
		}
		q.After = page[len(page)-1].ID
	}
	if len(want) > 0 {
		r.Fatalf("List(%v): %v is missing", q, want)
	}
}
