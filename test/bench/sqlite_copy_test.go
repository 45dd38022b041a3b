package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// numbers is a table with the numbers from ?1 to ?2.
const numbers = `WITH RECURSIVE n (i) AS (VALUES (?1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2) `

const (
	copyOrganizations = `INSERT INTO organizations ` + numbers + `SELECT NULL, 'copy-' || i,
		'Organization ' || i, 'organization ' || i, status,
		placement_strategy, placement_database, 'org_organization_' || i, placement_generation, placement_state,
		owner_id, epoch, version, created_at, updated_at, deleted_at, hold, purge_at, receipt, last
		FROM organizations, n WHERE number = 1`
	copyNames = `INSERT INTO name_keys ` + numbers + `SELECT o.name_key, o.number
		FROM n JOIN organizations AS o ON o.id = 'copy-' || i`
	copyReservations = `INSERT INTO reservations ` + numbers + `SELECT o.placement_namespace, o.number, 0
		FROM n JOIN organizations AS o ON o.id = 'copy-' || i`
	copyAccounts = `INSERT INTO accounts ` + numbers + `SELECT 'account-' || i,
		'admin@organization-' || i || '.example', 'admin@organization-' || i || '.example',
		password_hash, 'copy-' || i, epoch, version, created_at, updated_at FROM accounts, n WHERE id = ?3`
	beginOperation = `INSERT INTO operations SELECT number, 'op', 'create', 'forward', '', 1, 2, 1,
		'', '', '', '', '', '', '', 0, '', '', '', 0, 0, 0, 0 FROM organizations WHERE id = 'copy-' || ?`
	endOperation = `DELETE FROM operations WHERE organization = (SELECT number FROM organizations WHERE id = 'copy-' || ?)`
	touchCopy    = `UPDATE organizations SET status = 'active', version = version + 1 WHERE id = 'copy-' || ?`
	touchFirst   = `UPDATE organizations SET name = ?, version = version + 1 WHERE number = 1`
	addNamespace = `INSERT INTO namespaces (database, name, organization_id, physical) VALUES ('data', ?1, '', ?1)`
)

func (s *sqliteStore) fill(ctx context.Context, first, last int) error {
	n := []any{first, last}
	err := transact(ctx, s.registry, step{copyOrganizations, n}, step{copyNames, n}, step{copyReservations, n})
	if err != nil {
		return err
	}
	_, err = s.registry.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

func (s *sqliteStore) documents(ctx context.Context, namespace string, n int) error {
	if n == 0 {
		return nil
	}
	var table string
	err := s.data.QueryRowContext(ctx, "SELECT physical FROM namespaces WHERE name = ?", namespace).Scan(&table)
	if err != nil {
		return err
	}
	return transact(ctx, s.data, step{
		fmt.Sprintf(`INSERT INTO %q `, table) + numbers + `SELECT 'document-' || i, '{"text":"some words"}' FROM n`, []any{1, n},
	})
}

func (s *sqliteStore) create(ctx context.Context, i int) error {
	if _, err := s.get(ctx, fmt.Sprintf("organization %d", i)); !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("the name is not free: %w", err)
	}
	var id, epoch any
	if err := s.byEmail.QueryRowContext(ctx, email(i)).Scan(&id, &epoch); !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("the email is not free: %w", err)
	}
	one, namespace := []any{i, i}, fmt.Sprintf("org_organization_%d", i)
	if err := transact(ctx, s.registry, step{copyOrganizations, one}, step{beginOperation, one[:1]},
		step{copyNames, one}, step{copyReservations, one}); err != nil {
		return err
	}
	if err := transact(ctx, s.registry, step{copyAccounts, []any{i, i, s.firstOwner}}); err != nil {
		return err
	}
	if err := transact(ctx, s.data, step{addNamespace, []any{namespace}},
		step{fmt.Sprintf("CREATE TABLE %q (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT", namespace), nil}); err != nil {
		return err
	}
	return transact(ctx, s.registry, step{touchCopy, one[:1]}, step{endOperation, one[:1]})
}

func (s *sqliteStore) rename(ctx context.Context, from, to string) error {
	if err := transact(ctx, s.registry, step{touchFirst, []any{to}}); err != nil {
		return err
	}
	if err := transact(ctx, s.data, step{"UPDATE namespaces SET name = ?2 WHERE name = ?1", []any{from, to}}); err != nil {
		return err
	}
	return transact(ctx, s.registry, step{touchFirst, []any{to}})
}
