//go:build !linux

package mongotest

// memory is empty: only Linux has a file system in memory at a known place.
const memory = ""

func freeMemory() uint64 { return 0 }
