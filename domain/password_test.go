package domain

import (
	"strings"
	"testing"
)

func TestPasswordBounds(t *testing.T) {
	for _, c := range []struct {
		name      string
		typed     string
		min       int
		new, open bool
	}{
		{"empty", "", 8, false, false},
		{"one", "a", 8, false, true},
		{"one too short", strings.Repeat("a", 7), 8, false, true},
		{"the least", strings.Repeat("a", 8), 8, true, true},
		{"the least of emoji", strings.Repeat("😀", 8), 8, true, true},
		{"too few emoji of enough bytes", strings.Repeat("😀", 7), 8, false, true},
		{"the floor", strings.Repeat("a", PasswordMinFloor), PasswordMinFloor, true, true},
		{"under the floor", strings.Repeat("a", PasswordMinFloor-1), PasswordMinFloor, false, true},
		{"the default", strings.Repeat("a", PasswordMinDefault), PasswordMinDefault, true, true},
		{"the most", strings.Repeat("a", 256), 8, true, true},
		{"the most of emoji", strings.Repeat("😀", 256), 8, true, true},
		{"one too long", strings.Repeat("a", 257), 8, false, false},
		{"one emoji too long", strings.Repeat("😀", 257), 8, false, false},
		{"very long", strings.Repeat("a", 1_000_000), 8, false, false},
		{"any characters", "\x00\n\u200b\u202e \ufffd\ue000", 6, true, true},
		{"outer spaces", "  ab    ", 8, true, true},
		{"invalid UTF-8", "abcdefgh\xff", 8, false, false},
		{"a surrogate", "abcdefgh\xed\xa0\x80", 8, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := NewPassword(NewSecret(c.typed), c.min)
			checkPassword(t, "NewPassword", got, err, c.typed, c.new)
			got, err = TypedPassword(NewSecret(c.typed))
			checkPassword(t, "TypedPassword", got, err, c.typed, c.open)
		})
	}
}

func checkPassword(t *testing.T, what string, got Password, err error, typed string, legal bool) {
	t.Helper()
	if legal {
		if err != nil || got.Reveal() != typed {
			t.Errorf("%s: got error %v, or another text", what, err)
		}
		return
	}
	if !got.IsZero() {
		t.Errorf("%s: got a password beside the error", what)
	}
	wantInvalid(t, err, "password", "a password")
}

func TestPasswordHash(t *testing.T) {
	if !(PasswordHash{}).IsZero() || NewPasswordHash("") != (PasswordHash{}) || (PasswordHash{}).Reveal() != "" {
		t.Error("an empty hash isn't the zero PasswordHash")
	}
	a, b, c := NewPasswordHash("hash"), NewPasswordHash(strings.Clone("hash")), NewPasswordHash("Hash")
	if a != b || a == c || a.IsZero() || a.Reveal() != "hash" {
		t.Error("hashes are not compared by their text")
	}
}
