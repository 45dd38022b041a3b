package domain

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// around are the places in which the properties try a character: a few for those
// that have no case and no other form, as most have, more for the rest.
func around(r rune) []string {
	s := string(r)
	places := []string{s, s + "aa" + s}
	if unicode.SimpleFold(r) == r && norm.NFKD.IsNormalString(s) && !unicode.Is(unicode.M, r) {
		return places
	}
	return append(places, s+s, "a"+s+"a", "Σ"+s+"\u0345", "가"+s, s+"\u0301", s+"\u0323\u0301", "ß"+s+"İ")
}

// checkKey fails t unless the key of the key is the key, and every equivalent of
// the text has it.
func checkKey(t reporter, s string) {
	key := nameKey(s)
	if again := nameKey(key); again != key {
		t.Errorf("the key of %+q is %+q, and of that %+q", s, key, again)
	}
	for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
		if normal := form.String(s); normal != s && nameKey(normal) != key {
			t.Errorf("the key of %+q is %+q, of its normal form %d %+q", s, key, form, nameKey(normal))
		}
	}
	if !norm.NFKC.IsNormalString(key) {
		t.Errorf("the key of %+q, %+q, is not in NFKC", s, key)
	}
}

func TestKeyOfEveryCharacter(t *testing.T) {
	t.Parallel()
	for _, r := range nameable() {
		for _, s := range around(r) {
			checkKey(t, s)
		}
	}
}

// TestKeyAgainstReference groups every character by its key and by the reference:
// the groups are the same.
func TestKeyAgainstReference(t *testing.T) {
	for _, base := range []string{"", "aa"} {
		byKey, byReference := map[string]string{}, map[string]string{}
		for _, r := range nameable() {
			s := base + string(r)
			key, reference := nameKey(s), referenceKey(s)
			if before, ok := byKey[key]; ok && before != reference {
				t.Errorf("%+q has the key %+q of others that the reference tells apart", s, key)
			}
			if before, ok := byReference[reference]; ok && before != key {
				t.Errorf("%+q has the key %+q, the reference's equals have %+q", s, key, before)
			}
			byKey[key], byReference[reference] = reference, key
		}
	}
}

// hard are characters that normalization or folding has trouble with: several
// cases, marks that reorder, compatibility forms, Hangul, Cherokee.
var hard = rapid.SampledFrom([]rune("aAbBſsSKkßẞσςΣİiIıǅǆǄﬁﬃŉΐᾳᾼᾴΐև\u0345\u0301\u0323\u0307\u0308ªＡａ①½㎏™Å\u212bÅ가ᄀ\u1161\u11a8각ᏸꭰᎠﷺ⁇… "))

var (
	// visible are strings of characters that a name may have.
	visible = rapid.StringOf(rapid.OneOf(hard, rapid.RuneFrom(nil, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S).Filter(nameRune)))
	// texts are any strings, most of them of such characters.
	texts = rapid.OneOf(visible, rapid.StringOf(rapid.OneOf(hard, rapid.SampledFrom([]rune(" \t\u00a0\u3000\u2009\u2028")), rapid.Rune())), rapid.String())
)

func TestKeyOfStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := visible.Draw(t, "a"), visible.Draw(t, "b")
		checkKey(t, a)
		checkKey(t, a+b)
		if same, reference := nameKey(a) == nameKey(b), referenceKey(a) == referenceKey(b); same != reference {
			t.Errorf("%+q and %+q: equal %v, by the reference %v", a, b, same, reference)
		}
	})
}

// TestEqualVariants makes of a name others that are the same by the reference,
// so that equality is tried where it holds.
func TestEqualVariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := ParseName(visible.Draw(t, "name"))
		if err != nil {
			return
		}
		text := a.String()
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			text = rapid.SampledFrom([]func(string) string{
				norm.NFD.String, norm.NFC.String, swapCase,
				func(s string) string { return foldCase(norm.NFD.String(s)) },
				func(s string) string { return "  " + s + "\t" },
			}).Draw(t, "step")(text)
		}
		b, err := ParseName(text)
		if err != nil {
			return // It became too long.
		}
		if a.Key() != b.Key() || referenceKey(a.String()) != referenceKey(b.String()) {
			t.Errorf("%+q and %+q have the keys %+q and %+q", a.String(), b.String(), a.Key(), b.Key())
		}
	})
}

// checkParsed fails t unless what ParseName returns is what it promises.
func checkParsed(t reporter, s string) {
	name, err := ParseName(s)
	if err != nil {
		if !name.IsZero() {
			t.Errorf("ParseName(%+q): a name beside an error", s)
		}
		wantInvalid(t, err, "organization_name", s)
		return
	}
	display := name.String()
	again, err := ParseName(display)
	if err != nil || again != name {
		t.Errorf("ParseName(%+q) gives %+q, and of that %+q, %v", s, display, again, err)
	}
	if n := utf8.RuneCountInString(display); n < NameMinRunes || n > NameMaxRunes {
		t.Errorf("ParseName(%+q) gives %d runes", s, n)
	}
	if !norm.NFC.IsNormalString(display) {
		t.Errorf("ParseName(%+q) gives %+q, not in NFC", s, display)
	}
	if name.Key() == "" || !utf8.ValidString(name.Key()) {
		t.Errorf("ParseName(%+q) gives the key %+q", s, name.Key())
	}
}

func TestParseNameOfEveryCharacter(t *testing.T) {
	t.Parallel()
	for _, r := range assigned() {
		if unicode.Is(unicode.Co, r) && uniform(r) {
			continue
		}
		if _, err := ParseName("aa" + string(r) + "a"); (err == nil) != (unicode.IsSpace(r) || nameRune(r)) {
			t.Errorf("ParseName with %U: %v", r, err)
		}
		if places := around(r); len(places) > 2 || !uniform(r) {
			for _, s := range places {
				checkParsed(t, s)
			}
		}
	}
}

func TestParseNameOfStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkParsed(t, texts.Draw(t, "name")) })
}
