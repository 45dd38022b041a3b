package jwt

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

var _ ports.Tokens = (*Tokens)(nil)

const (
	// MinKeyBytes is the least length of a key (RFC 7518, section 3.2, asks for
	// as many bytes as HS256 gives).
	MinKeyBytes = 32
	// Skew is how far clocks may differ: a token is good until this long after
	// it expired, and from this long before it was issued.
	Skew = 30 * time.Second
)

// Options say who issues tokens and how they are signed. All but Algorithm and
// Now are required.
type Options struct {
	// Algorithm is HS256, HS384 or HS512. Default HS256.
	Algorithm string
	// Key signs and checks. It has at least MinKeyBytes bytes.
	Key domain.Secret
	// Issuer and Audience are written into each token and required of it.
	Issuer, Audience string
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Tokens fills ports.Tokens.
type Tokens struct {
	shape            shape
	issuer, audience string
	now              func() time.Time
	// The key is in these two alone, where no formatter can see it.
	sign   func(payload []byte) ([]byte, error)
	verify func(token []byte) ([]byte, error)
}

// New returns Tokens, or an error that says all that is wrong with o and holds
// no part of the key.
func New(o Options) (*Tokens, error) {
	var errs []error
	var algorithm jwa.SignatureAlgorithm
	var signatureBytes int
	switch o.Algorithm {
	case "", "HS256":
		algorithm, signatureBytes = jwa.HS256(), 32
	case "HS384":
		algorithm, signatureBytes = jwa.HS384(), 48
	case "HS512":
		algorithm, signatureBytes = jwa.HS512(), 64
	default:
		errs = append(errs, errors.New("jwt: Options.Algorithm is none of HS256, HS384, HS512"))
	}
	if len(o.Key.Reveal()) < MinKeyBytes {
		errs = append(errs, fmt.Errorf("jwt: Options.Key has fewer than %d bytes", MinKeyBytes))
	}
	if o.Issuer == "" {
		errs = append(errs, errors.New("jwt: Options.Issuer is empty"))
	}
	if o.Audience == "" {
		errs = append(errs, errors.New("jwt: Options.Audience is empty"))
	}
	header := jws.NewHeaders()
	errs = append(errs, header.Set(jws.TypeKey, "JWT"))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	key := []byte(o.Key.Reveal())
	with := jws.WithKey(algorithm, key, jws.WithProtectedHeaders(header))
	return &Tokens{
		shape:    newShape(algorithm.String(), signatureBytes),
		issuer:   o.Issuer,
		audience: o.Audience,
		now:      o.Now,
		sign:     func(payload []byte) ([]byte, error) { return jws.Sign(payload, with) },
		verify:   func(token []byte) ([]byte, error) { return jws.VerifyCompactFast(key, token, algorithm) },
	}, nil
}

// Issue does what ports.Tokens says. Fractions of a second are cut off. It
// returns an error for claims that Verify would refuse.
func (t *Tokens) Issue(c ports.Claims) (string, error) {
	if err := checkClaims(c); err != nil {
		return "", err
	}
	issued, expires := c.IssuedAt.Unix(), c.ExpiresAt.Unix()
	data, err := json.Marshal(payload{
		Account:      string(c.Account),
		Organization: string(c.Organization),
		Email:        c.Email.String(),
		Epoch:        &c.Epoch,
		Issuer:       t.issuer,
		Audience:     audience{t.audience},
		ID:           c.ID,
		IssuedAt:     &issued,
		ExpiresAt:    &expires,
	})
	if err != nil {
		return "", errors.New("jwt: the claims can't be written")
	}
	token, err := t.sign(data)
	if err != nil {
		return "", errors.New("jwt: the token can't be signed")
	}
	if len(token) > maxTokenBytes {
		return "", fmt.Errorf("jwt: the token would have more than %d bytes", maxTokenBytes)
	}
	return string(token), nil
}

// Verify does what ports.Tokens says.
func (t *Tokens) Verify(token string) (ports.Claims, error) {
	if err := t.shape.check(token); err != nil {
		return ports.Claims{}, err
	}
	// What jwx and encoding/json say is left out: it can quote the token.
	data, err := t.verify([]byte(token))
	if err != nil {
		return ports.Claims{}, errSignature
	}
	p, err := readPayload(data)
	if err != nil {
		return ports.Claims{}, errClaims
	}
	claims, err := p.claims()
	if err != nil {
		return ports.Claims{}, err
	}
	if err := t.accept(&p, claims); err != nil {
		return ports.Claims{}, err
	}
	return claims, nil
}

// accept checks for whom and when a token is good.
func (t *Tokens) accept(p *payload, c ports.Claims) error {
	now := t.now()
	switch {
	case p.Issuer != t.issuer:
		return errIssuer
	case !slices.Contains(p.Audience, t.audience):
		return errAudience
	case !now.Before(c.ExpiresAt.Add(Skew)):
		return errExpired
	case now.Before(c.IssuedAt.Add(-Skew)):
		return errNotYet
	case p.NotBefore != nil && (*p.NotBefore > lastSecond || now.Before(time.Unix(*p.NotBefore, 0).Add(-Skew))):
		return errNotYet
	}
	return nil
}
