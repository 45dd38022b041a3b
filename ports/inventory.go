package ports

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Inventory looks over the storage of one strategy, and deals with what stands where
// no organization lives. Nothing is ever dropped by it.
type Inventory interface {
	// List returns the names of what stands in the database, that are after the given
	// one, in the order of their bytes, at most limit. The registry's own collections
	// and the engine's are left out.
	List(ctx context.Context, database, after string, limit int) ([]string, error)
	// Measure counts what the namespace holds; zero when it doesn't exist. It may be
	// slow, and is exact when nobody writes.
	Measure(ctx context.Context, p domain.Placement) (domain.Usage, error)
	// Merge copies the documents of from whose ID is absent in to, in batches, and
	// returns how many it has copied. from stays as it is; what to has wins. It may be
	// run again after a failure. It returns domain.ErrNamespaceMissing when either of
	// the two doesn't exist.
	Merge(ctx context.Context, from, to domain.Placement) (copied int64, err error)
	// Quarantine renames what stands at p, or copies and drops it where it can't be
	// renamed, to a name that begins with "quarantine_" and that no namespace has, and
	// returns that name. It returns domain.ErrNamespaceMissing when nothing stands at p.
	Quarantine(ctx context.Context, p domain.Placement) (string, error)
}

// Structure is what a store needs to be sound, beside its records: indexes, tables.
type Structure interface {
	// Faults returns a sentence for each fault, none when the store is sound. It names
	// tables and indexes, and no value of a record.
	Faults(ctx context.Context) ([]string, error)
	// Mend makes what is missing and leaves the rest as it is.
	Mend(ctx context.Context) error
}
