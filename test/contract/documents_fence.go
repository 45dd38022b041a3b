package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// wantMissing fails t unless every call finds nothing at the place.
func (o tenant) wantMissing(t *testing.T, known ...domain.Document) {
	t.Helper()
	fresh := newDocument(t, "late", `{"late":true}`)
	var writes []ports.DocumentWrite
	for _, d := range append([]domain.Document{fresh}, known...) {
		_, err := o.documents.Get(t.Context(), o.at, d.ID)
		wantError(t, "Get at a place of before", err, domain.ErrNamespaceMissing)
		changed := newDocument(t, d.ID, `{"late":true}`)
		writes = append(writes, putting(changed, ""), putting(changed, d.ETag()), putting(changed, domain.AnyETag), creating(changed),
			deleting(d.ID, ""), deleting(d.ID, d.ETag()), deleting(d.ID, domain.AnyETag))
	}
	for _, filter := range [][]domain.Equal{nil, {{Field: "n", Value: int64(1)}}} {
		for _, limit := range []int{0, 10} {
			_, err := o.documents.List(t.Context(), o.at, ports.DocumentQuery{Filter: filter, Limit: limit, Scan: 10})
			wantError(t, "List at a place of before", err, domain.ErrNamespaceMissing)
		}
	}
	_, err := o.documents.Scan(t.Context(), o.at, "", func(domain.Document) error { return nil })
	wantError(t, "Scan at a place of before", err, domain.ErrNamespaceMissing)
	_, err = o.documents.Count(t.Context(), o.at)
	wantError(t, "Count at a place of before", err, domain.ErrNamespaceMissing)
	for _, w := range writes {
		_, err := o.try(t.Context(), w)
		wantError(t, fmt.Sprintf("Write(%s) at a place of before, condition %q", w.Action, w.IfMatch), err, domain.ErrNamespaceMissing)
	}
	var batch []ports.DocumentWrite
	for _, d := range newDocuments(t, 500, 100) {
		batch = append(batch, putting(d, ""))
	}
	results, err := o.documents.Write(t.Context(), o.at, batch)
	if err != nil {
		wantError(t, "Write of a batch at a place of before", err, domain.ErrNamespaceMissing)
		return
	}
	for _, result := range results {
		wantError(t, "Write of a batch at a place of before", result.Err, domain.ErrNamespaceMissing)
	}
}

// to returns the organization at another place.
func (o tenant) to(p domain.Placement) tenant {
	o.at.Placement = p
	return o
}

// wantNamespace fails t unless something stands under the place's name, or nothing does.
func (s DocumentStorage) wantNamespace(t *testing.T, p domain.Placement, exists bool) {
	t.Helper()
	info, err := s.Namespaces.Stat(t.Context(), p)
	must(t, fmt.Sprintf("Stat(%s)", p.Namespace), err)
	if info.Exists != exists {
		t.Errorf("Stat(%s): got %+v, want one that exists: %v", p.Namespace, info, exists)
	}
}

func documentNothingThere(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := newDocuments(t, 0, 3)
	o.put(t, all...)
	elsewhere := o.to(after(o.at.Placement, "org_nothing"))
	elsewhere.wantMissing(t, all...)
	s.wantNamespace(t, elsewhere.at.Placement, false)
	for _, identity := range []string{"", "no identity", "00000000-0000-0000-0000-000000000000", o.at.Identity + "0", o.at.Identity[1:]} {
		for _, wrong := range []tenant{o, elsewhere} {
			wrong.at.Identity = identity
			wrong.wantMissing(t, all...)
		}
	}
	s.wantNamespace(t, elsewhere.at.Placement, false)
	o.wantOnly(t, all...)
}

