package contract

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

var moveChecks = []check[Registry]{
	{"RoundTrip", moveRoundTrip},
	{"RoundTripOfZeroValues", moveRoundTripZero},
	{"TimesToTheMillisecondInUTC", moveTimes},
	{"IDsAreOpaque", moveIDs},
	{"InsertErrors", moveInsertErrors},
	{"ByOrganizationInOrder", moveOrder},
	{"Due", moveDue},
	{"DueOnesForever", moveDueForever},
	{"ReplaceComparesAndSets", moveCompareAndSet},
	{"Remove", moveRemove},
	{"Isolation", moveIsolation},
	{"TheOrganizationStaysAsItIs", moveApart},
	{"RaceForAnOperation", moveRaceForOperation},
	{"RaceForAVersion", moveRaceForVersion},
	{"ContextEnds", moveContextEnds},
}

// fullMove returns a move of which every field is set, as full does.
func fullMove() domain.Move {
	return domain.Move{
		Operation:    "0195d3c8-4b00-7abc-8def-dddddddddddd",
		Organization: "0195d3c8-4b00-7abc-8def-0123456789ab",
		By:           "an actor 'é'",
		From: domain.Placement{
			Strategy: "a strategy", Database: "a_database", Namespace: "org_full", Generation: big, State: "a state",
		},
		Source: "the identity; of the source 株",
		To: domain.Placement{
			Strategy: "another strategy", Database: "another_database", Namespace: "org_full_target", Generation: big + 2, State: "another state",
		},
		Target:    "the identity; of the target 株",
		Stage:     "a stage",
		Paused:    true,
		Position:  "a \"position\" é 株 $ne",
		Total:     domain.Usage{Documents: big + 4, Bytes: big + 6},
		Done:      domain.Usage{Documents: big + 8, Bytes: big + 10},
		Held:      time.Duration(big) + 12,
		Took:      time.Duration(big) + 14,
		StartedAt: at(21),
		UpdatedAt: at(22),
		DueAt:     at(23),
		Failures:  7,
		Version:   big + 16,
	}
}

// numberedMove returns a move that has begun. Those of different numbers share nothing.
func numberedMove(n int) domain.Move {
	from, to := placed(fmt.Sprintf("org_%d", n)), placed(fmt.Sprintf("org_%d_target", n))
	to.Strategy, to.Generation = domain.StrategyShared, 2
	return domain.Move{
		Operation:    domain.OperationID(fmt.Sprintf("operation-%d", n)),
		Organization: domain.OrganizationID(fmt.Sprintf("organization-%d", n)),
		By:           domain.Actor(fmt.Sprintf("actor-%d", n)),
		From:         from,
		Source:       fmt.Sprintf("source-%d", n),
		To:           to,
		Stage:        domain.MoveCopying,
		StartedAt:    at(n),
		UpdatedAt:    at(n),
		DueAt:        at(100 + n),
		Version:      1,
	}
}

// insertMoves writes all of them.
func insertMoves(t *testing.T, r Registry, moves ...domain.Move) {
	t.Helper()
	for _, m := range moves {
		must(t, fmt.Sprintf("Insert(%s)", m.Operation), r.Moves.Insert(t.Context(), m))
	}
}

// wantMoves fails t unless the organization has just these records, in their order.
func wantMoves(t *testing.T, r Registry, id domain.OrganizationID, want ...domain.Move) {
	t.Helper()
	what := fmt.Sprintf("ByOrganization(%q)", id)
	got, err := r.Moves.ByOrganization(t.Context(), id)
	must(t, what, err)
	wantRecord(t, what, got, want)
}

// wantMovesDue fails t unless Due returns just these records, in their order.
func wantMovesDue(t *testing.T, r Registry, until time.Time, limit int, want ...domain.Move) {
	t.Helper()
	what := fmt.Sprintf("Due(%s, %d)", until.Format(time.StampMilli), limit)
	got, err := r.Moves.Due(t.Context(), until, limit)
	must(t, what, err)
	wantRecord(t, what, got, want)
}

func moveRoundTrip(t *testing.T, r Registry) {
	want := fullMove()
	insertMoves(t, r, want)
	wantMoves(t, r, want.Organization, want)
	wantMovesDue(t, r, want.DueAt, 10, want)

	// The same by Replace, from a record that differs in all.
	before := numberedMove(1)
	insertMoves(t, r, before)
	next := fullMove()
	next.Operation = before.Operation
	next.Organization = "another organization"
	must(t, "Replace", r.Moves.Replace(t.Context(), next, before.Version))
	wantMoves(t, r, next.Organization, next)
	wantMoves(t, r, before.Organization)
	wantMoves(t, r, want.Organization, want)
}

