package contract

import (
	"fmt"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Storage is what RunNamespaces and RunInventory test: an engine's namespaces, and a
// second way to what is in them.
type Storage struct {
	Namespaces ports.Namespaces
	Inventory  ports.Inventory
	// Strategy and Database are those that the suite's placements have. Strategy is
	// domain.StrategyCollection by default.
	Strategy domain.Strategy
	Database string
	// Fixed says that a namespace can't be renamed: Rename returns errors.ErrUnsupported,
	// and what is put into quarantine may get another identity.
	Fixed bool
	// Probe reaches the documents without the port.
	Probe Probe
	// Foreign, if set, makes something under p's name that isn't a plain
	// namespace and holds no documents, as a view is. Without it that check is
	// left out.
	Foreign func(t *testing.T, p domain.Placement)
	// AddUnique, if set, makes an index on Group at p that lets no two documents
	// have the same. Without it that check is left out.
	AddUnique func(t *testing.T, p domain.Placement)
}

// Probe reaches an engine's documents natively: by the name of p, as an
// application does that is told the placement. The namespace exists in every
// call. What goes wrong ends the test by t.Fatal.
type Probe interface {
	// Insert adds the documents. Those of one call come as one batch, since there
	// may be 10,000.
	Insert(t *testing.T, p domain.Placement, documents []Document)
	// Documents returns all documents, ordered by Number.
	Documents(t *testing.T, p domain.Placement) []Document
	// AddIndex makes a secondary index on Group.
	AddIndex(t *testing.T, p domain.Placement)
	// IndexServes reports whether the engine's plan for the documents of one Group
	// uses the index that AddIndex made.
	IndexServes(t *testing.T, p domain.Placement) bool
}

// Document is what the suite keeps in a namespace.
type Document struct {
	// Number is the document's key, unique in its namespace.
	Number int
	// Group is the same for some of the documents.
	Group int
	// Text is Unicode text.
	Text string
}

// documentGroups is how many groups makeDocuments spreads documents over.
const documentGroups = 100

// makeDocuments returns n documents whose numbers start with first.
func makeDocuments(first, n int) []Document {
	documents := make([]Document, n)
	for i := range documents {
		number := first + i
		documents[i] = Document{
			Number: number,
			Group:  number % documentGroups,
			Text:   fmt.Sprintf("document %d, “größer”, 文書", number),
		}
	}
	return documents
}

// RunNamespaces runs the suite of ports.Namespaces.
func RunNamespaces(t *testing.T, open func(t *testing.T) Storage) {
	t.Helper()
	runAll(t, open, namespaceChecks)
	for _, c := range renameChecks {
		t.Run(c.name, func(t *testing.T) {
			if s := open(t); !s.Fixed {
				c.run(t, s)
			}
		})
	}
}

// RunInventory runs the suite of ports.Inventory.
func RunInventory(t *testing.T, open func(t *testing.T) Storage) {
	t.Helper()
	runAll(t, open, inventoryChecks)
}
