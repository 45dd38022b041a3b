package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// directory finds organizations in the registry.
type directory struct{ *database }

var _ ports.Directory = (*directory)(nil)

const (
	// pageFilters follow the cursor in the index organizations_listed, which has all
	// of the columns. All pages of a walk together read it once, whatever they
	// select; an index for each filter would be sorted anew for each page.
	pageFilters = `o.id > :after
			AND (:from IS NULL OR o.created_at >= :from) AND (:before IS NULL OR o.created_at < :before)
			AND (:prefix = '' OR instr(o.name_key, :prefix) = 1)
			AND (:statuses IS NULL OR o.status IN (SELECT value FROM json_each(:statuses)))
		ORDER BY o.id LIMIT :limit`

	selectPage = selectOrganization + ` FROM organizations AS o WHERE o.id IN (
		SELECT o.id FROM organizations AS o WHERE ` + pageFilters + `) ORDER BY o.id`

	// selectStuckPage begins with the few operations that are stuck.
	selectStuckPage = selectOrganization + ` FROM organizations AS o WHERE o.id IN (
		SELECT o.id FROM operations CROSS JOIN organizations AS o ON o.number = operations.organization
		WHERE operations.stuck <> 0 AND ` + pageFilters + `) ORDER BY o.id`

	selectByReservations = selectOrganization + ` FROM organizations AS o WHERE o.number IN (
		SELECT organization FROM reservations WHERE entry IN (SELECT value FROM json_each(?)))`

	// selectPurgeDue has a + so that the index of statuses isn't taken: it would find
	// all that is deleted.
	selectPurgeDue = selectOrganization + ` FROM organizations AS o
		WHERE o.purge_at <= ? AND +o.status = ? AND o.hold = 0
			AND NOT EXISTS (SELECT 1 FROM operations WHERE organization = o.number)
		ORDER BY o.purge_at LIMIT ?`
)

// List: see ports.Directory.
func (d *directory) List(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	query := selectPage
	if q.Stuck {
		query = selectStuckPage
	}
	return d.query(ctx, query, pageArgs(q)...)
}

// pageArgs gives the parameters of pageFilters.
func pageArgs(q ports.OrganizationQuery) []any {
	var statuses any
	if len(q.Statuses) > 0 {
		statuses = object(q.Statuses)
	}
	return []any{
		sql.Named("after", string(q.After)),
		sql.Named("from", milliseconds{notBefore(q.CreatedFrom)}),
		sql.Named("before", milliseconds{notBefore(q.CreatedBefore)}),
		sql.Named("prefix", q.NameKeyPrefix),
		sql.Named("statuses", statuses),
		sql.Named("limit", max(q.Limit, 0)),
	}
}

// notBefore returns the first whole millisecond that isn't before t: what is stored
// as a time before it was before t.
func notBefore(t time.Time) time.Time {
	return t.Add(time.Millisecond - time.Nanosecond).Truncate(time.Millisecond)
}

// ByReservations: see ports.Directory. One statement, for any number of entries.
func (d *directory) ByReservations(ctx context.Context, entries []string) (map[string]domain.Organization, error) {
	found, err := d.query(ctx, selectByReservations, object(entries))
	if err != nil {
		return nil, err
	}
	asked := make(map[string]bool, len(entries))
	for _, entry := range entries {
		asked[entry] = true
	}
	owners := make(map[string]domain.Organization, len(found))
	for _, o := range found {
		for _, entry := range o.Reserved {
			if asked[entry] {
				owners[entry] = o
			}
		}
	}
	return owners, nil
}

// PurgeDue: see ports.Directory.
func (d *directory) PurgeDue(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	return d.query(ctx, selectPurgeDue, until.UnixMilli(), string(domain.StatusDeleted), max(limit, 0))
}

// query returns the organizations that a statement of selectOrganization finds.
func (d *directory) query(ctx context.Context, query string, args ...any) (found []domain.Organization, err error) {
	err = d.call(ctx, "list organizations", func(ctx context.Context) (err error) {
		found, err = queryAll(ctx, d.readers, scanRecord, query, args...)
		return err
	})
	return found, err
}
