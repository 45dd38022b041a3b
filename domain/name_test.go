package domain

import (
	"strings"
	"testing"
)

// parseName parses a name that is legal.
func parseName(t *testing.T, s string) Name {
	t.Helper()
	name, err := ParseName(s)
	if err != nil {
		t.Fatalf("ParseName(%+q): %v", s, err)
	}
	return name
}

func TestParseNameDisplay(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"Acme", "Acme"},
		{"  Acme \t Corp\n", "Acme Corp"},
		{"Acme\u00a0\u3000\u2003Corp", "Acme Corp"},
		{"Acme\u2028Corp\u0085", "Acme Corp"},
		{"Cafe\u0301", "Café"},
		{"\u1100\u1161\u11a8가", "각가"},
		{"\u212bngström", "Ångström"},
		{"ＡＣＭＥ", "ＡＣＭＥ"},
		{"株式会社", "株式会社"},
		{"C++ & Sons (№ 1) – “the best”™", "C++ & Sons (№ 1) – “the best”™"},
		{"😀 €½", "😀 €½"},
		{"12", "12"},
		{"\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940"},
		{strings.Repeat("é", NameMaxRunes), strings.Repeat("é", NameMaxRunes)},
		{strings.Repeat("e\u0301", NameMaxRunes), strings.Repeat("é", NameMaxRunes)},
		{strings.Repeat(" ", 500) + "ab" + strings.Repeat(" ", 500), "ab"},
		{"ab" + strings.Repeat(" \n", 500) + "c", "ab c"},
	} {
		if got := parseName(t, c.typed).String(); got != c.want {
			t.Errorf("ParseName(%+q): got %+q, want %+q", c.typed, got, c.want)
		}
	}
}

func TestParseNameRefuses(t *testing.T) {
	for name, typed := range map[string]string{
		"empty":                       "",
		"spaces":                      " \t\u3000\u00a0 ",
		"one rune":                    "a",
		"one rune between spaces":     "  a  ",
		"one composed rune":           "e\u0301",
		"101 runes":                   strings.Repeat("a", NameMaxRunes+1),
		"101 runes of four bytes":     strings.Repeat("😀", NameMaxRunes+1),
		"100 runes that become more":  strings.Repeat("\u0958", NameMaxRunes),
		"NUL":                         "ab\x00c",
		"a control character":         "ab\x1bc",
		"delete":                      "ab\x7fc",
		"a C1 control":                "ab\u009fc",
		"zero width space":            "ab\u200bc",
		"zero width joiner":           "ab\u200dc",
		"zero width non-joiner":       "ab\u200cc",
		"byte order mark":             "\ufeffabc",
		"word joiner":                 "ab\u2060c",
		"soft hyphen":                 "ab\u00adc",
		"right-to-left override":      "ab\u202ec",
		"left-to-right mark":          "ab\u200ec",
		"isolate":                     "ab\u2066c\u2069",
		"combining grapheme joiner":   "ab\u034fc",
		"Hangul filler":               "ab\u3164c",
		"halfwidth Hangul filler":     "ab\uffa0c",
		"Hangul choseong filler":      "ab\u115fc",
		"Khmer inherent vowel":        "ab\u17b4c",
		"variation selector":          "ab\ufe0f",
		"variation selector 17":       "ab\U000e0100",
		"Mongolian vowel separator":   "ab\u180ec",
		"Mongolian variation":         "ab\u180bc",
		"a tag":                       "ab\U000e0041",
		"a musical format character":  "ab\U0001d173",
		"interlinear annotation":      "ab\ufff9c",
		"Braille blank":               "\u2800\u2800",
		"the null notehead":           "\U0001D159\U0001D159",
		"a hieroglyphic blank":        "a\U00013441b",
		"the replacement character":   "ab\ufffd",
		"a private character":         "ab\ue000",
		"an unassigned character":     "ab\u0378",
		"an unassigned ignorable one": "ab\u2065",
		"a noncharacter":              "ab\uffff",
		"invalid UTF-8":               "ab\xffc",
		"a surrogate":                 "ab\xed\xa0\x80",
		"an overlong slash":           "ab\xc0\xaf",
		"a cut character":             "ab\xe2\x82",
	} {
		got, err := ParseName(typed)
		if !got.IsZero() {
			t.Errorf("%s: got %+q beside the error", name, got.String())
		}
		wantInvalid(t, err, "organization_name", typed)
	}
}

func TestNameEquality(t *testing.T) {
	for _, same := range [][]string{
		{"ACME", "acme", "Acme", "ＡＣＭＥ", "ａｃｍｅ", " aCmE "},
		{"Café", "Cafe\u0301", "CAFÉ", "cafe\u0301"},
		{"Straße", "STRASSE", "strasse", "Straẞe", "ſtraße"},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", "Σίσυφοσ"},
		{"İstanbul", "i\u0307stanbul", "I\u0307STANBUL"},
		{"oﬃce ﬂoor", "OFFICE FLOOR", "office floor"},
		{"ᏣᎳᎩ", "ꮳꮃꭹ", "ᏣᎳꭹ"},
		{"ᏸᏸ", "ᏰᏰ"},
		{"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"},
		{"㎏ ½", "kg 1⁄2"},
		{"№ 5", "NO 5"},
		{"ŉandu", "\u02bcnandu"},
		{"ᾳᾳ", "ΑΙΑΙ", "αιαι", "ᾼᾳ"},
		{"և և", "եւ ԵՒ"},
		{"K\u212a", "kk"},
		{"Ωm\u2126", "ωmω"},
		{"①②", "12"},
		{"ｱｲ", "アイ"},
		{"ﾊﾞｰ", "バー"},
		{"a\u0323\u0307", "a\u0307\u0323", "\u1ea1\u0307", "\u0227\u0323"},
	} {
		want := parseName(t, same[0]).Key()
		for _, s := range same[1:] {
			if got := parseName(t, s).Key(); got != want {
				t.Errorf("%+q and %+q have the keys %+q and %+q, want one", same[0], s, want, got)
			}
		}
	}
}

func TestNamesThatDiffer(t *testing.T) {
	all := []string{
		"Acme", "Acme!", "Acme.", "Ac me", "Acmé", "Acme 2", "Аcme", "Acme²a", "ACME-", "acme_", "Ｌcme",
		"ısparta", "isparta", "straße", "strase", "アイ", "あい", "各各", "한글", "한극", "Ᏸꭰ", "aa", "ªb", "ゑゑ", "えゑ",
	}
	seen := map[string]string{}
	for _, s := range all {
		key := parseName(t, s).Key()
		if before, ok := seen[key]; ok {
			t.Errorf("%+q and %+q have one key, %+q", before, s, key)
		}
		seen[key] = s
	}
}

func TestStoredName(t *testing.T) {
	n := StoredName("\x00", "any key")
	if n.String() != "\x00" || n.Key() != "any key" || n.IsZero() {
		t.Errorf("got %q, %q", n.String(), n.Key())
	}
	if !(Name{}).IsZero() || (Name{}).String() != "" || (Name{}).Key() != "" {
		t.Error("the zero Name isn't zero")
	}
	if parsed := parseName(t, "Acme  Corp"); StoredName(parsed.String(), parsed.Key()) != parsed {
		t.Error("a parsed name doesn't survive being stored")
	}
}
