package ports

// Storage is what an engine has for organizations of one strategy.
type Storage struct {
	Namespaces Namespaces
	Inventory  Inventory
	Documents  Documents
}
