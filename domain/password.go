package domain

import (
	"fmt"
	"unicode/utf8"
)

// The bounds of a password, in runes. PasswordMinFloor is the least that a
// deployment may set as its minimum.
const (
	PasswordMinFloor   = 6
	PasswordMinDefault = 8
	PasswordMaxRunes   = 256
)

// Password is what a person typed to be let in. No formatter, logger or encoder
// can print it.
type Password struct{ Secret }

// NewPassword checks a password that somebody wants to have: minRunes to
// PasswordMaxRunes runes, any characters. It returns an invalid-request *Error
// for the field password otherwise.
func NewPassword(typed Secret, minRunes int) (Password, error) {
	if utf8.RuneCountInString(typed.Reveal()) < minRunes {
		return Password{}, Invalid("password", fmt.Sprintf("must have at least %d characters", minRunes))
	}
	return TypedPassword(typed)
}

// TypedPassword takes a password that somebody logs in with. There is no lower
// bound but 1, so that a short one of an older service still opens its account.
func TypedPassword(typed Secret) (Password, error) {
	switch s := typed.Reveal(); {
	case s == "":
		return Password{}, Invalid("password", "must not be empty")
	case !utf8.ValidString(s):
		return Password{}, Invalid("password", "must be valid UTF-8 text")
	case utf8.RuneCountInString(s) > PasswordMaxRunes:
		return Password{}, Invalid("password", "must have at most 256 characters")
	}
	return Password{typed}, nil
}

// PasswordHash is a stored password hash in PHC or modular crypt format. It is
// guarded as a Password is. The zero PasswordHash matches no password.
type PasswordHash struct{ Secret }

// NewPasswordHash wraps an encoded hash.
func NewPasswordHash(encoded string) PasswordHash { return PasswordHash{NewSecret(encoded)} }
