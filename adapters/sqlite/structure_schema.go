package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
)

// schemaObject is a table or an index that a database has or needs.
type schemaObject struct {
	kind, name, table string
	// statement has made it.
	statement string
	// replaced says that another one stands under its name.
	replaced bool
}

const (
	selectSchema    = `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'`
	selectStatement = `SELECT coalesce(sql, '') FROM sqlite_schema WHERE name = ?`
)

// wantedObjects gives what the migrations make. They are run once.
var wantedObjects = map[string]func() ([]schemaObject, error){
	"registry": sync.OnceValues(func() ([]schemaObject, error) { return migrated("registry") }),
	"data":     sync.OnceValues(func() ([]schemaObject, error) { return migrated("data") }),
	ownSchema:  sync.OnceValues(func() ([]schemaObject, error) { return migrated(ownSchema) }),
}

// compare returns what a database lacks of what the migrations make.
func compare(ctx context.Context, conn *sql.Conn, schema string) (lacking []schemaObject, err error) {
	wanted, err := wantedObjects[schema]()
	if err != nil {
		return nil, err
	}
	for _, o := range wanted {
		var statement string
		err := conn.QueryRowContext(ctx, selectStatement, o.name).Scan(&statement)
		o.replaced = err == nil
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return nil, err
		case err != nil, statement != o.statement:
			lacking = append(lacking, o)
		}
	}
	return lacking, nil
}

// migrated returns the tables and indexes of a new database, which it makes in memory.
func migrated(schema string) (objects []schemaObject, err error) {
	ctx := context.Background()
	d := openMemory(&gate{}, DefaultTimeout)
	defer func() { err = errors.Join(err, d.close()) }()
	if err := migrate(ctx, d.writer, schema); err != nil {
		return nil, err
	}
	return queryAll(ctx, d.readers, scanObject, selectSchema)
}

// scanObject takes the columns of selectSchema.
func scanObject(from row) (o schemaObject, err error) {
	err = from.Scan(&o.kind, &o.name, &o.table, &o.statement)
	return o, err
}

// fault says what is wrong.
func (o schemaObject) fault() string {
	if o.replaced {
		return "the " + o.kind + " " + o.name + " is another one than this version makes"
	}
	return "the " + o.kind + " " + o.name + " is missing"
}

// mendable reports whether it is an index that can be made again, among all that is
// lacking.
func (o schemaObject) mendable(lacking []schemaObject) bool {
	return o.kind == "index" && !o.replaced && hasTable(lacking, o.table)
}

// create makes the object unless somebody else has made it meanwhile.
func (o schemaObject) create(ctx context.Context, tx *sql.Tx) error {
	var statement string
	err := tx.QueryRowContext(ctx, selectStatement, o.name).Scan(&statement)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.ExecContext(ctx, o.statement)
	return err
}

// hasTable reports whether a database has the table as the migrations make it.
func hasTable(lacking []schemaObject, name string) bool {
	return !slices.ContainsFunc(lacking, func(o schemaObject) bool { return o.kind == "table" && o.name == name })
}
