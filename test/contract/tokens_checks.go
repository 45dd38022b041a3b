package contract

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// clock is a time that a check sets.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// issued is when the suite's tokens are issued: on the second, as they say it.
var issued = epoch.Truncate(time.Second)

// fullClaims has every field set.
func fullClaims() ports.Claims {
	return ports.Claims{
		ID:           "0195d3c8-4b00-7abc-8def-aaaaaaaaaaaa",
		Account:      "account \"1\" é 株",
		Organization: "0195d3c8-4b00-7abc-8def-0123456789ab",
		Email:        domain.StoredEmail("Åsa.O'Neil+Tag@Example.COM"),
		Epoch:        big,
		IssuedAt:     issued,
		ExpiresAt:    issued.Add(time.Hour),
	}
}

// wantRefused fails t unless the token is refused, and the error doesn't show it.
func wantRefused(t *testing.T, what string, tokens ports.Tokens, token string) {
	t.Helper()
	claims, err := tokens.Verify(token)
	wantError(t, "Verify of "+what, err, domain.ErrUnauthenticated)
	if claims != (ports.Claims{}) {
		t.Errorf("Verify of %s: got claims of a token that was refused", what)
	}
	if err != nil && len(token) > 20 && strings.Contains(describe(err), token) {
		t.Errorf("Verify of %s: the error shows the token", what)
	}
}

// issue makes a token.
func issue(t *testing.T, tokens ports.Tokens, claims ports.Claims) string {
	t.Helper()
	token, err := tokens.Issue(claims)
	must(t, "Issue", err)
	return token
}

// wantClaims fails t unless the token says just this.
func wantClaims(t *testing.T, tokens ports.Tokens, token string, want ports.Claims) {
	t.Helper()
	got, err := tokens.Verify(token)
	must(t, "Verify", err)
	if diff := cmp.Diff(want, got, asRecords); diff != "" {
		t.Errorf("Verify: not the claims of Issue (-want +got):\n%s", diff)
	}
}

func runTokens(t *testing.T, open func(t *testing.T, now func() time.Time) ports.Tokens, s tokenSubjects) {
	t.Helper()
	for name, run := range map[string]func(*testing.T, ports.Tokens, *clock){
		"RoundTrip": tokenRoundTrip, "Expiry": tokenExpiry, "Altered": tokenAltered, "NoTokens": tokenJunk, "AtOnce": tokenAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{issued.Add(time.Minute)}
			run(t, open(t, c.read), c)
		})
	}
	t.Run("SameKey", func(t *testing.T) {
		c := &clock{issued.Add(time.Minute)}
		wantClaims(t, open(t, c.read), issue(t, open(t, c.read), fullClaims()), fullClaims())
	})
	for _, other := range s.strangers {
		t.Run("Stranger/"+other.name, func(t *testing.T) {
			c := &clock{issued.Add(time.Minute)}
			ours, theirs := open(t, c.read), other.open(t, c.read)
			wantRefused(t, "a stranger's token", ours, issue(t, theirs, fullClaims()))
			wantRefused(t, "our token at a stranger's", theirs, issue(t, ours, fullClaims()))
		})
	}
}

func tokenRoundTrip(t *testing.T, tokens ports.Tokens, _ *clock) {
	want := fullClaims()
	token := issue(t, tokens, want)
	wantClaims(t, tokens, token, want)
	wantClaims(t, tokens, token, want)
	for _, part := range []string{want.Email.String(), string(want.Account)} {
		if strings.Contains(token, part) {
			t.Errorf("the token shows %q as it is", part)
		}
	}

	// Times are kept to the second, in UTC.
	fine := want
	fine.IssuedAt, fine.ExpiresAt = finer(0), want.ExpiresAt.Add(time.Millisecond).In(time.FixedZone("west", -3600))
	wantClaims(t, tokens, issue(t, tokens, fine), want)

	// Tokens differ by any of their claims.
	another := want
	another.ID = "another"
	if issue(t, tokens, another) == token {
		t.Error("tokens of different IDs are the same")
	}
}

