package domain

import (
	"fmt"
	"log/slog"
	"unique"
)

// redacted is what every formatter, logger and encoder gets to see of a secret.
const redacted = "[redacted]"

// Secret is text that can't be printed by accident: fmt, slog and every encoder
// that asks a value for its text get "[redacted]". The zero Secret is none, and
// two secrets of the same text are equal.
//
// The text is behind a pointer, since fmt asks nobody about what it finds in an
// unexported field, nor for the verb %p: it prints an address there.
type Secret struct{ text unique.Handle[string] }

// NewSecret guards a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal returns the secret itself. Every use of it is worth a second look.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.text.Value()
}

// IsZero reports whether there is none.
func (s Secret) IsZero() bool { return s == Secret{} }

// Format implements fmt.Formatter for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return redacted }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, and with it JSON, XML and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
