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

// Statuses returns all statuses, in the order of a life.
func Statuses() []Status {
	return []Status{StatusProvisioning, StatusActive, StatusSuspended, StatusDeleted, StatusPurged}
}

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
// when another operation runs, ErrStatus unless the organization is active or
// suspended, ErrNamespaceTaken when it had the target's namespace before, and
// ErrTransition when op is no update.
func (o Organization) BeginUpdate(op Operation, now time.Time) (Organization, error) {
	if o.Busy() {
		return o, o.busy()
	}
	if o.Status != StatusActive && o.Status != StatusSuspended {
		return o, o.wrongStatus()
	}
	if op.Kind != OperationUpdate {
		return o, ErrTransition
	}
	n := o.next(now)
	n.Pending = op
	if op.Email.IsZero() {
		n.Pending.Phase = PhaseCommitted // No step of it can be refused.
	}
	if !op.Target.IsZero() {
		if err := n.reserve(op.Target); err != nil {
			return o, err
		}
	}
	return n, nil
}

// BeginDelete deletes the organization: the name is free and all tokens are dead from
// here on. With keepUntil zero, and no hold, it writes the intent to drop the data;
// otherwise the data stays and nothing is pending, until the organization is restored
// or purged. It returns ErrOperationInProgress when another operation runs, ErrStatus
// unless the organization is active or suspended, and ErrTransition when op is no
// delete.
func (o Organization) BeginDelete(op Operation, keepUntil, now time.Time) (Organization, error) {
	if o.Busy() {
		return o, o.busy()
	}
	if !o.Status.mayBecome(StatusDeleted) {
		return o, o.wrongStatus()
	}
	if op.Kind != OperationDelete {
		return o, ErrTransition
	}
	n := o.next(now)
	n.Status = StatusDeleted
	n.Epoch++
	n.DeletedAt = now
	switch {
	case !keepUntil.IsZero():
		n.PurgeAt = keepUntil
	case o.Hold:
		n.PurgeAt = now
	default:
		n.Pending = op
		return n, nil
	}
	n.Last = op.outcome(now)
	return n, nil
}

// BeginPurge writes the intent to drop the data of a deleted organization, which can't be
// restored from here on. It returns ErrOperationInProgress when another operation runs,
// ErrHeld while the organization is on hold, ErrStatus unless it is deleted, and
// ErrTransition when op is no purge.
func (o Organization) BeginPurge(op Operation, now time.Time) (Organization, error) {
	switch {
	case o.Busy():
		return o, o.busy()
	case o.Status != StatusDeleted:
		return o, o.wrongStatus()
	case o.Hold:
		return o, ErrHeld
	case op.Kind != OperationPurge:
		return o, ErrTransition
	}
	n := o.next(now)
	n.Pending = op
	n.PurgeAt = time.Time{}
	return n, nil
}

// Restore brings a deleted organization back, under the name, with its documents
// where they are. It returns ErrOperationInProgress when its data is being dropped,
// and ErrStatus unless it is deleted.
func (o Organization) Restore(op Operation, name Name, now time.Time) (Organization, error) {
	if o.Busy() {
		return o, o.busy()
	}
	if o.Status != StatusDeleted || o.Placement.IsZero() {
		return o, o.wrongStatus()
	}
	n := o.next(now)
	n.Status = StatusActive
	n.Name = name
	n.DeletedAt, n.PurgeAt = time.Time{}, time.Time{}
	n.Last = op.outcome(now)
	return n, nil
}

// Suspend shuts the organization's accounts out. Its tokens are refused for as long
// as it is suspended, and its name stays taken. It returns ErrOperationInProgress when
// an operation runs and ErrStatus unless the organization is active.
func (o Organization) Suspend(op Operation, now time.Time) (Organization, error) {
	return o.turn(op, StatusActive, StatusSuspended, now)
}

// Activate ends a suspension. It returns ErrOperationInProgress when an operation
// runs and ErrStatus unless the organization is suspended.
func (o Organization) Activate(op Operation, now time.Time) (Organization, error) {
	return o.turn(op, StatusSuspended, StatusActive, now)
}

func (o Organization) turn(op Operation, from, to Status, now time.Time) (Organization, error) {
	if o.Busy() {
		return o, o.busy()
	}
	if o.Status != from {
		return o, o.wrongStatus()
	}
	n := o.next(now)
	n.Status = to
	n.Last = op.outcome(now)
	return n, nil
}

// SetHold forbids to drop the organization's data, or allows it again. It returns
// ErrOperationInProgress when an operation runs, and ErrStatus for a purged
// organization.
func (o Organization) SetHold(op Operation, hold bool, now time.Time) (Organization, error) {
	if o.Busy() {
		return o, o.busy()
	}
	if o.Status == StatusPurged {
		return o, o.wrongStatus()
	}
	n := o.next(now)
	n.Hold = hold
	n.Last = op.outcome(now)
	return n, nil
}

