package domain

import "time"

// OperationKind says what an operation does to its organization.
type OperationKind string

// The operations. Those of the second group take one write: they are never pending,
// only remembered as the last one.
const (
	OperationCreate OperationKind = "create"
	OperationUpdate OperationKind = "update"
	OperationDelete OperationKind = "delete"
	OperationPurge  OperationKind = "purge"
	// OperationMove takes as long as there are documents. Its progress is in a Move.
	OperationMove OperationKind = "move"

	OperationRestore  OperationKind = "restore"
	OperationSuspend  OperationKind = "suspend"
	OperationActivate OperationKind = "activate"
	OperationHold     OperationKind = "hold"
	OperationRelease  OperationKind = "release"
)

// Phase says in which direction an operation goes.
type Phase string

// The phases. An operation starts forward. When one of its steps is refused it turns
// back, once, and undoes what was done. Once the last step that can be refused is
// taken it is committed, where a step follows that can't be undone: it doesn't turn
// back any more. An update without an email has no step that can be refused, and begins
// committed.
const (
	PhaseForward   Phase = "forward"
	PhaseCommitted Phase = "committed"
	PhaseBack      Phase = "back"
)

// Operation is the intent of a change that takes more than one step: all that
// its steps need, never a secret. It is written on the organization before the
// first step and cleared after the last. The zero Operation is none.
type Operation struct {
	ID    OperationID
	Kind  OperationKind
	Phase Phase
	// By says who wanted it.
	By Actor
	// Refused is the code with which the operation turned back.
	Refused   Code
	StartedAt time.Time
	// LeaseUntil is until when others leave the operation to its runner. It
	// saves double work; safety never rests on it.
	LeaseUntil time.Time
	// Attempt counts the runners, from 1.
	Attempt int
	// Failures counts the attempts that failed though the store answered.
	Failures int
	// Stuck says that nobody goes on with the operation until an operator asks for it.
	Stuck bool

	// Measured is what a purge found before it dropped anything.
	Measured Usage

	// What an update or a move needs; zero values leave a thing as it is.

	// Name is the name that the organization shall have.
	Name Name
	// Email is the email that the owner shall have, FormerEmail the one to go
	// back to.
	Email       Email
	FormerEmail Email
	// Target is where the namespace or, of a move, the documents go, Source the identity
	// of the storage object that goes or is left, as ports.Namespaces reports it.
	Target Placement
	Source string
}

// IsZero reports whether there is no operation.
func (op Operation) IsZero() bool { return op == Operation{} }

// drops reports whether the operation removes the organization's data. It never
// turns back.
func (op Operation) drops() bool { return op.Kind == OperationDelete || op.Kind == OperationPurge }

// Dropping reports whether the operation has begun to remove the organization's data.
func (op Operation) Dropping() bool { return op.drops() && op.Phase == PhaseCommitted }

// CanAbort reports whether the operation can still go back.
func (op Operation) CanAbort() bool {
	return !op.IsZero() && !op.drops() && op.Phase == PhaseForward &&
		(op.Kind != OperationUpdate || !op.Email.IsZero())
}

// outcome returns what became of the operation, now that it has ended.
func (op Operation) outcome(now time.Time) Outcome {
	return Outcome{
		Operation: op.ID,
		Kind:      op.Kind,
		By:        op.By,
		Refused:   op.Refused,
		StartedAt: op.StartedAt,
		EndedAt:   now,
		Attempt:   op.Attempt,
	}
}

// Outcome is what became of the operation that ended last on an organization,
// so that a runner that was overtaken learns it.
type Outcome struct {
	Operation OperationID
	Kind      OperationKind
	By        Actor
	// Refused is empty when the operation was completed, else why it went back.
	Refused   Code
	StartedAt time.Time
	EndedAt   time.Time
	// Attempt is how many runners it took.
	Attempt int
}
