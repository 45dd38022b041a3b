package domain

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NamespacePrefix is what the names of namespaces begin with.
const NamespacePrefix = "org_"

const (
	slugMaxBytes   = 48
	suffixLength   = 8
	suffixAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// PlacementState says whether documents of a placement may be read and written.
type PlacementState string

// The states of a placement.
const (
	// PlacementOpen is the state in which documents are read and written.
	PlacementOpen PlacementState = "open"
	// PlacementFrozen is the state in which they are read alone, while a move switches.
	PlacementFrozen PlacementState = "frozen"
	// PlacementLeft is that of what an organization has left by a move. No record of an
	// organization has it.
	PlacementLeft PlacementState = "left"
)

// Placement says where an organization's documents live. It is stored on the
// organization; nothing computes it from the name again. The zero Placement is
// nowhere: a purged organization has it.
type Placement struct {
	Strategy Strategy
	// Database is the database of the deployment's tenants.
	Database string
	// Namespace is the name among all of the strategy in the database, at most 61 bytes
	// of a-z 0-9 _ -.
	Namespace string
	// Generation counts the organization's placements from 1.
	Generation int64
	State      PlacementState
}

// IsZero reports whether p is nowhere.
func (p Placement) IsZero() bool { return p == Placement{} }

// Reservation is the entry under which the registry remembers for ever that the
// namespace was given: "c:" database "." namespace for a collection, "s:" and the same for
// a share, "d:" and the name of the database for one of its own.
func (p Placement) Reservation() string {
	switch p.Strategy {
	case StrategyDatabase:
		return "d:" + p.OwnDatabase()
	case StrategyShared:
		return "s:" + p.Database + "." + p.Namespace
	case StrategyCollection:
	}
	return "c:" + p.Database + "." + p.Namespace
}

// Left returns where the documents at p are once a move has frozen them: under another
// name, where it takes that to keep writers away. Nobody ever comes to live there.
func (p Placement) Left() Placement {
	if !p.IsZero() {
		p.State = PlacementLeft
	}
	return p
}

// moved returns the organization's next placement, under another namespace.
func (p Placement) moved(namespace string) Placement {
	p.Namespace = namespace
	p.Generation++
	return p
}

// SameSlug reports whether two names have equal slugs, so that a rename from one
// to the other leaves the namespace where it is.
func SameSlug(a, b Name) bool {
	return slug(a.display, slugMaxBytes) == slug(b.display, slugMaxBytes)
}

// slug reduces a name to a-z 0-9 _ -, at most limit bytes: compatibility
// decomposition, marks dropped, lower case, white space to _, the rest dropped.
func slug(s string, limit int) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if out.Len() >= limit {
			break
		}
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-':
			out.WriteRune(r)
		case unicode.IsSpace(r):
			out.WriteByte('_')
		}
	}
	return out.String()
}

// reserve adds p's reservation to those that the organization has. It returns
// ErrNamespaceTaken when it is there: the store's index keeps others out, not the
// organization itself.
func (o *Organization) reserve(p Placement) error {
	r := p.Reservation()
	if slices.Contains(o.Reserved, r) {
		return ErrNamespaceTaken
	}
	o.Reserved = append(slices.Clone(o.Reserved), r)
	return nil
}
