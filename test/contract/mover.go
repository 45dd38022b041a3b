package contract

import (
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// MoveStorage is what RunMover tests: what an engine has for each strategy, and what moves
// documents between them.
type MoveStorage struct {
	Storage map[domain.Strategy]ports.Storage
	Mover   ports.Mover
	// Database is that of the suite's placements.
	Database string
}

// Direction is a way for a move.
type Direction struct{ From, To domain.Strategy }

// Directions returns the ways from each strategy to each other one.
func Directions() (all []Direction) {
	for _, from := range domain.Strategies() {
		for _, to := range domain.Strategies() {
			if from != to {
				all = append(all, Direction{from, to})
			}
		}
	}
	return all
}

// RunMover runs the suite of ports.Mover in each of the directions.
func RunMover(t *testing.T, open func(t *testing.T) MoveStorage, directions ...Direction) {
	t.Helper()
	for _, d := range directions {
		t.Run(fmt.Sprintf("%s to %s", d.From, d.To), func(t *testing.T) {
			runAll(t, func(t *testing.T) route { return route{open(t), d} }, moverChecks)
		})
	}
}

var moverChecks = []check[route]{
	{"NothingInIt", moverNothing},
	{"Documents", moverDocuments},
	{"OneByOne", moverOneByOne},
	{"BigDocuments", moverBig},
	{"CopiedTwice", moverTwice},
	{"WritesWhileCopying", moverWritesWhileCopying},
	{"WritesAfterTheCheck", moverWritesAfterCheck},
	{"MoreAtTheTarget", moverMoreAtTarget},
	{"ManyMoreAtTheTarget", moverManyMoreAtTarget},
	{"Frozen", moverFrozen},
	{"FreezeBesideWriters", moverFreezeBesideWriters},
	{"GoesOnAfterACrash", moverCrash},
	{"OpenedAtOnce", moverOpenedAtOnce},
	{"TargetOccupied", moverOccupied},
	{"NoSource", moverNoSource},
	{"NoTarget", moverNoTarget},
	{"TargetDropped", moverTargetDropped},
	{"SourceDropped", moverSourceDropped},
	{"Forget", moverForget},
	{"ForgetNothing", moverForgetNothing},
	{"Neighbours", moverNeighbours},
	{"SumsOfBothWays", moverBothWays},
	{"RandomWrites", moverRandom},
	{"ContextEnds", moverContextEnds},
}

// route is a storage, and the direction of a check.
type route struct {
	MoveStorage
	Direction
}

// place returns a placement of the strategy.
func (r route) place(strategy domain.Strategy, namespace string) domain.Placement {
	return Storage{Strategy: strategy, Database: r.Database}.place(namespace)
}

// tenant makes a namespace of the strategy for an organization.
func (r route) tenant(t *testing.T, strategy domain.Strategy, owner domain.OrganizationID, namespace string) tenant {
	t.Helper()
	s := r.Storage[strategy]
	d := DocumentStorage{Documents: s.Documents, Namespaces: s.Namespaces, Strategy: strategy, Database: r.Database}
	return d.tenant(t, owner, namespace)
}

// journey is a move of an organization's documents.
type journey struct {
	route
	move   domain.Move
	source tenant
	ports.Moving
}

// from returns a move of an organization's documents from where they are, which hasn't
// begun, to a namespace of that name.
func (r route) from(source tenant, namespace string) *journey {
	to := r.place(r.To, namespace)
	to.Generation = source.at.Placement.Generation + 1
	return &journey{route: r, source: source, move: domain.Move{
		Operation: "operation-1", Organization: source.at.Organization, By: "actor",
		From: source.at.Placement, Source: source.at.Identity, To: to,
		Stage: domain.MoveCopying, StartedAt: at(1), UpdatedAt: at(1), DueAt: at(2), Version: 1,
	}}
}

// begin begins to move documents of an organization.
func (r route) begin(t *testing.T, documents ...domain.Document) *journey {
	t.Helper()
	j := r.from(r.tenant(t, r.From, firstOwner, "org_one"), "org_one_moved")
	j.source.put(t, documents...)
	j.open(t)
	return j
}

// open opens the move, as a runner does at its begin and after each crash.
func (j *journey) open(t *testing.T) {
	t.Helper()
	if j.Moving != nil {
		j.Close()
	}
	moving, err := j.Mover.Open(t.Context(), j.move)
	must(t, "Open", err)
	t.Cleanup(moving.Close)
	if target := moving.Target(); target == "" || j.move.Target != "" && target != j.move.Target {
		t.Fatalf("Target: got %q, want %q, or one if that is none", target, j.move.Target)
	}
	j.Moving, j.move.Target = moving, moving.Target()
}

// target returns the organization at the target.
func (j *journey) target() tenant {
	return tenant{j.Storage[j.To].Documents, ports.Place{
		Organization: j.move.Organization, Placement: j.move.To, Identity: j.move.Target,
	}}
}

// steps is how many steps a move may take here.
const steps = 10_000

// pass calls a step, Copy or Check, from the beginning to the end, and returns how much it
// has looked at.
func (j *journey) pass(
	t *testing.T, what string, step func(position string) (ports.MovedPart, error),
) (looked domain.Usage) {
	t.Helper()
	position := ""
	for range steps {
		part, err := step(position)
		must(t, what, err)
		looked.Documents += part.Documents
		looked.Bytes += part.Bytes
		if part.Done {
			return looked
		}
		if part.Position == position || part.Position == "" {
			t.Fatalf("%s: it doesn't go on from %q", what, position)
		}
		position = part.Position
	}
	t.Fatalf("%s: it has no end", what)
	return looked
}

func (j *journey) copyAll(t *testing.T, limit int) domain.Usage {
	t.Helper()
	return j.pass(t, "Copy", func(position string) (ports.MovedPart, error) {
		return j.Copy(t.Context(), position, limit)
	})
}

func (j *journey) checkAll(t *testing.T, limit int) domain.Usage {
	t.Helper()
	return j.pass(t, "Check", func(position string) (ports.MovedPart, error) {
		return j.Check(t.Context(), position, limit)
	})
}

// catchUp brings over what was written until nothing is left. Nobody writes meanwhile.
func (j *journey) catchUp(t *testing.T) (changes int) {
	t.Helper()
	for range steps {
		n, err := j.CatchUp(t.Context())
		must(t, "CatchUp", err)
		if n == 0 {
			return changes
		}
		changes += n
	}
	t.Fatal("CatchUp: it has no end")
	return changes
}

// end freezes the source and does what is left. checked says that a Check has come to its
// end since the move was opened.
func (j *journey) end(t *testing.T, checked bool) {
	t.Helper()
	must(t, "Freeze", j.Freeze(t.Context()))
	if !checked || !j.Records() {
		j.checkAll(t, 3)
	}
	if j.Records() {
		j.catchUp(t)
	}
}

// wantMoved fails t unless the source and the target have these documents, for Sums as
// well.
func (j *journey) wantMoved(t *testing.T, want ...domain.Document) {
	t.Helper()
	j.wantSums(t, int64(len(want)))
	j.target().wantOnly(t, want...)
	j.reader(t).wantOnly(t, want...)
}

func (j *journey) wantSums(t *testing.T, documents int64) ports.MoveSums {
	t.Helper()
	sums, err := j.Sums(t.Context())
	must(t, "Sums", err)
	if !sums.Equal() || sums.FromCount != documents || sums.ToCount != documents || sums.To.Documents() != documents {
		t.Errorf("Sums: got %s of %d, %s of %d, counted %d and %d, want equal ones of %d", sums.From.String(), sums.From.Documents(),
			sums.To.String(), sums.To.Documents(), sums.FromCount, sums.ToCount, documents)
	}
	return sums
}

// reader returns the organization where its documents are read once the source is frozen.
func (j *journey) reader(t *testing.T) tenant {
	t.Helper()
	for _, p := range []domain.Placement{j.move.From, j.move.From.Left()} {
		o := j.source.to(p)
		if _, err := o.documents.Count(t.Context(), o.at); err == nil {
			return o
		}
	}
	t.Fatal("Count: the source isn't read any more, neither where it was nor where it was left")
	return tenant{}
}
