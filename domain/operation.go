package domain

import "time"

// OperationKind says what an operation does to its organization.
type OperationKind string

// The operations.
const (
	OperationCreate OperationKind = "create"
	OperationUpdate OperationKind = "update"
	OperationDelete OperationKind = "delete"
)

// Phase says in which direction an operation goes.
type Phase string

// The phases. An operation starts forward. When one of its steps is refused it turns
// back, once, and undoes what was done. Once the last step that can be refused is
// taken it is committed, where a step follows that can't be undone: it doesn't turn
// back any more.
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
	// Refused is the code with which the operation turned back.
	Refused   Code
	StartedAt time.Time
	// LeaseUntil is until when others leave the operation to its runner. It
	// saves double work; safety never rests on it.
	LeaseUntil time.Time
	// Attempt counts the runners, from 1.
	Attempt int

	// What an update needs; zero values leave a thing as it is.

	// Name is the name that the organization shall have.
	Name Name
	// Email is the email that the owner shall have, FormerEmail the one to go
	// back to.
	Email       Email
	FormerEmail Email
	// Target is where the namespace goes, Source the identity of the storage
	// object that goes there, as ports.Namespaces reports it.
	Target Placement
	Source string
}

// IsZero reports whether there is no operation.
func (op Operation) IsZero() bool { return op == Operation{} }

// Outcome is what became of the operation that ended last on an organization,
// so that a runner that was overtaken learns it.
type Outcome struct {
	Operation OperationID
	// Refused is empty when the operation was completed, else why it went back.
	Refused Code
}