// TakeOver hands the pending operation to another runner until leaseUntil. A move that was
// handed over stays so: its lease is in its own record.
func (o Organization) TakeOver(leaseUntil time.Time) (Organization, error) {
	if !o.Busy() {
		return o, ErrTransition
	}
	n := o.step()
	n.Pending.Attempt++
	if !o.Pending.HandedOver() {
		n.Pending.LeaseUntil = leaseUntil
	}
	n.Pending.Stuck = false
	return n, nil
}

// Retry is TakeOver for an operator: the failures so far don't count any more.
func (o Organization) Retry(leaseUntil time.Time) (Organization, error) {
	n, err := o.TakeOver(leaseUntil)
	if err == nil {
		n.Pending.Failures = 0
	}
	return n, err
}

// Fail counts an attempt that failed though the store answered. Nobody goes on with
// the operation before retryAt or, when it is stuck, before an operator asks for it.
func (o Organization) Fail(retryAt time.Time, stuck bool) (Organization, error) {
	if !o.Busy() || o.Pending.HandedOver() {
		return o, ErrTransition
	}
	n := o.step()
	n.Pending.Failures++
	n.Pending.LeaseUntil = retryAt
	n.Pending.Stuck = stuck
	return n, nil
}

// Commit records that the last step of an update or a move that can be refused is taken,
// so that nobody turns it back from here on. From here on a move lets nobody write.
func (o Organization) Commit() (Organization, error) {
	moves := o.Pending.Kind == OperationMove
	if o.Pending.Kind != OperationUpdate && !moves || o.Pending.Phase != PhaseForward {
		return o, ErrTransition
	}
	n := o.step()
	n.Pending.Phase = PhaseCommitted
	if moves {
		n.Placement.State = PlacementFrozen
	}
	return n, nil
}

// Measure records what the pending delete or purge is about to drop. From here on
// nobody measures anew: some of it may be gone.
func (o Organization) Measure(u Usage) (Organization, error) {
	if !o.Pending.drops() || o.Pending.Phase != PhaseForward {
		return o, ErrTransition
	}
	n := o.step()
	n.Pending.Phase = PhaseCommitted
	n.Pending.Measured = u
	return n, nil
}

// TurnBack makes the pending operation go back because a step was refused with
// the code, or because an operator aborts it: it isn't stuck any more. What drops data
// never turns back, nor does what is committed.
func (o Organization) TurnBack(refused Code) (Organization, error) {
	if !o.Pending.CanAbort() {
		return o, ErrTransition
	}
	n := o.step()
	n.Pending.Phase = PhaseBack
	n.Pending.Refused = refused
	n.Pending.Failures, n.Pending.Stuck = 0, false
	return n, nil
}

// Elsewhere returns a new organization, that no store has yet, under another namespace:
// the one it had was given before.
func (o Organization) Elsewhere(namespace string) Organization {
	o.Placement.Namespace = namespace
	o.Reserved = []string{o.Placement.Reservation()}
	return o
}

// Retarget gives the namespace that a create makes or an update or a move leads to another
// name, because somebody's data stands under the one it had. It returns
// ErrNamespaceTaken when the organization had that name before.
func (o Organization) Retarget(namespace string) (Organization, error) {
	n := o.step()
	var at *Placement
	switch {
	case o.Pending.Phase == PhaseBack:
		return o, ErrTransition
	case o.Pending.Kind == OperationCreate:
		at = &n.Placement
	case o.Pending.Kind == OperationUpdate && !o.Pending.Target.IsZero(),
		o.Pending.Kind == OperationMove && o.Pending.Phase == PhaseForward:
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
// goes, and clears it: a create ends active or, gone back, purged; an update or a move
// with its name and placement or, gone back, with those it had; a delete or a purge
// purged, with a receipt. A move that neither switches nor goes back can't end.
func (o Organization) Finish(now time.Time) (Organization, error) {
	op := o.Pending
	n := o.next(now)
	back := op.Phase == PhaseBack
	if op.Kind == OperationMove && op.Phase == PhaseForward {
		return o, ErrTransition
	}
	switch op.Kind {
	case OperationCreate:
		n.Status = StatusActive
		if back {
			n.Status, n.DeletedAt = StatusPurged, now
		}
	case OperationUpdate, OperationMove:
		if !back && !op.Name.IsZero() {
			n.Name = op.Name
		}
		if !back && !op.Target.IsZero() {
			n.Placement = op.Target
		}
	case OperationDelete, OperationPurge:
		n.Status = StatusPurged
		n.Receipt = Receipt{By: op.By, At: now, Usage: op.Measured}
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
	n.Last = op.outcome(now)
	return n, nil
}

// NextPlacement returns where the organization's documents would live after a
// move to the namespace.
func (o Organization) NextPlacement(namespace string) Placement {
	return o.Placement.moved(namespace)
}

// wrongStatus returns ErrStatus that says which status the organization has.
func (o Organization) wrongStatus() error {
	return ErrStatus.Saying("The organization is " + string(o.Status) + ".")
}

// busy returns ErrOperationInProgress that says which operation runs.
func (o Organization) busy() error {
	return ErrOperationInProgress.Saying("An operation on this organization is running: " + string(o.Pending.Kind) + ".")
}
