package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

// migrations has a directory for each database. The files of one, in the order
// of their names, lead from nothing to the schema of today; the nth makes
// version n. A file that was released is never changed.
//
//go:embed migrations
var migrations embed.FS

// migrate brings a database to the last version that this program knows, each
// step in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB, schema string) error {
	steps := migrationSteps(schema)
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return newerSchema(version, len(steps))
	}
	for i, step := range steps[version:] {
		if err := apply(ctx, db, step, version+i+1); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	return nil
}

// migrationSteps gives the files of a database's migrations.
func migrationSteps(schema string) []string {
	steps, err := fs.Glob(migrations, "migrations/"+schema+"/*.sql")
	if err != nil {
		panic(err) // the pattern is malformed
	}
	return steps
}

func newerSchema(version, known int) error {
	return fmt.Errorf("%w: version %d, known up to %d", ErrNewerSchema, version, known)
}

// schemaVersion gives a database's version, 0 for one that has nothing.
func schemaVersion(ctx context.Context, db queryer) (version int, err error) {
	var tables int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'").Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM schema_version").Scan(&version)
	return version, err
}

func apply(ctx context.Context, db *sql.DB, step string, version int) error {
	script, err := migrations.ReadFile(step)
	if err != nil {
		return err
	}
	return transact(ctx, db, nil, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, string(script)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO schema_version (version) VALUES (?)", version)
		return err
	})
}
