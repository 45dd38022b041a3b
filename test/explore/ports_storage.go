package explore

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

type requests struct{ *process }

func (o requests) write(name string, r domain.Request, ifVersion int64,
	f func(ctx context.Context, d *app.Dependencies) error,
) error {
	c := changing(name, arguments{r, ifVersion}, f)
	c.request = &r
	return tell(o.process, c)
}

func (o requests) Insert(_ context.Context, r domain.Request) error {
	return o.write("Requests.Insert", r, 0, func(ctx context.Context, d *app.Dependencies) error {
		return d.Requests.Insert(ctx, r)
	})
}

func (o requests) Replace(_ context.Context, r domain.Request, ifVersion int64) error {
	return o.write("Requests.Replace", r, ifVersion, func(ctx context.Context, d *app.Dependencies) error {
		return d.Requests.Replace(ctx, r, ifVersion)
	})
}

func (o requests) ByID(_ context.Context, id string) (domain.Request, error) {
	return ask[domain.Request](o.process, reading("Requests.ByID", arguments{id},
		func(ctx context.Context, d *app.Dependencies) (domain.Request, error) {
			return d.Requests.ByID(ctx, id)
		}))
}

func (o requests) Forget(_ context.Context, until time.Time, limit int) (int, error) {
	return ask[int](o.process, writing("Requests.Forget", arguments{until, limit},
		func(ctx context.Context, d *app.Dependencies) (int, error) {
			return d.Requests.Forget(ctx, until, limit)
		}))
}

type namespaces struct {
	*process
	strategy domain.Strategy
}

func (o namespaces) Ensure(_ context.Context, owner domain.OrganizationID, p domain.Placement) error {
	return tell(o.process, changing("Namespaces.Ensure", arguments{owner, p}, func(ctx context.Context, d *app.Dependencies) error {
		return d.Storage[o.strategy].Namespaces.Ensure(ctx, owner, p)
	}))
}

func (o namespaces) Rename(_ context.Context, identity string, from, to domain.Placement) error {
	return tell(o.process, changing("Namespaces.Rename", arguments{identity, from, to}, func(ctx context.Context, d *app.Dependencies) error {
		return d.Storage[o.strategy].Namespaces.Rename(ctx, identity, from, to)
	}))
}

func (o namespaces) Drop(_ context.Context, p domain.Placement) error {
	return tell(o.process, changing("Namespaces.Drop", arguments{p}, func(ctx context.Context, d *app.Dependencies) error {
		return d.Storage[o.strategy].Namespaces.Drop(ctx, p)
	}))
}

func (o namespaces) Stat(_ context.Context, p domain.Placement) (ports.NamespaceInfo, error) {
	return ask[ports.NamespaceInfo](o.process, reading("Namespaces.Stat", arguments{p},
		func(ctx context.Context, d *app.Dependencies) (ports.NamespaceInfo, error) {
			return d.Storage[o.strategy].Namespaces.Stat(ctx, p)
		}))
}

type inventory struct {
	*process
	strategy domain.Strategy
}

func (o inventory) List(_ context.Context, database, after string, limit int) ([]string, error) {
	return ask[[]string](o.process, reading("Inventory.List", arguments{o.strategy, database, after, limit},
		func(ctx context.Context, d *app.Dependencies) ([]string, error) {
			return d.Storage[o.strategy].Inventory.List(ctx, database, after, limit)
		}))
}

func (o inventory) Measure(_ context.Context, p domain.Placement) (domain.Usage, error) {
	return ask[domain.Usage](o.process, reading("Inventory.Measure", arguments{p},
		func(ctx context.Context, d *app.Dependencies) (domain.Usage, error) {
			return d.Storage[o.strategy].Inventory.Measure(ctx, p)
		}))
}

func (o inventory) Merge(_ context.Context, from, to domain.Placement) (int64, error) {
	return ask[int64](o.process, writing("Inventory.Merge", arguments{from, to},
		func(ctx context.Context, d *app.Dependencies) (int64, error) {
			return d.Storage[o.strategy].Inventory.Merge(ctx, from, to)
		}))
}

func (o inventory) Quarantine(_ context.Context, p domain.Placement) (string, error) {
	return ask[string](o.process, writing("Inventory.Quarantine", arguments{p},
		func(ctx context.Context, d *app.Dependencies) (string, error) {
			return d.Storage[o.strategy].Inventory.Quarantine(ctx, p)
		}))
}

// structure is sound: nobody but a check asks.
type structure struct{}

func (structure) Faults(context.Context) ([]string, error) { return nil, nil }
func (structure) Mend(context.Context) error               { return nil }

// usages keep nothing: no step depends on them.
type usages struct{ ports.Usages }

func (usages) Remove(context.Context, domain.OrganizationID) error { return nil }
