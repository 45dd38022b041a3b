package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// direction is from where to where a move leads.
type direction struct{ from, to domain.Strategy }

func directions() []direction {
	var all []direction
	for _, from := range domain.Strategies() {
		for _, to := range domain.Strategies() {
			if from != to {
				all = append(all, direction{from, to})
			}
		}
	}
	return all
}

// cycle are directions from each strategy and to each, for what takes long.
func cycle() []direction {
	return []direction{
		{domain.StrategyCollection, domain.StrategyShared},
		{domain.StrategyShared, domain.StrategyDatabase},
		{domain.StrategyDatabase, domain.StrategyCollection},
	}
}

// moveRig is a rig with an organization that has documents, and one beside it.
type moveRig struct {
	*rig
	organization, beside domain.Organization
	// held is what the organization is to have, by ID.
	held map[domain.DocumentID]string
}

const moveDocuments = 25

func newMoveRig(t *testing.T, d direction, change ...func(*app.Dependencies, *app.Options)) *moveRig {
	t.Helper()
	change = append([]func(*app.Dependencies, *app.Options){func(_ *app.Dependencies, o *app.Options) {
		o.Strategy, o.MoveRate = d.from, 40 // So that a part has ten documents.
	}, func(d *app.Dependencies, _ *app.Options) {
		d.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}}, change...)
	r := &moveRig{rig: newRig(t, change...), held: map[domain.DocumentID]string{}}
	r.organization = r.mustCreate(t, "Acme", "admin@acme.example")
	r.beside = r.mustCreate(t, "Globex", "admin@globex.example")
	for i := range moveDocuments {
		r.write(t, domain.DocumentID(fmt.Sprintf("d%03d", i)), fmt.Sprintf(`{"n":%d}`, i))
		r.put(t, r.beside.ID, domain.DocumentID(fmt.Sprintf("d%03d", i)), `{"of":"globex"}`)
	}
	return r
}

func (r *moveRig) write(t *testing.T, id domain.DocumentID, body string) {
	t.Helper()
	r.put(t, r.organization.ID, id, body)
	r.held[id] = body
}

func (r *moveRig) command() app.Command { return app.Command{Organization: r.organization.ID} }

// begin begins a move, and returns its operation.
func (r *moveRig) begin(t *testing.T, to domain.Strategy) domain.OperationID {
	t.Helper()
	o, err := r.MoveOrganization(t.Context(), r.command(), to)
	if err != nil || o.Pending.Kind != domain.OperationMove {
		t.Fatalf("begin to move: %+v, %v", o.Pending, err)
	}
	return o.Pending.ID
}

