package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// databases keep the documents of each namespace in a file of its own, next to data.db,
// whose catalogue is the truth of what exists. No transaction is about both: a call takes
// its share of the file's fence, finds the row, and works in the file. Who changes the
// row of a file that is made has the whole fence.
//
// Where the store is only read the fence is that of another process. There the row is
// looked at once more when the transaction in the file has begun.
type databases struct {
	*catalogue
	files *files
	// dir is Options.Dir, empty in memory.
	dir string
}

var _ shelves = (*databases)(nil)

func newDatabases(d *database, f *files, dir string) *databases {
	return &databases{&catalogue{database: d, table: "databases", identity: byNumber, finished: "finished"}, f, dir}
}

func (s *databases) names() *catalogue { return s.catalogue }

// row finds a row, within a call. It needs no transaction: once the fence is held, what was
// found by one query is still so at the next.
func (s *databases) row(ctx context.Context, f finder) (namespaceRow, error) {
	return f(ctx, s.readers)
}

// held is a file that a call holds with its share of the fence.
type held struct {
	*file
	row namespaceRow
	// leave gives the fence back, before the call ends or with it.
	leave func()
}

// within finds a row and runs work with its file.
func (s *databases) within(ctx context.Context, f finder, work func(context.Context, held) error) error {
	return s.holding(ctx, 1, f, work)
}

// holding is within with so much of the fence.
func (s *databases) holding(ctx context.Context, share int64, f finder, work func(context.Context, held) error) error {
	for {
		e, err := s.row(ctx, f)
		if err != nil {
			return err
		}
		again, err := s.withFile(ctx, e.number, share, f, work)
		if !again {
			return err
		}
	}
}

// withFile runs work with the file of the number, or reports that f finds another one
// now.
func (s *databases) withFile(
	ctx context.Context, number, share int64, f finder, work func(context.Context, held) error,
) (again bool, err error) {
	one := s.files.hold(number)
	defer s.files.release(one)
	if err := s.await(ctx, func(ctx context.Context) error { return one.fence.Acquire(ctx, share) }); err != nil {
		return false, err
	}
	leave := sync.OnceFunc(func() { one.fence.Release(share) })
	defer leave()
	e, err := s.row(ctx, f)
	if err != nil || e.number != number {
		return err == nil, err
	}
	return false, work(ctx, held{one, e, leave})
}

// perform runs work in a transaction of the file that f finds. pool chooses the
// connection. begun, if set, is called when nothing that comes later is seen any more.
func (s *databases) perform(
	ctx context.Context, f finder, pool func(*database) *sql.DB, o *sql.TxOptions, begun func(held), work shelfWork,
) error {
	return s.within(ctx, f, func(ctx context.Context, h held) error {
		d, err := s.opened(ctx, h)
		if err != nil {
			return errors.Join(s.still(ctx, f, h), err)
		}
		return transact(ctx, pool(d), o, func(ctx context.Context, tx *sql.Tx) error {
			if s.readOnly || begun != nil {
				if err := fix(ctx, tx); err != nil {
					return err
				}
			}
			if err := s.still(ctx, f, h); err != nil {
				return err
			}
			if begun != nil {
				begun(h)
			}
			t := documentTable{name: ownTable}
			if h.row.moving != atRest {
				t.changes = s.changes(h.row)
			}
			return work(ctx, tx, t)
		})
	})
}

// still returns domain.ErrNamespaceMissing when another process has taken what f found
// elsewhere.
func (s *databases) still(ctx context.Context, f finder, h held) error {
	if !s.readOnly {
		return nil
	}
	e, err := s.row(ctx, f)
	if err == nil && e.number != h.number {
		err = domain.ErrNamespaceMissing
	}
	return err
}

// fix fixes what a transaction sees: the header is enough.
func fix(ctx context.Context, tx *sql.Tx) error {
	var pages int64
	return tx.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages)
}

func readersOf(d *database) *sql.DB { return d.readers }

func writerOf(d *database) *sql.DB { return d.writer }

func (s *databases) read(ctx context.Context, kind string, f finder, work shelfWork) error {
	return s.call(ctx, kind, func(ctx context.Context) error {
		return s.perform(ctx, f, readersOf, &sql.TxOptions{ReadOnly: true}, nil, work)
	})
}

func (s *databases) look(ctx context.Context, kind string, f finder, work shelfWork) error {
	return s.read(ctx, kind, f, work)
}

func (s *databases) scan(ctx context.Context, f finder, work shelfWork) error {
	return s.callFor(ctx, scanTime, scanKind, func(ctx context.Context) error {
		return s.perform(ctx, f, readersOf, &sql.TxOptions{ReadOnly: true}, func(h held) { h.leave() }, work)
	})
}

func (s *databases) write(ctx context.Context, kind string, f finder, work shelfWork) error {
	if s.readOnly {
		return ErrReadOnly
	}
	return s.call(ctx, kind, func(ctx context.Context) error {
		return s.perform(ctx, f, writerOf, nil, nil, work)
	})
}

