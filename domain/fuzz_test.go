package domain

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParseName(f *testing.F) {
	for _, seed := range []string{
		"", "Acme", " Acme  Corp! ", "ＡＣＭＥ", "Cafe\u0301", "Straße", "ΣΊΣΥΦΟΣ", "İı", "Ꭰꭰᏸ", "oﬃce", "한글", "\u1112\u1161\u11ab", "ᾳ\u0345",
		"a\u0323\u0307", "´a", strings.Repeat("\ufdfa", 100), "ab\u200bc", "ab\u202ec", "\u2800\u2800", "ab\xff", "😀😀", "株式会社",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkParsed(t, s)
		name, err := ParseName(s)
		if err != nil {
			return
		}
		checkKey(t, name.String())
		// What differs by case, form or spacing is the same, if it is a name.
		if other, err := ParseName("\t" + swapCase(name.String()) + " "); err == nil {
			same := referenceKey(name.String()) == referenceKey(other.String())
			if (other.Key() == name.Key()) != same {
				t.Errorf("%+q and %+q have the keys %+q and %+q", name.String(), other.String(), name.Key(), other.Key())
			}
		}
	})
}

func FuzzNamespaceName(f *testing.F) {
	for _, seed := range []string{
		"", "Acme Corp", "system.", "$where", "a\x00b", "株式会社", "Ａ－＿", "Größe", "\ufdfa", "´´", strings.Repeat("a", 47) + "é b", strings.Repeat("½", 40), "a\xff",
	} {
		f.Add(seed, uint64(1))
	}
	f.Fuzz(func(t *testing.T, s string, seed uint64) {
		random := func(n int) int {
			seed = seed*6364136223846793005 + 1442695040888963407
			return int((seed >> 33) % uint64(n))
		}
		checkNamespaces(t, s, random)
		if utf8.ValidString(s) && !SameSlug(StoredName(s, ""), StoredName(s+"!", "")) {
			t.Errorf("the slugs of %+q and of it with an exclamation mark differ", s)
		}
	})
}

func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{
		"", "admin@example.com", " Admin@Example.COM ", "Admin <a@example.com>", "a(b)@example.com", "a@[192.0.2.1]", "a@192.0.2.1", `"a b"@example.com`,
		"ü@bücher.example", "a@b", "a@b.c.", "a@-b.c", "a..b@c.d", "a@b@c.d", "İ@example.com", "K@example.com", "a@１.２", of(254), of(255), "a\xff@b.c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) { checkEmail(t, s) })
}

func FuzzParseDocument(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"_id":"a","b":[1,1.0,-0,1e21,true,null]}`, `{"a":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"}}`, `{"a":{"$date":{"$numberLong":"-1"}}}`,
		`{"a":{"$numberDecimal":"1.10E+3"}}`, `{"a":{"$binary":{"base64":"AQI=","subType":"80"}}}`, `{"_id":{"$numberInt":"5"}}`, `{"a":{"$ne":1}}`,
		`{"a":"\ud83d\ude00\u0000"}`, `{"a":{"$timestamp":{"t":1,"i":2}},"b":{"$regularExpression":{"pattern":"a","options":"i"}}}`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, notation := range []Notation{PlainJSON, ExtendedJSON} {
			if d, err := ParseDocument(text, notation); err == nil {
				checkDocument(t, d)
			}
		}
		if body, err := StoredBody(text); err == nil {
			if again, err := StoredBody([]byte(body.String())); err != nil || again != body {
				t.Errorf("%s becomes %s, %v", body, again, err)
			}
		}
		_, _ = ParseFilter(string(text))
		_, _ = ParseDocumentID(string(text))
	})
}