// move moves to the end.
func (r *moveRig) move(t *testing.T, to domain.Strategy) domain.Organization {
	t.Helper()
	o, err := r.FinishMove(t.Context(), r.organization.ID, r.begin(t, to), nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// wantHeld fails t unless both organizations have their documents, and no others.
func (r *moveRig) wantHeld(t *testing.T, when string) {
	t.Helper()
	if diff := cmp.Diff(r.held, r.all(t, r.organization.ID)); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", when, diff)
	}
	for id, body := range r.all(t, r.beside.ID) {
		if body != `{"of":"globex"}` {
			t.Errorf("%s: the other organization has %s as %s", when, body, id)
		}
	}
}

func (r *moveRig) all(t *testing.T, id domain.OrganizationID) map[domain.DocumentID]string {
	t.Helper()
	handle, err := r.Documents(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	page, err := handle.List(t.Context(), "", nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	found := map[domain.DocumentID]string{}
	for _, d := range page.Documents {
		found[d.ID] = d.Body.String()
	}
	return found
}

func (r *moveRig) moves(t *testing.T) []domain.Move {
	t.Helper()
	all, err := r.Moves(t.Context(), r.organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// passGrace lets what is left be dropped.
func (r *moveRig) passGrace(t *testing.T) {
	t.Helper()
	r.clock.pass(2 * time.Hour)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (r *moveRig) storage(p domain.Placement) ports.Storage { return r.store.Storage()[p.Strategy] }

// wantGone fails t unless nothing is at p.
func (r *moveRig) wantGone(t *testing.T, p domain.Placement) {
	t.Helper()
	for _, at := range []domain.Placement{p, p.Left()} {
		if info, err := r.storage(p).Namespaces.Stat(t.Context(), at); err != nil || info.Exists {
			t.Errorf("%+v is %+v, %v", at, info, err)
		}
	}
}

func TestMove(t *testing.T) {
	for _, d := range directions() {
		t.Run(string(d.from+" to "+d.to), func(t *testing.T) {
			r := newMoveRig(t, d)
			before := r.organization.Placement
			who := r.session(t, "admin@acme.example")
			o := r.move(t, d.to)
			if o.Placement.Strategy != d.to || o.Placement.Generation != before.Generation+1 || o.Placement.State != domain.PlacementOpen || o.Busy() {
				t.Errorf("moved to %+v, pending %+v", o.Placement, o.Pending)
			}
			r.wantHeld(t, "moved")
			if n, err := r.DocumentsOf(who).Count(t.Context()); n != moveDocuments || err != nil {
				t.Errorf("a session from before counts %d, %v", n, err)
			}
			all := r.moves(t)
			if len(all) != 1 || all[0].Stage != domain.MoveKept || all[0].From != before || all[0].To != o.Placement {
				t.Errorf("remembered as %+v", all)
			}
			if info, err := r.storage(before).Namespaces.Stat(t.Context(), before.Left()); err != nil || !info.Exists || info.Empty {
				t.Errorf("what was left is %+v, %v", info, err)
			}
			r.wantClean(t)
			r.passGrace(t)
			r.wantGone(t, before)
			if all := r.moves(t); len(all) != 0 {
				t.Errorf("still remembered: %+v", all)
			}
			r.write(t, "later", `{}`)
			r.wantHeld(t, "after the grace")
			r.wantClean(t)

			back := r.move(t, d.from)
			if back.Placement.Reservation() == before.Reservation() {
				t.Errorf("it lives at %+v again", back.Placement)
			}
			r.wantHeld(t, "moved back")
		})
	}
}

// TestMoveToWhereItIs begins nothing.
func TestMoveToWhereItIs(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyCollection})
	o, err := r.MoveOrganization(t.Context(), r.command(), domain.StrategyCollection)
	if err != nil || o.Version != r.organization.Version {
		t.Errorf("version %d, %v", o.Version, err)
	}
	_, err = r.MoveOrganization(t.Context(), r.command(), "elsewhere")
	wantError(t, err, domain.Invalid("", ""))
	_, err = r.MoveOrganization(t.Context(), app.Command{Organization: r.organization.ID, IfVersion: 99}, domain.StrategyShared)
	wantError(t, err, domain.ErrPreconditionFailed)
	_, err = r.MoveOrganization(t.Context(), app.Command{Organization: "nobody"}, domain.StrategyShared)
	wantError(t, err, domain.ErrOrganizationNotFound)
	_, err = r.PauseMove(t.Context(), r.command())
	wantError(t, err, domain.ErrMoveNotFound)
	_, err = r.ResumeMove(t.Context(), r.command())
	wantError(t, err, domain.ErrMoveNotFound)
}

// TestMoveOnce says the same wish twice.
func TestMoveOnce(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyCollection})
	c := r.command()
	c.Operation = "the wish"
	for range 2 {
		o, err := r.MoveOrganization(t.Context(), c, domain.StrategyShared)
		if err != nil || o.Pending.ID != c.Operation {
			t.Fatalf("%+v, %v", o.Pending, err)
		}
	}
	if _, err := r.FinishMove(t.Context(), c.Organization, c.Operation, nil); err != nil {
		t.Fatal(err)
	}
	o, err := r.MoveOrganization(t.Context(), c, domain.StrategyShared)
	if err != nil || o.Busy() || o.Last.Operation != c.Operation {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestMoveBesideWrites writes at every step of a move: before it and after it.
func TestMoveBesideWrites(t *testing.T) {
	for _, d := range directions() {
		t.Run(string(d.from+" to "+d.to), func(t *testing.T) {
			r := newMoveRig(t, d)
			op := r.begin(t, d.to)
			n, frozen := 0, false
			r.before = func(_ context.Context, step string) error {
				if frozen = frozen || step == "Moving.Freeze"; frozen {
					return nil // A write would wait.
				}
				n++
				r.write(t, domain.DocumentID(fmt.Sprintf("new%03d", n)), `{"new":true}`)
				r.write(t, domain.DocumentID(fmt.Sprintf("d%03d", n*7%moveDocuments)), fmt.Sprintf(`{"changed":%d}`, n))
				gone := slices.Sorted(maps.Keys(r.held))[n*11%len(r.held)]
				handle, err := r.Documents(t.Context(), r.organization.ID)
				if err == nil {
					err = handle.Delete(t.Context(), gone, "")
				}
				delete(r.held, gone)
				return err
			}
			if _, err := r.FinishMove(t.Context(), r.organization.ID, op, nil); err != nil {
				t.Fatal(err)
			}
			r.before = nil
			if n < 8 {
				t.Errorf("only %d steps", n)
			}
			r.wantHeld(t, "moved")
			r.wantClean(t)
		})
	}
}

// TestMoveThatDies lets each step of a move be the last one of a process; another one goes
// on.
func TestMoveThatDies(t *testing.T) {
	for _, d := range cycle() {
		t.Run(string(d.from+" to "+d.to), func(t *testing.T) {
			for kill, whole := 0, false; !whole; kill++ {
				r := newMoveRig(t, d)
				n := 0
				r.before = diesAfter(&n, kill)
				o, err := r.MoveOrganization(t.Context(), r.command(), d.to)
				if err == nil {
					ctx, cancel := context.WithCancel(t.Context())
					waits := 0
					_, err = r.FinishMove(ctx, o.ID, o.Pending.ID, func(domain.Move) {
						if waits++; waits > 30 {
							cancel()
						}
					})
					cancel()
				}
				r.before = nil
				whole = err == nil
				r.wantHeld(t, "stopped")
				if kill > 1 { // The intent is there.
					r.clock.pass(time.Minute)
					if err := r.Reconcile(t.Context()); err != nil {
						t.Fatalf("after %d steps: %v", kill, err)
					}
					r.clock.pass(time.Minute)
					if err := r.Reconcile(t.Context()); err != nil {
						t.Fatalf("after %d steps: %v", kill, err)
					}
					details, err := r.InspectOrganization(t.Context(), r.organization.ID)
					if err != nil || details.Organization.Busy() || details.Organization.Placement.Strategy != d.to {
						t.Errorf("after %d steps: %+v, %v", kill, details.Organization, err)
					}
					r.passGrace(t)
					r.wantGone(t, r.organization.Placement)
				}
				r.write(t, "later", `{}`)
				r.wantHeld(t, "gone on")
				r.wantClean(t)
				if kill > 60 {
					t.Fatal("it never ends")
				}
			}
		})
	}
}

// TestMoveIsAborted aborts before each step of a move.
func TestMoveIsAborted(t *testing.T) {
	for _, d := range cycle() {
		t.Run(string(d.from+" to "+d.to), func(t *testing.T) {
			for at, late := 0, false; !late; at++ {
				r := newMoveRig(t, d)
				op := r.begin(t, d.to)
				ctx, stop := context.WithCancel(t.Context())
				n := 0
				r.before = func(context.Context, string) error {
					if n++; n > at {
						stop()
						return domain.ErrStoreUnavailable
					}
					return nil
				}
				_, _ = r.FinishMove(ctx, r.organization.ID, op, nil)
				stop()
				r.before = nil
				r.clock.pass(time.Minute)
				o, err := r.AbortOperation(t.Context(), r.command())
				if late = errors.Is(err, domain.ErrOperationNotAbortable); late {
					if at < 6 {
						t.Errorf("not abortable after %d steps", at)
					}
					continue
				}
				if err != nil || o.Busy() || o.Placement != r.organization.Placement || o.Last.Refused != domain.CodeOperationAborted {
					t.Fatalf("after %d steps: %+v, %v", at, o, err)
				}
				if all := r.moves(t); len(all) != 0 {
					t.Errorf("after %d steps it is remembered: %+v", at, all)
				}
				r.write(t, "later", `{}`)
				r.wantHeld(t, "aborted")
				r.wantClean(t)
				r.move(t, d.to)
				r.wantHeld(t, "moved after all")
			}
		})
	}
}

func TestMoveIsPaused(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyCollection})
	op := r.begin(t, domain.StrategyShared)
	copies := 0
	r.before = func(_ context.Context, step string) error {
		if step == "Moving.Copy" {
			if copies++; copies == 2 {
				r.clock.pass(5 * time.Second) // so that its progress is written
				if m, err := r.PauseMove(t.Context(), r.command()); err != nil || !m.Paused {
					t.Errorf("paused: %+v, %v", m, err)
				}
			}
		}
		return nil
	}
	_, err := r.FinishMove(t.Context(), r.organization.ID, op, nil)
	wantError(t, err, domain.ErrOperationInProgress)
	if copies != 2 {
		t.Errorf("it went on for %d parts", copies)
	}
	r.before = nil
	r.clock.pass(24 * time.Hour)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := r.moves(t); len(all) != 1 || !all[0].Paused || all[0].Stage != domain.MoveCopying {
		t.Errorf("paused as %+v", all)
	}
	r.write(t, "meanwhile", `{}`)
	m, err := r.ResumeMove(t.Context(), r.command())
	if err != nil || m.Paused {
		t.Errorf("resumed: %+v, %v", m, err)
	}
	if _, err := r.FinishMove(t.Context(), r.organization.ID, op, nil); err != nil {
		t.Fatal(err)
	}
	r.wantHeld(t, "resumed")
}

// TestMoveKeepsOthersOut tries what else may be asked of an organization that moves.
func TestMoveKeepsOthersOut(t *testing.T) {
	r := newMoveRig(t, direction{from: domain.StrategyCollection})
	who := r.session(t, "admin@acme.example")
	r.begin(t, domain.StrategyShared)
	_, err := r.rename(t, who, "Initech")
	wantError(t, err, domain.ErrOperationInProgress)
	_, err = r.DeleteByOperator(t.Context(), r.command())
	wantError(t, err, domain.ErrOperationInProgress)
	_, err = r.MoveOrganization(t.Context(), r.command(), domain.StrategyDatabase)
	wantError(t, err, domain.ErrOperationInProgress)
	if _, err := r.GetOrganization(t.Context(), "Acme"); err != nil {
		t.Errorf("get: %v", err)
	}
	o, err := r.RetryOperation(t.Context(), r.command())
	if err != nil || o.Pending.Kind != domain.OperationMove {
		t.Errorf("retry: %v", err)
	}
}

// TestPurgeDropsWhatWasLeft deletes an organization within the grace of its move.
func TestPurgeDropsWhatWasLeft(t *testing.T) {
	for _, d := range directions() {
		r := newMoveRig(t, d)
		o := r.move(t, d.to)
		if _, err := r.DeleteByOperator(t.Context(), r.command()); err != nil {
			t.Fatal(err)
		}
		r.wantGone(t, r.organization.Placement)
		r.wantGone(t, o.Placement)
		if all := r.moves(t); len(all) != 0 {
			t.Errorf("%v: still remembered: %+v", d, all)
		}
		r.wantClean(t)
	}
}
