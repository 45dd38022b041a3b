package sqlite

import (
	"fmt"
	"time"
)

// milliseconds reads a time that is stored as milliseconds since 1970, UTC. NULL
// is the zero time.
type milliseconds struct{ time time.Time }

// Scan implements sql.Scanner.
func (m *milliseconds) Scan(stored any) error {
	switch n := stored.(type) {
	case nil:
		m.time = time.Time{}
	case int64:
		m.time = time.UnixMilli(n).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", stored)
	}
	return nil
}
