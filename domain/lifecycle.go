package domain

import (
	"slices"
	"time"
)

// Status is where an organization stands in its life.
type Status string

// The statuses. A purged organization is a tombstone: it keeps its ID and its
// reservations, and has no data.
const (
	StatusProvisioning Status = "provisioning"
	StatusActive       Status = "active"
	StatusSuspended    Status = "suspended"
	StatusDeleted      Status = "deleted"
	StatusPurged       Status = "purged"
)

// successors is the state machine: which status may follow which.
var successors = map[Status][]Status{
	StatusProvisioning: {StatusActive, StatusPurged},
	StatusActive:       {StatusSuspended, StatusDeleted},
	StatusSuspended:    {StatusActive, StatusDeleted},
	StatusDeleted:      {StatusActive, StatusPurged},
	StatusPurged:       nil,
}

// mayBecome reports whether an organization in status s may come to be in next.
func (s Status) mayBecome(next Status) bool { return slices.Contains(successors[s], next) }

// Live reports whether an organization in status s holds its name.
func (s Status) Live() bool {
	return s == StatusProvisioning || s == StatusActive || s == StatusSuspended
}

// BeginUpdate writes the intent of an update. It returns ErrOperationInProgress
// when another operation runs, ErrTransition unless the organization is active,
// and ErrNamespaceTaken when the organization had the target's namespace before.
func (o Organization) BeginUpdate(op Operation, now time.Time) (Organization, error) {
	if o.Busy() {
		return o, o.busy()
	}
	if o.Status != StatusActive || op.Kind != OperationUpdate {
		return o, ErrTransition
	}
	n := o.next(now)
	n.Pending = op
	if !op.Target.IsZero() {
		if err := n.reserve(op.Target); err != nil {
			return o, err
		}
	}
	return n, nil
}

// BeginDelete writes the intent of a delete: the name is free and all tokens are
// dead from here on. It returns ErrOperationInProgress when another operation
// runs and ErrTransition unless the organization is active or suspended.
func (o Organization) BeginDelete(op Operation, now time.Time) (Organization, error) {
	if o.Busy() {
		return o, o.busy()
	}
	if !o.Status.mayBecome(StatusDeleted) || op.Kind != OperationDelete {
		return o, ErrTransition
	}
	n := o.next(now)
	n.Status = StatusDeleted
	n.Epoch++
	n.DeletedAt = now
	n.Pending = op
	return n, nil
}

// TakeOver hands the pending operation to another runner until leaseUntil.
func (o Organization) TakeOver(leaseUntil, now time.Time) (Organization, error) {
	if !o.Busy() {
		return o, ErrTransition
	}
	n := o.next(now)
	n.UpdatedAt = o.UpdatedAt
	n.Pending.Attempt++
	n.Pending.LeaseUntil = leaseUntil
	return n, nil
}

// Commit records that the last step of an update that can be refused is taken, so
// that nobody turns it back from here on.
func (o Organization) Commit(now time.Time) (Organization, error) {
	if o.Pending.Kind != OperationUpdate || o.Pending.Phase != PhaseForward {
		return o, ErrTransition
	}
	n := o.next(now)
	n.UpdatedAt = o.UpdatedAt
	n.Pending.Phase = PhaseCommitted
	return n, nil
}

// TurnBack makes the pending operation go back because a step was refused with
// the code. A delete never turns back, nor does what is committed.
func (o Organization) TurnBack(refused Code, now time.Time) (Organization, error) {
	if !o.Busy() || o.Pending.Kind == OperationDelete || o.Pending.Phase != PhaseForward {
		return o, ErrTransition
	}
	n := o.next(now)
	n.UpdatedAt = o.UpdatedAt
	n.Pending.Phase = PhaseBack
	n.Pending.Refused = refused
	return n, nil
}

// Retarget gives the namespace that a create makes or an update moves to another
// name, because somebody's data stands under the one it had. It returns
// ErrNamespaceTaken when the organization had that name before.
func (o Organization) Retarget(namespace string, now time.Time) (Organization, error) {
	n := o.next(now)
	n.UpdatedAt = o.UpdatedAt
	var at *Placement
	switch {
	case o.Pending.Phase == PhaseBack:
		return o, ErrTransition
	case o.Pending.Kind == OperationCreate:
		at = &n.Placement
	case o.Pending.Kind == OperationUpdate && !o.Pending.Target.IsZero():
		at = &n.Pending.Target
	default:
		return o, ErrTransition
	}
	at.Namespace = namespace
	if err := n.reserve(*at); err != nil {
		return o, err
	}
	return n, nil
}

// Finish applies the result of the pending operation, in the direction that it
// goes, and clears it: a create ends active or, gone back, purged; an update
// with its name and placement or, gone back, with those it had; a delete purged.
func (o Organization) Finish(now time.Time) (Organization, error) {
	op := o.Pending
	n := o.next(now)
	back := op.Phase == PhaseBack
	switch op.Kind {
	case OperationCreate:
		n.Status = StatusActive
		if back {
			n.Status, n.DeletedAt = StatusPurged, now
		}
	case OperationUpdate:
		if !back && !op.Name.IsZero() {
			n.Name = op.Name
		}
		if !back && !op.Target.IsZero() {
			n.Placement = op.Target
		}
	case OperationDelete:
		n.Status = StatusPurged
	default:
		return o, ErrTransition
	}
	if n.Status != o.Status && !o.Status.mayBecome(n.Status) {
		return o, ErrTransition
	}
	if n.Status == StatusPurged {
		n.Placement = Placement{}
	}
	n.Pending = Operation{}
	n.Last = Outcome{Operation: op.ID, Refused: op.Refused}
	return n, nil
}

// NextPlacement returns where the organization's documents would live after a
// move to the namespace.
func (o Organization) NextPlacement(namespace string) Placement {
	return o.Placement.moved(namespace)
}

// busy returns ErrOperationInProgress that says which operation runs.
func (o Organization) busy() error {
	e := *ErrOperationInProgress
	e.Message = "An operation on this organization is running: " + string(o.Pending.Kind) + "."
	return &e
}
