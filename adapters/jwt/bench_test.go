package jwt_test

import (
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/jwt"
)

func junk(t testing.TB, tokens *jwt.Tokens) (cheap, all map[string]string) {
	t.Helper()
	good, err := tokens.Issue(claims())
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	cheap = map[string]string{
		"word":        "not-a-token",
		"four-KiB":    strings.Repeat("A", 4096),
		"one-MiB":     strings.Repeat("A", 1<<20),
		"three-parts": strings.Repeat("A", 36) + "." + strings.Repeat("A", 300) + "." + strings.Repeat("A", 43),
		"alg-none":    encode(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
		"alg-HS512":   encode(`{"alg":"HS512","typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
	}
	all = map[string]string{"wrong-signature": parts[0] + "." + parts[1] + "." + strings.Repeat("A", 43)}
	for name, token := range cheap {
		all[name] = token
	}
	return cheap, all
}

func TestJunkAllocatesNothing(t *testing.T) {
	tokens := open(t, nil)
	cheap, _ := junk(t, tokens)
	for name, token := range cheap {
		if n := testing.AllocsPerRun(100, func() { _, _ = tokens.Verify(token) }); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

func BenchmarkIssue(b *testing.B) {
	tokens := open(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokens.Issue(claims()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	tokens := open(b, nil)
	token, err := tokens.Issue(claims())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokens.Verify(token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyJunk(b *testing.B) {
	tokens := open(b, nil)
	_, all := junk(b, tokens)
	for name, token := range all {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tokens.Verify(token); err == nil {
					b.Fatal("taken")
				}
			}
		})
	}
}
