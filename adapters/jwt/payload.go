package jwt

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// payload is the signed part of a token. Numbers are pointers so that an absent
// one is not a zero.
type payload struct {
	Account      string   `json:"admin_id"`
	Organization string   `json:"org_id"`
	Email        string   `json:"email"`
	Epoch        *int64   `json:"epoch"`
	Issuer       string   `json:"iss"`
	Audience     audience `json:"aud"`
	ID           string   `json:"jti"`
	IssuedAt     *int64   `json:"iat"`
	ExpiresAt    *int64   `json:"exp"`
	NotBefore    *int64   `json:"nbf,omitempty"`
}

// audience is one text or a list of them (RFC 7519, section 4.1.3).
type audience []string

// MarshalJSON writes a list of one as its text.
func (a audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if data[0] != '"' {
		return json.Unmarshal(data, (*[]string)(a))
	}
	err := json.Unmarshal(data, &one)
	*a = audience{one}
	return err
}

var errDuplicate = errors.New("jwt: a claim is there twice")

// readPayload reads a JSON object. encoding/json alone would match names without
// case and take the last of two.
func readPayload(data []byte) (payload, error) {
	var p payload
	in := json.NewDecoder(bytes.NewReader(data))
	if start, err := in.Token(); err != nil || start != json.Delim('{') {
		return payload{}, errClaims
	}
	seen := make([]string, 0, 16)
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return payload{}, err
		}
		name, _ := token.(string)
		if slices.Contains(seen, name) {
			return payload{}, errDuplicate
		}
		seen = append(seen, name)
		if err := in.Decode(p.field(name)); err != nil {
			return payload{}, err
		}
	}
	if _, err := in.Token(); err != nil { // the closing brace
		return payload{}, err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return payload{}, errClaims
	}
	return p, nil
}

// field returns where a claim's value goes.
func (p *payload) field(name string) any {
	switch name {
	case "admin_id":
		return &p.Account
	case "org_id":
		return &p.Organization
	case "email":
		return &p.Email
	case "epoch":
		return &p.Epoch
	case "iss":
		return &p.Issuer
	case "aud":
		return &p.Audience
	case "jti":
		return &p.ID
	case "iat":
		return &p.IssuedAt
	case "exp":
		return &p.ExpiresAt
	case "nbf":
		return &p.NotBefore
	}
	return new(json.RawMessage)
}

// claims gives what a payload says, or errClaims for one that lacks a claim.
func (p *payload) claims() (ports.Claims, error) {
	if p.Epoch == nil || p.IssuedAt == nil || p.ExpiresAt == nil {
		return ports.Claims{}, errClaims
	}
	c := ports.Claims{
		ID:           p.ID,
		Account:      domain.AccountID(p.Account),
		Organization: domain.OrganizationID(p.Organization),
		Email:        domain.StoredEmail(p.Email),
		Epoch:        *p.Epoch,
		IssuedAt:     time.Unix(*p.IssuedAt, 0).UTC(),
		ExpiresAt:    time.Unix(*p.ExpiresAt, 0).UTC(),
	}
	if checkClaims(c) != nil {
		return ports.Claims{}, errClaims
	}
	return c, nil
}

// lastSecond is the end of the year 9999, beyond which RFC 3339 writes no time.
const lastSecond = 253402300799

// checkClaims says what is missing or impossible in claims.
func checkClaims(c ports.Claims) error {
	issued, expires := c.IssuedAt.Unix(), c.ExpiresAt.Unix()
	switch {
	case c.ID == "" || c.Account == "" || c.Organization == "" || c.Email.IsZero():
		return errors.New("jwt: the claims need an ID, an account, an organization and an email")
	case c.Epoch < 0:
		return errors.New("jwt: the epoch is negative")
	case issued < 0 || expires <= issued || expires > lastSecond:
		return errors.New("jwt: the token would expire before it is issued, or its times can't be written")
	}
	return nil
}
