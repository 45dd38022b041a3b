package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// organizations keeps the records in the table organizations, what they have
// pending in operations, the names that they hold in name_keys, what was given to
// them in reservations.
type organizations struct{ *database }

var _ ports.Organizations = (*organizations)(nil)

const (
	selectOrganizationByID = selectOrganization + ` FROM organizations AS o WHERE o.id = ?`

	selectOrganizationByNameKey = selectOrganization + `
		FROM name_keys JOIN organizations AS o ON o.number = name_keys.organization
		WHERE name_keys.key = ?`

	selectOrganizationsDue = selectOrganization + `
		FROM operations JOIN organizations AS o ON o.number = operations.organization
		WHERE operations.stuck = 0 AND operations.lease_until <= ? ORDER BY operations.lease_until LIMIT ?`

	selectOrganizationVersion = selectOrganization + `
		FROM organizations AS o WHERE o.id = ? AND o.version = ?`

	insertOrganization = `INSERT INTO organizations (id, created_at, ` + organizationColumns + `)
		VALUES (?, ?, ` + organizationMarks + `)`

	updateOrganization = `UPDATE organizations SET (` + organizationColumns + `) = (` + organizationMarks + `)
		WHERE number = ?`

	// insertReservation does nothing when another organization has the entry.
	insertReservation = `INSERT INTO reservations (entry, organization, position) VALUES (?, ?, ?)
		ON CONFLICT (entry) DO UPDATE SET position = excluded.position WHERE organization = excluded.organization`
)

// Insert: see ports.Organizations.
func (r *organizations) Insert(ctx context.Context, o domain.Organization) error {
	return r.write(ctx, "insert organization", func(ctx context.Context, tx *sql.Tx) error {
		args := append([]any{string(o.ID), o.CreatedAt.UnixMilli()}, organizationValues(o)...)
		result, err := tx.ExecContext(ctx, insertOrganization, args...)
		if duplicate(err) {
			return domain.ErrVersionConflict
		}
		if err != nil {
			return err
		}
		number, err := result.LastInsertId()
		if err != nil {
			return err
		}
		if err := putOperation(ctx, tx, number, domain.Operation{}, o.Pending); err != nil {
			return err
		}
		return hold(ctx, tx, number, domain.Organization{}, o)
	})
}

// Replace: see ports.Organizations.
func (r *organizations) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	return r.write(ctx, "replace organization", func(ctx context.Context, tx *sql.Tx) error {
		// The transaction has the write lock already, so that nobody comes between
		// this and the update.
		number, was, err := scanOrganization(tx.QueryRowContext(ctx, selectOrganizationVersion, string(o.ID), ifVersion))
		if errors.Is(err, sql.ErrNoRows) {
			return domain.ErrVersionConflict
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, updateOrganization, append(organizationValues(o), number)...); err != nil {
			return err
		}
		if err := putOperation(ctx, tx, number, was.Pending, o.Pending); err != nil {
			return err
		}
		return hold(ctx, tx, number, was, o)
	})
}

// hold brings the names and the reservations from those of was to those of is.
// The primary keys of both tables decide whether they are free.
func hold(ctx context.Context, tx *sql.Tx, number int64, was, is domain.Organization) error {
	if err := holdNames(ctx, tx, number, was.NameKeys(), is.NameKeys()); err != nil {
		return err
	}
	return reserve(ctx, tx, number, was.Reserved, is.Reserved)
}

func holdNames(ctx context.Context, tx *sql.Tx, number int64, was, is []string) error {
	for _, key := range was {
		if slices.Contains(is, key) {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM name_keys WHERE key = ?", key); err != nil {
			return err
		}
	}
	for _, key := range is {
		if slices.Contains(was, key) {
			continue
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO name_keys (key, organization) VALUES (?, ?)", key, number)
		if duplicate(err) {
			return domain.ErrNameTaken
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func reserve(ctx context.Context, tx *sql.Tx, number int64, was, is []string) error {
	for _, entry := range was {
		if slices.Contains(is, entry) {
			continue
		}
		if _, err := tx.ExecContext(ctx, "UPDATE reservations SET position = NULL WHERE entry = ?", entry); err != nil {
			return err
		}
	}
	for position, entry := range is {
		if position < len(was) && was[position] == entry {
			continue
		}
		result, err := tx.ExecContext(ctx, insertReservation, entry, number, position)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return domain.ErrNamespaceTaken
		}
	}
	return nil
}

// ByID: see ports.Organizations.
func (r *organizations) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	return r.one(ctx, selectOrganizationByID, string(id))
}

// ByNameKey: see ports.Organizations.
func (r *organizations) ByNameKey(ctx context.Context, key string) (domain.Organization, error) {
	return r.one(ctx, selectOrganizationByNameKey, key)
}

func (r *organizations) one(ctx context.Context, query, arg string) (o domain.Organization, err error) {
	err = r.call(ctx, "read organization", func(ctx context.Context) (err error) {
		o, err = scanRecord(r.readers.QueryRowContext(ctx, query, arg))
		if errors.Is(err, sql.ErrNoRows) {
			return domain.ErrOrganizationNotFound
		}
		return err
	})
	return o, err
}

// Due: see ports.Organizations.
func (r *organizations) Due(ctx context.Context, until time.Time, limit int) (due []domain.Organization, err error) {
	err = r.call(ctx, "list due operations", func(ctx context.Context) (err error) {
		due, err = queryAll(ctx, r.readers, scanRecord, selectOrganizationsDue, until.UnixMilli(), max(limit, 0))
		return err
	})
	return due, err
}
