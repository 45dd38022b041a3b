package contract

import (
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/ports"
)

// TokensOption adds checks to RunTokens that need another issuer.
type TokensOption func(*tokenSubjects)

// Stranger gives a factory of an issuer whose tokens the main one must refuse,
// and the reverse: it has another key, or another issuer or audience. name tells
// which. The option may be given more than once.
func Stranger(name string, open func(t *testing.T, now func() time.Time) ports.Tokens) TokensOption {
	return func(s *tokenSubjects) {
		s.strangers = append(s.strangers, stranger{name, open})
	}
}

// RunTokens runs the suite of ports.Tokens. All tokens of one factory are made
// with the same key. Tokens are good until ClockSkew after they expire.
func RunTokens(t *testing.T, open func(t *testing.T, now func() time.Time) ports.Tokens, options ...TokensOption) {
	t.Helper()
	var s tokenSubjects
	for _, option := range options {
		option(&s)
	}
	runTokens(t, open, s)
}

// ClockSkew is how much a token may be used after it expired, and before it was
// issued, since clocks differ.
const ClockSkew = 30 * time.Second

// tokenSubjects are the factories of the options.
type tokenSubjects struct{ strangers []stranger }

type stranger struct {
	name string
	open func(t *testing.T, now func() time.Time) ports.Tokens
}
