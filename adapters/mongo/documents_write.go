package mongo

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// What one document and one command hold at most. The server takes commands that are
// 16 KiB longer than a document. A command of several writes is kept shorter, so that the
// server needs little time for each.
const (
	documentBytes = 16 << 20
	commandBytes  = 8 << 20
)

var errDocumentTooBig = domain.Invalid("document", "is larger than the database takes")

var (
	actions          = []ports.DocumentAction{ports.DocumentPut, ports.DocumentCreate, ports.DocumentDelete}
	errUnknownAction = errors.New("mongo: a write is neither a put, a create nor a delete")
)

// kind is a command that writes, and the field that has its statements.
type kind struct{ command, statements string }

var (
	deletes = kind{"delete", "deletes"}
	updates = kind{"update", "updates"}
	inserts = kind{"insert", "documents"}
)

// statement is one write as a command has it.
type statement struct {
	kind  kind
	value bson.D
	// document is the whole of what an insert inserts, in place of value.
	document bson.Raw
	size     int
	place    int // in the writes and in their results
	// anew says to do it again when its _id has come up meanwhile.
	anew bool
	// tried says of an insert that it tries a put, which an update does if it is refused.
	tried bool
}

// batch is a call of Write that runs.
type batch struct {
	*fenced
	writes  []ports.DocumentWrite
	results []ports.DocumentResult
}

// Write implements ports.Documents. Writes without a condition go together, by one
// command of each kind for every 8 MiB. Each command has the store's timeout.
//
// An index that an application has made unique refuses a document as one that exists
// does, also where it is put: domain.ErrDocumentExists. What another rule of the
// collection refuses is an invalid request of its own.
func (d *documents) Write(
	ctx context.Context, at ports.Place, writes []ports.DocumentWrite,
) ([]ports.DocumentResult, error) {
	if at.Placement.State == domain.PlacementLeft {
		return nil, domain.ErrNamespaceMissing
	}
	proving, cancel := d.limit(ctx)
	defer cancel()
	c, err := d.fenced(proving, at)
	if err != nil {
		return nil, err
	}
	b := &batch{c, writes, make([]ports.DocumentResult, len(writes))}
	var conditional []int
	plain := map[kind][]statement{}
	var tried []statement
	for place, w := range writes {
		if !slices.Contains(actions, w.Action) {
			return nil, errUnknownAction
		}
		if w.IfMatch != "" && w.Action != ports.DocumentCreate {
			conditional = append(conditional, place)
			continue
		}
		s, err := b.statement(place, w.New)
		if err != nil { // the document's
			b.results[place].Err = err
			continue
		}
		if s.size > documentBytes {
			b.results[place].Err = errDocumentTooBig
			continue
		}
		if s.tried {
			tried = append(tried, s)
			continue
		}
		plain[s.kind] = append(plain[s.kind], s)
	}
	// Deletes go first, since they may make room in an application's unique index. Creates
	// go last, since they can't be repeated.
	for _, all := range [][]statement{plain[deletes], plain[updates], tried, plain[inserts]} {
		if err := b.perform(ctx, all); err != nil {
			return nil, err
		}
	}
	if err := b.performConditional(ctx, conditional); err != nil {
		return nil, err
	}
	return b.results, nil
}

// statement returns a write without its condition. A put is tried by an insert if it is
// probably of a new document: an update costs the server twice as much.
func (b *batch) statement(place int, isNew bool) (statement, error) {
	w := b.writes[place]
	id := idValue(w.Document.ID)
	if w.Action == ports.DocumentDelete {
		return b.delete(place, b.share.one(id)), nil
	}
	if !b.share.takes(id) {
		return statement{}, errIDRefused
	}
	body, err := bodyOf(w.Document.Body)
	if err != nil {
		return statement{}, err
	}
	put := w.Action == ports.DocumentPut
	zeros := (isNew || !put) && hasEmptyTimestamp(body) // which an insert wouldn't keep
	switch {
	case put && (zeros || !isNew):
		return b.update(place, b.share.one(id), body, true), nil
	case zeros:
		// The update finds nothing, and inserts.
		s := b.update(place, b.share.absent(id), body, true)
		s.anew = false
		return s, nil
	}
	document := b.share.document(id, body)
	return statement{kind: inserts, document: document, size: len(document), place: place, tried: put}, nil
}

func (b *batch) delete(place int, filter bson.D) statement {
	return statement{kind: deletes, value: bson.D{{Key: "q", Value: filter}, {Key: "limit", Value: 1}}, place: place}
}

// update returns the statement that puts the body, which has no _id, in the place of what
// the filter finds: that keeps its _id.
func (b *batch) update(place int, filter bson.D, body bson.Raw, upsert bool) statement {
	body = b.share.fields(body)
	var replacement any = body
	if hasEmptyTimestamp(body) || hasOperator(body) { // a pipeline leaves it as it is
		replacement = bson.A{bson.D{{Key: "$replaceWith", Value: bson.D{{Key: "$literal", Value: body}}}}}
	}
	return statement{
		kind:  updates,
		value: bson.D{{Key: "q", Value: filter}, {Key: "u", Value: replacement}, {Key: "upsert", Value: upsert}},
		size:  len(body),
		place: place,
		anew:  upsert,
	}
}

// perform performs statements of one kind, and of inserts the updates that they lead to.
func (b *batch) perform(ctx context.Context, all []statement) error {
	for range lookAgain {
		var again []statement
		for len(all) > 0 {
			n, size := 1, all[0].size
			for n < len(all) && size+all[n].size <= commandBytes {
				size += all[n].size
				n++
			}
			_, anew, err := b.send(ctx, all[:n])
			if err != nil {
				return err
			}
			all, again = all[n:], append(again, anew...)
		}
		if all = again; len(all) == 0 {
			return nil
		}
	}
	return domain.ErrStoreUnavailable.Because(errRestless)
}

// send sends statements as one command and notes what has become of each. It returns how
// many documents were there for them, and which statements are to be sent anew.
func (b *batch) send(ctx context.Context, all []statement) (n int64, anew []statement, err error) {
	ctx, cancel := b.limit(ctx)
	defer cancel()
	if err := b.writable(ctx); err != nil {
		return 0, nil, b.missing(all, err)
	}
	list := make(bson.A, len(all))
	for i, s := range all {
		if list[i] = s.value; s.document != nil {
			list[i] = s.document
		}
	}
	raw, err := b.db.RunCommand(ctx, b.command(all[0].kind.command,
		bson.E{Key: "ordered", Value: false}, durably, bson.E{Key: all[0].kind.statements, Value: list})).Raw()
	if refused, ok := errors.AsType[driver.WriteException](err); ok && refused.WriteConcernError == nil {
		err = nil // raw says which of them
	}
	if err != nil { // None was begun.
		return 0, nil, b.missing(all, b.failed("write documents", err))
	}
	frozen, err := b.survived(ctx, all)
	if err != nil {
		return 0, nil, b.missing(all, err)
	}
	if frozen {
		return 0, nil, b.unsure(all)
	}
	var r reply
	if err := bson.Unmarshal(raw, &r); err != nil {
		return 0, nil, translate("read what became of writes", err)
	}
	anew, err = b.note(all, r)
	return r.N, anew, err
}

// missing notes of statements that the namespace is missing, if that is the error.
func (b *batch) missing(all []statement, err error) error {
	if !errors.Is(err, domain.ErrNamespaceMissing) {
		return err
	}
	for _, s := range all {
		b.results[s.place] = ports.DocumentResult{Err: err}
	}
	return nil
}
