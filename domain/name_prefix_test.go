package domain

import (
	"errors"
	"strings"
	"testing"
)

func TestNameKeyPrefix(t *testing.T) {
	for prefix, want := range map[string]string{
		"Acme": "acme", "ＡＣ": "ac", "  acme \t corp": "acme corp", "Acme ": "acme ", "Straß": "strass",
		"e\u0301": "é", "Σ": "σ", "\u13f8": "\u13f0", "!": "!", "x": "x",
	} {
		if got, err := NameKeyPrefix(prefix); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", prefix, got, err, want)
		}
	}
}

func TestNameKeyPrefixBeginsTheKey(t *testing.T) {
	for _, text := range []string{"Acme  Corp", "ＡＣＭＥ", "Straße 7", "ΟΔΟΣ ΑΒ", "東京 ガス", "İstanbul Su", "Ǆungla co", "ﬁne arts"} {
		name, err := ParseName(text)
		if err != nil {
			t.Fatal(err)
		}
		for end := range text + " " {
			if strings.TrimSpace(text[:end]) == "" {
				continue
			}
			prefix, err := NameKeyPrefix(text[:end])
			if err != nil || !strings.HasPrefix(name.Key(), prefix) {
				t.Errorf("%q: %q doesn't begin with %q (%v)", text[:end], name.Key(), prefix, err)
			}
		}
	}
	name, _ := ParseName("Acmecorp")
	if prefix, _ := NameKeyPrefix("Acme "); strings.HasPrefix(name.Key(), prefix) {
		t.Error("a space at the end is lost")
	}
}

func TestNameKeyPrefixRefuses(t *testing.T) {
	for _, bad := range []string{"", "  ", "\xff", "a\x00", "\u200b", "a\u202e", "\u2800", "a\ufffd", strings.Repeat("x", 101)} {
		_, err := NameKeyPrefix(bad)
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeInvalidRequest || len(e.Fields) != 1 || e.Fields[0].Field != "name_prefix" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
