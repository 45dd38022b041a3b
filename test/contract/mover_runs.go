package contract

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// moverCrash opens the move again at each of its stages, as the next runner does.
func moverCrash(t *testing.T, r route) {
	all := newDocuments(t, 0, 30)
	j := r.begin(t, all...)
	j.open(t)
	part, err := j.Copy(t.Context(), "", 10)
	must(t, "Copy", err)
	left := j.source.change(t, all, 20)
	j.open(t)
	left = j.source.change(t, left, 2)
	for !part.Done {
		part, err = j.Copy(t.Context(), part.Position, 10)
		must(t, "Copy", err)
	}
	left = j.source.change(t, left, 7)
	j.open(t)
	_, err = j.Check(t.Context(), "", 10)
	must(t, "Check", err)
	left = j.source.change(t, left, 0)
	j.open(t)
	j.checkAll(t, 10)
	left = j.source.change(t, left, 12)
	must(t, "Freeze", j.Freeze(t.Context()))
	for range 2 {
		j.open(t)
		j.wantFrozen(t, left[0])
		j.reader(t).wantOnly(t, left...)
	}
	j.end(t, false)
	j.wantMoved(t, left...)
	j.open(t)
	j.end(t, false)
	j.wantMoved(t, left...)
}

// moverOpenedAtOnce has runners that know nothing of each other. What the earlier ones do
// then fails, or is right.
func moverOpenedAtOnce(t *testing.T, r route) {
	all := newDocuments(t, 0, 20)
	source := r.tenant(t, r.From, firstOwner, "org_one")
	source.put(t, all...)
	j := r.from(source, "org_one_moved")
	sessions := make([]ports.Moving, racers)
	results := race(func(i int) (err error) {
		if i%8 != 0 { // The others write meanwhile.
			_, err = source.try(t.Context(), putting(all[i%len(all)], ""))
			return err
		}
		sessions[i], err = j.Mover.Open(t.Context(), j.move)
		return err
	})
	wantAllWin(t, "Open", results)
	sessions = slices.DeleteFunc(sessions, func(m ports.Moving) bool { return m == nil })
	for _, moving := range sessions {
		t.Cleanup(moving.Close)
		if j.move.Target == "" {
			j.move.Target = moving.Target()
		}
		if moving.Target() != j.move.Target {
			t.Errorf("Target: got %q and %q of one move", j.move.Target, moving.Target())
		}
	}
	j.open(t)
	j.copyAll(t, 100)
	left := source.change(t, all, 4)
	for _, moving := range sessions {
		_, err := moving.Copy(t.Context(), "", 10)
		_, failed := moving.CatchUp(t.Context())
		for _, err := range []error{err, failed} {
			if err != nil && !errors.Is(err, ports.ErrChangesLost) {
				t.Errorf("a step of one that was overtaken: got error %s", describe(err))
			}
		}
	}
	j.open(t)
	j.checkAll(t, 100)
	j.end(t, true)
	j.wantMoved(t, left...)
}

func moverOccupied(t *testing.T, r route) {
	all, theirs := newDocuments(t, 0, 3), newDocuments(t, 1, 3)
	for name, owner := range map[string]domain.OrganizationID{"org_one": firstOwner, "org_two": secondOwner} {
		source := r.tenant(t, r.From, firstOwner, name)
		source.put(t, all...)
		j := r.from(source, name+"_moved")
		there := r.tenant(t, r.To, owner, name+"_moved")
		there.put(t, theirs...)
		_, err := j.Mover.Open(t.Context(), j.move)
		wantError(t, "Open of a move to where documents are", err, domain.ErrNamespaceOccupied)
		there.wantOnly(t, theirs...)
		source.put(t, all[0])
		source.wantOnly(t, all...)
	}
}

// wantMissing fails t unless the move can't be opened, and makes nothing.
func (j *journey) wantMissing(t *testing.T, what string) {
	t.Helper()
	_, err := j.Mover.Open(t.Context(), j.move)
	wantError(t, "Open "+what, err, domain.ErrNamespaceMissing)
	j.wantNothing(t)
}

// wantNothing fails t when something stands at the target.
func (j *journey) wantNothing(t *testing.T) {
	t.Helper()
	DocumentStorage{Namespaces: j.Storage[j.To].Namespaces}.wantNamespace(t, j.move.To, false)
}

