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
	return []byte(formatTime(m.time)), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *milliseconds) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		text = nil
	}
	t, err := parseTime(string(text))
	if err != nil {
		return errors.New("a time is no whole number")
	}
	m.time = t
	return nil
}

// formatTime gives milliseconds since 1970, UTC; nothing of the zero time.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// parseTime reads what formatTime gave.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(n).UTC(), err
}
