package contract

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// typed returns a password that is legal.
func typed(t *testing.T, text string) domain.Password {
	t.Helper()
	p, err := domain.TypedPassword(domain.NewSecret(text))
	must(t, "TypedPassword", err)
	return p
}

// hashOf hashes a password.
func hashOf(t *testing.T, h ports.PasswordHasher, p domain.Password) domain.PasswordHash {
	t.Helper()
	hash, err := h.Hash(t.Context(), p)
	must(t, "Hash", err)
	return hash
}

// wantVerdict fails t unless Verify says want.
func wantVerdict(t *testing.T, what string, h ports.PasswordHasher, p domain.Password, hash domain.PasswordHash, want ports.Verdict) {
	t.Helper()
	got, err := h.Verify(t.Context(), p, hash)
	must(t, "Verify of "+what, err)
	if got != want {
		t.Errorf("Verify of %s: got %+v, want %+v", what, got, want)
	}
}

var (
	match   = ports.Verdict{Match: true}
	noMatch = ports.Verdict{}
)

func runPasswordHasher(t *testing.T, open func(t *testing.T) ports.PasswordHasher, s passwordSubjects) {
	t.Helper()
	runAll(t, open, []check[ports.PasswordHasher]{
		{"Match", passwordMatch},
		{"SaltsDiffer", passwordSalts},
		{"BadHashesMatchNothing", passwordBadHashes},
		{"AtOnce", passwordAtOnce},
		{"ContextEnds", passwordContextEnds},
	})
	if s.otherParameters != nil {
		t.Run("OtherParameters", func(t *testing.T) {
			passwordOutdated(t, open(t), s.otherParameters(t))
			passwordOutdated(t, s.otherParameters(t), open(t))
		})
	}
	if s.smallQueue != nil {
		t.Run("SmallQueue", func(t *testing.T) { passwordOverload(t, s.smallQueue(t)) })
	}
}

func passwordMatch(t *testing.T, h ports.PasswordHasher) {
	passwords := []string{
		"correct horse", "Correct horse", "correct horse ", "corr", "短い密码でも長く", "e\u0301clair1", "éclair1",
		"with\x00nul", "with\x00other", strings.Repeat("a", 72) + "1", strings.Repeat("a", 72) + "2",
		strings.Repeat("😀", domain.PasswordMaxRunes),
	}
	for _, text := range passwords {
		p := typed(t, text)
		hash := hashOf(t, h, p)
		if hash.IsZero() || strings.Contains(hash.Reveal(), text) {
			t.Errorf("the hash of %q is empty or shows the password", text)
		}
		wantVerdict(t, "the password", h, p, hash, match)
		for _, other := range passwords {
			if other != text {
				wantVerdict(t, "another password", h, typed(t, other), hash, noMatch)
			}
		}
	}
}

func passwordSalts(t *testing.T, h ports.PasswordHasher) {
	p := typed(t, "correct horse")
	first, second := hashOf(t, h, p), hashOf(t, h, p)
	if first == second {
		t.Error("two hashes of one password are the same")
	}
	wantVerdict(t, "the first hash", h, p, first, match)
	wantVerdict(t, "the second hash", h, p, second, match)
}

func passwordBadHashes(t *testing.T, h ports.PasswordHasher) {
	p := typed(t, "correct horse")
	good := hashOf(t, h, p).Reveal()
	cut := strings.LastIndexByte(good, '$')
	for _, bad := range []string{
		"", " ", "$", "$$$$$$", "correct horse", "garbage", good[:len(good)/2], good[:cut], good[:cut+1], "x" + good, good + "!", strings.ToUpper(good),
		"$argon2id$v=19$m=65536,t=0,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "$argon2id$v=19$m=65536,t=1,p=0$c2FsdHNhbHQ$aGFzaGhhc2g",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "$argon2id$v=19$m=64,t=4294967295,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
		"$argon2id$v=19$m=-1,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$",
		"$2b$99$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", "$2b$10$", strings.Repeat("$", 100_000),
		"$argon2id$" + strings.Repeat("a", 1_000_000),
	} {
		wantVerdict(t, "a bad hash", h, p, domain.NewPasswordHash(bad), noMatch)
	}
	wantVerdict(t, "the zero hash", h, p, domain.PasswordHash{}, noMatch)
	wantVerdict(t, "a good hash after the bad ones", h, p, domain.NewPasswordHash(good), match)
}

func passwordAtOnce(t *testing.T, h ports.PasswordHasher) {
	wantAllWin(t, "Hash and Verify at once", race(func(i int) error {
		p := typed(t, strings.Repeat("x", i+1))
		hash, err := h.Hash(t.Context(), p)
		if err != nil {
			return err
		}
		verdict, err := h.Verify(t.Context(), p, hash)
		if err == nil && verdict != match {
			err = errors.New("no match")
		}
		return err
	}))
}

// passwordContextEnds checks that a call whose context is over fails with the
// context's own error, or as overloaded, and leaves its place in the queue.
func passwordContextEnds(t *testing.T, h ports.PasswordHasher) {
	p := typed(t, "correct horse")
	hash := hashOf(t, h, p)
	for range racers {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Hash(ctx, p); err == nil {
			t.Error("Hash with a context that is cancelled: got no error")
		}
		verdict, err := h.Verify(ctx, p, hash)
		if err == nil || verdict.Match {
			t.Errorf("Verify with a context that is cancelled: got %+v and error %v", verdict, err)
		}
	}
	wantVerdict(t, "a hash after cancelled calls", h, p, hashOf(t, h, p), match)
}

func passwordOutdated(t *testing.T, h, other ports.PasswordHasher) {
	p := typed(t, "correct horse")
	hash := hashOf(t, other, p)
	wantVerdict(t, "a hash of other parameters", h, p, hash, ports.Verdict{Match: true, Outdated: true})
	wantVerdict(t, "a hash of other parameters and another password", h, typed(t, "wrong horse"), hash, noMatch)
	wantVerdict(t, "a hash of the same parameters", other, p, hash, match)
}

func passwordOverload(t *testing.T, h ports.PasswordHasher) {
	p := typed(t, "correct horse")
	hash := hashOf(t, h, p)
	results := race(func(i int) error {
		if i%2 == 0 {
			_, err := h.Hash(t.Context(), p)
			return err
		}
		_, err := h.Verify(t.Context(), p, hash)
		return err
	})
	var done, refused int
	for _, err := range results {
		if err == nil {
			done++
			continue
		}
		refused++
		wantError(t, "a refused call", err, domain.ErrOverloaded)
	}
	if done == 0 || refused == 0 {
		t.Errorf("of %d calls at once %d were done and %d refused, want some of each", racers, done, refused)
	}
	wantVerdict(t, "a hash after the crowd", h, p, hash, match)
}
