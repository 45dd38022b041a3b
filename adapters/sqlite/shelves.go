package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// shelves are where one strategy keeps documents. read, look and write find a namespace
// and do their work on its documents, so that no rename, quarantine or drop comes
// between.
type shelves interface {
	// names returns the catalogue of the namespaces.
	names() *catalogue
	// ensure and drop are Namespaces.Ensure and Drop.
	ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error
	drop(ctx context.Context, p domain.Placement) error
	// stat tells what the finder finds.
	stat(ctx context.Context, f finder) (ports.NamespaceInfo, error)
	// get returns the document at a place, and the table that it is in.
	get(ctx context.Context, at ports.Place, id domain.DocumentID) (documentRow, documentTable, error)
	// read runs work in a transaction of a reader.
	read(ctx context.Context, kind string, f finder, work shelfWork) error
	// scan is read without a deadline. What is renamed or dropped once it has begun is
	// read to the end.
	scan(ctx context.Context, f finder, work shelfWork) error
	// look runs work in a transaction of the writer's connection that only reads.
	look(ctx context.Context, kind string, f finder, work shelfWork) error
	write(ctx context.Context, kind string, f finder, work shelfWork) error
	// merge copies a batch of the documents of from that come after last.
	merge(ctx context.Context, from, to namespaceRow, last any) (merged, error)
	// dropsInParts reports whether documents are still there, and can be counted, once a
	// drop has begun.
	dropsInParts() bool
	// movable returns domain.ErrMoveRefused when an application has made something that goes
	// with the namespace and isn't moved.
	movable(ctx context.Context, f finder) error
	// record begins to record what is written to what the finder finds, in a new session.
	// What is frozen stays so.
	record(ctx context.Context, f finder) (namespaceRow, error)
	// freeze lets nobody write any more to what the finder finds.
	freeze(ctx context.Context, f finder) error
	// unrecord ends what record has begun, unless that is frozen.
	unrecord(ctx context.Context, f finder) error
	// changes is where what is written to a namespace is recorded.
	changes(e namespaceRow) *changeLog
	// alone runs work while no call on documents of the namespace does.
	alone(ctx context.Context, identity string, work func(context.Context) error) error
}

// shelfWork is work on the documents of a namespace.
type shelfWork func(ctx context.Context, tx *sql.Tx, t documentTable) error

// tables keep the documents in data.db itself, in whose transactions everything happens.
type tables struct {
	*catalogue
	// of tells where the documents of a namespace are.
	of func(e namespaceRow) documentTable
	// own says that each namespace has a table, which is made and dropped with it.
	own bool
}

var _ shelves = (*tables)(nil)

// newCollections returns the tables of domain.StrategyCollection.
func newCollections(d *database) *tables {
	return &tables{
		&catalogue{database: d, table: "namespaces", identity: "physical", finished: "1", physical: physicalName},
		func(e namespaceRow) documentTable { return documentTable{name: e.identity} },
		true,
	}
}

// newShares returns the table of domain.StrategyShared.
func newShares(d *database) *tables {
	return &tables{
		&catalogue{database: d, table: "shares", identity: byNumber, finished: "1"},
		func(e namespaceRow) documentTable { return shareOf(e.owner, e.number) },
		false,
	}
}

func (s *tables) names() *catalogue { return s.catalogue }

func (s *tables) ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	return s.database.write(ctx, "make namespace", func(ctx context.Context, tx *sql.Tx) error {
		e, fresh, err := s.claim(ctx, tx, owner, p)
		switch {
		case err != nil:
			return err
		case fresh && s.own:
			_, err := tx.ExecContext(ctx, "CREATE TABLE "+s.of(e).quoted()+" "+documentColumns)
			return err
		case fresh:
			return nil
		}
		empty, err := s.of(e).isEmpty(ctx, tx)
		if err == nil && !empty {
			return domain.ErrNamespaceOccupied
		}
		return err
	})
}

// dropBatchSize is how many documents are removed in one transaction.
const dropBatchSize = 1000

