package explore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/orgkeeper/orgkeeper/domain"
)

// verdict is what an actor heard.
type verdict int

const (
	granted verdict = iota
	// unknown is the verdict of who died, or heard that the store is away.
	unknown
	refused
)

// result is an actor's role, what it heard, and who had ended before it began.
type result struct {
	role    role
	own     int
	verdict verdict
	err     error
	after   []bool
}

// public are the refusals that callers of the use cases know.
var public = []*domain.Error{
	domain.ErrNameTaken, domain.ErrEmailTaken, domain.ErrOperationInProgress, domain.ErrOperationAborted,
	domain.ErrUnauthenticated, domain.ErrInvalidCredentials, domain.ErrForbidden, domain.ErrOrganizationNotFound,
	domain.ErrSuspended, domain.ErrStatus, domain.ErrHeld, domain.ErrOperationNotFound,
	domain.ErrOperationNotAbortable, domain.ErrKeyInUse, domain.ErrMoveRefused,
}

// heard returns the verdict that an actor's result is, and an error when a use case
// doesn't say so.
func heard(err error) (verdict, error) {
	switch {
	case err == nil:
		return granted, nil
	case errors.Is(err, domain.ErrStoreUnavailable):
		return unknown, nil
	case slices.ContainsFunc(public, func(known *domain.Error) bool { return errors.Is(err, known) }):
		return refused, nil
	}
	return refused, fmt.Errorf("an actor got an error that no use case promises: %w", err)
}

// judge reports whether the results are true: whether there is an order of the wishes
// that were granted, with some of which nobody knows, that leads from the first state
// to the last, that no wish comes before one whose actor had ended when its own began,
// and that a refusal of a wish on which nobody else worked has a reason in it.
func judge(first, last model, results []result) bool {
	order := make([]int, 0, len(results))
	return permute(order, results, func(order []int) bool { return explains(order, first, last, results) })
}

// permute tries all orders that respect who began after whose end.
func permute(order []int, results []result, try func([]int) bool) bool {
	if len(order) == len(results) {
		return try(order)
	}
	for i := range results {
		if slices.Contains(order, i) || !ready(i, order, results) {
			continue
		}
		if permute(append(slices.Clone(order), i), results, try) {
			return true
		}
	}
	return false
}

func ready(i int, order []int, results []result) bool {
	for j, before := range results[i].after {
		if before && !slices.Contains(order, j) {
			return false
		}
	}
	return true
}

// explains reports whether the wishes, come true in the order, lead from first to last.
func explains(order []int, first, last model, results []result) bool {
	if len(order) == 0 {
		wishDue(&first, 0)
		return first == last
	}
	r := results[order[0]]
	after := first
	possible := r.role.wish(&after, r.own)
	comesTrue := possible && r.verdict != refused
	comesToNothing := r.verdict == unknown || r.role.maybe ||
		r.verdict == refused && (!possible || r.disputed(order[0], results))
	return comesTrue && explains(order[1:], after, last, results) ||
		comesToNothing && explains(order[1:], first, last, results)
}

// disputed reports whether somebody else was at work while the actor was, or had left
// something unfinished, so that a refusal needs no reason in the end.
func (r result) disputed(self int, results []result) bool {
	if errors.Is(r.err, domain.ErrKeyInUse) {
		return true // A request whose answer isn't remembered holds its key for a while.
	}
	for j, other := range results {
		if j != self && (other.verdict == unknown || !r.after[j] && !other.after[self]) {
			return true
		}
	}
	return false
}
