package cleartoken

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// On returns what the use cases need on the store: passwords and tokens in clear, the
// system's clock, and a log that nobody reads.
func On(s app.Store) app.Dependencies {
	d := app.On(s)
	d.Passwords, d.Tokens = Passwords{}, Tokens{}
	d.Now = time.Now
	d.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	d.Random = rand.IntN
	d.Log = slog.New(slog.DiscardHandler)
	return d
}

// Passwords keeps passwords in clear and compares them in no time.
type Passwords struct{}

var _ ports.PasswordHasher = Passwords{}

// Hash returns the password.
func (Passwords) Hash(_ context.Context, p domain.Password) (domain.PasswordHash, error) {
	return domain.NewPasswordHash("plain:" + p.Reveal()), nil
}

// Verify compares the two.
func (Passwords) Verify(_ context.Context, p domain.Password, h domain.PasswordHash) (ports.Verdict, error) {
	return ports.Verdict{Match: h.Reveal() == "plain:"+p.Reveal()}, nil
}
