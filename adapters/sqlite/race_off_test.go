//go:build !race

package sqlite

const Raced = false
