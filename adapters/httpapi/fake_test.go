package httpapi_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// otherToken is good as well, and another organization's.
const (
	goodToken  = "good.token.value"
	otherToken = "other.token.value"
)

// fake is a service without a store: it applies the domain's rules to its input
// and then does what answer says, or succeeds.
type fake struct {
	// answer, if set, is asked before a use case succeeds.
	answer func(ctx context.Context) error

	mu       sync.Mutex
	created  app.CreateOrganization
	updated  app.UpdateOrganization
	deleted  string
	gotten   string
	calls    int
	desk     desk
	transfer transfer
	shelves  map[domain.OrganizationID]*shelf
}

func (f *fake) asked(ctx context.Context) error {
	f.mu.Lock()
	f.calls++
	f.mu.Unlock()
	if f.answer == nil {
		return nil
	}
	return f.answer(ctx)
}

func (f *fake) CreateOrganization(ctx context.Context, in app.CreateOrganization) (app.CreatedOrganization, error) {
	name, err1 := domain.ParseName(in.Name)
	email, err2 := domain.ParseEmail(in.Email)
	_, err3 := domain.NewPassword(in.Password, domain.PasswordMinDefault)
	var err4 error
	if in.Strategy != "" && !slices.Contains(append(domain.Strategies(), "none"), in.Strategy) {
		err4 = domain.Invalid("strategy", "is not offered here")
	}
	if err := domain.JoinInvalid(err1, err2, err3, err4); err != nil {
		return app.CreatedOrganization{}, err
	}
	if err := f.asked(ctx); err != nil {
		return app.CreatedOrganization{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.created = in
	return app.CreatedOrganization{Organization: organization(name), AdminEmail: email}, nil
}

func (f *fake) GetOrganization(ctx context.Context, in string) (domain.Organization, error) {
	name, err := domain.ParseName(in)
	if err != nil {
		return domain.Organization{}, err
	}
	if err := f.asked(ctx); err != nil {
		return domain.Organization{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gotten = in
	return organization(name), nil
}

func (f *fake) UpdateOrganization(ctx context.Context, who app.Session, in app.UpdateOrganization) (app.UpdatedOrganization, error) {
	name, err1 := domain.ParseName(in.Name)
	var err2 error
	email := who.Account.Email
	if in.Email != nil {
		email, err2 = domain.ParseEmail(*in.Email)
	}
	_, err3 := domain.TypedPassword(in.Password)
	if err := domain.JoinInvalid(err1, err2, err3); err != nil {
		return app.UpdatedOrganization{}, err
	}
	if err := f.asked(ctx); err != nil {
		return app.UpdatedOrganization{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.updated = in
	return app.UpdatedOrganization{Old: who.Organization, New: organization(name), AdminEmail: email}, nil
}

func (f *fake) DeleteOrganization(ctx context.Context, _ app.Session, in string) error {
	if _, err := domain.ParseName(in); err != nil {
		return err
	}
	if err := f.asked(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deleted = in
	return nil
}

func (f *fake) LogIn(ctx context.Context, in app.LogIn) (app.LoggedIn, error) {
	_, err1 := domain.ParseEmail(in.Email)
	_, err2 := domain.TypedPassword(in.Password)
	if err := domain.JoinInvalid(err1, err2); err != nil {
		return app.LoggedIn{}, err
	}
	if err := f.asked(ctx); err != nil {
		return app.LoggedIn{}, err
	}
	return app.LoggedIn{Token: goodToken, Organization: "org-1", ExpiresIn: time.Hour}, nil
}

func (f *fake) Authenticate(_ context.Context, token string) (app.Session, error) {
	who := app.Session{
		Organization: organization(domain.StoredName("Acme Corp", "acme corp")),
		Account:      domain.Account{ID: "acc-1", Email: domain.StoredEmail("admin@example.com")},
	}
	switch token {
	case goodToken:
	case otherToken:
		who.Organization.ID, who.Account.ID = "org-2", "acc-2"
	default:
		return app.Session{}, domain.ErrUnauthenticated
	}
	return who, nil
}

func organization(name domain.Name) domain.Organization {
	return domain.Organization{
		ID: "org-1", Name: name, Status: domain.StatusActive,
		Placement: domain.Placement{Strategy: domain.StrategyCollection, Database: "db", Namespace: "org_acme_corp"},
		CreatedAt: time.Date(2026, 11, 22, 9, 30, 0, 123e6, time.UTC),
	}
}

// options are enough for a server that logs nowhere.
func options() httpapi.Options {
	var n atomic.Int64
	return httpapi.Options{
		Version:    "1.2.3",
		Log:        slog.New(slog.DiscardHandler),
		RequestKey: domain.NewSecret("a key for tests"),
		NewID:      func() string { return fmt.Sprintf("id-%d", n.Add(1)) },
	}
}

func server(t testing.TB, service httpapi.Service, change ...func(*httpapi.Options)) *httpapi.Server {
	t.Helper()
	o := options()
	for _, c := range change {
		c(&o)
	}
	s, err := httpapi.New(service, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// noEntry is a service that lets nobody in.
type noEntry struct {
	fake
	err error
}

func (n *noEntry) Authenticate(context.Context, string) (app.Session, error) {
	return app.Session{}, n.err
}
