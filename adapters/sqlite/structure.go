package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// structure checks both files, and those of organizations.
//
// Faults works on a reader's connection: it may take long, and the writer goes on
// meanwhile. It has no deadline but its caller's, since a file of any size is to be
// checked.
type structure struct {
	registry, data *database
	databases      *databases
}

var _ ports.Structure = (*structure)(nil)

// maxFaults is how many faults of one kind are told.
const maxFaults = 100

// The checks select sentences; %d is how many at most.
const (
	// checkRegistry compares indexes with their tables; checkData doesn't, since the
	// documents are many, and their indexes an application's own.
	checkRegistry = `PRAGMA integrity_check(%d)`
	checkData     = `PRAGMA quick_check(%d)`

	checkReferences = `SELECT "table" || ' has rows (' || count(*) || ') that refer to no row of ' || parent
		FROM pragma_foreign_key_check GROUP BY "table", parent LIMIT %d`

	// The names of all tables are put in order once: there may be 100,000.
	namespacesWithoutTable = `SELECT 'the table ' || physical || ' of a namespace is missing' FROM namespaces
		WHERE physical NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table') LIMIT %d`
	tablesWithoutNamespace = `SELECT 'the table ' || name || ' is of no namespace' FROM sqlite_schema
		WHERE type = 'table' AND name GLOB 'documents_*' AND name NOT IN (SELECT physical FROM namespaces) LIMIT %d`
)

// Faults: see ports.Structure.
func (s *structure) Faults(ctx context.Context) ([]string, error) {
	registry, err := faults(ctx, s.registry, RegistryFile, "registry", func([]schemaObject) []string {
		return []string{checkRegistry, checkReferences}
	})
	if err != nil {
		return nil, err
	}
	data, err := faults(ctx, s.data, DataFile, "data", func(lacking []schemaObject) []string {
		if !hasTable(lacking, "namespaces") {
			return []string{checkData}
		}
		return []string{checkData, checkReferences, namespacesWithoutTable, tablesWithoutNamespace}
	})
	if err != nil {
		return nil, err
	}
	databases, err := s.databases.faults(ctx)
	return append(append(registry, data...), databases...), err
}

// faults tells what one file lacks and what its checks find, which are chosen by what
// it lacks.
func faults(ctx context.Context, d *database, file, schema string, checks func(lacking []schemaObject) []string) (told []string, err error) {
	err = unhurried(ctx, d, func(ctx context.Context, conn *sql.Conn) (err error) {
		told, err = inspect(ctx, conn, file, schema, checks)
		return err
	})
	return told, err
}

// inspect is faults on a connection.
func inspect(
	ctx context.Context, conn *sql.Conn, file, schema string, checks func(lacking []schemaObject) []string,
) (told []string, err error) {
	tell := func(fault string) { told = append(told, file+": "+fault+".") }
	lacking, err := compare(ctx, conn, schema)
	if err != nil {
		return nil, err
	}
	for _, o := range lacking {
		tell(o.fault())
	}
	for _, check := range checks(lacking) {
		switch err := tellAll(ctx, conn, check, tell); {
		case corrupt(err):
			tell("a check ended early, since pages of the file are damaged")
			return told, nil
		case err != nil:
			return nil, err
		}
	}
	return told, nil
}

// tellAll tells what a check selects.
func tellAll(ctx context.Context, conn *sql.Conn, check string, tell func(fault string)) error {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(check, maxFaults+1))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for n := 0; rows.Next(); n++ {
		var found string
		if err := rows.Scan(&found); err != nil {
			return err
		}
		if n == maxFaults {
			tell("there are more faults like the last")
			break
		}
		// A check of pages says what is sound, and tells many faults at once.
		for fault := range strings.Lines(found) {
			if fault = strings.TrimSpace(fault); fault != "ok" && fault != "*** in database main ***" {
				tell(fault)
			}
		}
	}
	return rows.Err()
}

// Mend: see ports.Structure. It makes the indexes that are missing. A table that is
// missing had rows, which nobody can make again.
func (s *structure) Mend(ctx context.Context) error {
	return errors.Join(mend(ctx, s.registry, "registry"), mend(ctx, s.data, "data"))
}

func mend(ctx context.Context, d *database, schema string) error {
	var found []schemaObject
	err := unhurried(ctx, d, func(ctx context.Context, conn *sql.Conn) (err error) {
		found, err = compare(ctx, conn, schema)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range found {
		if !o.mendable(found) {
			continue
		}
		if err := d.write(ctx, "make index", o.create); err != nil {
			return fmt.Errorf("index %s: %w", o.name, err)
		}
	}
	return nil
}

// unhurried runs work on a connection that reads, under ctx's deadline alone.
func unhurried(ctx context.Context, d *database, work func(context.Context, *sql.Conn) error) error {
	if !d.gate.enter() {
		return domain.ErrStoreUnavailable.Because(errClosed)
	}
	defer d.gate.leave()
	conn, err := d.readers.Conn(ctx)
	if err != nil {
		return translate(ctx, err)
	}
	defer func() { _ = conn.Close() }()
	return translate(ctx, work(ctx, conn))
}