func moveRoundTripZero(t *testing.T, r Registry) {
	bare := domain.Move{Operation: "bare", Organization: "of the bare one", Version: 1}
	insertMoves(t, r, bare)
	wantMoves(t, r, bare.Organization, bare)
	wantMovesDue(t, r, at(0), 10, bare)

	// What was set and is not any more is gone.
	set := fullMove()
	insertMoves(t, r, set)
	emptied := domain.Move{Operation: set.Operation, Organization: set.Organization, Version: set.Version + 1}
	must(t, "Replace", r.Moves.Replace(t.Context(), emptied, set.Version))
	wantMoves(t, r, set.Organization, emptied)
}

func moveTimes(t *testing.T, r Registry) {
	written, want := fullMove(), fullMove()
	written.StartedAt, want.StartedAt = finer(11), at(11)
	written.UpdatedAt, want.UpdatedAt = finer(12), at(12)
	written.DueAt, want.DueAt = finer(13), at(13)
	insertMoves(t, r, written)
	wantMoves(t, r, want.Organization, want)

	next := want
	next.DueAt, next.Version = domain.Forever, want.Version+1
	must(t, "Replace", r.Moves.Replace(t.Context(), next, want.Version))
	wantMoves(t, r, want.Organization, next)
}

func moveIDs(t *testing.T, r Registry) {
	var all []domain.Move
	for i, id := range opaqueIDs {
		m := numberedMove(i)
		m.Operation, m.Organization = domain.OperationID(id), domain.OrganizationID(id)
		all = append(all, m)
	}
	for _, m := range all {
		wantMoves(t, r, m.Organization)
		insertMoves(t, r, m)
	}
	for _, m := range all {
		wantMoves(t, r, m.Organization, m)
	}
}

func moveInsertErrors(t *testing.T, r Registry) {
	first := numberedMove(1)
	insertMoves(t, r, first)
	same := numberedMove(2)
	same.Operation = first.Operation
	wantError(t, "Insert with an operation that exists", r.Moves.Insert(t.Context(), same), domain.ErrVersionConflict)
	wantError(t, "Insert of the same again", r.Moves.Insert(t.Context(), first), domain.ErrVersionConflict)
	wantMoves(t, r, first.Organization, first)
	wantMoves(t, r, same.Organization)

	// All but the operation may be the same.
	twin := first
	twin.Operation = "a twin"
	insertMoves(t, r, twin)
	wantMoves(t, r, first.Organization, first, twin)
}

// moveOrder has moves that began in one moment: the operation that comes last in the
// order of its bytes is first.
func moveOrder(t *testing.T, r Registry) {
	began := []int{3, 5, 1, 5, 5, 4}
	var all []domain.Move
	for i, n := range began {
		m := numberedMove(i)
		m.Organization, m.StartedAt = "organization", at(n)
		all = append(all, m)
	}
	all[4].Operation = "Operation-9"
	insertMoves(t, r, append(all, numberedMove(50))...)
	wantMoves(t, r, "organization", all[3], all[1], all[4], all[5], all[0], all[2])
	wantMoves(t, r, "nobody")
	wantMoves(t, r, "")
}

func moveDue(t *testing.T, r Registry) {
	all := make([]domain.Move, 5)
	for i := range all {
		all[i] = numberedMove(i)
		all[i].DueAt = at(50 - 10*i)
	}
	insertMoves(t, r, all...)
	wantMovesDue(t, r, at(10).Add(-time.Millisecond), 10)
	wantMovesDue(t, r, at(10), 10, all[4])
	wantMovesDue(t, r, at(30), 10, all[4], all[3], all[2])
	wantMovesDue(t, r, at(50), 2, all[4], all[3])
	wantMovesDue(t, r, at(50), 0)
	wantMovesDue(t, r, finer(40), 10, all[4], all[3], all[2], all[1])

	later := all[4].Next(at(1))
	later.DueAt = at(45)
	must(t, "Replace", r.Moves.Replace(t.Context(), later, all[4].Version))
	wantMovesDue(t, r, at(50), 10, all[3], all[2], all[1], later, all[0])
}

func moveDueForever(t *testing.T, r Registry) {
	waits, never := numberedMove(1), numberedMove(2)
	never.DueAt = domain.Forever
	insertMoves(t, r, never, waits)
	wantMovesDue(t, r, domain.Forever.Add(-time.Second), 10, waits)
	wantMovesDue(t, r, domain.Forever, 10, waits, never)
	wantMovesDue(t, r, domain.Forever, 1, waits)
}

