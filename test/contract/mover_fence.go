package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// unlessFrozen returns the error, unless it is one that a write at a frozen source gets.
func unlessFrozen(err error) error {
	if errors.Is(err, domain.ErrStoreUnavailable) {
		return nil
	}
	return unlessMissing(err)
}

// wantFrozen fails t unless all writes at the source are refused.
func (j *journey) wantFrozen(t *testing.T, known ...domain.Document) {
	t.Helper()
	fresh := newDocument(t, "late", `{"late":true}`)
	for _, d := range append([]domain.Document{fresh}, known...) {
		changed := newDocument(t, d.ID, `{"late":true}`)
		for _, w := range []ports.DocumentWrite{
			putting(changed, ""), putting(changed, d.ETag()), putting(changed, domain.AnyETag), creating(changed),
			deleting(d.ID, ""), deleting(d.ID, d.ETag()), deleting(d.ID, domain.AnyETag),
		} {
			_, err := j.source.try(t.Context(), w)
			if err == nil || unlessFrozen(err) != nil {
				t.Errorf("Write(%s) at a frozen source, condition %q: got error %s", w.Action, w.IfMatch, describe(err))
			}
		}
	}
}

// moverFrozen freezes the source, which is read on.
func moverFrozen(t *testing.T, r route) {
	all := newDocuments(t, 0, 10)
	j := r.begin(t, all...)
	j.copyAll(t, 100)
	for range 2 {
		must(t, "Freeze", j.Freeze(t.Context()))
		j.wantFrozen(t, all[0], all[9])
		j.reader(t).wantOnly(t, all...)
	}
	j.end(t, false)
	j.wantFrozen(t, all[0])
	j.wantMoved(t, all...)

	// The target is as any other namespace.
	next := newDocument(t, all[0].ID, `{"next":true}`)
	j.target().put(t, next)
	j.target().wantOnly(t, append([]domain.Document{next}, all[1:]...)...)
	j.reader(t).wantOnly(t, all...)

	// Nothing thaws it, and what was left can be dropped.
	must(t, "Forget", j.Mover.Forget(t.Context(), j.move))
	j.wantFrozen(t, all[0])
	j.reader(t).wantOnly(t, all...)
	left := j.reader(t).at.Placement
	for range 2 {
		must(t, "Drop of what was left", r.Storage[r.From].Namespaces.Drop(t.Context(), left))
	}
	j.wantFrozen(t, all[0])
	j.target().wantOnly(t, append([]domain.Document{next}, all[1:]...)...)
}

// diary is what one writer knows of what it has written.
type diary struct {
	done kept
	// unsure has the IDs of writes that may have happened or not.
	unsure map[domain.DocumentID]bool
	err    error
}

// write makes, changes and deletes documents of the writer's own, until the source is
// frozen. It says when it has begun to, or given up.
func (d *diary) write(t *testing.T, o tenant, writer int, began chan<- struct{}) {
	tell := sync.OnceFunc(func() { began <- struct{}{} })
	defer tell()
	for round := range 100_000 {
		var writes []ports.DocumentWrite
		for i, body := range []string{`{"round":%d}`, `{"changed":%d}`, `{"kept":%d}`} {
			id := domain.DocumentID(fmt.Sprintf("writer %d, %d", writer, i+(i/2)*round))
			document := domain.Document{ID: id, Body: domain.BodyOf(fmt.Sprintf(body, round))}
			writes = append(writes, putting(document, ""))
		}
		if round%3 == 2 {
			writes[0] = deleting(writes[0].Document.ID, "")
		}
		results, err := o.documents.Write(t.Context(), o.at, writes)
		frozen := err != nil
		for i, w := range writes {
			result := err
			if err == nil {
				result = results[i].Err
			}
			switch {
			case result == nil:
				d.done.apply(w)
			case unlessFrozen(result) != nil:
				d.err = result
				return
			default:
				frozen = true
				if !errors.Is(result, domain.ErrNamespaceMissing) || err != nil {
					d.unsure[w.Document.ID] = true
				}
			}
		}
		if frozen {
			return
		}
		tell()
	}
	d.err = errors.New("the source is never frozen")
}

// moverFreezeBesideWriters freezes the source while others write there: what they were
// told was done is at the target, what wasn't is not.
func moverFreezeBesideWriters(t *testing.T, r route) {
	all := newDocuments(t, 0, 20)
	j := r.begin(t, all...)
	var (
		diaries [fenceWriters]diary
		written = make(chan struct{}, fenceWriters)
		group   sync.WaitGroup
	)
	for i := range diaries {
		diaries[i] = diary{done: kept{}, unsure: map[domain.DocumentID]bool{}}
		group.Go(func() { diaries[i].write(t, j.source, i, written) })
	}
	stop := sync.OnceFunc(func() { // or they would go on
		_ = r.Storage[r.From].Namespaces.Drop(context.WithoutCancel(t.Context()), j.move.From)
		group.Wait()
	})
	defer func() {
		if t.Failed() {
			stop()
		}
	}()
	for range diaries {
		<-written
	}
	j.copyAll(t, 50)
	j.checkAll(t, 50)
	if j.Records() {
		for range 3 {
			_, err := j.CatchUp(t.Context())
			must(t, "CatchUp", err)
		}
	}
	must(t, "Freeze", j.Freeze(t.Context()))
	j.end(t, true)
	sums, err := j.Sums(t.Context())
	must(t, "Sums", err)
	if !sums.Equal() {
		t.Errorf("Sums: they differ: %+v", sums)
	}
	group.Wait()

	want := kept{}
	for _, d := range all {
		want[d.ID] = d
	}
	found := j.target().walk(t, nil, 1000)
	unsure := map[domain.DocumentID]bool{}
	for _, d := range diaries {
		must(t, "Write beside a freeze", d.err)
		maps.Copy(want, d.done)
		maps.Copy(unsure, d.unsure)
	}
	sure := func(d domain.Document) bool { return unsure[d.ID] }
	wantDocuments(t, "what is at the target", slices.DeleteFunc(slices.Clone(found), sure), slices.DeleteFunc(want.all(), sure))
	wantDocuments(t, "what is at the source", j.reader(t).walk(t, nil, 1000), found)
}