func tokenExpiry(t *testing.T, tokens ports.Tokens, c *clock) {
	claims := fullClaims()
	token := issue(t, tokens, claims)
	for _, good := range []time.Time{claims.IssuedAt, claims.ExpiresAt.Add(-time.Millisecond)} {
		c.now = good
		wantClaims(t, tokens, token, claims)
	}
	for _, late := range []time.Duration{ClockSkew + time.Second, time.Hour, 50 * 365 * 24 * time.Hour} {
		c.now = claims.ExpiresAt.Add(late)
		wantRefused(t, fmt.Sprintf("a token %v after it expired", late), tokens, token)
	}
	c.now = claims.IssuedAt
	wantClaims(t, tokens, token, claims)
}

// tokenAltered changes each byte of a token, leaves each out, and doubles each.
func tokenAltered(t *testing.T, tokens ports.Tokens, _ *clock) {
	claims := fullClaims()
	token := issue(t, tokens, claims)
	refuse := func(what string, i int, altered string) {
		if altered != token {
			wantRefused(t, fmt.Sprintf("a token whose byte %d is %s", i, what), tokens, altered)
		}
	}
	for i := range len(token) {
		for _, c := range []byte{'A', 'z', '-', '.', '=', ' ', 0, 0xff, token[i] ^ 1, token[i] ^ 0x20} {
			refuse("another", i, token[:i]+string([]byte{c})+token[i+1:])
		}
		refuse("left out", i, token[:i]+token[i+1:])
		refuse("doubled", i, token[:i+1]+token[i:])
	}
	wantClaims(t, tokens, token, claims)

	// Parts of two good tokens make no third one.
	other := claims
	other.Account, other.Epoch = "account-2", 7
	first, second := strings.Split(token, "."), strings.Split(issue(t, tokens, other), ".")
	for i := range min(len(first), len(second)) {
		mixed := append([]string(nil), first...)
		mixed[i] = second[i]
		if joined := strings.Join(mixed, "."); joined != token {
			wantRefused(t, fmt.Sprintf("a token with part %d of another", i), tokens, joined)
		}
	}
}

func tokenJunk(t *testing.T, tokens ports.Tokens, _ *clock) {
	token := issue(t, tokens, fullClaims())
	encode := base64.RawURLEncoding.EncodeToString
	claims := encode([]byte(`{"admin_id":"a","org_id":"o","email":"a@b.example","iat":1,"exp":99999999999,"epoch":1,"jti":"j"}`))
	junk := []string{
		"", ".", "..", "...", " ", "a.b.c", "token", token + ".", "." + token, token + " ", " " + token, token + "\n", token + "." + token,
		"Bearer " + token, strings.Repeat(".", 10_000), strings.Repeat("a", 10_000_000), strings.Repeat("a.", 1000), "é.é.é", "\xff\xfe.\x00.",
		"null", "{}", "[]", encode([]byte("{}")) + "." + encode([]byte("{}")) + ".",
	}
	for _, header := range []string{
		`{"alg":"none"}`, `{"alg":"none","typ":"JWT"}`, `{"alg":"None"}`, `{"alg":""}`, `{}`, `{"alg":"HS256"}`, `{"alg":"RS256"}`,
		`{"alg":"HS256","alg":"none"}`, `{"alg":["HS256"]}`, `{"alg":"HS256","crit":["exp"]}`, `{"alg":"HS256","kid":"../../key"}`, `null`, `[]`,
	} {
		junk = append(junk, encode([]byte(header))+"."+claims+".", encode([]byte(header))+"."+claims+"."+encode(make([]byte, 32)))
	}
	for i, text := range junk {
		wantRefused(t, fmt.Sprintf("junk %d", i), tokens, text)
	}
	wantClaims(t, tokens, token, fullClaims())
}

func tokenAtOnce(t *testing.T, tokens ports.Tokens, _ *clock) {
	wantAllWin(t, "Issue and Verify at once", race(func(i int) error {
		claims := fullClaims()
		claims.Epoch = int64(i)
		token, err := tokens.Issue(claims)
		if err != nil {
			return err
		}
		got, err := tokens.Verify(token)
		if err == nil && got.Epoch != claims.Epoch {
			err = fmt.Errorf("got the epoch %d, want %d", got.Epoch, claims.Epoch)
		}
		return err
	}))
}
