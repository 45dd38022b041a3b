package app_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// TestWritesWaitForTheSwitch writes and reads while nobody may write.
func TestWritesWaitForTheSwitch(t *testing.T) {
	for _, d := range directions() {
		t.Run(string(d.from+" to "+d.to), func(t *testing.T) {
			r := newMoveRig(t, d, func(d *app.Dependencies, o *app.Options) { d.Wait, o.MoveRate = nil, 0 })
			op := r.begin(t, d.to)
			known, err := r.Documents(t.Context(), r.organization.ID)
			if err != nil {
				t.Fatal(err)
			}
			written := make(chan error, 1)
			r.before = func(_ context.Context, step string) error {
				if step != "Moving.Freeze" {
					return nil
				}
				r.before = func(_ context.Context, step string) error {
					if step != "Organizations.Replace" {
						return nil
					}
					r.before = nil
					r.wantHeld(t, "while nobody may write")
					go func() {
						_, err := known.Put(context.WithoutCancel(t.Context()), kept, "")
						written <- err
					}()
					select {
					case err := <-written:
						t.Errorf("somebody could write: %v", err)
					case <-time.After(50 * time.Millisecond):
					}
					return nil
				}
				return nil
			}
			if _, err := r.FinishMove(t.Context(), r.organization.ID, op, nil); err != nil {
				t.Fatal(err)
			}
			if err := <-written; err != nil {
				t.Errorf("the write that waited: %v", err)
			}
			r.held[kept.ID] = kept.Body.String()
			r.wantHeld(t, "moved")
		})
	}
}

// TestManyWritesWaitWithOneLook has many writers wait, some of which give up.
func TestManyWritesWaitWithOneLook(t *testing.T) {
	counted := &counting{}
	r := newMoveRig(t, direction{from: domain.StrategyCollection}, func(d *app.Dependencies, o *app.Options) {
		counted.Organizations = d.Organizations
		d.Organizations, d.Wait, o.MoveRate = counted, nil, 0
	})
	op := r.begin(t, domain.StrategyShared)
	handle, err := r.Documents(t.Context(), r.organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	const writers = 200
	var group sync.WaitGroup
	r.before = func(_ context.Context, step string) error {
		if step != "Moving.Sums" {
			return nil
		}
		r.before = nil
		counted.reads.Store(0)
		for i := range writers {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Duration(1+i%2*10_000)*10*time.Millisecond)
			group.Go(func() {
				defer cancel()
				_, err := handle.Put(ctx, kept, "")
				if patient := i%2 == 1; patient != (err == nil) {
					t.Errorf("writer %d: %v", i, err)
				}
			})
		}
		time.Sleep(300 * time.Millisecond)
		if reads := counted.reads.Load(); reads > writers+100 {
			t.Errorf("%d looks for %d writers", reads, writers)
		}
		return nil
	}
	if _, err := r.FinishMove(t.Context(), r.organization.ID, op, nil); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	r.held[kept.ID] = kept.Body.String()
	r.wantHeld(t, "moved")
}

// counting counts the reads of organizations by their ID.
type counting struct {
	ports.Organizations
	reads atomic.Int64
}

func (c *counting) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	c.reads.Add(1)
	return c.Organizations.ByID(ctx, id)
}

// TestWritesDoNotWaitForEver writes while a move stays where nobody may write.
func TestWritesDoNotWaitForEver(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyShared})
	op := r.begin(t, domain.StrategyDatabase)
	r.broken("Moving.Freeze")
	_, err := r.FinishMove(t.Context(), r.organization.ID, op, nil)
	wantError(t, err, errBroken)
	handle, err := r.Documents(t.Context(), r.organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = handle.Put(t.Context(), kept, "")
	wantError(t, err, domain.ErrOperationInProgress)
	r.wantHeld(t, "stuck")
	r.before = nil
	r.clock.pass(time.Minute)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err = handle.Put(t.Context(), kept, ""); err != nil {
		t.Error(err)
	}
}

// TestMoveRate adds up what a move waits for.
func TestMoveRate(t *testing.T) {
	var waited time.Duration
	r := newMoveRig(t, direction{from: domain.StrategyCollection}, func(d *app.Dependencies, _ *app.Options) {
		d.Wait = func(ctx context.Context, d time.Duration) error {
			waited += d
			return ctx.Err()
		}
	})
	r.move(t, domain.StrategyShared)
	// 25 documents at 40 a second, twice, but for the last part of either.
	if want := time.Second; waited != want {
		t.Errorf("it waited for %s, should for %s", waited, want)
	}
}

