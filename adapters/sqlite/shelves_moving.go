package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/orgkeeper/orgkeeper/domain"
)

// begin begins a session, in which what is written is recorded.
func (c *catalogue) begin(ctx context.Context, tx *sql.Tx, e namespaceRow) (namespaceRow, error) {
	err := changeOne(ctx, tx, "UPDATE "+c.table+" SET moving = max(moving, ?), session = session + 1 WHERE number = ?", recorded, e.number)
	if err != nil {
		return namespaceRow{}, err
	}
	return c.numbered(e.number)(ctx, tx)
}

// setMoving says how far a move has come.
func (c *catalogue) setMoving(ctx context.Context, tx *sql.Tx, e namespaceRow, to movingState) error {
	return changeOne(ctx, tx, "UPDATE "+c.table+" SET moving = ? WHERE number = ?", to, e.number)
}

// changes is where what is written to a namespace is recorded.
func (s *tables) changes(e namespaceRow) *changeLog { return changesOf(s.table, e.number) }

// selectMade finds what applications have made with a table.
const selectMade = `SELECT type || ' ' || name FROM sqlite_schema
	WHERE tbl_name = ? AND name <> tbl_name AND name NOT GLOB 'sqlite_*'`

// movable is about tables that are dropped with the namespace. Indexes of the table for
// many stay where they are.
func (s *tables) movable(ctx context.Context, f finder) error {
	return s.look(ctx, "look at namespace", f, func(ctx context.Context, tx *sql.Tx, t documentTable) error {
		if !s.own {
			return nil
		}
		made, err := queryAll(ctx, tx, scanText, selectMade, t.name)
		return refuse(made, err)
	})
}

// refuse returns domain.ErrMoveRefused when applications have made something.
func refuse(made []string, err error) error {
	if err != nil || len(made) == 0 {
		return err
	}
	return domain.ErrMoveRefused.
		Saying("An application has made something with the documents that can't be moved, such as an index.").
		Because(fmt.Errorf("sqlite: there is the %s", made[0]))
}

func (s *tables) record(ctx context.Context, f finder) (e namespaceRow, err error) {
	err = s.database.write(ctx, "begin to move", func(ctx context.Context, tx *sql.Tx) error {
		if e, err = f(ctx, tx); err == nil {
			e, err = s.begin(ctx, tx, e)
		}
		return err
	})
	return e, err
}

func (s *tables) freeze(ctx context.Context, f finder) error {
	return s.database.write(ctx, "freeze namespace", func(ctx context.Context, tx *sql.Tx) error {
		e, err := f(ctx, tx)
		if err != nil {
			return err
		}
		return s.setMoving(ctx, tx, e, frozen)
	})
}

// unrecord removes what was recorded in batches, unless somebody records again.
func (s *tables) unrecord(ctx context.Context, f finder) error {
	for last := false; !last; {
		err := s.database.write(ctx, "end move", func(ctx context.Context, tx *sql.Tx) error {
			e, err := f(ctx, tx)
			switch {
			case err != nil:
				return err
			case e.moving == frozen:
				last = true
				return nil
			case e.moving == recorded:
				f = unmoved(usable(s.numbered(e.number)))
				if err := s.setMoving(ctx, tx, e, atRest); err != nil {
					return err
				}
			}
			last, err = s.changes(e).removeSome(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unmoved finds what f finds unless it is moved.
func unmoved(f finder) finder {
	return func(ctx context.Context, db queryer) (namespaceRow, error) {
		e, err := f(ctx, db)
		if err == nil && e.moving != atRest {
			return namespaceRow{}, domain.ErrNamespaceMissing
		}
		return e, err
	}
}

// changes is in the file itself, for as long as the documents are moved: in the
// transactions that write them.
func (*databases) changes(namespaceRow) *changeLog { return changesInFile() }

// movable is about everything in the file, which is removed with the namespace.
func (s *databases) movable(ctx context.Context, f finder) error {
	return s.look(ctx, "look at namespace", f, func(ctx context.Context, tx *sql.Tx, _ documentTable) error {
		known := map[string]bool{changesTable: true}
		wanted, err := wantedObjects[ownSchema]()
		if err != nil {
			return err
		}
		for _, o := range wanted {
			known[o.name] = true
		}
		objects, err := queryAll(ctx, tx, scanObject, selectSchema)
		var made []string
		for _, o := range objects {
			if !known[o.name] {
				made = append(made, o.kind+" "+o.name)
			}
		}
		return refuse(made, err)
	})
}

// turn runs work while no call is under way in the file that f finds: a later one sees
// what work does to the row.
func (s *databases) turn(ctx context.Context, kind string, f finder, work func(context.Context, held, *database) error) error {
	if s.readOnly {
		return ErrReadOnly
	}
	return s.call(ctx, kind, func(ctx context.Context) error {
		return s.holding(ctx, everybody, f, func(ctx context.Context, h held) error {
			d, err := s.opened(ctx, h)
			if err != nil {
				return err
			}
			return work(ctx, h, d)
		})
	})
}

func (s *databases) record(ctx context.Context, f finder) (e namespaceRow, err error) {
	err = s.turn(ctx, "begin to move", f, func(ctx context.Context, h held, d *database) error {
		if _, err := d.writer.ExecContext(ctx, ownChanges); err != nil {
			return err
		}
		return transact(ctx, s.writer, nil, func(ctx context.Context, tx *sql.Tx) (err error) {
			e, err = s.begin(ctx, tx, h.row)
			return err
		})
	})
	return e, err
}

func (s *databases) freeze(ctx context.Context, f finder) error {
	return s.turn(ctx, "freeze namespace", f, func(ctx context.Context, h held, _ *database) error {
		return transact(ctx, s.writer, nil, func(ctx context.Context, tx *sql.Tx) error {
			return s.setMoving(ctx, tx, h.row, frozen)
		})
	})
}

func (s *databases) unrecord(ctx context.Context, f finder) error {
	return s.turn(ctx, "end move", f, func(ctx context.Context, h held, d *database) error {
		if h.row.moving != recorded {
			return nil
		}
		err := transact(ctx, s.writer, nil, func(ctx context.Context, tx *sql.Tx) error {
			return s.setMoving(ctx, tx, h.row, atRest)
		})
		if err == nil {
			_, err = d.writer.ExecContext(ctx, dropChanges)
		}
		return err
	})
}

// unlessMissing returns the error unless it is that nothing is there.
func unlessMissing(err error) error {
	if errors.Is(err, domain.ErrNamespaceMissing) {
		return nil
	}
	return err
}
