package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The bounds of an organization's name, in runes, after normalization.
const (
	NameMinRunes = 2
	NameMaxRunes = 100
)

// Name is an organization's name: what is shown, and the key that decides
// equality. The zero Name is no name.
type Name struct {
	display string
	key     string
}

// ParseName makes a Name of what somebody typed: outer white space is cut, runs
// of white space become one space, the text is brought to NFC.
//
// It returns an invalid-request *Error for the field organization_name when
// the result is shorter than NameMinRunes or longer than NameMaxRunes, or has
// anything but letters, marks, numbers, punctuation, symbols and spaces.
func ParseName(s string) (Name, error) {
	if !utf8.ValidString(s) {
		return Name{}, invalidName("must be valid UTF-8 text")
	}
	display := strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	switch n := utf8.RuneCountInString(display); {
	case n < NameMinRunes:
		return Name{}, invalidName("must have at least 2 characters")
	case n > NameMaxRunes:
		return Name{}, invalidName("must have at most 100 characters")
	}
	for _, r := range display {
		if !nameRune(r) {
			return Name{}, invalidName("must consist of letters, digits, punctuation, symbols and spaces; invisible and control characters are not allowed")
		}
	}
	return Name{display: display, key: nameKey(display)}, nil
}

// StoredName returns a Name as a store kept it, unchecked: a record of an older
// service may hold a name that ParseName would refuse today.
func StoredName(display, key string) Name { return Name{display: display, key: key} }

// String returns the name as it is shown.
func (n Name) String() string { return n.display }

// Key returns the text by which names are compared and looked up: Unicode's
// NFKC_Casefold of the name. Two names are one when their keys are the same.
func (n Name) Key() string { return n.key }

// IsZero reports whether n is no name.
func (n Name) IsZero() bool { return n == Name{} }

func invalidName(message string) error { return Invalid("organization_name", message) }

// nameRune reports whether r may stand in a normalized name. Format characters
// (zero width, bidi controls) and unassigned ones are in none of the categories.
func nameRune(r rune) bool {
	return r == ' ' || unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) && !invisible(r)
}

// invisible reports whether r, although it is a letter, a mark or a symbol, is seen
// as nothing or stands for broken input. Default-ignorable characters beyond category
// Cf are Other_Default_Ignorable_Code_Point and Variation_Selector (Unicode,
// DerivedCoreProperties); the others are the blank pattern of Braille, the null
// notehead of music and the two blanks of Egyptian hieroglyphs.
func invisible(r rune) bool {
	switch r {
	case '\u2800', '\U0001D159', '\U00013441', '\U00013442', utf8.RuneError:
		return true
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// nameKey is Unicode's toNFKC_Casefold (The Unicode Standard, section 3.13,
// D147): fold and normalize until both leave the text alone. Names have no
// default-ignorable characters, so none has to be removed here.
func nameKey(s string) string {
	s = foldCase(norm.NFD.String(s))
	s = foldCase(norm.NFKC.String(s))
	return norm.NFKC.String(s)
}

// foldCase is Unicode's full case folding. Package cases swaps the two cases of
// Cherokee instead of folding them, so the small letters are mapped here to the
// capital ones, as CaseFolding.txt has it.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xAB70 && r <= 0xABBF:
			return r - 0xAB70 + 0x13A0
		case r >= 0x13F8 && r <= 0x13FD:
			return r - 8
		}
		return r
	}, cases.Fold().String(s))
}
