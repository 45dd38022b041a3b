// Package ports says what the use cases of package app need from outside: two
// repositories, the storage of documents, a password hasher, a token service.
// Each doc comment is the contract; the suites in test/contract check it.
//
// All methods may be called by many goroutines at once. All of them end soon
// after their context does. An adapter that can't reach its store, or gets no
// answer in time, returns an error for which
// errors.Is(err, domain.ErrStoreUnavailable) holds; the change may then have
// happened or not. Any other error that a method's comment doesn't name is a
// fault of the adapter or damaged data. No error's text holds a secret.
package ports
