package lifecycle

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// state is what the outside sees of the one organization of a scenario.
type state struct {
	// Name is "" when the organization isn't there.
	Name  string
	Email string
	// Kept says of one that isn't there that its data is kept, and so its email.
	Kept bool
}

// scenario is an operation on an organization: the states before and after it are
// the only ones that may be seen once it has come to rest.
type scenario struct {
	name   string
	before state
	after  state
	run    func(ctx context.Context, s *app.Service) error
	// refused says that a rival takes the email between the look-up and the intent,
	// so that the operation goes back. The state after is then the one before.
	refused bool
	// retention is for how long the operation's process keeps what it deletes.
	retention time.Duration
}

// start is the organization that all scenarios but create begin with.
var start = state{Name: "Acme Corp", Email: "admin@acme.example"}

// kept is start, deleted, with its data.
var kept = state{Email: start.Email, Kept: true}

// rival is the organization that takes the email of a refused operation.
var rival = state{Name: "Rival", Email: "taken@rival.example"}

func scenarios() []scenario {
	update := func(name string, email *string) func(context.Context, *app.Service) error {
		return func(ctx context.Context, s *app.Service) error {
			who, err := session(ctx, s, start.Email)
			if err != nil {
				return err
			}
			_, err = s.UpdateOrganization(ctx, who, app.UpdateOrganization{
				Name: name, Email: email, Password: domain.NewSecret(password),
			})
			return err
		}
	}
	other := "boss@acme.example"
	return []scenario{
		{name: "create", after: start, run: func(ctx context.Context, s *app.Service) error {
			return create(ctx, s, start)
		}},
		{name: "create an unwritable name", after: state{Name: "株式会社", Email: start.Email}, run: func(ctx context.Context, s *app.Service) error {
			return create(ctx, s, state{Name: "株式会社", Email: start.Email})
		}},
		{name: "rename", before: start, after: state{Name: "Globex", Email: start.Email}, run: update("Globex", nil)},
		{name: "rename in case only", before: start, after: state{Name: "ACME corp", Email: start.Email}, run: update("ACME corp", nil)},
		{name: "change the email", before: start, after: state{Name: start.Name, Email: other}, run: update(start.Name, &other)},
		{name: "rename and change the email", before: start, after: state{Name: "Globex", Email: other}, run: update("Globex", &other)},
		{name: "refused create", refused: true, run: func(ctx context.Context, s *app.Service) error {
			return create(ctx, s, state{Name: start.Name, Email: rival.Email})
		}},
		{name: "refused change of the email", refused: true, before: start, after: start, run: update("Globex", &rival.Email)},
		{name: "delete", before: start, run: remove},
		{name: "delete and keep", before: start, after: kept, retention: year, run: remove},
		{name: "restore", before: kept, after: start, run: func(ctx context.Context, s *app.Service) error {
			c, err := deleted(ctx, s)
			if err != nil {
				return err
			}
			_, err = s.RestoreOrganization(ctx, c, "")
			return err
		}},
		{name: "restore under another name", before: kept, after: state{Name: "Globex", Email: start.Email}, run: func(ctx context.Context, s *app.Service) error {
			c, err := deleted(ctx, s)
			if err != nil {
				return err
			}
			_, err = s.RestoreOrganization(ctx, c, "Globex")
			return err
		}},
		{name: "purge", before: kept, run: func(ctx context.Context, s *app.Service) error {
			c, err := deleted(ctx, s)
			if err != nil {
				return err
			}
			_, err = s.PurgeOrganization(ctx, c)
			return err
		}},
	}
}

// year is longer than any test's clock goes on.
const year = 365 * 24 * time.Hour

func remove(ctx context.Context, s *app.Service) error {
	who, err := session(ctx, s, start.Email)
	if err != nil {
		return err
	}
	return s.DeleteOrganization(ctx, who, start.Name)
}

// deleted returns a command for the organization that is deleted.
func deleted(ctx context.Context, s *app.Service) (app.Command, error) {
	all, err := s.ListOrganizations(ctx, ports.OrganizationQuery{Statuses: []domain.Status{domain.StatusDeleted}})
	if err != nil {
		return app.Command{}, err
	}
	for _, o := range all {
		if o.Name.String() == start.Name {
			return app.Command{Organization: o.ID}, nil
		}
	}
	return app.Command{}, domain.ErrOrganizationNotFound
}

func create(ctx context.Context, s *app.Service, want state) error {
	_, err := s.CreateOrganization(ctx, app.CreateOrganization{
		Name: want.Name, Email: want.Email, Password: domain.NewSecret(password),
	})
	return err
}

func session(ctx context.Context, s *app.Service, email string) (app.Session, error) {
	in, err := s.LogIn(ctx, app.LogIn{Email: email, Password: domain.NewSecret(password)})
	if err != nil {
		return app.Session{}, err
	}
	return s.Authenticate(ctx, in.Token)
}

// meddle returns hook, and before its first call lets the rival take the email.
func (w *world) meddle(t *testing.T, sc scenario, hook steps.Hook) steps.Hook {
	t.Helper()
	if !sc.refused {
		return hook
	}
	var once sync.Once
	return func(ctx context.Context, step steps.Step) error {
		once.Do(func() {
			if err := create(ctx, w.process(t, nil), rival); err != nil {
				t.Error(err)
			}
		})
		return hook(ctx, step)
	}
}

// dismiss removes the rival, so that the email is free again.
func (w *world) dismiss(t *testing.T) {
	t.Helper()
	s := w.process(t, nil)
	who, err := session(t.Context(), s, rival.Email)
	if err != nil || who.Organization.Name.String() != rival.Name {
		return // It isn't there, or another has the email by now.
	}
	if err := s.DeleteOrganization(t.Context(), who, rival.Name); err != nil {
		t.Error(err)
	}
}

// beginning is the organization that a scenario begins with, zero if there is
// none, and the identity of its namespace.
type beginning struct {
	domain.Organization
	identity string
}

// prepare brings the world into the scenario's state before.
func (w *world) prepare(t *testing.T, sc scenario) beginning {
	t.Helper()
	if sc.before == (state{}) {
		return beginning{}
	}
	s, first := w.retaining(t, year, nil), sc.before
	if first.Kept {
		first = start
	}
	if err := create(t.Context(), s, first); err != nil {
		t.Fatal(err)
	}
	o, err := s.GetOrganization(t.Context(), first.Name)
	if err == nil && sc.before.Kept {
		err = remove(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
	info, err := w.namespaces().Stat(t.Context(), o.Placement)
	if err != nil || info.Identity == "" {
		t.Fatalf("the namespace: %+v, error %v", info, err)
	}
	return beginning{o, info.Identity}
}
