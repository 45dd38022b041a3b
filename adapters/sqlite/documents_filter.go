package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// filtered returns the documents that have what the filter says, among the q.Scan that
// come first, or domain.ErrFilterTooBroad.
func (t documentTable) filtered(ctx context.Context, tx *sql.Tx, q ports.DocumentQuery) (found []documentRow, full bool, err error) {
	var end string
	err = tx.QueryRowContext(ctx, t.selectScanEnd(), t.args(string(q.After), max(q.Scan, 0))...).Scan(&end)
	goesOn := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, false, err
	}
	args := t.args(string(q.After))
	if goesOn {
		args = append(args, end)
	}
	query, values := t.selectFiltered(goesOn, q.Filter)
	found, full, err = page(ctx, tx, q, query, append(args, values...)...)
	if err == nil && goesOn && !full {
		return nil, false, domain.ErrFilterTooBroad
	}
	return found, full, err
}

// selectFiltered is selectPage, before an ID if the list ends there, with the conditions
// of a filter, whose values it returns. A body that is no JSON meets all of them, so
// that it is told and not passed over.
func (t documentTable) selectFiltered(ends bool, filter []domain.Equal) (query string, values []any) {
	conditions := make([]string, len(filter))
	for i, e := range filter {
		condition, value := conditionOn(e)
		conditions[i] = "EXISTS (SELECT 1 FROM json_each(body) WHERE key = ? AND " + condition + ")"
		values = append(append(values, e.Field), value...)
	}
	among := []string{"id > ?"}
	if ends {
		among = append(among, "id < ?")
	}
	among = append(among, "CASE WHEN json_valid(body) THEN "+strings.Join(conditions, " AND ")+" ELSE 1 END")
	return "SELECT id, body FROM " + t.quoted() + t.where(among...) + " ORDER BY id", values
}

// conditionOn returns the condition on the row that json_each makes of a field. SQLite
// compares whole numbers with doubles exactly.
func conditionOn(e domain.Equal) (condition string, value []any) {
	switch v := e.Value.(type) {
	case nil:
		return "type = 'null'", nil
	case bool:
		return "type = '" + strconv.FormatBool(v) + "'", nil
	case string:
		return "type = 'text' AND value = ?", []any{v}
	}
	return "type IN ('integer', 'real') AND value = ?", []any{e.Value}
}
