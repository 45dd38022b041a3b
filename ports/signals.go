package ports

import (
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Signals hears of what operators watch. Its methods return at once and may be
// called by many goroutines.
type Signals interface {
	// OperationEnded says that this process has brought an operation to its end. Of
	// one that went back, op.Refused says why. took is the time since its intent.
	OperationEnded(op domain.Operation, took time.Duration)
	// OperationFailed says that an attempt failed for another reason than a store
	// that is away; op.Stuck says that it was the last one.
	OperationFailed(op domain.Operation)
	// OperationTaken says that this process goes on with an operation whose runner's
	// lease ran out.
	OperationTaken(op domain.Operation)
	// LeaseLost says that another runner went on with an operation of this process.
	LeaseLost(op domain.Operation)
	// Reconciled says that a pass of the reconciler has ended.
	Reconciled(pass Pass)
	// MoveProgressed says that a move in this process has copied or compared a further
	// part of its stage.
	MoveProgressed(m domain.Move, part domain.Usage)
	// MoveSwitched says that a move in this process has led its organization to its target.
	MoveSwitched(m domain.Move)
}

// Pass is what one pass of the reconciler met.
type Pass struct {
	At time.Time
	// Took is how long the pass took.
	Took time.Duration
	// Lag is for how long the oldest operation had been due.
	Lag time.Duration
	// Finished, Failed and Purged count operations and organizations.
	Finished, Failed, Purged int
	// Stuck is how many operations wait for an operator.
	Stuck int
	// Strays is how many stray namespaces the last sweep found.
	Strays int
	// Moves is how many moves are under way, Failing how many of them failed when they were
	// last tried.
	Moves, Failing int
	// Complete is false when an error kept the pass from doing all of its work.
	Complete bool
}
