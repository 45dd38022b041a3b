package argon2id

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

const (
	goodSalt = "MDEyMzQ1Njc4OWFiY2RlZg"
	goodKey  = "rr/Dl+a4o5gcayema0lTnXlsmp27zihs9gL7T6Bl4cE"
	goodTail = "$" + goodSalt + "$" + goodKey
)

// unreadable are stored hashes that match nothing, and why.
var unreadable = []struct {
	name, hash string
	want       error
}{
	{"empty", "", errUnknownFormat},
	{"a password", "correct horse", errUnknownFormat},
	{"MD5 crypt", "$1$salt$qJH7.N4xYta3aEG/dfqo/0", errUnknownFormat},
	{"SHA-512 crypt", "$6$salt$" + strings.Repeat("a", 86), errUnknownFormat},
	{"Argon2d", "$argon2d$v=19$m=1024,t=2,p=1" + goodTail, errUnknownFormat},
	{"upper case", "$ARGON2ID$v=19$m=1024,t=2,p=1" + goodTail, errUnknownFormat},
	{"space before", " $argon2id$v=19$m=1024,t=2,p=1" + goodTail, errUnknownFormat},
	{"very long", "$argon2id$v=19$m=1024,t=2,p=1" + goodTail + strings.Repeat("A", 1<<20), errUnknownFormat},
	{"no more than a name", "$argon2id$", errDamaged},
	{"version 16", "$argon2id$v=16$m=1024,t=2,p=1" + goodTail, errDamaged},
	{"version 18", "$argon2i$v=18$m=1024,t=2,p=1" + goodTail, errDamaged},
	{"no version", "$argon2i$m=1024,t=2,p=1" + goodTail, errDamaged},
	{"no parameters", "$argon2id$v=19" + goodTail, errDamaged},
	{"a parameter less", "$argon2id$v=19$m=1024,t=2" + goodTail, errDamaged},
	{"a parameter more", "$argon2id$v=19$m=1024,t=2,p=1,keyid=AA" + goodTail, errDamaged},
	{"other order", "$argon2id$v=19$t=2,m=1024,p=1" + goodTail, errDamaged},
	{"empty number", "$argon2id$v=19$m=,t=2,p=1" + goodTail, errDamaged},
	{"negative", "$argon2id$v=19$m=-1024,t=2,p=1" + goodTail, errDamaged},
	{"plus sign", "$argon2id$v=19$m=+1024,t=2,p=1" + goodTail, errDamaged},
	{"leading zero", "$argon2id$v=19$m=01024,t=2,p=1" + goodTail, errDamaged},
	{"hexadecimal", "$argon2id$v=19$m=0x400,t=2,p=1" + goodTail, errDamaged},
	{"underscore", "$argon2id$v=19$m=1_024,t=2,p=1" + goodTail, errDamaged},
	{"space in number", "$argon2id$v=19$m= 1024,t=2,p=1" + goodTail, errDamaged},
	{"over 32 bits", "$argon2id$v=19$m=4294968320,t=2,p=1" + goodTail, errDamaged},
	{"t=0", "$argon2id$v=19$m=1024,t=0,p=1" + goodTail, errIterations},
	{"t=65", "$argon2id$v=19$m=1024,t=65,p=1" + goodTail, errIterations},
	{"t=4294967295", "$argon2id$v=19$m=1024,t=4294967295,p=1" + goodTail, errIterations},
	{"p=0", "$argon2i$v=19$m=1024,t=2,p=0" + goodTail, errParallelism},
	{"p=256", "$argon2id$v=19$m=4096,t=2,p=256" + goodTail, errParallelism},
	{"m=0", "$argon2id$v=19$m=0,t=2,p=1" + goodTail, errMemory},
	{"m=7", "$argon2id$v=19$m=7,t=2,p=1" + goodTail, errMemory},
	{"m under 8 a lane", "$argon2id$v=19$m=31,t=2,p=4" + goodTail, errMemory},
	{"m over 1 GiB", "$argon2id$v=19$m=1048577,t=1,p=1" + goodTail, errMemory},
	{"m of 4 GiB", "$argon2id$v=19$m=4194304,t=1,p=1" + goodTail, errMemory},
	{"m of 4 TiB", "$argon2id$v=19$m=4294967295,t=1,p=1" + goodTail, errMemory},
	{"too much work", "$argon2id$v=19$m=1048576,t=5,p=1" + goodTail, errWork},
	{"no key", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt, errDamaged},
	{"empty key", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "$", errDamaged},
	{"empty salt", "$argon2id$v=19$m=1024,t=2,p=1$$" + goodKey, errDamaged},
	{"key of 15 bytes", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "$" + strings.Repeat("A", 20), errDamaged},
	{"salt of 7 bytes", "$argon2id$v=19$m=1024,t=2,p=1$" + "AAAAAAAAAA" + "$" + goodKey, errDamaged},
	{"key of 66 bytes", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "$" + strings.Repeat("A", 88), errDamaged},
	{"salt of 66 bytes", "$argon2id$v=19$m=1024,t=2,p=1$" + strings.Repeat("A", 88) + "$" + goodKey, errDamaged},
	{"cut in the key", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "$" + goodKey[:41], errDamaged},
	{"unused bits set", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "$" + goodKey[:42] + "F", errDamaged},
	{"padding", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "==$" + goodKey, errDamaged},
	{"URL alphabet", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "$" + strings.Repeat("-_", 11), errDamaged},
	{"line break in the key", "$argon2id$v=19$m=1024,t=2,p=1$" + goodSalt + "$" + goodKey + "\n", errDamaged},
	{"a part more", "$argon2id$v=19$m=1024,t=2,p=1" + goodTail + "$", errDamaged},
	{"bcrypt 2x", "$2x$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW", errUnknownFormat},
	{"bcrypt 2", "$2$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW", errUnknownFormat},
	{"bcrypt cut", "$2b$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0y", errDamaged},
	{"bcrypt too long", "$2b$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yWW", errDamaged},
	{"bcrypt no cost", "$2b$xx$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW", errDamaged},
	{"bcrypt alphabet", "$2b$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0y=", errDamaged},
	{"bcrypt cost 3", "$2b$03$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW", errBcryptCost},
	{"bcrypt cost 16", "$2b$16$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW", errBcryptCost},
	{"bcrypt cost 31", "$2b$31$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW", errBcryptCost},
}