func moveCompareAndSet(t *testing.T, r Registry) {
	ctx := t.Context()
	first := numberedMove(1)
	insertMoves(t, r, first)
	second := first.Next(at(50))
	second.Target, second.Position = "a target", "a position"
	for _, wrong := range []int64{-1, 0, 2, 3} {
		wantError(t, "Replace with another version", r.Moves.Replace(ctx, second, wrong), domain.ErrVersionConflict)
		wantMoves(t, r, first.Organization, first)
	}
	must(t, "Replace", r.Moves.Replace(ctx, second, 1))
	wantMoves(t, r, first.Organization, second)
	wantError(t, "Replace a second time", r.Moves.Replace(ctx, second, 1), domain.ErrVersionConflict)
	third := second.Enter(domain.MoveChecking, at(51))
	must(t, "Replace", r.Moves.Replace(ctx, third, second.Version))
	wantMoves(t, r, first.Organization, third)

	missing := numberedMove(2)
	for _, version := range []int64{0, 1} {
		wantError(t, "Replace of one that doesn't exist", r.Moves.Replace(ctx, missing, version), domain.ErrVersionConflict)
	}
	wantMoves(t, r, missing.Organization)
}

func moveRemove(t *testing.T, r Registry) {
	m, other := numberedMove(1), numberedMove(2)
	other.Organization = m.Organization
	insertMoves(t, r, m, other)
	for range 2 {
		must(t, "Remove", r.Moves.Remove(t.Context(), m.Operation))
		wantMoves(t, r, m.Organization, other)
	}
	must(t, "Remove of nothing", r.Moves.Remove(t.Context(), "nothing"))
	wantError(t, "Replace of what was removed", r.Moves.Replace(t.Context(), m.Next(at(3)), m.Version), domain.ErrVersionConflict)
	wantMoves(t, r, m.Organization, other)
	insertMoves(t, r, m)
	wantMoves(t, r, m.Organization, other, m)
}

func moveIsolation(t *testing.T, r Registry) {
	moves := []domain.Move{numberedMove(1), numberedMove(2)}
	insertMoves(t, r, moves...)
	for i := range moves {
		subject, bystander := &moves[i], moves[1-i]
		next := subject.Enter(domain.MoveSwitching, at(60))
		must(t, "Replace", r.Moves.Replace(t.Context(), next, subject.Version))
		*subject = next
		wantMoves(t, r, next.Organization, next)
		wantMoves(t, r, bystander.Organization, bystander)
	}
	for i := range moves {
		subject, bystander := moves[i], moves[1-i]
		must(t, "Remove", r.Moves.Remove(t.Context(), subject.Operation))
		wantMoves(t, r, subject.Organization)
		wantMoves(t, r, bystander.Organization, bystander)
		insertMoves(t, r, subject)
	}
}

func moveApart(t *testing.T, r Registry) {
	o := full(t)
	must(t, "Insert", r.Organizations.Insert(t.Context(), o))
	m := numberedMove(1)
	m.Organization, m.Operation = o.ID, o.Pending.ID
	insertMoves(t, r, m)
	must(t, "Replace", r.Moves.Replace(t.Context(), m.Next(at(2)), m.Version))
	must(t, "Remove", r.Moves.Remove(t.Context(), m.Operation))
	got, err := r.Organizations.ByID(t.Context(), o.ID)
	must(t, "ByID", err)
	wantRecord(t, "the organization", got, o)
}

func moveRaceForOperation(t *testing.T, r Registry) {
	results := race(func(i int) error {
		m := numberedMove(i)
		m.Operation, m.Organization = "contested", "organization"
		return r.Moves.Insert(t.Context(), m)
	})
	if winner := wantOneWinner(t, results, domain.ErrVersionConflict); winner >= 0 {
		m := numberedMove(winner)
		m.Operation, m.Organization = "contested", "organization"
		wantMoves(t, r, m.Organization, m)
	}
}

func moveRaceForVersion(t *testing.T, r Registry) {
	m := numberedMove(1)
	insertMoves(t, r, m)
	for range 3 {
		next := func(i int) domain.Move {
			n := m.Next(at(i))
			n.Position = fmt.Sprintf("of racer %d", i)
			return n
		}
		results := race(func(i int) error { return r.Moves.Replace(t.Context(), next(i), m.Version) })
		winner := wantOneWinner(t, results, domain.ErrVersionConflict)
		if winner < 0 {
			return
		}
		m = next(winner)
		wantMoves(t, r, m.Organization, m)
	}
}

func moveContextEnds(t *testing.T, r Registry) {
	m := numberedMove(1)
	insertMoves(t, r, m)
	wantUnavailable(t, []call{
		{"Insert", func(ctx context.Context) error { return r.Moves.Insert(ctx, numberedMove(2)) }},
		{"ByOrganization", func(ctx context.Context) error {
			_, err := r.Moves.ByOrganization(ctx, m.Organization)
			return err
		}},
		{"Due", func(ctx context.Context) error { _, err := r.Moves.Due(ctx, domain.Forever, 10); return err }},
		{"Replace", func(ctx context.Context) error { return r.Moves.Replace(ctx, m.Next(at(9)), m.Version) }},
		{"Remove", func(ctx context.Context) error { return r.Moves.Remove(ctx, m.Operation) }},
	})
	wantMoves(t, r, m.Organization, m)
}
