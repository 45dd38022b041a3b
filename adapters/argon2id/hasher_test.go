package argon2id_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/argon2id"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/contract"
)

// cheap are parameters that a test can afford many times.
var cheap = argon2id.Options{MemoryKiB: 64, Iterations: 1, Parallelism: 1, Concurrency: 2}

func open(t testing.TB, o argon2id.Options) *argon2id.Hasher {
	t.Helper()
	h, err := argon2id.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func password(t testing.TB, text string) domain.Password {
	t.Helper()
	p, err := domain.TypedPassword(domain.NewSecret(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestContract(t *testing.T) {
	factory := func(o argon2id.Options) func(t *testing.T) ports.PasswordHasher {
		return func(t *testing.T) ports.PasswordHasher { return open(t, o) }
	}
	other, small := cheap, cheap
	other.Iterations = 2
	small.Concurrency, small.Queue, small.MemoryKiB = 1, 1, 8*1024
	contract.RunPasswordHasher(
		t, factory(cheap),
		contract.OtherParameters(factory(other)),
		contract.SmallQueue(factory(small)),
	)
}

func TestHashSaysItsParameters(t *testing.T) {
	for _, test := range []struct {
		options argon2id.Options
		want    string
	}{
		{argon2id.Options{}, "$argon2id$v=19$m=19456,t=2,p=1$"},
		{argon2id.Options{MemoryKiB: 1024, Iterations: 3, Parallelism: 4}, "$argon2id$v=19$m=1024,t=3,p=4$"},
	} {
		h := open(t, test.options)
		hash, err := h.Hash(t.Context(), password(t, "correct horse"))
		if err != nil || !strings.HasPrefix(hash.Reveal(), test.want) {
			t.Errorf("Hash: got %q, %v; want %s…", hash.Reveal(), err, test.want)
		}
		got, err := h.Verify(t.Context(), password(t, "correct horse"), hash)
		if want := (ports.Verdict{Match: true}); err != nil || got != want {
			t.Errorf("Verify: got %+v, %v; want %+v", got, err, want)
		}
	}
}

// The hashes of foreign were made by argon2-cffi 25.1 (the reference
// implementation in C) and bcrypt 5.0 for Python. All but two are of this
// password.
const foreignPassword = "correct horse battery staple"

const unicodePassword = "pässwörd 密码 🔑"

var foreign = []struct{ name, password, hash string }{
	{"Argon2i", foreignPassword, "$argon2i$v=19$m=4096,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$EY12I7uGyoBHzuQuFWt3F/Kvu99fJBY2qYsz2KZSrj8"},
	{"Argon2i, three lanes, long key", foreignPassword, "$argon2i$v=19$m=100,t=3,p=3$MDEyMzQ1Njc4OWFiY2RlZg$D5l/3pAE1JP+RJUHCxVP4xrtU4BQUFXZNUnYgaM3tYYqz8AOSZ3xrcaG82mF3lt0cNCMwVmfv+l4Up4tNWDQVA"},
	{"Argon2id, four lanes", foreignPassword, "$argon2id$v=19$m=1024,t=2,p=4$MDEyMzQ1Njc4OWFiY2RlZg$rr/Dl+a4o5gcayema0lTnXlsmp27zihs9gL7T6Bl4cE"},
	{"Argon2id, short salt and key", foreignPassword, "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$ERNvCBi29vikzzsuEI2bUQ"},
	{"Argon2id, Unicode", unicodePassword, "$argon2id$v=19$m=1024,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ii2E/3xZe1iatErJqbI7y43FNOdUY9YMnU5GVqDWJVo"},
	{"bcrypt 2a", foreignPassword, "$2a$04$d9O04aBljSj8YSc0/9iOVOkGpcyZaQYPGtP9pXTFGwLofp06Sn4wS"},
	{"bcrypt 2b", foreignPassword, "$2b$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW"},
	{"bcrypt 2y", foreignPassword, "$2y$04$UelSHehxPuy3pZXN.GFGROBZaQdTL1Im4/WEl/qzU8FEMmO29F0yW"},
	{"bcrypt, Unicode", unicodePassword, "$2b$05$MCx1BYir6tyt2.V0pqnlZeUjIPL5ZxQ6lKljVpwnYHyvBJVRfJhye"},
	{"bcrypt, 72 bytes", strings.Repeat("x", 72), "$2b$04$h3vit3/f/k6UCv5ZtCEqWOGZhyrMkIHGw8DgfITVr9O9RFO6b1hJC"},
}

func TestForeignHashes(t *testing.T) {
	h := open(t, cheap)
	for _, f := range foreign {
		for typed, want := range map[string]ports.Verdict{
			f.password:       {Match: true, Outdated: true},
			f.password + "x": {},
			f.password[1:]:   {},
			"another":        {},
		} {
			got, err := h.Verify(t.Context(), password(t, typed), domain.NewPasswordHash(f.hash))
			if err != nil || got != want {
				t.Errorf("%s, %d bytes typed: got %+v, %v; want %+v", f.name, len(typed), got, err, want)
			}
		}
	}
}

func TestReferenceHashWithParametersInForce(t *testing.T) {
	const hash = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0"
	got, err := open(t, argon2id.Options{}).Verify(t.Context(), password(t, foreignPassword), domain.NewPasswordHash(hash))
	if want := (ports.Verdict{Match: true}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []argon2id.Options{
		{MemoryKiB: 7},
		{MemoryKiB: 31, Parallelism: 4},
		{MemoryKiB: 1<<20 + 1},
		{Iterations: 65},
		{MemoryKiB: 1 << 20, Iterations: 5},
		{Concurrency: -1},
		{Queue: -1},
	} {
		if _, err := argon2id.New(o); err == nil {
			t.Errorf("New(%+v): no error", o)
		}
	}
	_, err := argon2id.New(argon2id.Options{MemoryKiB: 1, Concurrency: -1, Queue: -1})
	for _, want := range []string{"memory", "Concurrency", "Queue"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v doesn't say %s", err, want)
		}
	}
}

func TestHasherPrintsNoSecret(t *testing.T) {
	h := open(t, cheap)
	p := password(t, "marker-of-a-password")
	hash, err := h.Hash(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %+v %#v", h, h, h, hash, p)
	if strings.Contains(printed, "marker") || strings.Contains(printed, "$argon2id$") {
		t.Errorf("printed: %s", printed)
	}
}
