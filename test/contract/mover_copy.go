package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

func moverNothing(t *testing.T, r route) {
	j := r.begin(t)
	for _, looked := range []domain.Usage{j.copyAll(t, 10), j.checkAll(t, 10)} {
		if looked != (domain.Usage{}) {
			t.Errorf("looked at %+v of nothing", looked)
		}
	}
	j.end(t, true)
	j.wantMoved(t)
}

// moverDocuments moves documents of all IDs. What is there is as it was at every moment.
func moverDocuments(t *testing.T, r route) {
	all := identified(t)
	j := r.begin(t, all...)
	j.target().wantOnly(t)
	copied := j.copyAll(t, 7)
	if copied.Documents != int64(len(all)) || copied.Bytes <= copied.Documents {
		t.Errorf("Copy: looked at %+v, want %d documents", copied, len(all))
	}
	j.source.wantOnly(t, all...)
	j.target().wantOnly(t, all...)
	if checked := j.checkAll(t, 5); checked != copied {
		t.Errorf("Check: looked at %+v, want %+v", checked, copied)
	}
	j.wantSums(t, int64(len(all)))
	j.end(t, true)
	j.wantMoved(t, all...)
}

// moverOneByOne takes limits that are smaller than any step.
func moverOneByOne(t *testing.T, r route) {
	all := newDocuments(t, 0, 7)
	j := r.begin(t, all...)
	for _, limit := range []int{1, 0, -1} {
		if n := j.copyAll(t, limit).Documents; n != int64(len(all)) {
			t.Errorf("Copy: looked at %d documents, want %d", n, len(all))
		}
		j.target().wantOnly(t, all...)
	}
	if n := j.checkAll(t, 1).Documents; n != int64(len(all)) {
		t.Errorf("Check: looked at %d documents, want %d", n, len(all))
	}
	j.end(t, true)
	j.wantMoved(t, all...)
}

// moverBig moves documents of which few fit into a step.
func moverBig(t *testing.T, r route) {
	var all []domain.Document
	for i := range 8 {
		body := fmt.Sprintf(`{"n":%d,"text":%q}`, i, strings.Repeat("é", 500_000+i))
		all = append(all, newDocument(t, domain.DocumentID(fmt.Sprint("big ", i)), body))
	}
	all = append(all, newDocuments(t, 0, 3)...)
	j := r.begin(t, all...)
	j.copyAll(t, 1000)
	j.checkAll(t, 1000)
	for i := range 4 {
		all[i] = newDocument(t, all[i].ID, fmt.Sprintf(`{"n":%d,"text":%q}`, i, strings.Repeat("ü", 500_000+i)))
	}
	j.source.put(t, all[:4]...)
	j.end(t, true)
	j.wantMoved(t, all...)
}

// moverTwice copies again, and checks again, which changes nothing.
func moverTwice(t *testing.T, r route) {
	all := newDocuments(t, 0, 25)
	j := r.begin(t, all...)
	for _, limit := range []int{10, 1000, 3} {
		j.copyAll(t, limit)
		j.target().wantOnly(t, all...)
	}
	for range 2 {
		j.checkAll(t, 4)
		j.wantSums(t, int64(len(all)))
	}
	// A step may be done again, too.
	for range 2 {
		_, err := j.Copy(t.Context(), "", 4)
		must(t, "Copy", err)
	}
	j.end(t, false)
	j.wantMoved(t, all...)
}

// change deletes, changes and makes documents at a place, of those whose numbers begin
// with first, and returns which there are then. There were all of them but the last.
func (o tenant) change(t *testing.T, all []domain.Document, first int) []domain.Document {
	t.Helper()
	left := slices.Clone(all)
	changed := newDocument(t, all[first+1].ID, fmt.Sprintf(`{"changed":%d}`, first))
	fresh := newDocument(t, domain.DocumentID(fmt.Sprint(all[first+1].ID, " and more after ", first)), `{"fresh":true}`)
	o.delete(t, all[first].ID)
	o.put(t, changed, fresh)
	left[first+1] = changed
	left = slices.Delete(left, first, first+1)
	return append(left, fresh)
}