// TestMoveFails lets a step fail for another reason than a store that is away.
func TestMoveFails(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyCollection})
	op := r.begin(t, domain.StrategyShared)
	r.broken("Moving.Check")
	_, err := r.FinishMove(t.Context(), r.organization.ID, op, nil)
	wantError(t, err, errBroken)
	for range 20 {
		r.clock.pass(time.Second)
		_ = r.Reconcile(t.Context())
	}
	all := r.moves(t)
	// After 1, 2, 4, 8 and, to come, 16 s.
	if len(all) != 1 || all[0].Failures != 5 {
		t.Errorf("failed: %+v", all)
	}
	r.write(t, "meanwhile", `{}`)
	r.before = nil
	if _, err := r.ResumeMove(t.Context(), r.command()); err != nil {
		t.Fatal(err)
	}
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := r.moves(t); len(all) != 1 || !all[0].Ended() || all[0].Failures != 0 {
		t.Errorf("resumed: %+v", all)
	}
	r.wantHeld(t, "resumed")
}

// unwilling is a Mover that refuses some document.
type unwilling struct{ ports.Mover }

func (u unwilling) Open(ctx context.Context, m domain.Move) (ports.Moving, error) {
	opened, err := u.Mover.Open(ctx, m)
	return refusing{opened}, err
}

type refusing struct{ ports.Moving }

func (r refusing) Copy(ctx context.Context, position string, limit int) (ports.MovedPart, error) {
	if position != "" {
		return ports.MovedPart{}, domain.ErrMoveRefused.Saying("A document can't be kept.")
	}
	return r.Moving.Copy(ctx, position, limit)
}

func TestMoveIsRefused(t *testing.T) {
	for _, d := range directions() {
		r := newMoveRig(t, d, func(d *app.Dependencies, _ *app.Options) { d.Mover = unwilling{d.Mover} })
		o, err := r.FinishMove(t.Context(), r.organization.ID, r.begin(t, d.to), nil)
		wantError(t, err, domain.ErrMoveRefused)
		if o.Busy() || o.Placement != r.organization.Placement || o.Last.Refused != domain.CodeMoveRefused {
			t.Errorf("%v: refused: %+v", d, o)
		}
		r.wantHeld(t, "refused")
		r.wantClean(t)
		if all := r.moves(t); len(all) != 0 {
			t.Errorf("%v: remembered: %+v", d, all)
		}
	}
}

// TestMoveToWhatIsOccupied finds somebody's documents where it leads.
func TestMoveToWhatIsOccupied(t *testing.T) {
	for _, d := range directions() {
		r := newMoveRig(t, d)
		r.begin(t, d.to)
		to := r.moves(t)[0].To
		storage := r.storage(to)
		if err := storage.Namespaces.Ensure(t.Context(), "somebody", to); err != nil {
			t.Fatal(err)
		}
		info, err := storage.Namespaces.Stat(t.Context(), to)
		if err != nil {
			t.Fatal(err)
		}
		_, err = storage.Documents.Write(t.Context(), ports.Place{Organization: "somebody", Placement: to, Identity: info.Identity},
			[]ports.DocumentWrite{{Action: ports.DocumentPut, Document: kept}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.AbortOperation(t.Context(), r.command()); err != nil {
			t.Fatal(err)
		}
		wantThere := func() {
			t.Helper()
			if info, err := storage.Namespaces.Stat(t.Context(), to); err != nil || info.Empty {
				t.Errorf("%v: what stood there is gone: %+v, %v", d, info, err)
			}
		}
		wantThere()

		// The next one leads elsewhere at first, so somebody has to be there as well.
		op := r.begin(t, d.to)
		to = r.moves(t)[0].To
		if err := storage.Namespaces.Ensure(t.Context(), "somebody", to); err != nil {
			t.Fatal(err)
		}
		if info, err = storage.Namespaces.Stat(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		_, err = storage.Documents.Write(t.Context(), ports.Place{Organization: "somebody", Placement: to, Identity: info.Identity},
			[]ports.DocumentWrite{{Action: ports.DocumentPut, Document: kept}})
		if err != nil {
			t.Fatal(err)
		}
		switched := false
		r.before = func(_ context.Context, step string) error {
			o, err := r.store.Organizations().ByID(t.Context(), r.organization.ID)
			if err == nil && !o.Busy() && !switched {
				switched = true
				r.write(t, "d000", `{"after":"the switch"}`)
			}
			return err
		}
		o, err := r.FinishMove(t.Context(), r.organization.ID, op, nil)
		r.before = nil
		if err != nil || o.Placement.Namespace == to.Namespace || o.Placement.Strategy != d.to || !switched {
			t.Errorf("%v: %+v, %v", d, o.Placement, err)
		}
		wantThere()
		r.wantHeld(t, "moved elsewhere")
		if all := r.moves(t); len(all) != 1 || !all[0].Ended() || all[0].To != o.Placement {
			t.Errorf("%v: remembered as %+v", d, all)
		}
	}
}

// TestTakingOverASwitch has a runner come to the switch while another one, which has taken
// it over, is about to compare: only one of them may go on.
func TestTakingOverASwitch(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyCollection})
	other, err := r.serve(func(d *app.Dependencies, _ *app.Options) {
		d.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	})
	if err != nil {
		t.Fatal(err)
	}
	op := r.begin(t, domain.StrategyShared)
	r.before = func(ctx context.Context, step string) error {
		if step != "Moving.Sums" {
			return nil
		}
		r.before = func(_ context.Context, step string) error {
			if step == "Moving.Check" {
				return errBroken
			}
			return nil
		}
		r.clock.pass(time.Minute)
		_, err := other.FinishMove(ctx, r.organization.ID, op, nil)
		wantError(t, err, errBroken)
		r.before = nil
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, _ = r.FinishMove(ctx, r.organization.ID, op, nil)
	if o, err := r.store.Organizations().ByID(t.Context(), r.organization.ID); err != nil || !o.Pending.Switching() {
		t.Errorf("who was overtaken has switched: %+v, %v", o.Placement, err)
	}
	r.clock.pass(time.Minute)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantHeld(t, "moved")
	r.wantClean(t)
}

// TestASwitchThatEndsWhileItIsTakenOver has a runner about to take a switch over when the one
// that it is taken from ends it.
func TestASwitchThatEndsWhileItIsTakenOver(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyCollection})
	other, err := r.serve()
	if err != nil {
		t.Fatal(err)
	}
	op := r.begin(t, domain.StrategyShared)
	type late struct{}
	taking, ended := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	begun := false
	r.before = func(ctx context.Context, step string) error {
		switch isLate := ctx.Value(late{}) != nil; {
		case isLate && step == "Organizations.Replace":
			close(taking)
			<-ended
		case !isLate && step == "Moving.Sums" && !begun:
			begun = true
			r.clock.pass(time.Minute) // The lease has run out.
			running.Go(func() {
				if _, err := other.FinishMove(context.WithValue(t.Context(), late{}, true), r.organization.ID, op, nil); err != nil {
					t.Errorf("the one that came late: %v", err)
				}
			})
			<-taking
		}
		return nil
	}
	_, err = r.FinishMove(t.Context(), r.organization.ID, op, nil)
	close(ended)
	running.Wait()
	if err != nil {
		t.Error(err)
	}
	r.before = nil
	r.wantHeld(t, "moved")
}