// stat opens no file that isn't there: one that was lost isn't empty, and the check of
// the structure tells it.
func (s *databases) stat(ctx context.Context, f finder) (info ports.NamespaceInfo, err error) {
	err = s.call(ctx, "look at namespace", func(ctx context.Context) error {
		return s.within(ctx, f, func(ctx context.Context, h held) error {
			info = ports.NamespaceInfo{Exists: true, Identity: h.row.identity}
			there, err := s.there(h.number)
			if err != nil {
				return err
			}
			if !there || !h.row.finished {
				info.Empty = h.row.dropping || !h.row.finished
				return nil
			}
			info.Empty, err = s.isEmpty(ctx, h)
			return err
		})
	})
	return info, err
}

func (s *databases) isEmpty(ctx context.Context, h held) (empty bool, err error) {
	d, err := s.opened(ctx, h)
	if err != nil {
		return false, err
	}
	err = transact(ctx, d.readers, &sql.TxOptions{ReadOnly: true}, func(ctx context.Context, tx *sql.Tx) (err error) {
		empty, err = documentTable{name: ownTable}.isEmpty(ctx, tx)
		return err
	})
	return empty, err
}

// ensure adds the row, then makes the file. One that was not made to the end is by then.
func (s *databases) ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	for {
		var e namespaceRow
		err := s.database.write(ctx, "make namespace", func(ctx context.Context, tx *sql.Tx) (err error) {
			e, _, err = s.claim(ctx, tx, owner, p)
			return err
		})
		if err != nil {
			return err
		}
		empty := false
		err = s.call(ctx, "make database", func(ctx context.Context) error {
			return s.within(ctx, usable(s.numbered(e.number)), func(ctx context.Context, h held) (err error) {
				empty, err = s.isEmpty(ctx, h)
				return err
			})
		})
		switch {
		case errors.Is(err, domain.ErrNamespaceMissing): // It was dropped since.
			continue
		case err == nil && !empty:
			return domain.ErrNamespaceOccupied
		}
		return err
	}
}

// drop takes the namespace out of use, removes the files, then the row.
func (s *databases) drop(ctx context.Context, p domain.Placement) error {
	for {
		e, err := s.lookUp(ctx, s.under(p))
		if errors.Is(err, domain.ErrNamespaceMissing) {
			return nil
		}
		if err != nil {
			return err
		}
		err = s.alone(ctx, e.identity, func(ctx context.Context) error { return s.takeOut(ctx, p, e) })
		if errors.Is(err, domain.ErrNamespaceMissing) { // It was dropped or renamed since the look.
			continue
		}
		if err == nil {
			err = s.removeFiles(ctx, e)
		}
		if err != nil {
			return err
		}
		return s.database.write(ctx, "drop namespace", func(ctx context.Context, tx *sql.Tx) error { return s.remove(ctx, tx, e) })
	}
}

// takeOut marks the row if it stands at p.
func (s *databases) takeOut(ctx context.Context, p domain.Placement, e namespaceRow) error {
	return s.database.write(ctx, "begin to drop", func(ctx context.Context, tx *sql.Tx) error {
		now, err := s.under(p)(ctx, tx)
		switch {
		case err != nil:
			return err
		case now.number != e.number:
			return domain.ErrNamespaceMissing
		}
		return s.mark(ctx, tx, e)
	})
}

// merge reads a batch, then writes it: the two are in two files.
func (s *databases) merge(ctx context.Context, from, to namespaceRow, last any) (batch merged, err error) {
	var rows []documentRow
	err = s.look(ctx, "read documents", usable(s.numbered(from.number)), func(ctx context.Context, tx *sql.Tx, source documentTable) error {
		last, end, err := batchEnd(ctx, tx, source, last)
		if err != nil || end == nil {
			return err
		}
		batch.last = end
		rows, err = queryAll(ctx, tx, scanDocument, source.selectBatch(""), source.args(last, end)...)
		return err
	})
	if err != nil {
		return merged{}, err
	}
	err = s.write(ctx, "merge documents", writable(usable(s.numbered(to.number))), func(ctx context.Context, tx *sql.Tx, target documentTable) error {
		work := writing{target, tx}
		for _, row := range rows {
			if err := work.record(ctx, row.id); err != nil {
				return err
			}
			result, err := tx.ExecContext(ctx, target.insertMissing()+"VALUES (?, ?)"+target.endMissing(), target.args(row.id, row.body)...)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			batch.copied += n
		}
		return nil
	})
	return batch, err
}

// dropsInParts: a file goes at once.
func (s *databases) dropsInParts() bool { return false }

// alone takes the whole fence.
func (s *databases) alone(ctx context.Context, identity string, work func(context.Context) error) error {
	number, err := strconv.ParseInt(identity, 10, 64)
	if err != nil {
		return work(ctx) // Nothing has the identity.
	}
	one := s.files.hold(number)
	defer s.files.release(one)
	if err := s.await(ctx, func(ctx context.Context) error { return one.fence.Acquire(ctx, everybody) }); err != nil {
		return err
	}
	defer one.fence.Release(everybody)
	return work(ctx)
}

// await waits for something for as long as a call may take, also where the call itself
// has no deadline.
func (s *databases) await(ctx context.Context, wait func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err := wait(ctx)
	if err != nil && ctx.Err() != nil {
		return translate(ctx, err)
	}
	return err
}

// retryLock is the time between two tries to get the lock that a backup holds.
const retryLock = 10 * time.Millisecond
