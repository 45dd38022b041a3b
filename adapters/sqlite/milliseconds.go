package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// milliseconds is a time that is stored as milliseconds since 1970, UTC. NULL, and
// null in JSON, is the zero time.
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

// Value implements driver.Valuer.
func (m milliseconds) Value() (driver.Value, error) {
	if m.time.IsZero() {
		return nil, nil
	}
	return m.time.UnixMilli(), nil
}

// IsZero tells the JSON option omitzero what to leave out.
func (m milliseconds) IsZero() bool { return m.time.IsZero() }

// MarshalJSON implements json.Marshaler.
func (m milliseconds) MarshalJSON() ([]byte, error) {
	if m.time.IsZero() {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, m.time.UnixMilli(), 10), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *milliseconds) UnmarshalJSON(text []byte) error {
	m.time = time.Time{}
	if string(text) == "null" {
		return nil
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return errors.New("a time is no whole number")
	}
	m.time = time.UnixMilli(n).UTC()
	return nil
}
