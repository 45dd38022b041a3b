package main

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"math/big"
	"time"

	"github.com/google/uuid"

	"github.com/orgkeeper/orgkeeper/adapters/argon2id"
	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/adapters/jwt"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// decorate is where a build with the tag crashpoints puts its kills.
var decorate = func(d app.Dependencies) app.Dependencies { return d }

// newService builds the use cases on the store.
func newService(c config.Config, s *store, key domain.Secret, sig *signals, log *slog.Logger) (*app.Service, error) {
	passwords, err := argon2id.New(argon2id.Options{
		MemoryKiB:   c.Argon2MemoryKiB,
		Iterations:  c.Argon2Iterations,
		Parallelism: c.Argon2Parallelism,
		Concurrency: c.HashConcurrency,
		Waited:      sig.hashWaited(),
	})
	if err != nil {
		return nil, err
	}
	sig.watchHashes(passwords)
	tokens, err := jwt.New(jwt.Options{
		Algorithm: c.JWTAlgorithm,
		Key:       key,
		Issuer:    c.JWTIssuer,
		Audience:  c.JWTAudience,
		Now:       time.Now,
	})
	if err != nil {
		return nil, err
	}
	d := app.On(s)
	d.Passwords = passwords
	d.Tokens = tokens
	d.Now = time.Now
	d.NewID = newID
	d.Random = random
	if sig.metrics != nil {
		d.Signals = sig.metrics
	}
	d.Log = slog.New(middleware.RequestLog(log.Handler()))
	return app.New(decorate(d), app.Options{
		Database:          s.database,
		Strategy:          domain.Strategy(c.Tenancy),
		NamespaceNames:    domain.NamespaceNames(c.NamespaceNames),
		PasswordMinRunes:  c.PasswordMinLength,
		TokenLifetime:     c.TokenLifetime(),
		OperationLease:    c.OperationLease,
		OperationAttempts: c.OperationAttempts,
		SweepInterval:     c.SweepInterval,
		DeleteRetention:   c.DeleteRetention,
		SignupClosed:      c.SignupClosed(),
		MaxOrganizations:  c.MaxOrganizations,
		Quota:             domain.Quota{Documents: c.QuotaDocuments, Bytes: c.QuotaBytes},
		MoveRate:          c.MoveRate,
		MoveGrace:         c.MoveGrace,
		MovesAtOnce:       c.MovesAtOnce,
	})
}

// tokenKey returns the key that is configured, or on SQLite, whose one process needs
// to share it with nobody, one that is made once and kept beside the data.
func tokenKey(c config.Config) (domain.Secret, error) {
	if c.JWTSecret.IsZero() && c.Store == config.StoreSQLite {
		return config.LoadOrMakeSecret(c.DataDir)
	}
	return c.JWTSecret.Secret, nil
}

// requestKey derives from the tokens' key the one under which requests with an
// Idempotency-Key are remembered: whoever shares the one shares the other.
func requestKey(tokens domain.Secret) (domain.Secret, error) {
	key, err := hkdf.Key(sha256.New, []byte(tokens.Reveal()), nil, "orgkeeper idempotency keys v1", sha256.Size)
	return domain.NewSecret(hex.EncodeToString(key)), err
}

// newID returns a UUIDv7, which sorts by the time it was made.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// random returns a uniform number in [0, n) from the system's source, which never
// fails: crypto/rand ends the process instead.
func random(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(i.Int64())
}
