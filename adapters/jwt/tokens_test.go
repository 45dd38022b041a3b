package jwt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/adapters/jwt"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/contract"
)

const (
	key      = "0123456789abcdef0123456789ABCDEF"
	otherKey = "another key of at least 32 bytes"
	issuer   = "orgkeeper"
	audience = "orgkeeper-api"
)

var start = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

func options() jwt.Options {
	return jwt.Options{
		Key: domain.NewSecret(key), Issuer: issuer, Audience: audience,
		Now: func() time.Time { return start },
	}
}

func claims() ports.Claims {
	return ports.Claims{
		ID:           "01978e5c-0000-7000-8000-000000000001",
		Account:      "01978e5c-0000-7000-8000-000000000002",
		Organization: "01978e5c-0000-7000-8000-000000000003",
		Email:        domain.StoredEmail("ada@example.com"),
		Epoch:        1<<53 + 1, // a float64 would lose the last bit
		IssuedAt:     start,
		ExpiresAt:    start.Add(time.Hour),
	}
}

func open(t testing.TB, change func(o *jwt.Options)) *jwt.Tokens {
	t.Helper()
	o := options()
	if change != nil {
		change(&o)
	}
	tokens, err := jwt.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestContract(t *testing.T) {
	factory := func(change func(o *jwt.Options)) func(t *testing.T, now func() time.Time) ports.Tokens {
		return func(t *testing.T, now func() time.Time) ports.Tokens {
			return open(t, func(o *jwt.Options) {
				o.Now = now
				if change != nil {
					change(o)
				}
			})
		}
	}
	contract.RunTokens(
		t, factory(nil),
		contract.Stranger("key", factory(func(o *jwt.Options) { o.Key = domain.NewSecret(otherKey) })),
		contract.Stranger("issuer", factory(func(o *jwt.Options) { o.Issuer = "somebody" })),
		contract.Stranger("audience", factory(func(o *jwt.Options) { o.Audience = "something" })),
		contract.Stranger("algorithm", factory(func(o *jwt.Options) { o.Algorithm = "HS512" })),
	)
}

func TestRoundTrip(t *testing.T) {
	for _, algorithm := range []string{"", "HS256", "HS384", "HS512"} {
		tokens := open(t, func(o *jwt.Options) { o.Algorithm = algorithm })
		token, err := tokens.Issue(claims())
		if err != nil {
			t.Fatalf("%q: %v", algorithm, err)
		}
		got, err := tokens.Verify(token)
		if err != nil {
			t.Fatalf("%q: %v", algorithm, errors.Unwrap(err))
		}
		if diff := cmp.Diff(claims(), got, cmp.Comparer(func(a, b domain.Email) bool { return a == b })); diff != "" {
			t.Errorf("%q: %s", algorithm, diff)
		}
	}
}

func TestLongestEmailFits(t *testing.T) {
	tokens := open(t, func(o *jwt.Options) { o.Algorithm = "HS512" })
	c := claims()
	c.Email = domain.StoredEmail(strings.Repeat("&", domain.EmailMaxBytes)) // & is written as \u0026
	token, err := tokens.Issue(c)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tokens.Verify(token); err != nil || got != c {
		t.Errorf("Verify: %v, %v", got, err)
	}
}

func TestIssueRefuses(t *testing.T) {
	tokens := open(t, nil)
	for name, change := range map[string]func(c *ports.Claims){
		"no ID":           func(c *ports.Claims) { c.ID = "" },
		"no account":      func(c *ports.Claims) { c.Account = "" },
		"no organization": func(c *ports.Claims) { c.Organization = "" },
		"no email":        func(c *ports.Claims) { c.Email = domain.Email{} },
		"negative epoch":  func(c *ports.Claims) { c.Epoch = -1 },
		"no times":        func(c *ports.Claims) { c.IssuedAt, c.ExpiresAt = time.Time{}, time.Time{} },
		"expires at once": func(c *ports.Claims) { c.ExpiresAt = c.IssuedAt },
		"year 10000":      func(c *ports.Claims) { c.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"too long":        func(c *ports.Claims) { c.ID = strings.Repeat("x", 4096) },
	} {
		c := claims()
		change(&c)
		if token, err := tokens.Issue(c); err == nil || token != "" {
			t.Errorf("%s: got %q, %v; want an error", name, token, err)
		}
	}
}

func TestNewSaysAllThatIsWrong(t *testing.T) {
	const short = "marker-of-a-short-key"
	_, err := jwt.New(jwt.Options{Algorithm: "RS256", Key: domain.NewSecret(short)})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"Algorithm", "Key", "Issuer", "Audience"} {
		if !strings.Contains(err.Error(), "Options."+want) {
			t.Errorf("%q doesn't name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), short) {
		t.Error("the error holds the key")
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	printed := fmt.Sprintf("%v %+v %#v", open(t, nil), *open(t, nil), open(t, nil))
	if strings.Contains(printed, key) || strings.Contains(printed, fmt.Sprintf("%d", []byte(key))) {
		t.Error("a formatter prints the key")
	}
}