// moverWritesWhileCopying writes at the source, before and after the place that a copy has
// come to.
func moverWritesWhileCopying(t *testing.T, r route) {
	all := newDocuments(t, 0, 40)
	j := r.begin(t, all...)
	part, err := j.Copy(t.Context(), "", 20)
	must(t, "Copy", err)
	left := j.source.change(t, all, 30)
	left = j.source.change(t, left, 5)
	for !part.Done {
		part, err = j.Copy(t.Context(), part.Position, 10)
		must(t, "Copy", err)
	}
	j.source.wantOnly(t, left...)
	if j.Records() {
		if n := j.catchUp(t); n < 3 {
			t.Errorf("CatchUp: got %d writes, want those that came after the copy at least", n)
		}
		j.target().wantOnly(t, left...)
	}

	// The same while it is checked.
	part, err = j.Check(t.Context(), "", 20)
	must(t, "Check", err)
	left = j.source.change(t, left, 25)
	left = j.source.change(t, left, 2)
	for !part.Done {
		part, err = j.Check(t.Context(), part.Position, 10)
		must(t, "Check", err)
	}
	j.end(t, true)
	j.wantMoved(t, left...)
}

// moverWritesAfterCheck writes a document again and again after the check, also as it was
// before.
func moverWritesAfterCheck(t *testing.T, r route) {
	all := newDocuments(t, 0, 10)
	j := r.begin(t, all...)
	j.copyAll(t, 100)
	j.checkAll(t, 100)
	left := j.source.change(t, all, 3)
	if j.Records() {
		j.catchUp(t)
		j.wantSums(t, int64(len(left)))
		if n := j.catchUp(t); n != 0 {
			t.Errorf("CatchUp: got %d writes, want none", n)
		}
	}
	// Back to what it was.
	j.source.put(t, all...)
	j.source.delete(t, left[len(left)-1].ID)
	if j.Records() {
		j.catchUp(t)
		j.wantSums(t, int64(len(all)))
	}
	fleeting := newDocument(t, "fleeting", `{"n":1}`)
	j.source.put(t, fleeting)
	j.source.delete(t, fleeting.ID)
	j.source.put(t, newDocument(t, all[0].ID, `{"for":"a moment"}`))
	j.source.put(t, all[0])
	j.source.delete(t, "nothing has this ID")
	j.end(t, true)
	j.wantMoved(t, all...)
}

// moverMoreAtTarget has documents at the target that the source hasn't, and others there
// that differ, before, between and after those that are to be there.
func moverMoreAtTarget(t *testing.T, r route) {
	all := newDocuments(t, 10, 20)
	strange := []domain.Document{
		newDocument(t, "a", `{"strange":1}`), newDocument(t, all[0].ID+" ", `{"strange":2}`), newDocument(t, all[7].ID, `{"strange":3}`),
		newDocument(t, all[9].ID+"!", `{"strange":4}`), newDocument(t, all[19].ID, `{"strange":5}`), newDocument(t, "zzz", `{"strange":6}`),
	}
	for name, pass := range map[string]func(*journey){
		"Copy":  func(j *journey) { j.copyAll(t, 4) },
		"Check": func(j *journey) { j.checkAll(t, 4) },
	} {
		source := r.tenant(t, r.From, firstOwner, "org_"+strings.ToLower(name))
		source.put(t, all...)
		j := r.from(source, "org_moved_"+strings.ToLower(name))
		j.open(t)
		j.target().put(t, strange...)
		pass(j)
		j.target().wantOnly(t, all...)
		j.checkAll(t, 1000)
		j.end(t, true)
		j.wantMoved(t, all...)
	}
}

// moverManyMoreAtTarget has more there than is looked at in a step.
func moverManyMoreAtTarget(t *testing.T, r route) {
	all := newDocuments(t, 0, 40)
	j := r.begin(t, all...)
	j.copyAll(t, 100)
	j.source.delete(t, sequence(all[:20])...)
	j.source.delete(t, sequence(all[25:])...)
	j.checkAll(t, 3)
	j.target().wantOnly(t, all[20:25]...)
	j.source.delete(t, sequence(all[20:25])...)
	j.copyAll(t, 3)
	j.target().wantOnly(t)
	j.end(t, false)
	j.wantMoved(t)
}
