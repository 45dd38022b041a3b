// Package steps lets a test act at every boundary between two steps of an
// operation: fail there, freeze there, or kill the process.
package steps

import (
	"context"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Step is a call that changes the store: its name, such as Accounts.Insert, and
// whether it has been made already.
type Step struct {
	Name string
	Done bool
}

// Hook is called before and after each step. An error that it returns before a
// step keeps the call from being made; either way the caller gets the error, so
// after a step it stands for a lost answer.
type Hook func(ctx context.Context, step Step) error

// Wrap returns dependencies whose steps call hook. It may be called by many
// goroutines at once.
func Wrap(d app.Dependencies, hook Hook) app.Dependencies {
	d.Organizations = organizations{d.Organizations, hook}
	d.Accounts = accounts{d.Accounts, hook}
	d.Requests = requests{d.Requests, hook}
	d.Usages = usages{d.Usages, hook}
	d.Moves = moves{d.Moves, hook}
	d.Mover = mover{d.Mover, hook}
	wrapped := make(map[domain.Strategy]ports.Storage, len(d.Storage))
	for strategy, s := range d.Storage {
		s.Namespaces = namespaces{s.Namespaces, hook}
		wrapped[strategy] = s
	}
	d.Storage = wrapped
	return d
}

func (hook Hook) around(ctx context.Context, name string, call func() error) error {
	if err := hook(ctx, Step{Name: name}); err != nil {
		return err
	}
	callErr := call()
	if err := hook(ctx, Step{Name: name, Done: true}); err != nil {
		return err
	}
	return callErr
}

type organizations struct {
	ports.Organizations
	hook Hook
}

func (w organizations) Insert(ctx context.Context, o domain.Organization) error {
	return w.hook.around(ctx, "Organizations.Insert", func() error { return w.Organizations.Insert(ctx, o) })
}

func (w organizations) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	return w.hook.around(ctx, "Organizations.Replace", func() error { return w.Organizations.Replace(ctx, o, ifVersion) })
}

type accounts struct {
	ports.Accounts
	hook Hook
}

func (w accounts) Insert(ctx context.Context, a domain.Account) error {
	return w.hook.around(ctx, "Accounts.Insert", func() error { return w.Accounts.Insert(ctx, a) })
}

func (w accounts) Replace(ctx context.Context, a domain.Account, ifVersion int64) error {
	return w.hook.around(ctx, "Accounts.Replace", func() error { return w.Accounts.Replace(ctx, a, ifVersion) })
}

func (w accounts) Delete(ctx context.Context, id domain.AccountID) error {
	return w.hook.around(ctx, "Accounts.Delete", func() error { return w.Accounts.Delete(ctx, id) })
}

type namespaces struct {
	ports.Namespaces
	hook Hook
}

func (w namespaces) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	return w.hook.around(ctx, "Namespaces.Ensure", func() error { return w.Namespaces.Ensure(ctx, owner, p) })
}

func (w namespaces) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	return w.hook.around(ctx, "Namespaces.Rename", func() error { return w.Namespaces.Rename(ctx, identity, from, to) })
}

func (w namespaces) Drop(ctx context.Context, p domain.Placement) error {
	return w.hook.around(ctx, "Namespaces.Drop", func() error { return w.Namespaces.Drop(ctx, p) })
}

type requests struct {
	ports.Requests
	hook Hook
}

func (w requests) Insert(ctx context.Context, r domain.Request) error {
	return w.hook.around(ctx, "Requests.Insert", func() error { return w.Requests.Insert(ctx, r) })
}

func (w requests) Replace(ctx context.Context, r domain.Request, ifVersion int64) error {
	return w.hook.around(ctx, "Requests.Replace", func() error { return w.Requests.Replace(ctx, r, ifVersion) })
}

type usages struct {
	ports.Usages
	hook Hook
}

func (w usages) Remove(ctx context.Context, id domain.OrganizationID) error {
	return w.hook.around(ctx, "Usages.Remove", func() error { return w.Usages.Remove(ctx, id) })
}
