package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"time"

	"github.com/google/uuid"

	"github.com/orgkeeper/orgkeeper/adapters/argon2id"
	"github.com/orgkeeper/orgkeeper/adapters/jwt"
	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// The use cases run in any program: here on SQLite in memory, without HTTP.
func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, sqlite.Options{Memory: true})
	if err != nil {
		panic(err)
	}
	defer store.Close()
	service, err := newService(store)
	if err != nil {
		panic(err)
	}

	created, err := service.CreateOrganization(ctx, app.CreateOrganization{
		Name:     "Acme Corp",
		Email:    "admin@acme.example",
		Password: domain.NewSecret("correct horse battery"),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(created.Organization.Name, "lives in", created.Organization.Placement.Namespace)

	_, err = service.CreateOrganization(ctx, app.CreateOrganization{
		Name:     "ACME corp",
		Email:    "somebody@else.example",
		Password: domain.NewSecret("correct horse battery"),
	})
	fmt.Println("taken:", errors.Is(err, domain.ErrNameTaken))

	login, err := service.LogIn(ctx, app.LogIn{
		Email:    "admin@acme.example",
		Password: domain.NewSecret("correct horse battery"),
	})
	if err != nil {
		panic(err)
	}
	session, err := service.Authenticate(ctx, login.Token)
	if err != nil {
		panic(err)
	}
	updated, err := service.UpdateOrganization(ctx, session, app.UpdateOrganization{
		Name:     "Globex",
		Password: domain.NewSecret("correct horse battery"),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(updated.Old.Name, "is", updated.New.Name, "now, in", updated.New.Placement.Namespace)

	session.Organization = updated.New
	if err := service.DeleteOrganization(ctx, session, "Globex"); err != nil {
		panic(err)
	}
	_, err = service.Authenticate(ctx, login.Token)
	fmt.Println("the token is dead:", errors.Is(err, domain.ErrUnauthenticated))

	// Output:
	// Acme Corp lives in org_acme_corp
	// taken: true
	// Acme Corp is Globex now, in org_globex
	// the token is dead: true
}

// newService wires the use cases: a store, a password hasher, a token service, a
// clock and two sources of randomness.
func newService(store *sqlite.Store) (*app.Service, error) {
	passwords, err := argon2id.New(argon2id.Options{})
	if err != nil {
		return nil, err
	}
	tokens, err := jwt.New(jwt.Options{
		Key:      domain.NewSecret(rand.Text() + rand.Text()),
		Issuer:   "my-program",
		Audience: "my-program",
	})
	if err != nil {
		return nil, err
	}
	d := app.On(store)
	d.Passwords, d.Tokens = passwords, tokens
	d.Now = time.Now
	d.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	d.Random = func(n int) int {
		i, _ := rand.Int(rand.Reader, big.NewInt(int64(n)))
		return int(i.Int64())
	}
	d.Log = slog.New(slog.DiscardHandler)
	return app.New(d, app.Options{Database: "data"})
}
