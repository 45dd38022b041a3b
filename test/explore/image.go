package explore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// image is the content of a machine: the tables of its two databases.
type image struct{ registry, data []*table }

// table is the content of a table. Equal ones are one.
type table struct {
	name string
	rows [][]driver.Value
}

// tableKey tells tables apart.
type tableKey struct {
	name string
	rows fingerprint
}

// listTables leaves out what never changes.
const listTables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_version' ORDER BY name"

// save takes the content out.
func (m *machine) save(ctx context.Context) (i image, err error) {
	if m.fixed == nil { // Only the tables of documents come and go.
		if m.fixed, err = m.registry.texts(ctx, listTables); err != nil {
			return i, err
		}
	}
	if i.registry, err = m.dump(ctx, m.registry, m.fixed); err != nil {
		return i, err
	}
	names, err := m.data.texts(ctx, listTables)
	if err == nil {
		i.data, err = m.dump(ctx, m.data, names)
	}
	return i, err
}

func (m *machine) dump(ctx context.Context, c *connection, names []string) ([]*table, error) {
	all := make([]*table, len(names))
	for i, name := range names {
		t := &table{name: name}
		var h maphash.Hash
		h.SetSeed(seed)
		query := "SELECT * FROM " + quote(name)
		read := func(row []driver.Value) {
			for _, v := range row {
				writeValue(&h, v)
			}
			t.rows = append(t.rows, slices.Clone(row))
		}
		var err error
		if t.documents() {
			err = c.eachOnce(ctx, query, read)
		} else {
			err = c.each(ctx, query, read)
		}
		if err != nil {
			return nil, err
		}
		key := tableKey{name, fingerprint(h.Sum64())}
		if _, known := m.tables[key]; !known {
			m.tables[key] = t
		}
		all[i] = m.tables[key]
	}
	return all, nil
}

func writeValue(h *maphash.Hash, v driver.Value) {
	switch v := v.(type) {
	case string:
		maphash.WriteComparable(h, len(v))
		_, _ = h.WriteString(v)
	case int64:
		maphash.WriteComparable(h, v)
	default:
		_, _ = fmt.Fprintf(h, "%T:%v\x00", v, v)
	}
}

// load brings the machine from one content to another.
func (m *machine) load(ctx context.Context, from, to image) error {
	return errors.Join(change(ctx, m.registry, from.registry, to.registry), change(ctx, m.data, from.data, to.data))
}

// change brings a database from one content to another.
func change(ctx context.Context, c *connection, from, to []*table) (err error) {
	if slices.Equal(from, to) {
		return nil
	}
	do := func(f func(context.Context, string, ...driver.Value) error, statement string, args ...driver.Value) {
		if err == nil {
			err = f(ctx, statement, args...)
		}
	}
	do(c.execute, "BEGIN")
	do(c.executeOnce, "PRAGMA defer_foreign_keys = ON")
	for _, t := range from {
		if !slices.ContainsFunc(to, t.named) {
			do(c.executeOnce, "DROP TABLE "+quote(t.name))
		}
	}
	for _, t := range to {
		if slices.Contains(from, t) {
			continue
		}
		put := c.execute
		if t.documents() {
			put = c.executeOnce
		}
		if slices.ContainsFunc(from, t.named) {
			do(put, "DELETE FROM "+quote(t.name))
		} else {
			do(put, "CREATE TABLE "+quote(t.name)+" "+documentColumns)
		}
		for _, row := range t.rows {
			do(put, "INSERT INTO "+quote(t.name)+" VALUES (?"+strings.Repeat(", ?", len(row)-1)+")", row...)
		}
	}
	do(c.execute, "COMMIT")
	return err
}

func (t *table) named(other *table) bool { return t.name == other.name }

// documents reports whether the table holds an organization's documents.
func (t *table) documents() bool {
	return strings.HasPrefix(t.name, "documents_") || strings.HasPrefix(t.name, strayTable)
}

func quote(name string) string { return `"` + name + `"` }
