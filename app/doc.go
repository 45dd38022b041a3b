// Package app holds the use cases of orgkeeper, a file each: create, get, update
// and delete an organization, log in, authenticate, read and write documents; for
// operators list, suspend, restore, hold, purge, retry and abort; check the registry
// against the storage, and finish what a crash interrupted. It knows no HTTP, no SQL and
// no BSON, so it can be embedded in any program.
//
// # Embedding
//
// Give [New] the adapters that the program shall use, and call the methods of the
// [Service]. The example of the package wires it to SQLite in memory.
//
// Call [Service.Recover] at start when the process owns its store alone, as with
// SQLite. Let [Service.KeepReconciling] run for as long as the process serves, or call
// [Service.Reconcile] from time to time.
//
// # Bringing one's own store
//
// Write types that fill the ports which [Store] lists; their doc comments are the
// contract. Only two things
// are asked of the store beyond reading and writing: unique indexes, and a write
// that happens only if the record's version is the expected one. No transaction
// is needed. Then run the suites of test/contract against the types, with a
// factory for each:
//
//	func TestOrganizations(t *testing.T) {
//		contract.RunOrganizations(t, func(t *testing.T) contract.Registry {
//			return openEmptyStore(t)
//		})
//	}
//
// # How an operation survives a crash
//
// A change of more than one step first writes its intent on the organization,
// then takes its steps, each of which can be repeated, then applies the result
// and clears the intent, each write a compare-and-set on the organization's
// version. Whoever finds an intent whose lease has run out goes on with it. One that
// can't be finished though the store answers rests for longer and longer, and waits
// for an operator in the end.
package app
