package httpapi

import (
	"context"
	"errors"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

func TestAuthenticatorKeepsPartsApart(t *testing.T) {
	s := &Server{options: Options{RequestKey: domain.NewSecret("a key")}}
	seen := map[string]bool{}
	for _, parts := range [][]string{{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {"a", "b", "c"}} {
		for _, purpose := range []string{"id", "i"} {
			var list [][]byte
			for _, part := range parts {
				list = append(list, []byte(part))
			}
			sum := s.authenticator(purpose, list...)
			if seen[sum] {
				t.Errorf("%s %q has the HMAC of another", purpose, parts)
			}
			seen[sum] = true
		}
	}
}

// TestNobodyCommands sees that a route for operators without its gate does nothing.
func TestNobodyCommands(t *testing.T) {
	_, err := (&Server{}).command(context.Background(), "org-1", "")
	var p *Problem
	if !errors.As(err, &p) || p.Status != 401 {
		t.Errorf("%v", err)
	}
}

func TestLasting(t *testing.T) {
	for status, want := range map[int]bool{200: true, 201: true, 304: true, 409: true, 412: true, 422: true, 429: false, 500: false, 503: false} {
		if got := (answer{Status: status}).lasting(nil); got != want {
			t.Errorf("%d: %t", status, got)
		}
	}
	if (answer{Status: 409}).lasting(soon) {
		t.Error("an answer that passes is kept")
	}
}
