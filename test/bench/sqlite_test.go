package bench

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
)

// sqliteStore has the program's two files open beside it.
type sqliteStore struct {
	registry, data                               *sql.DB
	byName, byNameLean, byEmail, byID, ownerByID *sql.Stmt
	firstOrganization, firstOwner                string
	prepared                                     error
}

func openSQLite(ctx context.Context, dir string) (*sqliteStore, error) {
	s := &sqliteStore{}
	for file, db := range map[string]**sql.DB{"registry.db": &s.registry, "data.db": &s.data} {
		pool, err := sql.Open("sqlite", "file:"+filepath.Join(dir, file)+
			"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)")
		if err != nil {
			return nil, err
		}
		pool.SetMaxOpenConns(4)
		pool.SetMaxIdleConns(4)
		*db = pool
	}
	s.byName, s.byNameLean = s.prepare(ctx, `SELECT o.*, `+related+byKey), s.prepare(ctx, `SELECT o.id, o.name, o.placement_namespace, o.created_at`+byKey)
	s.byID = s.prepare(ctx, `SELECT status, epoch FROM organizations WHERE id = ?`)
	s.ownerByID = s.prepare(ctx, `SELECT organization_id, epoch FROM accounts WHERE id = ?`)
	s.byEmail = s.prepare(ctx, `SELECT id, epoch FROM accounts WHERE email_key = ?`)
	first := s.registry.QueryRowContext(ctx, "SELECT id, owner_id FROM organizations WHERE number = 1")
	return s, errors.Join(s.prepared, first.Scan(&s.firstOrganization, &s.firstOwner))
}

func (s *sqliteStore) prepare(ctx context.Context, query string) *sql.Stmt {
	statement, err := s.registry.PrepareContext(ctx, query)
	s.prepared = errors.Join(s.prepared, err)
	return statement
}

// related is what the program reads beside the organization's own 18 columns.
const related = `(SELECT json_object('id', id) FROM operations WHERE organization = o.number),
	(SELECT json_group_array(entry) FROM
		(SELECT entry FROM reservations WHERE organization = o.number AND position >= 0 ORDER BY position))`

const byKey = ` FROM name_keys JOIN organizations AS o ON o.number = name_keys.organization WHERE name_keys.key = ?`

func (s *sqliteStore) get(ctx context.Context, key string) (o httpapi.GetResponse, err error) {
	var row [20]any
	into := make([]any, len(row))
	for i := range row {
		into[i] = &row[i]
	}
	if err := s.byName.QueryRowContext(ctx, key).Scan(into...); err != nil {
		return o, err
	}
	return httpapi.GetResponse{
		OrganizationID: row[1].(string), OrganizationName: row[2].(string), CollectionName: row[7].(string),
		CreatedAt: time.UnixMilli(row[15].(int64)).UTC(),
	}, nil
}

func (s *sqliteStore) lean(ctx context.Context, key string) (o httpapi.GetResponse, err error) {
	var created int64
	err = s.byNameLean.QueryRowContext(ctx, key).Scan(&o.OrganizationID, &o.OrganizationName, &o.CollectionName, &created)
	o.CreatedAt = time.UnixMilli(created).UTC()
	return o, err
}

func (s *sqliteStore) session(ctx context.Context) error {
	var text string
	var epoch int64
	return errors.Join(
		s.byID.QueryRowContext(ctx, s.firstOrganization).Scan(&text, &epoch),
		s.ownerByID.QueryRowContext(ctx, s.firstOwner).Scan(&text, &epoch))
}

// step is a statement with its arguments.
type step struct {
	query     string
	arguments []any
}

// transact executes the steps in a transaction.
func transact(ctx context.Context, db *sql.DB, steps ...step) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range steps {
		if _, err := tx.ExecContext(ctx, s.query, s.arguments...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
