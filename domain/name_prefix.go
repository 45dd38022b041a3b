package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NameKeyPrefix makes of the first characters of a name, as somebody typed them, what
// the keys of such names begin with. A space at the end counts: after it a word
// begins. Characters that are made of several count as a whole: "e" is no beginning
// of "é".
//
// It returns an invalid-request *Error for the field name_prefix when nothing but
// spaces is left, when it is longer than NameMaxRunes, and when no name may have such
// characters.
func NameKeyPrefix(s string) (string, error) {
	const field = "name_prefix"
	if !utf8.ValidString(s) {
		return "", Invalid(field, "must be valid UTF-8 text")
	}
	words := strings.Fields(norm.NFC.String(s))
	prefix := strings.Join(words, " ")
	switch n := utf8.RuneCountInString(prefix); {
	case n == 0:
		return "", Invalid(field, "must have at least 1 character")
	case n > NameMaxRunes:
		return "", Invalid(field, "must have at most 100 characters")
	}
	for _, r := range prefix {
		if !nameRune(r) {
			return "", Invalid(field, "must consist of letters, digits, punctuation, symbols and spaces; invisible and control characters are not allowed")
		}
	}
	if strings.TrimRightFunc(s, unicode.IsSpace) != s {
		prefix += " "
	}
	return nameKey(prefix), nil
}
