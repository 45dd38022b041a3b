package ports

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Moves keeps the records of moves, as Organizations keeps its own. What is written is
// durable when the call returns, and every later read sees it. Records keep every field,
// times to the millisecond and in UTC.
type Moves interface {
	// Insert adds a record. It returns domain.ErrVersionConflict when one of the
	// operation exists.
	Insert(ctx context.Context, m domain.Move) error
	// ByOrganization returns the records of the organization's moves, the one that began
	// last first.
	ByOrganization(ctx context.Context, id domain.OrganizationID) ([]domain.Move, error)
	// Due returns moves whose DueAt is not after until, the earliest first, at most limit.
	// With domain.Forever that is all of them.
	Due(ctx context.Context, until time.Time, limit int) ([]domain.Move, error)
	// Replace writes m if the stored record has the version ifVersion; of many at once,
	// one succeeds. It returns domain.ErrVersionConflict when the record has another
	// version or doesn't exist.
	Replace(ctx context.Context, m domain.Move, ifVersion int64) error
	// Remove removes the record of the operation. One that doesn't exist is no error.
	Remove(ctx context.Context, op domain.OperationID) error
}

// Mover moves documents between the namespaces of an engine, whatever their strategies,
// while they are read and written at the one that they are moved from.
//
// The namespaces of a move are known by their identities, as ports.Documents knows its
// places. What is done late, by a runner that was overtaken, meets nothing of another
// organization.
type Mover interface {
	// Open begins to move, or goes on: it makes an empty namespace at m.To as
	// Namespaces.Ensure does, unless m.Target tells that there is one; gives it the indexes
	// that an application has made at m.From, and records from now on what is written at
	// m.From. It may be called again after a crash, by another process, and twice at once.
	//
	// Errors: domain.ErrNamespaceOccupied when something else stands at m.To;
	// domain.ErrNamespaceMissing when m.Source doesn't stand at m.From, nor at
	// m.From.Left(), or m.Target not at m.To; domain.ErrMoveRefused when an index can't be
	// kept at m.To, and nothing is made there then.
	Open(ctx context.Context, m domain.Move) (Moving, error)
	// Forget ends what Open has begun at m.From and leaves the documents there as they are.
	// It does nothing to m.To, and nothing if nothing is recorded. Nothing is frozen any
	// more afterwards unless Moving.Freeze was called.
	Forget(ctx context.Context, m domain.Move) error
}

// ErrChangesLost says that what was written at the source in between isn't known any more.
// Open the move anew, and check from the beginning.
var ErrChangesLost = errors.New("ports: what was written while documents were moved is not known")

// Moving is a move that runs. It is used by one goroutine at a time, and to be closed.
//
// Errors of all methods: domain.ErrMoveRefused when a document can't be kept at the target,
// domain.ErrNamespaceMissing when either namespace has gone, ErrChangesLost.
type Moving interface {
	// Target is the identity of the namespace at the target. It is to be written down before
	// anything is copied.
	Target() string
	// Records reports whether what is written meanwhile is known. Otherwise nothing is
	// caught up, and only a Check after Freeze is the truth.
	Records() bool
	// Copy makes the part of the target that follows the position as it is at the source:
	// about limit documents of an order of IDs that never changes. "" is the beginning.
	Copy(ctx context.Context, position string, limit int) (MovedPart, error)
	// Check is Copy that also adds what it reads to the sums of Sums: of the source as it
	// was read, of the target as it is read back. From "" on they begin anew.
	Check(ctx context.Context, position string, limit int) (MovedPart, error)
	// CatchUp brings over some of what was written at the source and isn't brought over
	// yet, keeps the sums right if a Check has come to its end, and returns how many
	// writes these were. It isn't called while a Check is under way. After Freeze, 0 says
	// that nothing is left.
	CatchUp(ctx context.Context) (changes int, err error)
	// Freeze refuses every write at the source from now on: a call of Documents that
	// returns nil was before it, and any later one gets domain.ErrNamespaceMissing, or
	// domain.ErrStoreUnavailable where it can't know. Documents are read on, at m.From or at
	// m.From.Left(). It may be called again.
	Freeze(ctx context.Context) error
	// Sums returns the sums of the source and the target, and how many documents each has
	// as the engine counts them.
	Sums(ctx context.Context) (MoveSums, error)
	// Close ends what the process holds for the move; what Open has begun goes on.
	Close()
}

// MovedPart is what a step of a move has done.
type MovedPart struct {
	// Usage is how much of the source it has looked at.
	domain.Usage
	// Position is where the next part begins. Only the engine can read it.
	Position string
	// Done says that nothing follows.
	Done bool
}

// MoveSums are what a move compares at its end: of each document the bytes that the engine
// keeps, less what tells whose it is.
type MoveSums struct {
	From, To           domain.Digest
	FromCount, ToCount int64
}

// Equal reports whether the target has what the source has, and no more.
func (s MoveSums) Equal() bool {
	return s.From == s.To && s.FromCount == s.ToCount && s.FromCount == s.From.Documents()
}
