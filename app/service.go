package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Dependencies is what the use cases work with. All fields but the last two are
// required.
type Dependencies struct {
	Organizations ports.Organizations
	Directory     ports.Directory
	Accounts      ports.Accounts
	Census        ports.Census
	Requests      ports.Requests
	Usages        ports.Usages
	Structure     ports.Structure
	Moves         ports.Moves
	Mover         ports.Mover
	// Storage is what there is for each strategy that organizations may have.
	Storage   map[domain.Strategy]ports.Storage
	Passwords ports.PasswordHasher
	Tokens    ports.Tokens
	// Now is the clock. Its times are cut to milliseconds and brought to UTC.
	Now func() time.Time
	// NewID returns a new identifier that was never given: a UUIDv7's text.
	NewID func() string
	// Random returns a uniform number in [0, n) that can't be foreseen.
	Random func(n int) int
	// Log gets what an operator should know. It sees no secrets and no emails.
	Log *slog.Logger
	// Signals hears what operators watch. Default: nobody does.
	Signals ports.Signals
	// Wait returns after d, or with the context's error when that ends before.
	// Default: a timer.
	Wait func(ctx context.Context, d time.Duration) error
}

// Options are the rules that a deployment sets. The zero value of a field is
// its default.
type Options struct {
	// Database is the Placement.Database of new organizations. Required.
	Database string
	// Strategy is that of new organizations. Default domain.StrategyCollection.
	Strategy domain.Strategy
	// NamespaceNames says what namespaces are called by. Default domain.NamesByName.
	NamespaceNames domain.NamespaceNames
	// PasswordMinRunes is the least length of a new password. Default 8, not
	// below 6.
	PasswordMinRunes int
	// TokenLifetime is how long a token is good. Default 1 h, to the second.
	TokenLifetime time.Duration
	// OperationLease is how long an operation is left to its runner. Default 10 s.
	OperationLease time.Duration
	// OperationAttempts is how many attempts of an operation may fail, though the store
	// answers, before it is stuck. Default 10.
	OperationAttempts int
	// SweepInterval is the time between two looks for what no operation leads to:
	// accounts without organization, stray namespaces. Default 10 min.
	SweepInterval time.Duration
	// DeleteRetention is for how long a deleted organization can be restored. With 0
	// its data is dropped at once.
	DeleteRetention time.Duration
	// SignupClosed refuses every creation but those of operators.
	SignupClosed bool
	// MaxOrganizations bounds the live organizations; 0 is no bound. They are
	// counted every 10 s, so several processes together may go a little beyond.
	MaxOrganizations int
	// Quota bounds what each organization holds that has no quota of its own. The zero
	// value is no bound. Several processes together may go a little beyond: n of them
	// by n-1 times a sixteenth of it, or the writes of one call where those are more.
	Quota domain.Quota
	// MoveRate bounds how many documents each move copies in a second; 0 is no bound.
	MoveRate int
	// MoveGrace is for how long what an organization has left by a move is kept. Default
	// 1 h.
	MoveGrace time.Duration
	// MovesAtOnce is how many moves run at once in this process. Default 2.
	MovesAtOnce int
}

// The defaults of Options.
const (
	operationAttempts = 10
	sweepInterval     = 10 * time.Minute
	moveGrace         = time.Hour
	movesAtOnce       = 2
)