// documentRenamedAway goes on at the old place after a rename, at which nothing stands
// any more, and then the namespace of another organization.
func documentRenamedAway(t *testing.T, s DocumentStorage) {
	if s.Fixed {
		return
	}
	old := s.tenant(t, firstOwner, "org_old")
	all := newDocuments(t, 0, 10)
	old.put(t, all...)
	now := old.to(after(old.at.Placement, "org_now"))
	must(t, "Rename", s.Namespaces.Rename(t.Context(), old.at.Identity, old.at.Placement, now.at.Placement))
	for range 2 {
		old.wantMissing(t, all...)
		s.wantNamespace(t, old.at.Placement, false)
		now.wantOnly(t, all...)
	}
	all[0] = newDocument(t, all[0].ID, `{"at":"the new place"}`)
	now.put(t, all[0])
	now.wantOnly(t, all...)

	other := s.tenant(t, secondOwner, "org_old")
	theirs := newDocuments(t, 5, 10)
	for i := range theirs {
		theirs[i] = newDocument(t, theirs[i].ID, `{"of":"another"}`)
	}
	other.put(t, theirs...)
	old.wantMissing(t, append(theirs, all...)...)
	other.to(now.at.Placement).wantMissing(t, append(theirs, all...)...)
	other.wantOnly(t, theirs...)
	now.wantOnly(t, all...)

	// Back at the first name, it is found there again.
	must(t, "Drop", s.Namespaces.Drop(t.Context(), other.at.Placement))
	must(t, "Rename back", s.Namespaces.Rename(t.Context(), old.at.Identity, now.at.Placement, old.at.Placement))
	now.wantMissing(t, all...)
	s.wantNamespace(t, now.at.Placement, false)
	old.wantOnly(t, all...)
}

// documentMadeAnew goes on with the identity of a namespace that was dropped and made
// anew under the same name.
func documentMadeAnew(t *testing.T, s DocumentStorage) {
	before := s.tenant(t, firstOwner, "org_one")
	all := newDocuments(t, 0, 3)
	before.put(t, all...)
	must(t, "Drop", s.Namespaces.Drop(t.Context(), before.at.Placement))
	before.wantMissing(t, all...)
	s.wantNamespace(t, before.at.Placement, false)
	for _, owner := range []domain.OrganizationID{firstOwner, secondOwner} {
		now := s.tenant(t, owner, "org_one")
		before.wantMissing(t, all...)
		now.wantOnly(t)
		now.put(t, all[:2]...)
		before.wantMissing(t, all...)
		now.wantOnly(t, all[:2]...)
		must(t, "Drop", s.Namespaces.Drop(t.Context(), now.at.Placement))
		before = now
	}
}

// fenceWriters is how many goroutines write beside a rename or a drop.
const fenceWriters = 4

// documentRenameBesideWriters renames a namespace while others write there: what they
// were told was done is in it, what wasn't is nowhere.
func documentRenameBesideWriters(t *testing.T, s DocumentStorage) {
	if s.Fixed {
		return
	}
	for round := range 3 {
		o := s.tenant(t, firstOwner, fmt.Sprintf("org_from_%d", round))
		now := o.to(after(o.at.Placement, fmt.Sprintf("org_to_%d", round)))
		var (
			done    [fenceWriters][]domain.Document
			failed  [fenceWriters]error
			written = make(chan struct{}, fenceWriters)
			group   sync.WaitGroup
		)
		for i := range fenceWriters {
			group.Go(func() {
				done[i], failed[i] = o.writeUntilMissing(t, i, written)
			})
		}
		for range fenceWriters {
			<-written
		}
		err := s.Namespaces.Rename(t.Context(), o.at.Identity, o.at.Placement, now.at.Placement)
		if err != nil {
			must(t, "Drop", s.Namespaces.Drop(t.Context(), o.at.Placement)) // or they would go on
		}
		group.Wait()
		must(t, "Rename", err)
		var all []domain.Document
		for i := range fenceWriters {
			must(t, "Write beside a rename", failed[i])
			all = append(all, done[i]...)
		}
		s.wantNamespace(t, o.at.Placement, false)
		now.wantOnly(t, all...)
	}
}

