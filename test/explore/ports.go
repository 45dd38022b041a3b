package explore

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// ports returns ports whose every call stops the process.
func (p *process) ports() app.Dependencies {
	return app.Dependencies{
		Organizations: organizations{p},
		Directory:     directory{p},
		Accounts:      accounts{p},
		Census:        census{p},
		Requests:      requests{p},
		Usages:        usages{},
		Structure:     structure{},
		Moves:         moves{p},
		Mover:         mover{p},
		Storage: map[domain.Strategy]ports.Storage{
			domain.StrategyCollection: p.storage(domain.StrategyCollection),
			domain.StrategyShared:     p.storage(domain.StrategyShared),
		},
	}
}

func (p *process) storage(strategy domain.Strategy) ports.Storage {
	return ports.Storage{Namespaces: namespaces{p, strategy}, Inventory: inventory{p, strategy}, Documents: documents{}}
}

// documents are used by nothing that the explorer runs.
type documents struct{ ports.Documents }

// arguments are what a call's answer depends on, beside the store.
type arguments []any

// reading returns a call that changes nothing.
func reading[T any](name string, args arguments, f func(ctx context.Context, d *app.Dependencies) (T, error)) call {
	return call{name: name, args: args, make: func(ctx context.Context, d *app.Dependencies) answer {
		value, err := f(ctx, d)
		return answer{value, err}
	}}
}

// writing returns a call that changes the store.
func writing[T any](name string, args arguments, f func(ctx context.Context, d *app.Dependencies) (T, error)) call {
	c := reading(name, args, f)
	c.writes = true
	return c
}

// changing returns a call that changes the store and returns nothing but an error.
func changing(name string, args arguments, f func(ctx context.Context, d *app.Dependencies) error) call {
	return writing(name, args, func(ctx context.Context, d *app.Dependencies) (struct{}, error) {
		return struct{}{}, f(ctx, d)
	})
}

type organizations struct{ *process }

func (o organizations) write(name string, record domain.Organization, ifVersion int64,
	f func(ctx context.Context, d *app.Dependencies) error,
) error {
	c := changing(name, arguments{record, ifVersion}, f)
	c.organization = &record
	return tell(o.process, c)
}

func (o organizations) Insert(_ context.Context, record domain.Organization) error {
	return o.write("Organizations.Insert", record, 0, func(ctx context.Context, d *app.Dependencies) error {
		return d.Organizations.Insert(ctx, record)
	})
}

func (o organizations) Replace(_ context.Context, record domain.Organization, ifVersion int64) error {
	return o.write("Organizations.Replace", record, ifVersion, func(ctx context.Context, d *app.Dependencies) error {
		return d.Organizations.Replace(ctx, record, ifVersion)
	})
}

func (o organizations) ByID(_ context.Context, id domain.OrganizationID) (domain.Organization, error) {
	return ask[domain.Organization](o.process, reading("Organizations.ByID", arguments{id},
		func(ctx context.Context, d *app.Dependencies) (domain.Organization, error) {
			return d.Organizations.ByID(ctx, id)
		}))
}

func (o organizations) ByNameKey(_ context.Context, key string) (domain.Organization, error) {
	return ask[domain.Organization](o.process, reading("Organizations.ByNameKey", arguments{key},
		func(ctx context.Context, d *app.Dependencies) (domain.Organization, error) {
			return d.Organizations.ByNameKey(ctx, key)
		}))
}

func (o organizations) Due(_ context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	return ask[[]domain.Organization](o.process, reading("Organizations.Due", arguments{until, limit},
		func(ctx context.Context, d *app.Dependencies) ([]domain.Organization, error) {
			return d.Organizations.Due(ctx, until, limit)
		}))
}

type directory struct{ *process }

func (o directory) List(_ context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	return ask[[]domain.Organization](o.process, reading("Directory.List", arguments{q},
		func(ctx context.Context, d *app.Dependencies) ([]domain.Organization, error) {
			return d.Directory.List(ctx, q)
		}))
}

func (o directory) ByReservations(_ context.Context, entries []string) (map[string]domain.Organization, error) {
	return ask[map[string]domain.Organization](o.process, reading("Directory.ByReservations", arguments{entries},
		func(ctx context.Context, d *app.Dependencies) (map[string]domain.Organization, error) {
			return d.Directory.ByReservations(ctx, entries)
		}))
}

func (o directory) PurgeDue(_ context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	return ask[[]domain.Organization](o.process, reading("Directory.PurgeDue", arguments{until, limit},
		func(ctx context.Context, d *app.Dependencies) ([]domain.Organization, error) {
			return d.Directory.PurgeDue(ctx, until, limit)
		}))
}

type accounts struct{ *process }

func (o accounts) Insert(_ context.Context, a domain.Account) error {
	return tell(o.process, changing("Accounts.Insert", arguments{a}, func(ctx context.Context, d *app.Dependencies) error {
		return d.Accounts.Insert(ctx, a)
	}))
}

func (o accounts) Replace(_ context.Context, a domain.Account, ifVersion int64) error {
	return tell(o.process, changing("Accounts.Replace", arguments{a, ifVersion}, func(ctx context.Context, d *app.Dependencies) error {
		return d.Accounts.Replace(ctx, a, ifVersion)
	}))
}

func (o accounts) Delete(_ context.Context, id domain.AccountID) error {
	return tell(o.process, changing("Accounts.Delete", arguments{id}, func(ctx context.Context, d *app.Dependencies) error {
		return d.Accounts.Delete(ctx, id)
	}))
}

func (o accounts) ByID(_ context.Context, id domain.AccountID) (domain.Account, error) {
	return ask[domain.Account](o.process, reading("Accounts.ByID", arguments{id},
		func(ctx context.Context, d *app.Dependencies) (domain.Account, error) {
			return d.Accounts.ByID(ctx, id)
		}))
}

func (o accounts) ByEmailKey(_ context.Context, key string) (domain.Account, error) {
	return ask[domain.Account](o.process, reading("Accounts.ByEmailKey", arguments{key},
		func(ctx context.Context, d *app.Dependencies) (domain.Account, error) {
			return d.Accounts.ByEmailKey(ctx, key)
		}))
}

type census struct{ *process }

func (o census) CountLive(context.Context) (int, error) {
	return ask[int](o.process, reading("Census.CountLive", nil,
		func(ctx context.Context, d *app.Dependencies) (int, error) { return d.Census.CountLive(ctx) }))
}

func (o census) OrphanAccounts(_ context.Context, limit int) ([]domain.Account, error) {
	return ask[[]domain.Account](o.process, reading("Census.OrphanAccounts", arguments{limit},
		func(ctx context.Context, d *app.Dependencies) ([]domain.Account, error) {
			return d.Census.OrphanAccounts(ctx, limit)
		}))
}
