// Package contract holds the suites that every adapter of a port passes. They
// check what the doc comments of package ports promise.
//
// A suite takes a factory. Each call of it returns a thing that is initialized,
// empty and shares nothing with the one before; what it needs to close it closes
// by t.Cleanup. An adapter's own test is then a few lines:
//
//	func TestRegistry(t *testing.T) {
//		contract.RunOrganizations(t, openRegistry)
//		contract.RunAccounts(t, openRegistry)
//		contract.RunCensus(t, openRegistry)
//		contract.RunDirectory(t, openRegistry)
//		contract.RunRequests(t, openRegistry)
//	}
//
//	func TestStorage(t *testing.T) {
//		contract.RunNamespaces(t, openStorage)
//		contract.RunInventory(t, openStorage)
//		contract.RunDocuments(t, openDocuments)
//	}
package contract
