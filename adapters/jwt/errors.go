package jwt

import (
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// The refusals of Verify, made once: an attack allocates no errors.
var (
	errShape     = refusal("not three parts of base64url, or too long")
	errHeader    = refusal("the header is not the one of our tokens")
	errSignature = refusal("the signature is wrong")
	errClaims    = refusal("a claim is missing or not as it should be")
	errIssuer    = refusal("the token is of another issuer")
	errAudience  = refusal("the token is for another audience")
	errExpired   = refusal("the token has expired")
	errNotYet    = refusal("the token is not valid yet")
)

func refusal(reason string) error {
	return domain.ErrUnauthenticated.Because(errors.New("jwt: " + reason))
}