// Service offers the use cases, one method each. It is safe for use by many
// goroutines.
type Service struct {
	organizations ports.Organizations
	accounts      ports.Accounts
	census        ports.Census
	directory     ports.Directory
	requests      ports.Requests
	usages        ports.Usages
	structure     ports.Structure
	moves         ports.Moves
	mover         ports.Mover
	storages      map[domain.Strategy]ports.Storage
	passwords     ports.PasswordHasher
	tokens        ports.Tokens
	now           func() time.Time
	newID         func() string
	random        func(n int) int
	log           *slog.Logger
	signals       ports.Signals
	wait          func(ctx context.Context, d time.Duration) error
	options       Options
	tenancy       domain.Tenancy
	population    population
	identities    identities
	meters        meters
	movers        movers
	thaws         thaws
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
	require(d.Directory != nil, "Dependencies.Directory is nil")
	require(d.Requests != nil, "Dependencies.Requests is nil")
	require(d.Usages != nil, "Dependencies.Usages is nil")
	require(d.Structure != nil, "Dependencies.Structure is nil")
	require(d.Moves != nil, "Dependencies.Moves is nil")
	require(d.Mover != nil, "Dependencies.Mover is nil")
	require(d.Passwords != nil, "Dependencies.Passwords is nil")
	require(d.Tokens != nil, "Dependencies.Tokens is nil")
	require(d.Now != nil, "Dependencies.Now is nil")
	require(d.NewID != nil, "Dependencies.NewID is nil")
	require(d.Random != nil, "Dependencies.Random is nil")
	require(d.Log != nil, "Dependencies.Log is nil")
	require(o.Database != "", "Options.Database is empty")

	setDefault(&o.Strategy, domain.StrategyCollection)
	setDefault(&o.NamespaceNames, domain.NamesByName)
	tenancy := domain.Tenancy{Strategy: o.Strategy, Database: o.Database, Names: o.NamespaceNames}
	require(tenancy.Allows(o.Strategy), "Options.Strategy is none, or Options.Database is too long for it")
	require(o.NamespaceNames == domain.NamesByName || o.NamespaceNames == domain.NamesByID, "Options.NamespaceNames is neither name nor id")
	for _, strategy := range slices.Sorted(maps.Keys(d.Storage)) {
		has := d.Storage[strategy]
		require(has.Namespaces != nil && has.Inventory != nil && has.Documents != nil,
			"Dependencies.Storage is not whole for the strategy "+string(strategy))
	}
	_, offered := d.Storage[o.Strategy]
	require(offered, "Dependencies.Storage has none for Options.Strategy")
	setDefault(&o.PasswordMinRunes, domain.PasswordMinDefault)
	setDefault(&o.TokenLifetime, time.Hour)
	setDefault(&o.OperationLease, 10*time.Second)
	setDefault(&o.OperationAttempts, operationAttempts)
	setDefault(&o.SweepInterval, sweepInterval)
	setDefault(&o.MoveGrace, moveGrace)
	setDefault(&o.MovesAtOnce, movesAtOnce)
	require(o.PasswordMinRunes >= domain.PasswordMinFloor && o.PasswordMinRunes <= domain.PasswordMaxRunes,
		"Options.PasswordMinRunes is not between 6 and 256")
	require(o.TokenLifetime >= time.Second, "Options.TokenLifetime is under a second")
	require(o.OperationLease > 0, "Options.OperationLease is negative")
	require(o.OperationAttempts > 0, "Options.OperationAttempts is negative")
	require(o.SweepInterval > 0, "Options.SweepInterval is negative")
	require(o.DeleteRetention >= 0, "Options.DeleteRetention is negative")
	require(o.Quota.Documents >= 0 && o.Quota.Bytes >= 0, "Options.Quota is negative")
	require(o.MoveRate >= 0, "Options.MoveRate is negative")
	require(o.MoveGrace > 0, "Options.MoveGrace is negative")
	require(o.MovesAtOnce > 0, "Options.MovesAtOnce is negative")
	require(o.MaxOrganizations >= 0, "Options.MaxOrganizations is negative")
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if d.Signals == nil {
		d.Signals = silence{}
	}
	if d.Wait == nil {
		d.Wait = pause
	}
	return &Service{
		organizations: d.Organizations,
		directory:     d.Directory,
		requests:      d.Requests,
		usages:        d.Usages,
		structure:     d.Structure,
		moves:         d.Moves,
		mover:         d.Mover,
		storages:      d.Storage,
		signals:       d.Signals,
		wait:          d.Wait,
		accounts:      d.Accounts,
		census:        d.Census,
		passwords:     d.Passwords,
		tokens:        d.Tokens,
		now:           func() time.Time { return d.Now().UTC().Truncate(time.Millisecond) },
		newID:         d.NewID,
		random:        d.Random,
		log:           d.Log,
		options:       o,
		tenancy:       tenancy,
		population:    population{turn: make(chan struct{}, 1)},
		movers:        movers{wake: make(chan struct{}, 1)},
	}, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// pause waits for d, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// silence is the Signals of who doesn't listen.
type silence struct{}

func (silence) OperationEnded(domain.Operation, time.Duration) {}
func (silence) OperationFailed(domain.Operation)               {}
func (silence) OperationTaken(domain.Operation)                {}
func (silence) LeaseLost(domain.Operation)                     {}
func (silence) Reconciled(ports.Pass)                          {}
func (silence) MoveProgressed(domain.Move, domain.Usage)       {}
func (silence) MoveSwitched(domain.Move)                       {}
