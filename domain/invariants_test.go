package domain

import (
	"reflect"
	"slices"
	"strings"
)

// checkPure fails t unless o is as it was, also behind the end of its list of
// reservations.
func checkPure(t reporter, o, kept Organization) {
	t.Helper()
	if !reflect.DeepEqual(o, kept) {
		t.Errorf("the receiver is now %+v, it was %+v", o, kept)
	}
	for _, spare := range o.Reserved[len(o.Reserved):cap(o.Reserved)] {
		if spare != "" {
			t.Errorf("%q was written behind the receiver's reservations", spare)
		}
	}
}

// checkOrganization fails t unless o is sound as it stands.
func checkOrganization(t reporter, o Organization) {
	t.Helper()
	op := o.Pending
	drops := op.Kind == OperationDelete || op.Kind == OperationPurge
	for fault, is := range map[string]bool{
		"it is live and not live":              o.Live() != slices.Contains([]Status{StatusProvisioning, StatusActive, StatusSuspended}, o.Status),
		"busy doesn't fit":                     o.Busy() != (op != Operation{}),
		"it holds other names than its own":    !slices.Equal(o.NameKeys(), namesOf(o)),
		"the time of the deletion doesn't fit": o.Live() != o.DeletedAt.IsZero(),
		"the time of the purge doesn't fit":    o.PurgeAt.IsZero() == (o.Status == StatusDeleted && !o.Busy()),
		"the placement doesn't fit":            (o.Status == StatusPurged) != o.Placement.IsZero(),
		"a receipt without a purge":            o.Status != StatusPurged && o.Receipt != Receipt{},
		"a namespace was given twice":          len(slices.Compact(slices.Sorted(slices.Values(o.Reserved)))) != len(o.Reserved),
		"the placement isn't reserved":         !o.Placement.IsZero() && !slices.Contains(o.Reserved, o.Placement.Reservation()),
		"the target isn't reserved":            !op.Target.IsZero() && !slices.Contains(o.Reserved, op.Target.Reservation()),
		"data is dropped of a live one":        drops && o.Status != StatusDeleted,
		"data is dropped on hold":              drops && o.Hold,
		"it was purged on hold":                o.Status == StatusPurged && o.Hold,
		"a create of one that was created":     (op.Kind == OperationCreate) != (o.Status == StatusProvisioning),
		"an update of one that isn't live":     op.Kind == OperationUpdate && o.Status != StatusActive && o.Status != StatusSuspended,
		"what takes one write is pending":      slices.Contains([]OperationKind{OperationRestore, OperationSuspend, OperationActivate, OperationHold, OperationRelease}, op.Kind),
		"something runs on a purged one":       o.Status == StatusPurged && o.Busy(),
		"a move of one that isn't live":        op.Kind == OperationMove && o.Status != StatusActive && o.Status != StatusSuspended,
		"a move leads nowhere":                 op.Kind == OperationMove && op.Target.IsZero(),
		"what is frozen doesn't fit":           (o.Placement.State == PlacementFrozen) != op.Switching(),
		"the drop turned back":                 drops && op.Phase == PhaseBack,
		"the measure doesn't fit":              op.Measured != Usage{} && (!drops || op.Phase != PhaseCommitted),
	} {
		if is {
			t.Errorf("%s: %+v", fault, o)
		}
	}
}

// namesOf returns the keys of the names that the organization is to hold.
func namesOf(o Organization) []string {
	if o.Status == StatusDeleted || o.Status == StatusPurged {
		return nil
	}
	keys := []string{o.Name.Key()}
	if next := o.Pending.Name.Key(); next != "" && next != keys[0] {
		keys = append(keys, next)
	}
	return keys
}

// checkNext fails t unless the transition of that name may lead from before to next.
// What follows a space in the name is of no account.
func checkNext(t reporter, name string, before, next Organization) {
	t.Helper()
	name, _, _ = strings.Cut(name, " ")
	ended := before.Busy() && !next.Busy()
	deleted := before.Status != StatusDeleted && next.Status == StatusDeleted
	restored := before.Status == StatusDeleted && next.Live()
	dropped := before.Status == StatusDeleted && next.Status == StatusPurged
	given := 0 // namespaces
	if target := next.Pending.Target; name == "Retarget" || !target.IsZero() && target != before.Pending.Target {
		given = 1
	}
	applied := next.Status == StatusActive && before.Status == StatusProvisioning ||
		next.Name != before.Name || !next.Placement.IsZero() && next.Placement != before.Placement
	var receipt Receipt
	if dropped {
		receipt = Receipt{before.Pending.By, next.UpdatedAt, before.Pending.Measured}
	}
	for fault, is := range map[string]bool{
		"what never changes did":              next.ID != before.ID || next.Owner != before.Owner || !next.CreatedAt.Equal(before.CreatedAt),
		"the version didn't grow by one":      next.Version != before.Version+1,
		"it was updated before it was":        next.UpdatedAt.Before(before.UpdatedAt),
		"a purged one changed":                before.Status == StatusPurged,
		"the status may not follow":           next.Status != before.Status && !before.Status.mayBecome(next.Status),
		"a delete didn't raise the epoch":     deleted && next.Epoch != before.Epoch+1,
		"the epoch changed":                   !deleted && next.Epoch != before.Epoch,
		"a reservation was lost":              len(next.Reserved) < len(before.Reserved) || !slices.Equal(next.Reserved[:len(before.Reserved)], before.Reserved),
		"the reservations don't fit":          len(next.Reserved) != len(before.Reserved)+given,
		"what went back was applied":          ended && before.Pending.Phase == PhaseBack && applied,
		"the two share their reservations":    len(before.Reserved) > 0 && &next.Reserved[0] == &before.Reserved[0],
		"the generation shrank":               !next.Placement.IsZero() && next.Placement.Generation < before.Placement.Generation,
		"the hold changed":                    next.Hold != before.Hold && name != "SetHold",
		"the receipt doesn't fit":             next.Receipt != receipt,
		"it was restored otherwise":           restored != (name == "Restore"),
		"it was restored during an operation": restored && (before.Busy() || next.Busy()),
		"it was restored elsewhere":           restored && next.Placement != before.Placement,
		"it was purged otherwise":             dropped && name != "Finish",
		"an operation ended otherwise":        ended != (name == "Finish"),
		"a stuck operation is gone":           before.Pending.Stuck && next.Pending.IsZero() && name != "Finish",
		"an operation gave way to another":    before.Busy() && !ended && (next.Pending.ID != before.Pending.ID || next.Pending.Kind != before.Pending.Kind),
		"the failures changed":                before.Busy() && !ended && name != "Fail" && name != "Retry" && name != "TurnBack" && next.Pending.Failures != before.Pending.Failures,
		"the direction changed":               before.Busy() && !ended && before.Pending.Phase != PhaseForward && next.Pending.Phase != before.Pending.Phase,
		"it was measured twice":               before.Pending.Phase == PhaseCommitted && !ended && next.Pending.Measured != before.Pending.Measured,
		"the outcome is of another":           ended && !isOutcome(next.Last, before.Pending, next),
		"the outcome changed":                 next.Busy() && next.Last != before.Last,
	} {
		if is {
			t.Errorf("%s: %s from %+v to %+v", fault, name, before, next)
		}
	}
}

// isOutcome reports whether last says what became of op when o was written.
func isOutcome(last Outcome, op Operation, o Organization) bool {
	return last == Outcome{op.ID, op.Kind, op.By, op.Refused, op.StartedAt, o.UpdatedAt, op.Attempt}
}
