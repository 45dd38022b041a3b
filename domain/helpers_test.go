package domain

import (
	"errors"
	"strings"
	"unicode"
)

// reporter is what testing's and rapid's T have in common.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// swapCase gives each character but marks the next case that it has. (U+0345, a
// mark whose other cases are letters, may change only in canonical order.)
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			return r
		}
		next := unicode.SimpleFold(r)
		for unicode.Is(unicode.M, next) {
			next = unicode.SimpleFold(next)
		}
		return next
	}, s)
}

// wantInvalid fails t unless err says of one field that it is wrong.
func wantInvalid(t reporter, err error, field, sent string) {
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeInvalidRequest || len(e.Fields) != 1 || e.Fields[0].Field != field || e.Fields[0].Message == "" {
		t.Errorf("%+q: got error %v, want one wrong field %s", sent, err, field)
	}
}
