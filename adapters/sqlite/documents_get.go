package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// readKind is what observers know a get by.
const readKind = "read document"

// rowAt is the row that a place tells of, as far as it says where the documents are.
func rowAt(at ports.Place) namespaceRow {
	e := namespaceRow{owner: string(at.Organization), identity: at.Identity}
	e.number, _ = strconv.ParseInt(at.Identity, 10, 64) // Nothing that has a number has another identity.
	return e
}

// get is one statement, which sees the row of the namespace and the document at one
// instant. Without the table it reads both in a transaction: somebody drops the namespace, or
// makes it.
func (s *tables) get(ctx context.Context, at ports.Place, id domain.DocumentID) (row documentRow, t documentTable, err error) {
	t = s.of(rowAt(at))
	args := append(t.args(string(id)), at.Placement.Database, at.Placement.Namespace, at.Identity, string(at.Organization))
	var body sql.NullString
	err = s.call(ctx, readKind, func(ctx context.Context) error {
		err := s.readers.QueryRowContext(ctx, s.selectAt(t), args...).Scan(&body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return domain.ErrNamespaceMissing
		case err == nil && !body.Valid:
			return domain.ErrDocumentNotFound
		}
		return err
	})
	if resultCode(err) == sqlite3.SQLITE_ERROR {
		err = s.read(ctx, readKind, s.at(at), func(ctx context.Context, tx *sql.Tx, there documentTable) (err error) {
			t = there
			row, err = t.row(ctx, tx, id)
			return err
		})
		return row, t, err
	}
	return documentRow{id: string(id), body: body.String}, t, err
}

// row returns the document with the ID, or domain.ErrDocumentNotFound.
func (t documentTable) row(ctx context.Context, db queryer, id domain.DocumentID) (documentRow, error) {
	row, err := scanDocument(db.QueryRowContext(ctx, t.selectDocument(), t.args(string(id))...))
	if errors.Is(err, sql.ErrNoRows) {
		err = domain.ErrDocumentNotFound
	}
	return row, err
}

// get needs no transaction in the file: who changes the row has the whole fence. What the
// row's number is the place tells.
func (s *databases) get(ctx context.Context, at ports.Place, id domain.DocumentID) (row documentRow, t documentTable, err error) {
	f := s.at(at)
	t = documentTable{name: ownTable}
	err = s.call(ctx, readKind, func(ctx context.Context) error {
		another, err := s.withFile(ctx, rowAt(at).number, 1, f, func(ctx context.Context, h held) error {
			d, err := s.opened(ctx, h)
			if err == nil {
				row, err = t.row(ctx, d.readers, id)
			}
			if missing := s.still(ctx, f, h); missing != nil {
				return errors.Join(missing, err)
			}
			return err
		})
		if another {
			return domain.ErrNamespaceMissing
		}
		return err
	})
	return row, t, err
}
