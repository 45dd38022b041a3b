package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse"

// rig is a service on SQLite in memory whose hasher, clock and steps a test sees.
type rig struct {
	*app.Service
	store  *sqlite.Store
	hasher *hasher
	clock  *clock
	// steps are those taken since the test last cleared them.
	steps []string
	// before, if set, is called before each step and may fail it.
	before func(ctx context.Context, step string) error
}

func newRig(t *testing.T, change ...func(*app.Dependencies, *app.Options)) *rig {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r := &rig{store: store, hasher: &hasher{}, clock: &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	if r.Service, err = r.serve(change...); err != nil {
		t.Fatal(err)
	}
	return r
}

// serve returns a service on the rig's store.
func (r *rig) serve(change ...func(*app.Dependencies, *app.Options)) (*app.Service, error) {
	n := 0
	d := app.On(r.store)
	d.Passwords, d.Tokens = r.hasher, cleartoken.Tokens{}
	d.Now = r.clock.time
	d.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	d.Random = func(most int) int { n++; return n * 7 % most }
	d.Log = slog.New(slog.DiscardHandler)
	o := app.Options{Database: "data"}
	for _, f := range change {
		f(&d, &o)
	}
	d = steps.Wrap(d, func(ctx context.Context, step steps.Step) error {
		if step.Done {
			return nil
		}
		r.steps = append(r.steps, step.Name)
		if r.before != nil {
			return r.before(ctx, step.Name)
		}
		return nil
	})
	return app.New(d, o)
}

func (r *rig) create(name, email string) (app.CreatedOrganization, error) {
	return r.CreateOrganization(context.Background(), app.CreateOrganization{
		Name: name, Email: email, Password: domain.NewSecret(password),
	})
}

func (r *rig) mustCreate(t *testing.T, name, email string) domain.Organization {
	t.Helper()
	created, err := r.create(name, email)
	if err != nil {
		t.Fatal(err)
	}
	return created.Organization
}

func (r *rig) session(t *testing.T, email string) app.Session {
	t.Helper()
	in, err := r.LogIn(t.Context(), app.LogIn{Email: email, Password: domain.NewSecret(password)})
	if err != nil {
		t.Fatal(err)
	}
	who, err := r.Authenticate(t.Context(), in.Token)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (r *rig) rename(t *testing.T, who app.Session, name string) (app.UpdatedOrganization, error) {
	t.Helper()
	return r.UpdateOrganization(t.Context(), who, app.UpdateOrganization{Name: name, Password: domain.NewSecret(password)})
}

func wantError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("the error is %v, should be %v", got, want)
	}
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// hasher makes hashes in no time, of a generation that can be made outdated.
type hasher struct {
	generation      int
	hashed, checked int
	// last is the hash that was checked last.
	last domain.PasswordHash
	fail error
}

func (h *hasher) encode(p domain.Password, generation int) domain.PasswordHash {
	return domain.NewPasswordHash(fmt.Sprintf("%d:%s", generation, p.Reveal()))
}

func (h *hasher) Hash(_ context.Context, p domain.Password) (domain.PasswordHash, error) {
	h.hashed++
	return h.encode(p, h.generation), h.fail
}

func (h *hasher) Verify(_ context.Context, p domain.Password, hash domain.PasswordHash) (ports.Verdict, error) {
	h.checked++
	h.last = hash
	for g := range h.generation + 1 {
		if hash == h.encode(p, g) {
			return ports.Verdict{Match: true, Outdated: g != h.generation}, nil
		}
	}
	return ports.Verdict{}, nil
}

// setNamespaces puts others in the place of the namespaces.
func setNamespaces(d *app.Dependencies, n ports.Namespaces) {
	storage := d.Storage[domain.StrategyCollection]
	storage.Namespaces = n
	d.Storage[domain.StrategyCollection] = storage
}