// drop removes documents in batches, each in a transaction and a deadline of its own: a
// namespace of any size is dropped sooner or later, and others can write in between. The
// first batch takes it out of use unless it is the last, too. From then on the drop goes
// after the number.
func (s *tables) drop(ctx context.Context, p domain.Placement) error {
	f := s.under(p)
	for gone := false; !gone; {
		err := s.database.write(ctx, "drop documents", func(ctx context.Context, tx *sql.Tx) error {
			e, err := f(ctx, tx)
			if errors.Is(err, domain.ErrNamespaceMissing) {
				gone = true
				return nil
			}
			if err != nil {
				return err
			}
			f = s.numbered(e.number)
			gone, err = s.dropBatch(ctx, tx, e)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropBatch removes dropBatchSize documents, and when there are no more the namespace
// itself. It reports whether that is gone.
func (s *tables) dropBatch(ctx context.Context, tx *sql.Tx, e namespaceRow) (gone bool, err error) {
	last, err := s.of(e).removeBatch(ctx, tx)
	if err == nil && last {
		last, err = s.changes(e).removeSome(ctx, tx)
	}
	if err != nil {
		return false, err
	}
	if !last && !e.dropping {
		err = s.mark(ctx, tx, e)
	}
	if err != nil || !last {
		return false, err
	}
	if s.own {
		if _, err := tx.ExecContext(ctx, "DROP TABLE "+s.of(e).quoted()); err != nil {
			return false, err
		}
	}
	return true, s.remove(ctx, tx, e)
}

func (s *tables) stat(ctx context.Context, f finder) (info ports.NamespaceInfo, err error) {
	err = s.database.look(ctx, "look at namespace", func(ctx context.Context, tx *sql.Tx) error {
		e, err := f(ctx, tx)
		if err != nil {
			return err
		}
		info = ports.NamespaceInfo{Exists: true, Identity: e.identity}
		info.Empty, err = s.of(e).isEmpty(ctx, tx)
		return err
	})
	return info, err
}

// documents returns where the documents are, and records what is written if it is to be.
func (s *tables) documents(e namespaceRow) documentTable {
	t := s.of(e)
	if e.moving != atRest {
		t.changes = s.changes(e)
	}
	return t
}

// on makes work of a transaction of work on documents.
func (s *tables) on(f finder, work shelfWork) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		e, err := f(ctx, tx)
		if err != nil {
			return err
		}
		return work(ctx, tx, s.documents(e))
	}
}

func (s *tables) read(ctx context.Context, kind string, f finder, work shelfWork) error {
	return s.database.read(ctx, kind, s.on(f, work))
}

func (s *tables) scan(ctx context.Context, f finder, work shelfWork) error {
	return s.callFor(ctx, scanTime, scanKind, func(ctx context.Context) error {
		return transact(ctx, s.readers, &sql.TxOptions{ReadOnly: true}, s.on(f, work))
	})
}

func (s *tables) look(ctx context.Context, kind string, f finder, work shelfWork) error {
	return s.database.look(ctx, kind, s.on(f, work))
}

func (s *tables) write(ctx context.Context, kind string, f finder, work shelfWork) error {
	return s.database.write(ctx, kind, s.on(f, work))
}

// merge does with one statement what is absent.
func (s *tables) merge(ctx context.Context, from, to namespaceRow, last any) (batch merged, err error) {
	err = s.write(ctx, "merge documents", usable(s.numbered(from.number)), func(ctx context.Context, tx *sql.Tx, source documentTable) error {
		e, err := writable(usable(s.numbered(to.number)))(ctx, tx)
		if err != nil {
			return err
		}
		batch, err = mergeBatch(ctx, tx, source, s.documents(e), last)
		return err
	})
	return batch, err
}

func (s *tables) dropsInParts() bool { return true }

// alone needs no more than the transactions.
func (s *tables) alone(ctx context.Context, _ string, work func(context.Context) error) error {
	return work(ctx)
}
