package ports

import "github.com/orgkeeper/orgkeeper/domain"

// Storage is what an engine has for organizations of one strategy.
type Storage struct {
	Namespaces Namespaces
	Inventory  Inventory
	Documents  Documents
	// Size returns the bytes that Inventory.Measure counts for a document. Where it is
	// nil, that is the length of the body's text.
	Size func(domain.Document) int64
}
