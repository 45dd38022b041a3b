package domain

import (
	"fmt"
	"log/slog"
)

// redacted is what every formatter, logger and encoder gets to see of a secret.
const redacted = "[redacted]"

// Secret is text that can't be printed by accident: fmt, slog and every encoder
// that asks a value for its text get "[redacted]". The zero Secret is none.
type Secret struct{ text string }

// NewSecret guards a text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the secret itself. Every use of it is worth a second look.
func (s Secret) Reveal() string { return s.text }

// IsZero reports whether there is none.
func (s Secret) IsZero() bool { return s.text == "" }

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