func moverNoSource(t *testing.T, r route) {
	all := newDocuments(t, 0, 3)
	source := r.tenant(t, r.From, firstOwner, "org_one")
	source.put(t, all...)
	elsewhere := r.from(source, "org_one_moved")
	elsewhere.move.From = after(source.at.Placement, "org_nothing")
	elsewhere.wantMissing(t, "where nothing stands")
	for _, identity := range []string{"no identity", "00000000-0000-0000-0000-000000000000", source.at.Identity + "0"} {
		j := r.from(source, "org_one_moved")
		j.move.Source = identity
		j.wantMissing(t, "of another identity")
	}
	source.wantOnly(t, all...)
	source.put(t, all...)

	must(t, "Drop", r.Storage[r.From].Namespaces.Drop(t.Context(), source.at.Placement))
	r.from(source, "org_one_moved").wantMissing(t, "of what was dropped")
	now := r.tenant(t, r.From, firstOwner, "org_one")
	now.put(t, all[0])
	r.from(source, "org_one_moved").wantMissing(t, "of what was dropped and made anew")
	now.wantOnly(t, all[0])
}

func moverNoTarget(t *testing.T, r route) {
	all := newDocuments(t, 0, 3)
	j := r.begin(t, all...)
	j.copyAll(t, 10)
	j.Close()
	must(t, "Drop", r.Storage[r.To].Namespaces.Drop(t.Context(), j.move.To))
	j.wantMissing(t, "to what was dropped")
	j.source.put(t, all[0])
	j.source.wantOnly(t, all...)

	theirs := r.tenant(t, r.To, secondOwner, j.move.To.Namespace)
	_, err := j.Mover.Open(t.Context(), j.move)
	wantError(t, "Open to what was made anew", err, domain.ErrNamespaceMissing)
	theirs.wantOnly(t)
}

// wantGone fails t unless the steps of the move find nothing. Something was written at the
// source, so that there is something to do.
func (j *journey) wantGone(t *testing.T) {
	t.Helper()
	_, err := j.Copy(t.Context(), "", 10)
	wantError(t, "Copy", err, domain.ErrNamespaceMissing)
	_, err = j.Check(t.Context(), "", 10)
	wantError(t, "Check", err, domain.ErrNamespaceMissing)
	_, err = j.Sums(t.Context())
	wantError(t, "Sums", err, domain.ErrNamespaceMissing)
	if j.Records() {
		_, err = j.CatchUp(t.Context())
		wantError(t, "CatchUp", err, domain.ErrNamespaceMissing)
	}
	wantError(t, "Freeze", j.Freeze(t.Context()), domain.ErrNamespaceMissing)
}

// moverTargetDropped goes on when the target was dropped, and when another organization
// lives there.
func moverTargetDropped(t *testing.T, r route) {
	all := newDocuments(t, 0, 10)
	j := r.begin(t, all...)
	j.copyAll(t, 3)
	j.checkAll(t, 3)
	must(t, "Drop", r.Storage[r.To].Namespaces.Drop(t.Context(), j.move.To))
	left := j.source.change(t, all, 2)
	j.wantGone(t)
	j.wantNothing(t)

	theirs := r.tenant(t, r.To, secondOwner, j.move.To.Namespace)
	own := newDocument(t, all[0].ID, `{"of":"another"}`)
	theirs.put(t, own)
	j.wantGone(t)
	theirs.wantOnly(t, own)

	// It was no end of the source.
	j.source.put(t, all[5])
	j.source.wantOnly(t, left...)
}

// moverSourceDropped goes on when the source was dropped: that isn't an empty one.
func moverSourceDropped(t *testing.T, r route) {
	all := newDocuments(t, 0, 10)
	j := r.begin(t, all...)
	j.copyAll(t, 3)
	j.source.delete(t, all[0].ID)
	must(t, "Drop", r.Storage[r.From].Namespaces.Drop(t.Context(), j.move.From))
	j.wantGone(t)
	j.target().wantOnly(t, all...)
}

// moverForget gives a move up, and begins another one.
func moverForget(t *testing.T, r route) {
	all := newDocuments(t, 0, 10)
	j := r.begin(t, all...)
	j.copyAll(t, 3)
	left := j.source.change(t, all, 2)
	j.Close()
	for range 2 {
		must(t, "Forget", j.Mover.Forget(t.Context(), j.move))
	}
	j.target().wantOnly(t, all...)
	must(t, "Drop", r.Storage[r.To].Namespaces.Drop(t.Context(), j.move.To))
	must(t, "Forget", j.Mover.Forget(t.Context(), j.move))
	left = j.source.change(t, left, 5)
	j.source.wantOnly(t, left...)

	next := r.from(j.source, "org_one_again")
	next.move.Operation = "operation-2"
	next.open(t)
	next.copyAll(t, 3)
	left = j.source.change(t, left, 1)
	next.checkAll(t, 3)
	next.end(t, true)
	next.wantMoved(t, left...)
	j.wantNothing(t)
}

