package domain

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// assigned returns every assigned character that UTF-8 can write.
func assigned() []rune {
	var all []rune
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xD800 && r <= 0xDFFF {
			continue
		}
		if unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C) {
			all = append(all, r)
		}
	}
	return all
}

// uniform reports whether r is one of the many that the code has no way to treat
// otherwise than their neighbours, so that one of 64 stands for all where a test
// is slow.
func uniform(r rune) bool {
	return r%64 != 0 && unicode.In(r, unicode.Han, unicode.Hangul, unicode.Co)
}

// nameable returns every character that a name may have.
func nameable() []rune {
	var all []rune
	for _, r := range assigned() {
		if nameRune(r) {
			all = append(all, r)
		}
	}
	return all
}

// expanding are the characters that full case folding maps to several (status F
// in CaseFolding.txt) and that no compatibility decomposition takes apart.
var expanding = strings.NewReplacer("ß", "ss", "ẞ", "ss", "և", "եւ")

// referenceKey is NFKC_Casefold by other means than nameKey: slow, and from
// package unicode's orbits of simple folding instead of package cases. It gives
// other text than nameKey, but the same text for the same names.
func referenceKey(s string) string {
	s = norm.NFD.String(s)
	for {
		next := norm.NFKD.String(expanding.Replace(strings.Map(leastOfOrbit, s)))
		if next == s {
			return s
		}
		s = next
	}
}

// leastOfOrbit returns the least of the characters that differ from r by case
// alone.
func leastOfOrbit(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}
