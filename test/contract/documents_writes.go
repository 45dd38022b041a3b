package contract

import (
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// perform performs the writes, in one call, also on what there should be.
func (o tenant) perform(t *testing.T, there kept, writes ...ports.DocumentWrite) {
	t.Helper()
	for i, got := range o.write(t, writes...) {
		if wrong := compareResult(writes[i], got, there.apply(writes[i])); wrong != "" {
			t.Error(wrong)
		}
	}
}

func documentNothing(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	o.wantOnly(t)
	for _, id := range []domain.DocumentID{"a", "", `{"$oid":"0123456789abcdef01234567"}`} {
		o.wantGot(t, id, domain.Document{})
		if got := o.list(t, ports.DocumentQuery{After: id, Limit: 10}); len(got) > 0 {
			t.Errorf("List after %q: got %d, want none", id, len(got))
		}
	}
	filter := []domain.Equal{{Field: "n", Value: nil}}
	if got := o.list(t, ports.DocumentQuery{Filter: filter, Limit: 10, Scan: 10}); len(got) > 0 {
		t.Errorf("List with a filter: got %d, want none", len(got))
	}
	o.delete(t, "a")
	o.wantOnly(t)
}

func documentPutGetDelete(t *testing.T, s DocumentStorage) {
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	one, other := newDocument(t, "one", `{"n":1}`), newDocument(t, "other", `{"n":2}`)
	next, empty := newDocument(t, "one", `{"m":[1]}`), newDocument(t, "one", `{}`)
	for _, w := range []ports.DocumentWrite{
		putting(one, ""), putting(one, ""), putting(other, ""), putting(next, ""), putting(empty, ""), putting(one, ""),
		deleting("one", ""), deleting("one", ""), putting(next, ""), deleting("other", ""), deleting("one", ""),
	} {
		o.perform(t, there, w)
		o.wantOnly(t, there.all()...)
	}
	o.wantGot(t, "one", domain.Document{})
}

func documentCreate(t *testing.T, s DocumentStorage) {
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	one, next := newDocument(t, "one", `{"n":1}`), newDocument(t, "one", `{"n":2}`)
	for _, w := range []ports.DocumentWrite{
		creating(one), creating(one), creating(next), deleting("one", ""), creating(next), creating(one),
		putting(newDocument(t, "other", "{}"), ""), creating(newDocument(t, "other", "{}")),
	} {
		o.perform(t, there, w)
		o.wantOnly(t, there.all()...)
	}
}

// documentBatch performs writes of which some are refused: the others are done.
func documentBatch(t *testing.T, s DocumentStorage) {
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	old := newDocuments(t, 0, 10)
	next := make([]domain.Document, len(old))
	for i, d := range old {
		next[i] = newDocument(t, d.ID, fmt.Sprintf(`{"next":%d}`, i))
	}
	made := newDocuments(t, 100, 4)
	for _, d := range old {
		o.perform(t, there, putting(d, ""))
	}
	o.perform(t, there,
		creating(next[9]), putting(next[0], next[0].ETag()), deleting(old[1].ID, next[1].ETag()), putting(made[0], domain.AnyETag),
		deleting(made[1].ID, domain.AnyETag), // refused all of them
		putting(made[2], ""), creating(made[3]), putting(next[2], ""), putting(next[3], old[3].ETag()), putting(next[4], domain.AnyETag),
		deleting(old[5].ID, ""), deleting(old[6].ID, old[6].ETag()), deleting(old[7].ID, domain.AnyETag), deleting("missing", ""),
		creating(next[8]), // refused as the first
	)
	o.wantOnly(t, there.all()...)
}

// documentBatchMany performs 1,000 writes of all kinds in one call.
func documentBatchMany(t *testing.T, s DocumentStorage) {
	const n = 1000
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	documents := newDocuments(t, 0, n)
	first := make([]ports.DocumentWrite, 0, n)
	for i, d := range documents {
		if i%3 != 0 {
			first = append(first, creating(d))
		}
	}
	o.perform(t, there, first...)
	writes := make([]ports.DocumentWrite, n)
	for i, d := range documents {
		next := newDocument(t, d.ID, fmt.Sprintf(`{"next":%d}`, i))
		condition := []domain.ETag{"", d.ETag(), next.ETag(), domain.AnyETag}[i%4]
		switch i % 5 {
		case 0:
			writes[i] = creating(next)
		case 1, 2:
			writes[i] = putting(next, condition)
		default:
			writes[i] = deleting(d.ID, condition)
		}
	}
	o.perform(t, there, writes...)
	o.wantOnly(t, there.all()...)
}

// documentBatchOfNew puts what is said to be new and is there in part, beside other writes.
func documentBatchOfNew(t *testing.T, s DocumentStorage) {
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	of := func(step int, documents []domain.Document) (writes []ports.DocumentWrite) {
		for _, d := range documents {
			writes = append(writes, puttingNew(newDocument(t, d.ID, fmt.Sprintf(`{"step":%d}`, step))))
		}
		return writes
	}
	zeros := newDocument(t, "zeros", `{"v":{"$timestamp":{"t":0,"i":0}}}`)
	documents := newDocuments(t, 0, 300)
	o.perform(t, there, of(1, documents[:100])...) // none is there
	o.wantOnly(t, there.all()...)
	o.perform(t, there, of(2, documents[:200])...)
	o.perform(t, there, of(3, documents[:200])...)
	o.wantOnly(t, there.all()...)
	for range 2 {
		o.perform(t, there, append(of(4, documents[190:]),
			puttingNew(zeros), deleting(documents[0].ID, ""), creating(documents[1]), creating(newDocument(t, "created", `{}`)),
			putting(documents[2], documents[2].ETag()), putting(documents[3], domain.AnyETag), putting(documents[4], ""),
		)...)
		o.wantOnly(t, there.all()...)
	}
}

// documentIfMatch tries conditions on a document that exists, and on one that doesn't.
func documentIfMatch(t *testing.T, s DocumentStorage) {
	o, there := s.tenant(t, firstOwner, "org_one"), kept{}
	is, next := newDocument(t, "it", `{"n":1,"m":2}`), newDocument(t, "it", `{"m":2,"n":1}`)
	was, other := newDocument(t, "it", `{"n":0}`), newDocument(t, "other", `{"n":1,"m":2}`)
	for _, condition := range []domain.ETag{
		"", domain.AnyETag, is.ETag(), next.ETag(), was.ETag(), other.ETag(), "x", "**", `"`, "é", "AAAAAAAAAAAAAAAAAAAAAA",
	} {
		for _, w := range []ports.DocumentWrite{putting(next, condition), deleting("it", condition)} {
			o.perform(t, there, deleting("it", ""))
			o.perform(t, there, w) // of none
			o.wantOnly(t, there.all()...)
			o.perform(t, there, putting(was, ""), putting(other, ""))
			o.perform(t, there, putting(is, was.ETag()))
			o.perform(t, there, w)
			o.wantOnly(t, there.all()...)
		}
	}

	// To write what is there already is done as often as one likes.
	for range 3 {
		o.perform(t, there, putting(is, ""), putting(other, ""))
		o.perform(t, there, putting(is, is.ETag()))
	}
	o.wantOnly(t, there.all()...)
}
