//go:build race

package sqlite_test

// raced says that the race detector is on. It makes SQLite, which is compiled from Go
// here, some 15 times slower.
const raced = true
