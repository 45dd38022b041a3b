package domain

import "time"

// MoveStage says how far a move has come.
type MoveStage string

// The stages of a move. Until the switch the organization lives where it did; from then on
// at its target, and what it has left is kept for a while.
const (
	// MoveCopying copies the documents, while they are read and written.
	MoveCopying MoveStage = "copying"
	// MoveChecking compares every document with its copy, and brings over what was written
	// meanwhile.
	MoveChecking MoveStage = "checking"
	// MoveSwitching lets nobody write, for as long as it takes to bring the rest over and
	// to compare the sums. It only goes forward.
	MoveSwitching MoveStage = "switching"
	// MoveBack removes what was copied: the move was refused or aborted.
	MoveBack MoveStage = "back"
	// MoveKept keeps what the organization has left until DueAt, and drops it then.
	MoveKept MoveStage = "kept"
)

// Forever is later than every time that is waited for.
var Forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Move is the record of a move of an organization's documents from one placement to
// another, of any strategies. It is apart from the organization's own record, whose
// version it doesn't touch, and is there until what was left is dropped.
type Move struct {
	// Operation is the operation that moves, which is pending on the organization until
	// the switch.
	Operation    OperationID
	Organization OrganizationID
	By           Actor
	// From is where the documents were before the move, and Source the identity of the
	// namespace there, as ports.Namespaces reports it. To is where they go.
	From, To Placement
	Source   string
	// Target is the identity of the namespace that was made at To, "" until it is known.
	Target string
	Stage  MoveStage
	// Paused says that nobody goes on until an operator asks for it.
	Paused bool
	// Position is how far the copy has come. The store alone can read it.
	Position string
	// Total is what From held when the stage began, Done what is copied or compared of it.
	// What is written meanwhile isn't in Total, so that Done may come to more.
	Total, Done Usage
	// Held is for how long nobody could write, once the switch has happened.
	Held time.Duration
	// Took is for how long the stage has been worked on.
	Took      time.Duration
	StartedAt time.Time
	UpdatedAt time.Time
	// DueAt is when somebody is to go on with it: when the lease of its runner ends, its
	// rest after a failure, or the time for which what was left is kept.
	DueAt time.Time
	// Failures counts the attempts that have failed since one made progress.
	Failures int
	// Version counts the writes, from 1; compare-and-set rests on it.
	Version int64
}

// NewMove returns the record of the move that is pending on the organization. It is due at
// once.
func NewMove(o Organization, now time.Time) Move {
	return Move{
		Operation:    o.Pending.ID,
		Organization: o.ID,
		By:           o.Pending.By,
		From:         o.Placement,
		Source:       o.Pending.Source,
		To:           o.Pending.Target,
		Stage:        MoveCopying,
		StartedAt:    o.Pending.StartedAt,
		UpdatedAt:    now,
		DueAt:        now,
		Version:      1,
	}
}

// Ended reports whether the organization lives at the target.
func (m Move) Ended() bool { return m.Stage == MoveKept }

// Next returns a copy to change, in the next version.
func (m Move) Next(now time.Time) Move {
	m.Version++
	m.UpdatedAt = now
	return m
}

// Enter returns the move in another stage, of which nothing is done yet.
func (m Move) Enter(stage MoveStage, now time.Time) Move {
	n := m.Next(now)
	n.Stage, n.Position, n.Done, n.Took = stage, "", Usage{}, 0
	return n
}

// Rate is how many documents and bytes are done in a second of this stage.
func (m Move) Rate() Usage {
	took := m.Took.Seconds()
	if took <= 0 {
		return Usage{}
	}
	return Usage{
		Documents: int64(float64(m.Done.Documents) / took),
		Bytes:     int64(float64(m.Done.Bytes) / took),
	}
}

// Left estimates how long the stage will take from now on. It is 0 when nobody knows: at
// the beginning, and where there is nothing to count.
func (m Move) Left() time.Duration {
	left := m.Total.Documents - m.Done.Documents
	if left <= 0 || m.Done.Documents <= 0 {
		return 0
	}
	return time.Duration(float64(m.Took) * float64(left) / float64(m.Done.Documents)).Round(time.Second)
}

// BeginMove writes the intent of a move to op.Target. It returns ErrOperationInProgress
// when another operation runs, ErrStatus unless the organization is active or suspended,
// ErrNamespaceTaken when it had the target's namespace before, and ErrTransition when op
// is no move.
func (o Organization) BeginMove(op Operation, now time.Time) (Organization, error) {
	switch {
	case o.Busy():
		return o, o.busy()
	case o.Status != StatusActive && o.Status != StatusSuspended:
		return o, o.wrongStatus()
	case op.Kind != OperationMove || op.Target.IsZero():
		return o, ErrTransition
	}
	n := o.next(now)
	n.Pending = op
	if err := n.reserve(op.Target); err != nil {
		return o, err
	}
	return n, nil
}

// HandOver leaves the pending move to those who run moves, once its own record is there:
// no lease runs out.
func (o Organization) HandOver() (Organization, error) {
	if o.Pending.Kind != OperationMove || o.Pending.HandedOver() {
		return o, ErrTransition
	}
	n := o.step()
	n.Pending.LeaseUntil = Forever
	return n, nil
}

// HandedOver reports whether the operation is a move that has a record of its own.
func (op Operation) HandedOver() bool {
	return op.Kind == OperationMove && op.LeaseUntil.Equal(Forever)
}

// Switching reports whether the operation is a move that lets nobody write.
func (op Operation) Switching() bool {
	return op.Kind == OperationMove && op.Phase == PhaseCommitted
}
