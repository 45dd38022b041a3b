package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// usages keeps the records in the table usages.
type usages struct{ *database }

var _ ports.Usages = (*usages)(nil)

const (
	selectUsage = `SELECT documents, bytes, measured_at, quota_documents, quota_bytes
		FROM usages WHERE organization = ?`

	measuredUsage = `INSERT INTO usages (organization, documents, bytes, measured_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (organization) DO UPDATE SET
			(documents, bytes, measured_at) = (excluded.documents, excluded.bytes, excluded.measured_at)
		WHERE measured_at IS NULL OR measured_at <= excluded.measured_at`

	setQuota = `INSERT INTO usages (organization, quota_documents, quota_bytes) VALUES (?, ?, ?)
		ON CONFLICT (organization) DO UPDATE SET
			(quota_documents, quota_bytes) = (excluded.quota_documents, excluded.quota_bytes)`

	removeUsage = `DELETE FROM usages WHERE organization = ?`
)

// ByOrganization: see ports.Usages.
func (u *usages) ByOrganization(ctx context.Context, id domain.OrganizationID) (domain.UsageRecord, error) {
	record := domain.UsageRecord{Organization: id}
	err := u.call(ctx, "read usage", func(ctx context.Context) error {
		var (
			measured         milliseconds
			documents, bytes sql.Null[int64]
		)
		err := u.readers.QueryRowContext(ctx, selectUsage, string(id)).Scan(
			&record.Documents, &record.Bytes, &measured, &documents, &bytes)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		record.MeasuredAt = measured.time
		if documents.Valid && bytes.Valid {
			record.Quota = &domain.Quota{Documents: documents.V, Bytes: bytes.V}
		}
		return err
	})
	if err != nil {
		return domain.UsageRecord{}, err
	}
	return record, nil
}

// Measured: see ports.Usages.
func (u *usages) Measured(ctx context.Context, id domain.OrganizationID, m domain.Usage, at time.Time) error {
	if u.readOnly {
		return errors.Join(ErrReadOnly, errors.ErrUnsupported)
	}
	return u.change(ctx, "write usage", measuredUsage, string(id), m.Documents, m.Bytes, at.UnixMilli())
}

// SetQuota: see ports.Usages.
func (u *usages) SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) error {
	if q == nil {
		return u.change(ctx, "write quota", setQuota, string(id), nil, nil)
	}
	return u.change(ctx, "write quota", setQuota, string(id), q.Documents, q.Bytes)
}

// Remove: see ports.Usages.
func (u *usages) Remove(ctx context.Context, id domain.OrganizationID) error {
	return u.change(ctx, "remove usage", removeUsage, string(id))
}

// change runs one statement in a transaction of its own.
func (u *usages) change(ctx context.Context, kind, statement string, args ...any) error {
	return u.write(ctx, kind, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
}
