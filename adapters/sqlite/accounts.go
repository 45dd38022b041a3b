package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// accounts keeps the records in the table accounts.
type accounts struct{ *database }

var _ ports.Accounts = (*accounts)(nil)

const (
	selectAccount = `SELECT a.id, a.email, a.password_hash, a.organization_id,
		a.epoch, a.version, a.created_at, a.updated_at FROM accounts AS a`

	selectAccountByID       = selectAccount + ` WHERE a.id = ?`
	selectAccountByEmailKey = selectAccount + ` WHERE a.email_key = ?`

	insertAccount = `INSERT INTO accounts (id, created_at,
			email, email_key, password_hash, organization_id, epoch, version, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

	updateAccount = `UPDATE accounts SET
			(email, email_key, password_hash, organization_id, epoch, version, updated_at) = (?, ?, ?, ?, ?, ?, ?)
		WHERE id = ? AND version = ?`
)

// Insert: see ports.Accounts.
func (r *accounts) Insert(ctx context.Context, a domain.Account) error {
	return r.write(ctx, "insert account", func(ctx context.Context, tx *sql.Tx) error {
		args := append([]any{string(a.ID), a.CreatedAt.UnixMilli()}, accountValues(a)...)
		_, err := tx.ExecContext(ctx, insertAccount, args...)
		if !duplicate(err) {
			return err
		}
		// One statement can break both indexes, and SQLite tells of one.
		var same bool
		err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ?)", string(a.ID)).Scan(&same)
		if err != nil {
			return err
		}
		if same {
			return domain.ErrVersionConflict
		}
		return domain.ErrEmailTaken
	})
}

// Replace: see ports.Accounts.
func (r *accounts) Replace(ctx context.Context, a domain.Account, ifVersion int64) error {
	return r.write(ctx, "replace account", func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, updateAccount, append(accountValues(a), string(a.ID), ifVersion)...)
		if duplicate(err) {
			return domain.ErrEmailTaken
		}
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 0 {
			return err
		}
		return domain.ErrVersionConflict
	})
}

// Delete: see ports.Accounts.
func (r *accounts) Delete(ctx context.Context, id domain.AccountID) error {
	return r.write(ctx, "delete account", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM accounts WHERE id = ?", string(id))
		return err
	})
}

// ByID: see ports.Accounts.
func (r *accounts) ByID(ctx context.Context, id domain.AccountID) (domain.Account, error) {
	return r.one(ctx, selectAccountByID, string(id))
}

// ByEmailKey: see ports.Accounts.
func (r *accounts) ByEmailKey(ctx context.Context, key string) (domain.Account, error) {
	return r.one(ctx, selectAccountByEmailKey, key)
}

func (r *accounts) one(ctx context.Context, query, arg string) (a domain.Account, err error) {
	err = r.call(ctx, "read account", func(ctx context.Context) (err error) {
		a, err = scanAccount(r.readers.QueryRowContext(ctx, query, arg))
		if errors.Is(err, sql.ErrNoRows) {
			return domain.ErrAccountNotFound
		}
		return err
	})
	return a, err
}

// accountValues has the order of the columns that both writes set.
func accountValues(a domain.Account) []any {
	return []any{
		a.Email.String(), a.Email.Key(), a.PasswordHash.Reveal(), string(a.OrganizationID),
		a.Epoch, a.Version, a.UpdatedAt.UnixMilli(),
	}
}

// scanAccount takes the columns of selectAccount.
func scanAccount(from row) (a domain.Account, err error) {
	var (
		email, hash      string
		created, updated milliseconds
	)
	err = from.Scan(&a.ID, &email, &hash, &a.OrganizationID, &a.Epoch, &a.Version, &created, &updated)
	if err != nil {
		return domain.Account{}, err
	}
	a.Email, a.PasswordHash = domain.StoredEmail(email), domain.NewPasswordHash(hash)
	a.CreatedAt, a.UpdatedAt = created.time, updated.time
	return a, nil
}
