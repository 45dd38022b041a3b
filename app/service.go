package app

import (
	"errors"
	"log/slog"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Dependencies is what the use cases work with. All fields are required.
type Dependencies struct {
	Organizations ports.Organizations
	Accounts      ports.Accounts
	Census        ports.Census
	// Namespaces holds the storage of each strategy that organizations may have.
	Namespaces map[domain.Strategy]ports.Namespaces
	Passwords  ports.PasswordHasher
	Tokens     ports.Tokens
	// Now is the clock. Its times are cut to milliseconds and brought to UTC.
	Now func() time.Time
	// NewID returns a new identifier that was never given: a UUIDv7's text.
	NewID func() string
	// Random returns a uniform number in [0, n) that can't be foreseen.
	Random func(n int) int
	// Log gets what an operator should know. It sees no secrets and no emails.
	Log *slog.Logger
}

// Options are the rules that a deployment sets. The zero value of a field is
// its default.
type Options struct {
	// Database holds the namespaces of new organizations. Required.
	Database string
	// PasswordMinRunes is the least length of a new password. Default 8, not
	// below 6.
	PasswordMinRunes int
	// TokenLifetime is how long a token is good. Default 1 h, to the second.
	TokenLifetime time.Duration
	// OperationLease is how long an operation is left to its runner. Default 10 s.
	OperationLease time.Duration
	// SignupClosed refuses every creation.
	SignupClosed bool
	// MaxOrganizations bounds the live organizations; 0 is no bound. They are
	// counted every 10 s, so several processes together may go a little beyond.
	MaxOrganizations int
}

// Service offers the use cases, one method each. It is safe for use by many
// goroutines.
type Service struct {
	organizations ports.Organizations
	accounts      ports.Accounts
	census        ports.Census
	namespaces    map[domain.Strategy]ports.Namespaces
	passwords     ports.PasswordHasher
	tokens        ports.Tokens
	now           func() time.Time
	newID         func() string
	random        func(n int) int
	log           *slog.Logger
	options       Options
	population    population
}

// New returns a Service, or an error that names what is missing or wrong.
func New(d Dependencies, o Options) (*Service, error) {
	var errs []error
	require := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New("app: "+what))
		}
	}
	require(d.Organizations != nil, "Dependencies.Organizations is nil")
	require(d.Accounts != nil, "Dependencies.Accounts is nil")
	require(d.Census != nil, "Dependencies.Census is nil")
	require(d.Namespaces[domain.StrategyCollection] != nil, "Dependencies.Namespaces has none for the strategy collection")
	require(d.Passwords != nil, "Dependencies.Passwords is nil")
	require(d.Tokens != nil, "Dependencies.Tokens is nil")
	require(d.Now != nil, "Dependencies.Now is nil")
	require(d.NewID != nil, "Dependencies.NewID is nil")
	require(d.Random != nil, "Dependencies.Random is nil")
	require(d.Log != nil, "Dependencies.Log is nil")
	require(o.Database != "", "Options.Database is empty")

	setDefault(&o.PasswordMinRunes, domain.PasswordMinDefault)
	setDefault(&o.TokenLifetime, time.Hour)
	setDefault(&o.OperationLease, 10*time.Second)
	require(o.PasswordMinRunes >= domain.PasswordMinFloor && o.PasswordMinRunes <= domain.PasswordMaxRunes,
		"Options.PasswordMinRunes is not between 6 and 256")
	require(o.TokenLifetime >= time.Second, "Options.TokenLifetime is under a second")
	require(o.OperationLease > 0, "Options.OperationLease is negative")
	require(o.MaxOrganizations >= 0, "Options.MaxOrganizations is negative")
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Service{
		organizations: d.Organizations,
		accounts:      d.Accounts,
		census:        d.Census,
		namespaces:    d.Namespaces,
		passwords:     d.Passwords,
		tokens:        d.Tokens,
		now:           func() time.Time { return d.Now().UTC().Truncate(time.Millisecond) },
		newID:         d.NewID,
		random:        d.Random,
		log:           d.Log,
		options:       o,
		population:    population{turn: make(chan struct{}, 1)},
	}, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
