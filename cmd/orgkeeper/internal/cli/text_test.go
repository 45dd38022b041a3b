package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// hostile is a name as a record of an older service may hold it: it clears the
// screen, turns the writing around, rings, hides, ends the line, and isn't UTF-8.
const hostile = "a\x1b[2Jb\u202ec\ad\u200be\u009bf\ng\xffh\U000e0001i\U0001F600"

func TestVisible(t *testing.T) {
	const want = `a\u001b[2Jb\u202ec\u0007d\u200be\u009bf\u000ag\xffh\U000e0001i😀`
	if got := visible(hostile); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, s := range []string{"Acme Corp", "Ünïcödé", "株式会社", "a\ufffdb"} {
		if got := visible(s); got != s {
			t.Errorf("%q was made %q", s, got)
		}
	}
}

func TestJSONIsSafeOnATerminal(t *testing.T) {
	var b bytes.Buffer
	if err := writeJSON(&b, map[string]string{"name": hostile}); err != nil {
		t.Fatal(err)
	}
	line, ended := strings.CutSuffix(b.String(), "\n")
	if !ended || visible(line) != line {
		t.Errorf("a terminal would obey %q", b.String())
	}
	var back map[string]string
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile, "\ufffd"); back["name"] != want {
		t.Errorf("read back %q, want %q", back["name"], want)
	}
}

func TestKeyPrefix(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "ACME": "acme", "ＡＣＭＥ": "acme", "Acme C": "acme c", "Straße": "strasse",
	} {
		if got, err := keyPrefix(text); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"a\u200b", strings.Repeat("a", 101), "\xff"} {
		if _, err := keyPrefix(text); ExitCode(ranError{err}) != exitUsage {
			t.Errorf("%q: %v, want wrong usage", text, err)
		}
	}
}
