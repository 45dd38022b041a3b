package contract

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// memoryPasswords is a hasher with a work to do and a queue, and no more.
type memoryPasswords struct {
	parameter string
	waiting   chan struct{}
	running   chan struct{}
	work      time.Duration
}

func newMemoryPasswords(parameter string, queue, workers int, work time.Duration) *memoryPasswords {
	return &memoryPasswords{parameter, make(chan struct{}, queue+workers), make(chan struct{}, workers), work}
}

func (m *memoryPasswords) run(ctx context.Context, do func()) error {
	select {
	case m.waiting <- struct{}{}:
		defer func() { <-m.waiting }()
	default:
		return domain.ErrOverloaded
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case m.running <- struct{}{}:
		defer func() { <-m.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	time.Sleep(m.work)
	do()
	return nil
}

func (m *memoryPasswords) encode(parameter, salt string, p domain.Password) string {
	sum := sha256.Sum256([]byte(parameter + "$" + salt + "$" + p.Reveal()))
	return "$" + parameter + "$" + salt + "$" + hex.EncodeToString(sum[:])
}

func (m *memoryPasswords) Hash(ctx context.Context, p domain.Password) (domain.PasswordHash, error) {
	var hash domain.PasswordHash
	err := m.run(ctx, func() { hash = domain.NewPasswordHash(m.encode(m.parameter, rand.Text(), p)) })
	return hash, err
}

func (m *memoryPasswords) Verify(ctx context.Context, p domain.Password, hash domain.PasswordHash) (ports.Verdict, error) {
	var verdict ports.Verdict
	err := m.run(ctx, func() {
		parts := strings.Split(hash.Reveal(), "$")
		if len(parts) == 4 && m.encode(parts[1], parts[2], p) == hash.Reveal() {
			verdict = ports.Verdict{Match: true, Outdated: parts[1] != m.parameter}
		}
	})
	return verdict, err
}

// memoryTokens signs JSON.
type memoryTokens struct {
	key string
	now func() time.Time
}

type memoryClaims struct {
	ID, Account, Organization, Email string
	Epoch, IssuedAt, ExpiresAt       int64
}

func (m memoryTokens) signature(payload string) string {
	mac := hmac.New(sha256.New, []byte(m.key))
	mac.Write([]byte(payload))
	return hex.EncodeToString(mac.Sum(nil))
}

func (m memoryTokens) Issue(c ports.Claims) (string, error) {
	text, err := json.Marshal(memoryClaims{
		c.ID, string(c.Account), string(c.Organization), c.Email.String(),
		c.Epoch, c.IssuedAt.Unix(), c.ExpiresAt.Unix(),
	})
	payload := base64.RawURLEncoding.EncodeToString(text)
	return payload + "." + m.signature(payload), err
}

func (m memoryTokens) Verify(token string) (ports.Claims, error) {
	payload, signature, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || signature != m.signature(payload) {
		return ports.Claims{}, domain.ErrUnauthenticated
	}
	var c memoryClaims
	if json.Unmarshal(text, &c) != nil || !m.now().Before(time.Unix(c.ExpiresAt, 0)) {
		return ports.Claims{}, domain.ErrUnauthenticated
	}
	return ports.Claims{
		ID: c.ID, Account: domain.AccountID(c.Account), Organization: domain.OrganizationID(c.Organization),
		Email: domain.StoredEmail(c.Email), Epoch: c.Epoch,
		IssuedAt: time.Unix(c.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}, nil
}
