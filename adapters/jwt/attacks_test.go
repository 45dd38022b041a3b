package jwt_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/jwt"
	"github.com/orgkeeper/orgkeeper/domain"
)

const goodHeader = `{"alg":"HS256","typ":"JWT"}`

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// forge signs what jwx would not: any header with any payload.
func forge(algorithm func() hash.Hash, key, header, payload string) string {
	input := encode(header) + "." + encode(payload)
	mac := hmac.New(algorithm, []byte(key))
	mac.Write([]byte(input))
	return input + "." + encode(string(mac.Sum(nil)))
}

func signed(header, payload string) string { return forge(sha256.New, key, header, payload) }

// body is a good payload in which each pair of old and new text is replaced.
func body(pairs ...string) string {
	good := fmt.Sprintf(`{"admin_id":"a","org_id":"o","email":"ada@example.com","epoch":2,"iss":%q,"aud":%q,"jti":"j","iat":%d,"exp":%d}`,
		issuer, audience, start.Unix(), start.Add(time.Hour).Unix())
	changed := strings.NewReplacer(pairs...).Replace(good)
	if len(pairs) > 0 && changed == good {
		panic("nothing replaced: " + pairs[0])
	}
	return changed
}

func TestVerifyTakes(t *testing.T) {
	tokens := open(t, nil)
	for name, token := range map[string]string{
		"as issued":            signed(goodHeader, body()),
		"header turned round":  signed(`{"typ":"JWT","alg":"HS256"}`, body()),
		"header without type":  signed(`{"alg":"HS256"}`, body()),
		"header with space":    signed("{ \"alg\" :\t\"HS256\" ,\n\"typ\": \"JWT\" }", body()),
		"list of audiences":    signed(goodHeader, body(`"`+audience+`"`, `["x","`+audience+`"]`)),
		"unknown claims":       signed(goodHeader, body(`"jti"`, `"role":{"a":[1,null]},"jti"`)),
		"names are exact":      signed(goodHeader, body(`"jti"`, `"EXP":1,"Epoch":9,"jti"`)),
		"not before, in force": signed(goodHeader, body(`"jti"`, fmt.Sprintf(`"nbf":%d,"jti"`, start.Unix()))),
		"largest epoch":        signed(goodHeader, body(`"epoch":2`, `"epoch":9223372036854775807`)),
		"payload with space":   signed(goodHeader, " "+body()+"\n"),
	} {
		if got, err := tokens.Verify(token); err != nil || got.Account != "a" || got.Organization != "o" {
			t.Errorf("%s: got %+v, %v", name, got, errors.Unwrap(err))
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	good := signed(goodHeader, body())
	parts := strings.Split(good, ".")
	unix := func(d time.Duration) string { return fmt.Sprint(start.Add(d).Unix()) }
	exp, iat := `"exp":`+unix(time.Hour), `"iat":`+unix(0)

	attacks := map[string]string{
		// Shape.
		"empty": "", "one dot": ".", "two dots": "..", "three dots": "...", "word": "token",
		"two parts":           parts[0] + "." + parts[1],
		"four parts":          good + "." + parts[2],
		"five parts, as JWE":  good + ".a.b",
		"no signature":        parts[0] + "." + parts[1] + ".",
		"no payload":          parts[0] + ".." + parts[2],
		"no header":           "." + parts[1] + "." + parts[2],
		"short signature":     good[:len(good)-1],
		"long signature":      good + "A",
		"space before":        " " + good,
		"line break after":    good + "\n",
		"line break within":   parts[0] + "\n." + parts[1] + "." + parts[2],
		"padding":             parts[0] + "." + parts[1] + "=." + parts[2],
		"standard base64":     parts[0] + "." + parts[1] + "+/." + parts[2],
		"NUL":                 parts[0] + ".\x00" + parts[1] + "." + parts[2],
		"not ASCII":           parts[0] + ".é" + parts[1] + "." + parts[2],
		"JSON serialization":  `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"bare JSON":           body(),
		"bearer before":       "Bearer " + good,
		"huge":                signed(goodHeader, body(`"jti"`, `"x":"`+strings.Repeat("x", 8000)+`","jti"`)),
		"huge junk":           strings.Repeat("A", 1<<20),
		"a million dots":      strings.Repeat(".", 1<<20),
		"unused bits set":     good[:len(good)-1] + nextCharacter(good[len(good)-1]),
		"header's bits unset": "e" + parts[0][1:len(parts[0])-1] + "B." + parts[1] + "." + parts[2],

		// Header, all rightly signed with our key.
		"alg none, no signature":  encode(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + ".",
		"alg none":                signed(`{"alg":"none","typ":"JWT"}`, body()),
		"alg None":                signed(`{"alg":"None","typ":"JWT"}`, body()),
		"alg NONE":                signed(`{"alg":"NONE","typ":"JWT"}`, body()),
		"alg empty":               signed(`{"alg":"","typ":"JWT"}`, body()),
		"alg null":                signed(`{"alg":null,"typ":"JWT"}`, body()),
		"alg number":              signed(`{"alg":256}`, body()),
		"alg list":                signed(`{"alg":["HS256"]}`, body()),
		"alg in lower case":       signed(`{"alg":"hs256","typ":"JWT"}`, body()),
		"alg escaped":             signed(`{"alg":"HS\u003256","typ":"JWT"}`, body()),
		"name escaped":            signed(`{"\u0061lg":"HS256"}`, body()),
		"name in capitals":        signed(`{"ALG":"HS256"}`, body()),
		"alg missing":             signed(`{"typ":"JWT"}`, body()),
		"alg twice":               signed(`{"alg":"HS256","alg":"HS256"}`, body()),
		"alg twice, one none":     signed(`{"alg":"none","alg":"HS256"}`, body()),
		"alg RS256":               signed(`{"alg":"RS256","typ":"JWT"}`, body()),
		"alg ES256":               signed(`{"alg":"ES256","typ":"JWT"}`, body()),
		"alg HS512 by SHA-256":    signed(`{"alg":"HS512","typ":"JWT"}`, body()),
		"alg HS512":               forge(sha512.New, key, `{"alg":"HS512","typ":"JWT"}`, body()),
		"alg HS384":               forge(sha512.New384, key, `{"alg":"HS384","typ":"JWT"}`, body()),
		"alg HS256 by SHA-512":    forge(sha512.New, key, goodHeader, body()),
		"typ other":               signed(`{"alg":"HS256","typ":"JWE"}`, body()),
		"crit":                    signed(`{"alg":"HS256","crit":["exp"]}`, body()),
		"b64":                     signed(`{"alg":"HS256","b64":false}`, body()),
		"kid":                     signed(`{"alg":"HS256","kid":"/dev/null"}`, body()),
		"jwk":                     signed(`{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}`, body()),
		"jku":                     signed(`{"alg":"HS256","jku":"http://127.0.0.1/"}`, body()),
		"x5u":                     signed(`{"alg":"HS256","x5u":"http://127.0.0.1/"}`, body()),
		"header is a list":        signed(`["HS256"]`, body()),
		"header is empty":         signed(`{}`, body()),
		"header cut":              signed(`{"alg":"HS256"`, body()),
		"header and more":         signed(goodHeader+`{}`, body()),
		"header with comma":       signed(`{"alg":"HS256",}`, body()),
		"header is binary":        signed("\x00\xff\xfe", body()),
		"header is long":          signed(`{"alg":"HS256"`+strings.Repeat(" ", 200)+`}`, body()),
		"header is a long number": signed(strings.Repeat("9", 90), body()),

		// Signature.
		"of another key":        forge(sha256.New, otherKey, goodHeader, body()),
		"of an empty key":       forge(sha256.New, "", goodHeader, body()),
		"of a longer key":       forge(sha256.New, key+"x", goodHeader, body()),
		"of another payload":    parts[0] + "." + encode(body(`"org_id":"o"`, `"org_id":"p"`)) + "." + parts[2],
		"of another header":     encode(`{"alg":"HS256"}`) + "." + parts[1] + "." + parts[2],
		"all zero":              parts[0] + "." + parts[1] + "." + strings.Repeat("A", 43),
		"first character other": parts[0] + "." + parts[1] + "." + nextCharacter(parts[2][0]) + parts[2][1:],

		// Claims, all rightly signed.
		"exp missing":          signed(goodHeader, body(","+exp, "")),
		"exp null":             signed(goodHeader, body(exp, `"exp":null`)),
		"exp text":             signed(goodHeader, body(exp, `"exp":"`+unix(time.Hour)+`"`)),
		"exp RFC 3339":         signed(goodHeader, body(exp, `"exp":"2031-01-01T00:00:00Z"`)),
		"exp zero":             signed(goodHeader, body(exp, `"exp":0`)),
		"exp negative":         signed(goodHeader, body(exp, `"exp":-1`)),
		"exp fraction":         signed(goodHeader, body(exp, exp+".5")),
		"exp exponent":         signed(goodHeader, body(exp, `"exp":2e9`)),
		"exp huge":             signed(goodHeader, body(exp, `"exp":1e300`)),
		"exp overflow":         signed(goodHeader, body(exp, `"exp":9223372036854775808`)),
		"exp at the limit":     signed(goodHeader, body(exp, `"exp":9223372036854775807`)),
		"exp list":             signed(goodHeader, body(exp, `"exp":[2000000000]`)),
		"exp twice":            signed(goodHeader, body(exp, `"exp":1,`+exp)),
		"exp once in capitals": signed(goodHeader, body(`"exp"`, `"EXP"`)),
		"expired":              signed(goodHeader, body(iat, `"iat":`+unix(-time.Hour), exp, `"exp":`+unix(-jwt.Skew))),
		"iat missing":          signed(goodHeader, body(iat+",", "")),
		"iat null":             signed(goodHeader, body(iat, `"iat":null`)),
		"iat negative":         signed(goodHeader, body(iat, `"iat":-1`)),
		"iat in the future":    signed(goodHeader, body(iat, `"iat":`+unix(jwt.Skew+time.Second))),
		"iat after exp":        signed(goodHeader, body(iat, `"iat":`+unix(2*time.Hour))),
		"nbf in the future":    signed(goodHeader, body(`"jti"`, `"nbf":`+unix(time.Minute)+`,"jti"`)),
		"nbf far away":         signed(goodHeader, body(`"jti"`, `"nbf":9223372036854775807,"jti"`)),
		"nbf text":             signed(goodHeader, body(`"jti"`, `"nbf":"1","jti"`)),
		"iss wrong":            signed(goodHeader, body(`"iss":"`+issuer, `"iss":"`+issuer+"x")),
		"iss in capitals":      signed(goodHeader, body(`"iss":"`+issuer, `"iss":"`+strings.ToUpper(issuer))),
		"iss missing":          signed(goodHeader, body(`"iss":"`+issuer+`",`, "")),
		"iss null":             signed(goodHeader, body(`"iss":"`+issuer+`"`, `"iss":null`)),
		"iss list":             signed(goodHeader, body(`"iss":"`+issuer+`"`, `"iss":["`+issuer+`"]`)),
		"aud wrong":            signed(goodHeader, body(audience, "other")),
		"aud prefix":           signed(goodHeader, body(audience, audience[:4])),
		"aud missing":          signed(goodHeader, body(`"aud":"`+audience+`",`, "")),
		"aud null":             signed(goodHeader, body(`"`+audience+`"`, "null")),
		"aud empty list":       signed(goodHeader, body(`"`+audience+`"`, "[]")),
		"aud other list":       signed(goodHeader, body(`"`+audience+`"`, `["x","y"]`)),
		"aud list of lists":    signed(goodHeader, body(`"`+audience+`"`, `[["`+audience+`"]]`)),
		"aud object":           signed(goodHeader, body(`"`+audience+`"`, `{"0":"`+audience+`"}`)),
		"jti missing":          signed(goodHeader, body(`"jti":"j",`, "")),
		"jti number":           signed(goodHeader, body(`"jti":"j"`, `"jti":1`)),
		"admin_id missing":     signed(goodHeader, body(`"admin_id":"a",`, "")),
		"admin_id number":      signed(goodHeader, body(`"admin_id":"a"`, `"admin_id":1`)),
		"admin_id twice":       signed(goodHeader, body(`"admin_id":"a"`, `"admin_id":"b","admin_id":"a"`)),
		"org_id null":          signed(goodHeader, body(`"org_id":"o"`, `"org_id":null`)),
		"org_id object":        signed(goodHeader, body(`"org_id":"o"`, `"org_id":{"$ne":""}`)),
		"org_id empty":         signed(goodHeader, body(`"org_id":"o"`, `"org_id":""`)),
		"email list":           signed(goodHeader, body(`"ada@example.com"`, `["ada@example.com"]`)),
		"epoch missing":        signed(goodHeader, body(`"epoch":2,`, "")),
		"epoch null":           signed(goodHeader, body(`"epoch":2`, `"epoch":null`)),
		"epoch fraction":       signed(goodHeader, body(`"epoch":2`, `"epoch":2.5`)),
		"epoch negative":       signed(goodHeader, body(`"epoch":2`, `"epoch":-2`)),
		"epoch huge":           signed(goodHeader, body(`"epoch":2`, `"epoch":1e400`)),
		"epoch text":           signed(goodHeader, body(`"epoch":2`, `"epoch":"2"`)),
		"epoch true":           signed(goodHeader, body(`"epoch":2`, `"epoch":true`)),
		"injected by a name":   signed(goodHeader, body(`"jti"`, `"x\",\"org_id\":\"p":1,"org_id":"p","jti"`)),
		"payload is a list":    signed(goodHeader, "["+body()+"]"),
		"payload is a text":    signed(goodHeader, `"text"`),
		"payload is null":      signed(goodHeader, "null"),
		"payload is cut":       signed(goodHeader, body()[:80]),
		"payload and more":     signed(goodHeader, body()+body()),
		"payload is binary":    signed(goodHeader, "\xff\xfe\x00"),
		"payload is deep":      signed(goodHeader, strings.Repeat("[", 2900)),
		"claim is deep":        signed(goodHeader, `{"x":`+strings.Repeat(`{"x":`, 550)),
		"payload is a token":   signed(goodHeader, good),
	}
	tokens := open(t, nil)
	for name, token := range attacks {
		got, err := tokens.Verify(token)
		if !errors.Is(err, domain.ErrUnauthenticated) {
			t.Errorf("%s: got %+v, %v; want ErrUnauthenticated", name, got, err)
			continue
		}
		if cause := errors.Unwrap(err); cause == nil || len(cause.Error()) > 80 {
			t.Errorf("%s: the cause is %v", name, cause)
		}
	}
	t.Logf("%d attacks", len(attacks))
}

// nextCharacter returns another character with the same upper bits, which a lax
// decoder takes for c where the lower are unused.
func nextCharacter(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)^1])
}

func TestTimesAtTheBoundary(t *testing.T) {
	now := start
	tokens := open(t, func(o *jwt.Options) { o.Now = func() time.Time { return now } })
	c := claims()
	token, err := tokens.Issue(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		now  time.Time
		want error
	}{
		{c.IssuedAt.Add(-jwt.Skew - time.Millisecond), domain.ErrUnauthenticated},
		{c.IssuedAt.Add(-jwt.Skew), nil},
		{c.ExpiresAt, nil},
		{c.ExpiresAt.Add(jwt.Skew - time.Millisecond), nil},
		{c.ExpiresAt.Add(jwt.Skew), domain.ErrUnauthenticated},
		{c.ExpiresAt.Add(1000 * time.Hour), domain.ErrUnauthenticated},
	} {
		now = test.now
		if _, err := tokens.Verify(token); !errors.Is(err, test.want) {
			t.Errorf("at %v: got %v, want %v", test.now, err, test.want)
		}
	}
}