// moverForgetNothing forgets moves that were never opened.
func moverForgetNothing(t *testing.T, r route) {
	all := newDocuments(t, 0, 3)
	source := r.tenant(t, r.From, firstOwner, "org_one")
	source.put(t, all...)
	j := r.from(source, "org_one_moved")
	must(t, "Forget", j.Mover.Forget(t.Context(), j.move))
	source.put(t, all[0])
	source.wantOnly(t, all...)
	must(t, "Drop", r.Storage[r.From].Namespaces.Drop(t.Context(), source.at.Placement))
	must(t, "Forget", j.Mover.Forget(t.Context(), j.move))

	now := r.tenant(t, r.From, secondOwner, "org_one")
	other := r.from(now, "org_two_moved")
	other.open(t)
	must(t, "Forget of what stood there before", j.Mover.Forget(t.Context(), j.move))
	now.put(t, all...)
	other.checkAll(t, 10)
	other.end(t, true)
	other.wantMoved(t, all...)
}

// moverNeighbours moves beside namespaces of another organization and of the same one, of
// both strategies, which have documents with the same IDs and are written to.
func moverNeighbours(t *testing.T, r route) {
	all := identified(t)
	var (
		neighbours []tenant
		theirs     [][]domain.Document
	)
	for _, strategy := range []domain.Strategy{r.From, r.To} {
		neighbours = append(neighbours, r.tenant(t, strategy, secondOwner, "org_two"), r.tenant(t, strategy, firstOwner, "org_another"))
	}
	for _, o := range neighbours {
		var own []domain.Document
		for _, d := range all {
			own = append(own, newDocument(t, d.ID, `{"of":"`+string(o.at.Placement.Strategy)+o.at.Placement.Namespace+`"}`))
		}
		own = append(own, newDocument(t, "of a neighbour alone", `{}`))
		o.put(t, own...)
		theirs = append(theirs, own)
	}
	write := func() {
		for i, o := range neighbours {
			theirs[i] = o.change(t, theirs[i], 2)
		}
	}
	look := func() {
		t.Helper()
		for i, o := range neighbours {
			o.wantOnly(t, theirs[i]...)
		}
	}
	j := r.begin(t, all...)
	write()
	j.copyAll(t, 10)
	look()
	write()
	j.checkAll(t, 10)
	j.source.delete(t, all[0].ID)
	j.end(t, true)
	write()
	j.wantMoved(t, all[1:]...)
	look()
	must(t, "Drop", r.Storage[r.From].Namespaces.Drop(t.Context(), j.reader(t).at.Placement))
	j.target().wantOnly(t, all[1:]...)
	look()
}

// moverBothWays moves the same documents there and back: their sums are the same.
func moverBothWays(t *testing.T, r route) {
	all := identified(t)
	there := r.begin(t, all...)
	there.checkAll(t, 7)
	there.end(t, true)
	sums := there.wantSums(t, int64(len(all)))
	back := route{r.MoveStorage, Direction{r.To, r.From}}.from(there.target(), "org_one_back")
	back.move.Operation = "operation-2"
	back.open(t)
	back.checkAll(t, 1000)
	back.end(t, true)
	back.wantMoved(t, all...)
	if again := back.wantSums(t, int64(len(all))); again != sums {
		t.Errorf("Sums: got %s of one way and %s of the other", sums.From.String(), again.From.String())
	}
}

func moverContextEnds(t *testing.T, r route) {
	all := newDocuments(t, 0, 10)
	j := r.begin(t, all...)
	j.copyAll(t, 100)
	left := j.source.change(t, all, 3)
	wantUnavailable(t, []call{
		{"Open", func(ctx context.Context) error { _, err := j.Mover.Open(ctx, j.move); return err }},
		{"Copy", func(ctx context.Context) error { _, err := j.Copy(ctx, "", 10); return err }},
		{"Check", func(ctx context.Context) error { _, err := j.Check(ctx, "", 10); return err }},
		{"CatchUp", func(ctx context.Context) error { _, err := j.CatchUp(ctx); return err }},
		{"Freeze", func(ctx context.Context) error { return j.Freeze(ctx) }},
		{"Sums", func(ctx context.Context) error { _, err := j.Sums(ctx); return err }},
		{"Forget", func(ctx context.Context) error { return j.Mover.Forget(ctx, j.move) }},
	})
	j.open(t)
	j.source.put(t, all[7])
	j.checkAll(t, 100)
	j.end(t, true)
	j.wantMoved(t, left...)
}