func TestParseStoredRefuses(t *testing.T) {
	for _, u := range unreadable {
		if got, err := parseStored(u.hash); !errors.Is(err, u.want) {
			t.Errorf("%s: got %+v, %v; want %v", u.name, got, err, u.want)
		}
	}
}

func TestParseStoredTakesTheBounds(t *testing.T) {
	for _, hash := range []string{
		"$argon2id$v=19$m=8,t=1,p=1" + goodTail,
		"$argon2id$v=19$m=1048576,t=4,p=1" + goodTail,
		"$argon2i$v=19$m=2040,t=64,p=255" + goodTail,
		"$2a$15$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW",
	} {
		if _, err := parseStored(hash); err != nil {
			t.Errorf("%s: %v", hash, err)
		}
	}
}

// What can't be read costs one hash with the parameters in force, and no check.
func TestUnreadableCostsOneHash(t *testing.T) {
	h := counting(t)
	long := domain.Password{Secret: domain.NewSecret(strings.Repeat("x", 73))}
	const bcrypt72 = "$2b$04$h3vit3/f/k6UCv5ZtCEqWOGZhyrMkIHGw8DgfITVr9O9RFO6b1hJC"
	hashes := []string{bcrypt72}
	for _, u := range unreadable {
		hashes = append(hashes, u.hash)
	}
	for _, hash := range hashes {
		h.derived, h.checked = 0, 0
		got, err := h.Verify(context.Background(), long, domain.NewPasswordHash(hash))
		if err != nil || got != (ports.Verdict{}) || h.derived != 1 || h.checked != 0 {
			t.Errorf("%.40s: got %+v, %v, %d hashes, %d checks; want no match for one hash", hash, got, err, h.derived, h.checked)
		}
	}
}

type countingHasher struct {
	*Hasher
	derived, checked int
}

// counting returns a Hasher that counts what it would do. It matches anything.
func counting(t *testing.T) *countingHasher {
	t.Helper()
	h, err := New(Options{MemoryKiB: 64, Iterations: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := &countingHasher{Hasher: h}
	h.derive = func(string) (string, error) { c.derived++; return "", nil }
	h.check = func(string, string, stored) bool { c.checked++; return true }
	return c
}

func TestOutdated(t *testing.T) {
	h := counting(t)
	for _, test := range []struct {
		hash string
		want bool
	}{
		{"$argon2id$v=19$m=64,t=1,p=1" + goodTail, false},
		{"$argon2i$v=19$m=64,t=1,p=1" + goodTail, true},
		{"$argon2id$v=19$m=65,t=1,p=1" + goodTail, true},
		{"$argon2id$v=19$m=64,t=2,p=1" + goodTail, true},
		{"$argon2id$v=19$m=64,t=1,p=2" + goodTail, true},
		{"$argon2id$v=19$m=64,t=1,p=1$" + goodSalt + "$" + goodSalt, true},
		{"$argon2id$v=19$m=64,t=1,p=1$" + goodKey + "$" + goodKey, true},
		{"$2b$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW", true},
	} {
		got, err := h.Verify(t.Context(), domain.Password{Secret: domain.NewSecret("p")}, domain.NewPasswordHash(test.hash))
		if want := (ports.Verdict{Match: true, Outdated: test.want}); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", test.hash, got, err, want)
		}
	}
}

// FuzzParseStored: no text panics; what is read is within the bounds and, for
// Argon2, is the very text that its parts are written as.
func FuzzParseStored(f *testing.F) {
	f.Add("$argon2id$v=19$m=1024,t=2,p=4" + goodTail)
	f.Add("$argon2i$v=19$m=100,t=3,p=3" + goodTail)
	for _, u := range unreadable {
		if len(u.hash) < 1000 {
			f.Add(u.hash)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStored(text)
		if err != nil {
			if len(text) > 12 && strings.Contains(err.Error(), text) {
				t.Errorf("the error %q holds the hash", err)
			}
			return
		}
		if s.variant == variantBcrypt {
			return
		}
		c := s.cost
		if c.iterations < 1 || c.parallelism < 1 || c.memoryKiB > MaxMemoryKiB || uint64(c.memoryKiB)*uint64(c.iterations) > MaxWorkKiB {
			t.Errorf("%q: beyond the bounds: %+v", text, c)
		}
		if len(s.salt) > maxSaltOrKey || len(s.key) > maxSaltOrKey || len(s.key) < minKeyBytes {
			t.Errorf("%q: salt of %d, key of %d bytes", text, len(s.salt), len(s.key))
		}
		if want := fmt.Sprintf("$v=19$m=%d,t=%d,p=%d$", c.memoryKiB, c.iterations, c.parallelism); !strings.Contains(text, want) {
			t.Errorf("%q doesn't hold %s", text, want)
		}
	})
}