// writeUntilMissing makes new documents, four in a call, until the namespace is missing.
// It returns those that are done. It says when it has begun to, or given up.
func (o tenant) writeUntilMissing(t *testing.T, writer int, began chan<- struct{}) (done []domain.Document, err error) {
	tell := sync.OnceFunc(func() { began <- struct{}{} })
	defer tell()
	body := newDocument(t, "", `{"n":1}`).Body
	for round := range 100_000 {
		var writes []ports.DocumentWrite
		for i := range 4 {
			id := domain.DocumentID(fmt.Sprintf("writer %d, round %d, %d", writer, round, i))
			writes = append(writes, putting(domain.Document{ID: id, Body: body}, ""))
		}
		results, err := o.documents.Write(t.Context(), o.at, writes)
		if err != nil {
			return done, unlessMissing(err)
		}
		var missing error
		for i, result := range results {
			switch {
			case result.Err == nil:
				done = append(done, writes[i].Document)
			case unlessMissing(result.Err) != nil:
				return done, result.Err
			default:
				missing = result.Err
			}
		}
		if missing != nil {
			return done, nil
		}
		tell()
	}
	return done, errors.New("the namespace is never missing")
}

// unlessMissing returns the error, unless it is that the namespace is missing.
func unlessMissing(err error) error {
	if errors.Is(err, domain.ErrNamespaceMissing) {
		return nil
	}
	return err
}

// documentMadeAnewBesideWriters drops a namespace and makes its name anew, again and
// again, while others go on with what stood there first: nothing of it appears.
func documentMadeAnewBesideWriters(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	var (
		over   = make(chan struct{})
		failed [fenceWriters]error
		begun  sync.WaitGroup
		group  sync.WaitGroup
	)
	begun.Add(fenceWriters)
	for i := range fenceWriters {
		group.Go(func() {
			begin := sync.OnceFunc(begun.Done)
			defer begin()
			d := newDocument(t, domain.DocumentID(fmt.Sprint("of writer ", i)), `{"late":true}`)
			for failed[i] == nil {
				select {
				case <-over:
					return
				default:
				}
				for _, w := range []ports.DocumentWrite{putting(d, ""), creating(d), deleting("own", ""), putting(d, d.ETag())} {
					_, err := o.try(t.Context(), w)
					if errors.Is(err, domain.ErrDocumentExists) || errors.Is(err, domain.ErrDocumentChanged) {
						err = nil // as long as it stands
					}
					failed[i] = errors.Join(failed[i], unlessMissing(err))
				}
				begin()
			}
		})
	}
	begun.Wait()
	for range 5 {
		must(t, "Drop", s.Namespaces.Drop(t.Context(), o.at.Placement))
		now := s.tenant(t, secondOwner, "org_one")
		own := newDocument(t, "own", `{"of":"another"}`)
		now.put(t, own)
		now.wantOnly(t, own)
	}
	must(t, "Drop", s.Namespaces.Drop(t.Context(), o.at.Placement))
	close(over)
	group.Wait()
	must(t, "Write", errors.Join(failed[:]...))
	s.wantNamespace(t, o.at.Placement, false)
}

func documentContextEnds(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := newDocuments(t, 0, 10)
	o.put(t, all...)
	next := newDocument(t, all[0].ID, `{"next":true}`)
	list := func(ctx context.Context, filter ...domain.Equal) error {
		_, err := o.documents.List(ctx, o.at, ports.DocumentQuery{Filter: filter, Limit: 10, Scan: 10})
		return err
	}
	write := func(w ports.DocumentWrite) func(ctx context.Context) error {
		return func(ctx context.Context) error { _, err := o.try(ctx, w); return err }
	}
	wantUnavailable(t, []call{
		{"Get", func(ctx context.Context) error { _, err := o.documents.Get(ctx, o.at, all[0].ID); return err }},
		{"List", func(ctx context.Context) error { return list(ctx) }},
		{"List with a filter", func(ctx context.Context) error { return list(ctx, domain.Equal{Field: "n", Value: int64(1)}) }},
		{"Count", func(ctx context.Context) error { _, err := o.documents.Count(ctx, o.at); return err }},
		{"Scan", func(ctx context.Context) error {
			_, err := o.documents.Scan(ctx, o.at, "", func(domain.Document) error { return nil })
			return err
		}},
		{"Write(put)", write(putting(next, ""))},
		{"Write(put with a condition)", write(putting(next, all[0].ETag()))},
		{"Write(create)", write(creating(newDocument(t, "new", "{}")))},
		{"Write(delete)", write(deleting(all[1].ID, ""))},
	})
	o.wantOnly(t, all...)
}