// TestTwoRunnersOfAMove has two processes run the same move, step by step in turn.
func TestTwoRunnersOfAMove(t *testing.T) {
	for _, d := range cycle() {
		for at := range 14 {
			r := newMoveRig(t, d)
			other, err := r.serve(func(_ *app.Dependencies, o *app.Options) { o.MoveRate = 40 }, func(d *app.Dependencies, _ *app.Options) {
				d.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
			})
			if err != nil {
				t.Fatal(err)
			}
			op := r.begin(t, d.to)
			n := 0
			r.before = func(ctx context.Context, _ string) error {
				if n++; n == at {
					r.before = nil
					r.clock.pass(time.Minute) // The lease has run out.
					if _, err := other.FinishMove(ctx, r.organization.ID, op, nil); err != nil {
						t.Errorf("the other, after %d steps: %v", at, err)
					}
					r.write(t, "meanwhile", `{}`)
				}
				return nil
			}
			_, err = r.FinishMove(t.Context(), r.organization.ID, op, nil)
			r.before = nil
			if err != nil && !errors.Is(err, domain.ErrNamespaceMissing) {
				t.Errorf("%v after %d steps: %v", d, at, err)
			}
			r.wantHeld(t, "moved by two")
			r.passGrace(t)
			r.wantHeld(t, "after the grace")
			r.wantClean(t)
		}
	}
}

// TestKeepReconcilingRunsMoves leaves moves to the loop.
func TestKeepReconcilingRunsMoves(t *testing.T) {
	signals := &signals{}
	r := newMoveRig(t, direction{from: domain.StrategyCollection}, func(d *app.Dependencies, o *app.Options) {
		d.Wait, d.Signals, d.Now, o.MovesAtOnce, o.MoveRate = nil, signals, time.Now, 1, 0
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.KeepReconciling(ctx)
	}()
	for _, id := range []domain.OrganizationID{r.organization.ID, r.beside.ID} {
		if _, err := r.MoveOrganization(t.Context(), app.Command{Organization: id}, domain.StrategyDatabase); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []domain.OrganizationID{r.organization.ID, r.beside.ID} {
		for moved := false; !moved; time.Sleep(5 * time.Millisecond) {
			o, err := r.InspectOrganization(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			moved = !o.Organization.Busy()
		}
	}
	stop()
	<-ended
	r.wantHeld(t, "moved")
	if switched, moved := signals.switched.Load(), signals.moved.Load(); switched != 2 || moved != 4*moveDocuments {
		t.Errorf("signalled %d switches, and %d documents copied and checked", switched, moved)
	}
}
