package sqlite

import (
	"context"
	"database/sql"
	"math"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// scanTime bounds no scan: only its context does.
const scanTime = time.Duration(math.MaxInt64)

// scanKind is what observers know a scan by.
const scanKind = "scan documents"

// Scan: see ports.Documents. It is one transaction of a reader, which sees the file as it
// was when it began. Others write meanwhile; what they write stays in the log until the
// scan ends. In memory, where there is one connection, it goes page by page.
func (d *documents) Scan(
	ctx context.Context, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
) (consistent bool, err error) {
	if d.names().inMemory() {
		return false, d.scanPages(ctx, at, after, visit)
	}
	err = d.scan(ctx, d.names().at(at), func(ctx context.Context, tx *sql.Tx, t documentTable) error {
		return t.scan(ctx, tx, after, visit)
	})
	return err == nil, err
}

func (t documentTable) scan(ctx context.Context, tx *sql.Tx, after domain.DocumentID, visit func(domain.Document) error) error {
	rows, err := tx.QueryContext(ctx, t.selectPage(), t.args(string(after))...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, err := scanDocument(rows)
		if err != nil {
			return err
		}
		document, err := t.document(row)
		if err != nil {
			return err
		}
		if err := visit(document); err != nil {
			return err
		}
	}
	return rows.Err()
}

// What a page of a scan has at most.
const (
	scanDocuments = 1000
	scanBytes     = 4 << 20
)

func (d *documents) scanPages(
	ctx context.Context, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
) error {
	for {
		page, err := d.List(ctx, at, ports.DocumentQuery{After: after, Limit: scanDocuments, Bytes: scanBytes})
		if err != nil {
			return err
		}
		for _, document := range page.Documents {
			if err := visit(document); err != nil {
				return err
			}
			after = document.ID
		}
		if !page.More {
			return nil
		}
	}
}
