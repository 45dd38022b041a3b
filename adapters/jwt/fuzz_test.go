package jwt_test

import (
	"errors"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// FuzzVerify: no text panics, and none but our own token is taken.
func FuzzVerify(f *testing.F) {
	tokens := open(f, nil)
	good, err := tokens.Issue(claims())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{good, "", "..", signed(`{"alg":"HS256"}`, "{}"), signed(goodHeader, body()), encode(goodHeader) + ".e30."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := tokens.Verify(token)
		if err == nil && token != good && token != signed(goodHeader, body()) {
			t.Errorf("taken: %q", token)
		}
		if err != nil && !errors.Is(err, domain.ErrUnauthenticated) {
			t.Errorf("%q: %v", token, err)
		}
	})
}

// FuzzSigned: no header and payload that is rightly signed panics or gives
// claims that can't be issued again.
func FuzzSigned(f *testing.F) {
	tokens := open(f, nil)
	f.Add(goodHeader, body())
	f.Add(`{ "typ":"JWT" , "alg":"HS256" }`, body(`"jti"`, `"nbf":1,"jti"`))
	f.Add(`{"alg":"none"}`, `{"exp":1e9}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		got, err := tokens.Verify(signed(header, payload))
		switch {
		case err != nil && !errors.Is(err, domain.ErrUnauthenticated):
			t.Errorf("%v", err)
		case err == nil:
			token, err := tokens.Issue(got)
			if err != nil {
				t.Fatalf("%+v can't be issued: %v", got, err)
			}
			if again, err := tokens.Verify(token); err != nil || again != got {
				t.Errorf("%+v became %+v, %v", got, again, err)
			}
		}
	})
}
