package ports

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Namespaces makes, renames and removes the places where organizations'
// documents live, for one strategy. Every method is a step of an operation: it
// looks at what is, does what is missing, and may be run again after a crash, by
// another process, and twice at once, with the same result.
//
// The registry gives a namespace once and never again, so a step that a slow
// server executes late meets nothing of another organization.
type Namespaces interface {
	// Ensure makes the namespace of the organization, empty. One that exists and
	// is empty is the organization's own, made by an earlier run, unless the adapter
	// knows better. It returns
	// domain.ErrNamespaceOccupied, and leaves everything as it is, when something
	// that holds documents, or isn't a plain namespace, stands there.
	Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error
	// Rename gives the namespace with the identity the name of to, by metadata
	// alone: documents and indexes stay as they are, and none is copied. It is
	// done already when the namespace has to's name. Otherwise the namespace is
	// taken from from's name and from nowhere else: a caller that was slow may ask
	// for a rename that was done long ago, and must not take the namespace away
	// from where later renames have put it.
	//
	// It returns domain.ErrNamespaceOccupied, and leaves everything as it is, when
	// anything else stands under to's name, and domain.ErrNamespaceMissing when
	// nothing with the identity stands under either: be sure, since the caller makes
	// an empty namespace then. Where a namespace has the name for as long as it exists,
	// it returns errors.ErrUnsupported.
	Rename(ctx context.Context, identity string, from, to domain.Placement) error
	// Drop removes the namespace with its documents and indexes. One that doesn't
	// exist is no error.
	Drop(ctx context.Context, p domain.Placement) error
	// Stat tells what stands under the name now.
	Stat(ctx context.Context, p domain.Placement) (NamespaceInfo, error)
}

// NamespaceInfo tells what stands under a namespace's name.
type NamespaceInfo struct {
	Exists bool
	// Identity stays the same for as long as the namespace exists, through
	// renames, and is never used for another one. It is empty when nothing exists,
	// and may be for what is no plain namespace, such as a view.
	Identity string
	// Empty reports whether it holds no documents. True when nothing exists.
	Empty bool
}
