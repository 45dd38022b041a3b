//go:build race

package explore

// raced says that the race detector is on. It makes the explorer 40 times slower, and
// finds nothing here, where one goroutine runs at a time.
const raced = true
