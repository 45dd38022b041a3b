package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// stretch is a range in the order of IDs.
type stretch struct {
	// after is the ID that it comes after, unless it is from the beginning, and last the ID
	// that it ends with, unless it is to the end.
	fromBeginning, toEnd bool
	after, last          string
}

// beginning is where a stretch begins, of which a position tells: "" or > and the last ID.
func beginning(position string) stretch {
	after, further := strings.CutPrefix(position, ">")
	return stretch{fromBeginning: !further, toEnd: true, after: after}
}

// until ends the stretch with an ID.
func (s stretch) until(last string) stretch {
	s.toEnd, s.last = false, last
	return s
}

// selectStretch selects the documents of a stretch, in their order.
func (t documentTable) selectStretch(s stretch) (query string, args []any) {
	var conditions []string
	args = t.args()
	if !s.fromBeginning {
		conditions, args = append(conditions, "id > ?"), append(args, s.after)
	}
	if !s.toEnd {
		conditions, args = append(conditions, "id <= ?"), append(args, s.last)
	}
	return "SELECT id, body FROM " + t.quoted() + t.where(conditions...) + " ORDER BY id", args
}

// found are documents in a stretch. full says that there may be more.
type found struct {
	rows []documentRow
	full bool
}

// some returns the first documents of a stretch, as many as a step may have.
func (t documentTable) some(ctx context.Context, tx *sql.Tx, s stretch, limit int) (f found, err error) {
	query, args := t.selectStretch(s)
	q := ports.DocumentQuery{Limit: min(max(limit, 1), mergeBatchSize), Bytes: mergeBatchBytes}
	f.rows, f.full, err = page(ctx, tx, q, query, args...)
	return f, err
}

func (f found) last() string { return f.rows[len(f.rows)-1].id }

// step is a part of a move.
type step struct {
	stretch
	source, target found
}

// part tells what the step was.
func (s step) part() ports.MovedPart {
	p := ports.MovedPart{Done: s.toEnd}
	if !s.toEnd {
		p.Position = ">" + s.last
	}
	p.Documents = int64(len(s.source.rows))
	for _, row := range s.source.rows {
		p.Bytes += int64(len(row.body))
	}
	return p
}

// step makes a stretch of the target what it is at the source. back says to read the
// target again when it was changed.
func (m *moving) step(ctx context.Context, kind, position string, limit int, back bool) (s step, err error) {
	s.stretch = beginning(position)
	err = m.across(ctx, kind,
		func(ctx context.Context, tx *sql.Tx, source documentTable) (err error) {
			if s.source, err = source.some(ctx, tx, s.stretch, limit); err == nil && s.source.full {
				s.stretch = s.until(s.source.last())
			}
			return err
		},
		func(ctx context.Context, tx *sql.Tx, target documentTable) (err error) {
			if s.target, err = target.some(ctx, tx, s.stretch, limit); err != nil {
				return err
			}
			if s.target.full { // The rest of the source is for the next step.
				s.stretch = s.until(s.target.last())
				s.source.rows = slices.DeleteFunc(s.source.rows, func(row documentRow) bool { return row.id > s.last })
			}
			changed, err := (writing{target, tx}).equalizeAll(ctx, s.source.rows, s.target.rows)
			if err == nil && changed && back {
				query, args := target.selectStretch(s.stretch)
				s.target.rows, err = queryAll(ctx, tx, scanDocument, query, args...)
			}
			return err
		})
	return s, err
}

// equalizeAll makes documents of the target what they are at the source. Both are in the
// order of their IDs.
func (w writing) equalizeAll(ctx context.Context, source, target []documentRow) (changed bool, err error) {
	for len(source) > 0 || len(target) > 0 {
		var id string
		var from, to *documentRow
		if len(target) == 0 || len(source) > 0 && source[0].id <= target[0].id {
			id, from, source = source[0].id, &source[0], source[1:]
		}
		if len(target) > 0 && (from == nil || target[0].id == id) {
			id, to, target = target[0].id, &target[0], target[1:]
		}
		if from != nil && to != nil && *from == *to {
			continue
		}
		changed = true
		if err := w.equalize(ctx, id, from, to); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// equalize makes a document of the target what it is at the source; nil is none.
func (w writing) equalize(ctx context.Context, id string, source, target *documentRow) (err error) {
	if err := w.record(ctx, id); err != nil {
		return err
	}
	switch {
	case source == nil && target == nil:
	case source == nil:
		_, err = w.change(ctx, w.deleteDocument(), w.args(id)...)
	case target == nil:
		_, err = w.change(ctx, w.insertDocument(), w.args(id, source.body)...)
	case *source != *target:
		_, err = w.change(ctx, w.updateDocument(), append([]any{source.body}, w.args(id)...)...)
	}
	if resultCode(err)&0xff == sqlite3.SQLITE_CONSTRAINT {
		return domain.ErrMoveRefused.Saying("A document can't be kept at the target, because of an index there.").Because(err)
	}
	return err
}

// find returns a document, nil if there is none.
func (w writing) find(ctx context.Context, id string) (*documentRow, error) {
	row, err := w.row(ctx, w.tx, domain.DocumentID(id))
	if errors.Is(err, domain.ErrDocumentNotFound) {
		return nil, nil
	}
	return &row, err
}

// changed returns the changes that come first in the log, and the documents as they are
// now; nil of one that isn't there.
func (t documentTable) changed(ctx context.Context, tx *sql.Tx) (changes []change, rows []*documentRow, err error) {
	if changes, err = t.changes.next(ctx, tx, mergeBatchSize); err != nil {
		return nil, nil, err
	}
	work, size := writing{t, tx}, 0
	for i, c := range changes {
		row, err := work.find(ctx, c.id)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
		if row != nil {
			size += len(row.body)
		}
		if size >= mergeBatchBytes {
			return changes[:i+1], rows, nil
		}
	}
	return changes, rows, nil
}

// text is what a digest is made of: the ID and the body as they are kept.
func (d documentRow) text() []byte {
	text := make([]byte, 0, 8+len(d.id)+len(d.body))
	text = binary.BigEndian.AppendUint64(text, uint64(len(d.id)))
	return append(append(text, d.id...), d.body...)
}
