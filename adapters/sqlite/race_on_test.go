//go:build race

package sqlite

// Raced says that the race detector is on. It makes SQLite, which is compiled from Go
// here, some 15 times slower.
const Raced = true
