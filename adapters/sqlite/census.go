package sqlite

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// census looks over the registry.
type census struct{ *database }

var _ ports.Census = (*census)(nil)

const (
	countLive = `SELECT count(*) FROM organizations WHERE status IN (?, ?, ?)`

	selectOrphans = selectAccount + ` LEFT JOIN organizations AS o ON o.id = a.organization_id
		WHERE a.organization_id <> '' AND (o.id IS NULL OR o.status = ?) LIMIT ?`
)

// CountLive: see ports.Census.
func (c *census) CountLive(ctx context.Context) (n int, err error) {
	err = c.call(ctx, "count organizations", func(ctx context.Context) error {
		return c.readers.QueryRowContext(ctx, countLive,
			string(domain.StatusProvisioning), string(domain.StatusActive), string(domain.StatusSuspended)).Scan(&n)
	})
	return n, err
}

// OrphanAccounts: see ports.Census. It reads all accounts.
func (c *census) OrphanAccounts(ctx context.Context, limit int) (orphans []domain.Account, err error) {
	err = c.call(ctx, "list orphan accounts", func(ctx context.Context) (err error) {
		orphans, err = queryAll(ctx, c.readers, scanAccount, selectOrphans, string(domain.StatusPurged), max(limit, 0))
		return err
	})
	return orphans, err
}
