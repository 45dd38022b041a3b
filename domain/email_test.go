package domain

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// of returns an address of so many bytes, with a local part of 64.
func of(bytes int) string {
	local := strings.Repeat("l", 64)
	rest := bytes - len(local) - len("@") - len(".example")
	labels := ""
	for rest > 64 {
		labels += strings.Repeat("d", 63) + "."
		rest -= 64
	}
	return local + "@" + labels + strings.Repeat("e", rest) + ".example"
}

func TestParseEmail(t *testing.T) {
	for _, c := range []struct{ typed, want, key string }{
		{"admin@example.com", "admin@example.com", "admin@example.com"},
		{"Admin@Example.COM", "Admin@Example.COM", "admin@example.com"},
		{"  admin@example.com\r\n", "admin@example.com", "admin@example.com"},
		{"a@b.c", "a@b.c", "a@b.c"},
		{"first.last+tag@sub.example.co.uk", "first.last+tag@sub.example.co.uk", "first.last+tag@sub.example.co.uk"},
		{"o'neil_{}|~!#$%&*/=?^`-@example.com", "o'neil_{}|~!#$%&*/=?^`-@example.com", "o'neil_{}|~!#$%&*/=?^`-@example.com"},
		{"1@2.3a", "1@2.3a", "1@2.3a"},
		{"a@1.2.3.4.example", "a@1.2.3.4.example", "a@1.2.3.4.example"},
		{"a@xn--bcher-kva.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"Ünïcode@Bücher.Example", "Ünïcode@Bücher.Example", "ünïcode@bücher.example"},
		{"用户@例子.公司", "用户@例子.公司", "用户@例子.公司"},
		{"a@\u0909\u0926\u093e\u0939\u0930\u0923.\u092d\u093e\u0930\u0924", "a@\u0909\u0926\u093e\u0939\u0930\u0923.\u092d\u093e\u0930\u0924", "a@\u0909\u0926\u093e\u0939\u0930\u0923.\u092d\u093e\u0930\u0924"},
		{strings.Repeat("l", 64) + "@example.com", strings.Repeat("l", 64) + "@example.com", strings.Repeat("l", 64) + "@example.com"},
		{"a@" + strings.Repeat("d", 63) + ".com", "a@" + strings.Repeat("d", 63) + ".com", "a@" + strings.Repeat("d", 63) + ".com"},
		{of(254), of(254), of(254)},
		{"  " + of(254) + "  ", of(254), of(254)},
	} {
		got, err := ParseEmail(c.typed)
		if err != nil || got.String() != c.want || got.Key() != c.key || got.IsZero() {
			t.Errorf("ParseEmail(%q): got %q, key %q, error %v", c.typed, got, got.Key(), err)
		}
	}
}

func TestParseEmailRefuses(t *testing.T) {
	if n := len(of(254)); n != 254 {
		t.Fatalf("the longest address of the test has %d bytes", n)
	}
	for name, typed := range map[string]string{
		"empty":                        "",
		"spaces":                       " \t ",
		"no at":                        "admin.example.com",
		"only an at":                   "@",
		"no local part":                "@example.com",
		"no domain":                    "admin@",
		"two ats":                      "admin@host@example.com",
		"no dot":                       "admin@localhost",
		"a display name":               "Admin <admin@example.com>",
		"a quoted display name":        `"Admin" <admin@example.com>`,
		"angle brackets":               "<admin@example.com>",
		"a comment":                    "admin(the boss)@example.com",
		"a comment at the end":         "admin@example.com (the boss)",
		"a comment in the domain":      "admin@(here)example.com",
		"a variation selector":         "ad\ufe0fmin@example.com",
		"a Hangul filler":              "ad\u3164min@example.com",
		"a quoted local part":          `"admin"@example.com`,
		"a quoted space":               `"ad min"@example.com`,
		"a quoted at":                  `"ad@min"@example.com`,
		"an escape":                    `ad\min@example.com`,
		"an IPv4 literal":              "admin@[192.0.2.1]",
		"an IPv6 literal":              "admin@[IPv6:2001:db8::1]",
		"an IPv4 address":              "admin@192.0.2.1",
		"a full-width IPv4 address":    "admin@１９２.０.２.１",
		"an Arabic-Indic IPv4 address": "admin@\u0661.\u0662.\u0663.\u0664",
		"two addresses":                "a@example.com, b@example.com",
		"two addresses by semicolon":   "a@example.com;b@example.com",
		"a group":                      "group: a@example.com;",
		"a mailto":                     "mailto:a@example.com",
		"a space in it":                "ad min@example.com",
		"a space before the at":        "admin @example.com",
		"a space after the at":         "admin@ example.com",
		"a line break":                 "admin@example.com\nbcc: b@example.com",
		"a tab":                        "ad\tmin@example.com",
		"NUL":                          "admin\x00@example.com",
		"a no-break space":             "ad\u00a0min@example.com",
		"an ideographic space":         "ad\u3000min@example.com",
		"zero width space":             "ad\u200bmin@example.com",
		"right-to-left override":       "ad\u202emin@example.com",
		"soft hyphen":                  "ad\u00admin@example.com",
		"byte order mark":              "\ufeffadmin@example.com",
		"invalid UTF-8":                "admin\xff@example.com",
		"invalid UTF-8 in the domain":  "admin@ex\xffample.com",
		"unassigned":                   "admin\u0378@example.com",
		"a dot first":                  ".admin@example.com",
		"a dot last":                   "admin.@example.com",
		"two dots":                     "ad..min@example.com",
		"a domain that starts a dot":   "admin@.example.com",
		"a domain that ends in a dot":  "admin@example.com.",
		"two dots in the domain":       "admin@example..com",
		"a label that starts a hyphen": "admin@-example.com",
		"a label that ends in one":     "admin@example-.com",
		"a last label with a hyphen":   "admin@example.com-",
		"an underscore in the domain":  "admin@ex_ample.com",
		"a slash in the domain":        "admin@example.com/x",
		"a port":                       "admin@example.com:25",
		"a percent in the domain":      "admin@example%2ecom",
		"an emoji in the domain":       "admin@😀.example",
		"a full-width dot":             "admin@example\uff0ecom",
		"an ideographic dot":           "admin@example\u3002com",
		"a full-width at":              "admin\uff20example.com",
		"65 bytes before the at":       strings.Repeat("l", 65) + "@example.com",
		"65 bytes in 33 runes":         strings.Repeat("é", 32) + "l@example.com",
		"a label of 64 bytes":          "a@" + strings.Repeat("d", 64) + ".com",
		"255 bytes":                    of(255),
		"many bytes":                   strings.Repeat("a", 1_000_000) + "@example.com",
		"an encoded word":              "=?utf-8?q?admin?= <admin@example.com>",
	} {
		got, err := ParseEmail(typed)
		if !got.IsZero() || err == nil {
			t.Errorf("%s: got %+q, error %v", name, got.String(), err)
			continue
		}
		wantInvalid(t, err, "email", typed)
	}
}

// checkEmail fails t unless what ParseEmail returns is what it promises.
func checkEmail(t reporter, typed string) {
	email, err := ParseEmail(typed)
	if err != nil {
		if !email.IsZero() {
			t.Errorf("ParseEmail(%+q): an email beside an error", typed)
		}
		wantInvalid(t, err, "email", typed)
		return
	}
	address := email.String()
	if again, err := ParseEmail(address); err != nil || again != email {
		t.Errorf("ParseEmail(%+q) gives %+q, and of that %+q, %v", typed, address, again.String(), err)
	}
	if again := StoredEmail(email.Key()).Key(); again != email.Key() {
		t.Errorf("the key of %+q is %+q, and of that %+q", address, email.Key(), again)
	}
	local, domain, _ := strings.Cut(address, "@")
	switch {
	case len(address) > EmailMaxBytes, len(local) > 64, local == "", strings.Contains(domain, "@"), !strings.Contains(domain, "."),
		strings.ContainsAny(address, "\"()<>[],;:\\ "), address != strings.TrimSpace(typed),
		strings.ContainsFunc(address, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }):
		t.Errorf("ParseEmail(%+q) gives %+q", typed, address)
	}
}

func TestEmailOfEveryCharacter(t *testing.T) {
	t.Parallel()
	for _, r := range assigned() {
		if uniform(r) {
			continue
		}
		checkEmail(t, "a"+string(r)+"@example.com")
		checkEmail(t, "a@ex"+string(r)+"ample.com")
		checkEmail(t, "a@example."+string(r))
	}
}

func TestEmailOfStrings(t *testing.T) {
	part := rapid.OneOf(texts, rapid.StringMatching(`[a-zA-Z0-9.+"() <>-]{0,70}`))
	rapid.Check(t, func(t *rapid.T) {
		checkEmail(t, part.Draw(t, "local")+"@"+part.Draw(t, "domain")+rapid.SampledFrom([]string{"", ".com", ".１", "@example.com"}).Draw(t, "end"))
	})
}

func TestStoredEmail(t *testing.T) {
	e := StoredEmail("Not an ADDRESS")
	if e.String() != "Not an ADDRESS" || e.Key() != "not an address" || e.IsZero() {
		t.Errorf("got %q, key %q", e.String(), e.Key())
	}
	if !StoredEmail("").IsZero() || StoredEmail("") != (Email{}) {
		t.Error("an empty stored email isn't the zero Email")
	}
}
