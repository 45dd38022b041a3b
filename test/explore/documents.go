package explore

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/orgkeeper/orgkeeper/domain"
)

// document is a document of an organization, and where it stands.
type document struct {
	strategy  domain.Strategy
	namespace string
	id, owner string
}

// at reports whether it stands at the placement.
func (d document) at(p domain.Placement) bool {
	return d.strategy == p.Strategy && d.namespace == p.Namespace
}

// insert puts a document of the organization into the namespace, and returns the table
// where it is, "" when the namespace doesn't exist.
func (m *machine) insert(ctx context.Context, p domain.Placement, id string, of domain.OrganizationID) (string, error) {
	tables, err := m.data.texts(ctx, "SELECT physical FROM namespaces WHERE database = ? AND name = ?", p.Database, p.Namespace)
	if err != nil || len(tables) == 0 {
		return "", err
	}
	return tables[0], m.data.executeOnce(ctx, `INSERT OR REPLACE INTO "`+tables[0]+`" (id, body) VALUES (?, ?)`, id, bodyOf(of))
}

// bodyOf is what all documents of an organization hold.
func bodyOf(id domain.OrganizationID) string { return `{"owner":"` + string(id) + `"}` }

// strayTable begins the names of the tables that stray makes.
const strayTable = "stray "

// documentColumns is what a table of documents has.
const documentColumns = "(id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT"

// stray does what MongoDB does when an application writes into a collection that isn't
// there: it makes one, which is nobody's.
func (m *machine) stray(ctx context.Context, p domain.Placement) error {
	err := m.data.execute(ctx, "INSERT INTO namespaces (database, name, organization_id, physical) VALUES (?, ?, '', ?)",
		p.Database, p.Namespace, strayTable+p.Namespace)
	if err != nil {
		return err
	}
	return m.data.executeOnce(ctx, `CREATE TABLE "`+strayTable+p.Namespace+`" `+documentColumns)
}

// documents returns all documents of all namespaces.
func (m *machine) documents(ctx context.Context) (all []document, err error) {
	var tables [][2]string
	err = m.data.each(ctx, "SELECT name, physical FROM namespaces ORDER BY name", func(row []driver.Value) {
		tables = append(tables, [2]string{fmt.Sprint(row[0]), fmt.Sprint(row[1])})
	})
	for _, t := range tables {
		if err != nil {
			return nil, err
		}
		err = m.data.eachOnce(ctx, `SELECT id, body ->> 'owner' FROM "`+t[1]+`" ORDER BY id`, func(row []driver.Value) {
			all = append(all, document{domain.StrategyCollection, t[0], fmt.Sprint(row[0]), fmt.Sprint(row[1])})
		})
	}
	if err != nil {
		return nil, err
	}
	err = m.data.each(ctx, selectShared, func(row []driver.Value) {
		all = append(all, document{domain.StrategyShared, fmt.Sprint(row[0]), fmt.Sprint(row[1]), fmt.Sprint(row[2])})
	})
	return all, err
}

const selectShared = `SELECT s.name, t.id, t.body ->> 'owner' FROM shares AS s
	JOIN tenants AS t ON t.organization_id = s.organization_id AND t.share = s.number ORDER BY s.name, t.id`
