package domain

import (
	"slices"
	"strings"
)

// NamespaceNames says what namespaces are called by.
type NamespaceNames string

// The ways to name a namespace.
const (
	// NamesByName calls a namespace by the organization's name, and renames it with it.
	NamesByName NamespaceNames = "name"
	// NamesByID calls a namespace by the organization's ID. A rename leaves it as it is.
	NamesByID NamespaceNames = "id"
)

// Tenancy is how a deployment places organizations: the policy of what is created and
// renamed.
type Tenancy struct {
	// Strategy is that of new organizations, unless an operator chooses another.
	Strategy Strategy
	// Database is Placement.Database of new organizations.
	Database string
	// Names says what namespaces are called by where that is a choice: a share is always
	// called by the ID.
	Names NamespaceNames
}

// namespaceMinRoom is how many bytes a database's name must have for a namespace: for the
// name that one gets in quarantine, which has a prefix and ten characters by chance.
const namespaceMinRoom = len("quarantine__") + 10

// Allows reports whether organizations can have the strategy. A database of one's own
// is called by Database and the namespace together, and needs a short Database.
func (t Tenancy) Allows(s Strategy) bool {
	return slices.Contains(Strategies(), s) && t.room(s) >= namespaceMinRoom
}

// room is how many bytes a namespace may have.
func (t Tenancy) room(s Strategy) int {
	longest := len(NamespacePrefix) + slugMaxBytes + 1 + suffixLength
	if s == StrategyDatabase {
		longest = min(longest, databaseMaxBytes-len(t.Database)-1)
	}
	return longest
}

// Place returns the first placement of a new organization, under the name of Choose.
func (t Tenancy) Place(s Strategy, id OrganizationID, n Name, random func(n int) int) Placement {
	p := Placement{Strategy: s, Database: t.Database, Generation: 1, State: PlacementOpen}
	p.Namespace = t.Choose(p, id, n, random)
	return p
}

// Move returns where a move to the strategy leads an organization at p, under the name of
// Choose.
func (t Tenancy) Move(p Placement, s Strategy, id OrganizationID, n Name, random func(n int) int) Placement {
	to := t.Place(s, id, n, random)
	to.Generation = p.Generation + 1
	return to
}

// Choose returns the first choice for the namespace of an organization at p: "org_" and
// the slug of its name or ID. Where the slug is empty, as that of a name in Japanese is,
// it is what Draw returns.
func (t Tenancy) Choose(p Placement, id OrganizationID, n Name, random func(n int) int) string {
	stem := t.stem(p, id, n, min(slugMaxBytes, t.room(p.Strategy)-len(NamespacePrefix)))
	if stem == "" {
		return t.Draw(p, id, n, random)
	}
	return NamespacePrefix + stem
}

// Draw returns another choice: "org_", the slug if there is one, and 8 characters of
// a-z and 0-9 picked by random, which returns a uniform number in [0, n).
func (t Tenancy) Draw(p Placement, id OrganizationID, n Name, random func(n int) int) string {
	var b strings.Builder
	b.WriteString(NamespacePrefix)
	room := t.room(p.Strategy) - len(NamespacePrefix) - 1 - suffixLength
	if stem := t.stem(p, id, n, min(slugMaxBytes, room)); stem != "" {
		b.WriteString(stem)
		b.WriteByte('_')
	}
	for range suffixLength {
		b.WriteByte(suffixAlphabet[random(len(suffixAlphabet))])
	}
	return b.String()
}

func (t Tenancy) stem(p Placement, id OrganizationID, n Name, limit int) string {
	if t.Names == NamesByID || p.Strategy == StrategyShared {
		return slug(string(id), limit)
	}
	return slug(n.display, limit)
}

// Follows reports whether a namespace at p is renamed when its organization is. A
// database can't be, and a share needn't.
func (t Tenancy) Follows(p Placement) bool {
	return p.Strategy == StrategyCollection && t.Names == NamesByName
}
