package explore

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// role is what an actor does.
type role struct {
	name string
	// retention is for how long the actor's process keeps what it deletes.
	retention time.Duration
	run       func(ctx context.Context, t *turn) error
	// wish is what comes of it when it is granted. It reports whether it can be.
	wish wish
	// maybe says that the wish may come true or not, whatever the result.
	maybe bool
	// needs are the beginnings at which the role makes sense.
	needs []string
}

// turn is what a role works with.
type turn struct {
	*app.Service
	*brief
	*process
}

// brief is what the actors know from the beginning.
type brief struct {
	machine *machine
	// first and second are the organizations that are there, tokens their owners'.
	first, second domain.OrganizationID
	tokens        [2]string
}

const password = "correct horse"

// The names and emails that the actors fight for.
const (
	acme, acmeEmail     = "Acme Corp", "admin@acme.example"
	acmeSlug            = "ACME Corp!" // another name with the same slug
	globex, globexEmail = "Globex", "boss@globex.example"
	initech             = "Initech"
	newEmail            = "new@else.example"
)

func create(name, email string) func(ctx context.Context, t *turn) error {
	return func(ctx context.Context, t *turn) error {
		_, err := t.CreateOrganization(ctx, app.CreateOrganization{
			Name: name, Email: email, Password: domain.NewSecret(password),
		})
		return err
	}
}

// creating returns the role of somebody who creates an organization.
func creating(title, name, email string) role {
	return role{name: title, run: create(name, email), wish: wishCreate(name, email), needs: []string{"empty"}}
}

// keyed creates an organization under an idempotency key, as the HTTP adapter does it.
func keyed(ctx context.Context, t *turn) error {
	r, err := t.BeginRequest(ctx, "key", "create")
	if err != nil || r.Answered() {
		return err
	}
	created, err := t.CreateOrganization(ctx, app.CreateOrganization{
		Name: acme, Email: newEmail, Password: domain.NewSecret(password), Operation: r.Operation,
	})
	switch {
	case err == nil:
		// The answer holds; the client hears it even if it can't be remembered.
		_ = t.ConcludeRequest(ctx, r, []byte(created.Organization.ID))
	case !errors.Is(err, domain.ErrStoreUnavailable) && !errors.Is(err, domain.ErrKeyInUse):
		_ = t.ReleaseRequest(ctx, r)
	}
	return err
}

// update returns what an owner does to change an organization's name and email; "" for
// the email leaves it.
func update(which int, name, email string) func(ctx context.Context, t *turn) error {
	return func(ctx context.Context, t *turn) error {
		who, err := t.Authenticate(ctx, t.tokens[which])
		if err != nil {
			return err
		}
		wish := app.UpdateOrganization{Name: name, Password: domain.NewSecret(password)}
		if email != "" {
			wish.Email = &email
		}
		_, err = t.UpdateOrganization(ctx, who, wish)
		return err
	}
}

func updating(title string, which int, name, email string) role {
	return role{name: title, run: update(which, name, email), wish: wishUpdate(which, name, email), needs: []string{[]string{"live", "two"}[which]}}
}

func remove(which int, name string) func(ctx context.Context, t *turn) error {
	return func(ctx context.Context, t *turn) error {
		who, err := t.Authenticate(ctx, t.tokens[which])
		if err != nil {
			return err
		}
		return t.DeleteOrganization(ctx, who, name)
	}
}

// command returns what an operator does to the first organization.
func command(f func(ctx context.Context, t *turn, c app.Command) error) func(ctx context.Context, t *turn) error {
	return func(ctx context.Context, t *turn) error { return f(ctx, t, app.Command{Organization: t.first}) }
}

func restore(name string) func(ctx context.Context, t *turn) error {
	return command(func(ctx context.Context, t *turn, c app.Command) error {
		_, err := t.RestoreOrganization(ctx, c, name)
		return err
	})
}

// abort lets an operator abort whatever is pending.
func abort(ctx context.Context, t *turn) error {
	all, err := t.ListOrganizations(ctx, ports.OrganizationQuery{})
	if err != nil {
		return err
	}
	for _, o := range all {
		if !o.Busy() {
			continue
		}
		if _, err := t.AbortOperation(ctx, app.Command{Organization: o.ID}); err != nil {
			return err
		}
	}
	return nil
}

func logIn(ctx context.Context, t *turn) error {
	_, err := t.LogIn(ctx, app.LogIn{Email: acmeEmail, Password: domain.NewSecret(password)})
	return err
}

// roles are all that there are, by name.
var roles = byName(
	creating("create", acme, newEmail),
	creating("create-slug", acmeSlug, newEmail),
	creating("create-target", globex, globexEmail),
	creating("create-email", initech, acmeEmail),
	role{name: "create-keyed", run: keyed, wish: wishCreate(acme, newEmail), needs: []string{"empty"}},
	updating("rename", 0, globex, ""),
	updating("rename-slug", 0, acmeSlug, ""),
	updating("rename-else", 0, initech, ""),
	updating("update", 0, globex, globexEmail),
	updating("update-email", 0, acme, newEmail),
	role{name: "delete", run: remove(0, acme), wish: wishDelete(0, acme, false), needs: []string{"live"}},
	role{name: "retire", run: remove(0, acme), retention: year, wish: wishDelete(0, acme, true), needs: []string{"live"}},
	role{name: "restore", run: restore(""), wish: wishRestore(""), needs: []string{"kept"}},
	role{name: "restore-as", run: restore(globex), wish: wishRestore(globex), needs: []string{"kept"}},
	role{name: "purge", needs: []string{"kept"}, wish: wishPurge, run: command(func(ctx context.Context, t *turn, c app.Command) error {
		_, err := t.PurgeOrganization(ctx, c)
		return err
	})},
	role{name: "suspend", needs: []string{"live"}, wish: wishSuspend, run: command(func(ctx context.Context, t *turn, c app.Command) error {
		_, err := t.SuspendOrganization(ctx, c)
		return err
	})},
	role{name: "hold", needs: []string{"live", "kept"}, wish: wishHold, run: command(func(ctx context.Context, t *turn, c app.Command) error {
		_, err := t.HoldOrganization(ctx, c, true)
		return err
	})},
	role{name: "reconcile", maybe: true, wish: wishDue, run: func(ctx context.Context, t *turn) error { return t.Reconcile(ctx) }},
	role{name: "abort", run: abort, wish: wishNothing, maybe: true},
	role{name: "login", needs: []string{"live"}, run: logIn, wish: wishNothing, maybe: true},
	role{name: "move", needs: []string{"live"}, run: command(relocate), wish: wishMove},
	role{name: "put", needs: []string{"live"}, run: put, wish: wishNothing, maybe: true},
	role{name: "stray", needs: []string{"live"}, run: stray, wish: wishNothing, maybe: true},
	// Of the second organization, which has what others want.
	updating("vacate", 1, initech, newEmail),
	role{name: "delete-second", run: remove(1, globex), wish: wishDelete(1, globex, false), needs: []string{"two"}},
)

func byName(all ...role) map[string]role {
	m := map[string]role{}
	for _, r := range all {
		m[r.name] = r
	}
	return m
}
