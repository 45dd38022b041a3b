package mongo

import (
	"context"
	"errors"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
)

// What one command names at most, and how long their _ids are together.
const (
	moveAtOnce   = 1000
	moveIDsBytes = 1 << 20
)

// chunks returns the _ids in parts that fit into a command.
func chunks(ids []bson.RawValue) iter.Seq[[]bson.RawValue] {
	return func(yield func([]bson.RawValue) bool) {
		for len(ids) > 0 {
			n, size := 0, 0
			for n < len(ids) && n < moveAtOnce && (n == 0 || size+len(ids[n].Value) <= moveIDsBytes) {
				size += len(ids[n].Value)
				n++
			}
			if !yield(ids[:n]) {
				return
			}
			ids = ids[n:]
		}
	}
}

// lateAfter is by how much a command may outlast the store's timeout: clocks of the
// servers of a cluster differ.
const lateAfter = 5 * time.Second

// errSlept says that what was read is too old to be written.
var errSlept = errors.New("mongo: a step of a move took too long")

// inTime is the condition that a command which is sent now isn't late.
func (g *moving) inTime(ctx context.Context) (bson.D, error) {
	var hello struct {
		Time time.Time `bson:"localTime"`
	}
	if err := g.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return nil, translate("ask for the time", err)
	}
	return bson.D{{Key: "$lt", Value: bson.A{"$$NOW", hello.Time.Add(g.timeout + lateAfter)}}}, nil
}

// remove removes documents of the target.
func (g *moving) remove(ctx context.Context, ids []bson.RawValue) error {
	for some := range chunks(ids) {
		err := g.write(ctx, deletes, some, func(inTime bson.D) bson.A {
			return bson.A{bson.D{
				{Key: "q", Value: append(g.to.share.among(some), bson.E{Key: "$expr", Value: inTime})},
				{Key: "limit", Value: 0},
			}}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// put makes documents at the target that aren't there. Those that an index refuses are
// pending. A pipeline keeps each as it is, and makes none when it is late.
func (g *moving) put(ctx context.Context, all []ownForm) error {
	return g.each(ctx, updates, all, func(d ownForm, inTime bson.D) any {
		document := bson.D{{Key: "$literal", Value: g.to.share.fields(bodyIn(d))}}
		replace := bson.D{{Key: "$replaceWith", Value: bson.D{{Key: "$cond", Value: bson.A{inTime, document, nil}}}}}
		return bson.D{
			{Key: "q", Value: g.to.share.absent(d.id)}, {Key: "u", Value: bson.A{replace}}, {Key: "upsert", Value: true},
		}
	})
}

// insert is put for a copy, far quicker. A late insert changes no document, but may bring
// back one that was deleted meanwhile. A Check comes after the copy, and removes it.
func (g *moving) insert(ctx context.Context, all []ownForm) error {
	plain := make([]ownForm, 0, len(all))
	var rest []ownForm
	for _, d := range all {
		if hasEmptyTimestamp(bodyIn(d)) {
			rest = append(rest, d)
			continue
		}
		plain = append(plain, d)
	}
	err := g.each(ctx, inserts, plain, func(d ownForm, _ bson.D) any { return g.to.share.document(d.id, bodyIn(d)) })
	if err != nil {
		return err
	}
	return g.put(ctx, rest)
}

// each sends a statement for each of the documents, as many at once as fit into a command.
func (g *moving) each(ctx context.Context, k kind, all []ownForm, statement func(d ownForm, inTime bson.D) any) error {
	for len(all) > 0 {
		n, size := 1, len(all[0].own)
		for n < len(all) && n < moveAtOnce && size+len(all[n].own) <= commandBytes {
			size += len(all[n].own)
			n++
		}
		some := all[:n]
		ids := make([]bson.RawValue, n)
		for i, d := range some {
			ids[i] = d.id
		}
		err := g.write(ctx, k, ids, func(inTime bson.D) bson.A {
			statements := make(bson.A, n)
			for i, d := range some {
				statements[i] = statement(d, inTime)
			}
			return statements
		})
		if err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// bodyIn returns the document without its _id, which comes first.
func bodyIn(d ownForm) bson.Raw {
	head := 4 + 1 + len(domain.FieldID) + 1 + len(d.id.Value)
	return sized(append(bson.Raw{0, 0, 0, 0}, d.own[head:]...))
}

// write sends one command of writes to the target, each of which is of the document with
// the _id at its place.
func (g *moving) write(ctx context.Context, k kind, ids []bson.RawValue, statements func(inTime bson.D) bson.A) error {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	if err := g.to.confirm(ctx); err != nil {
		return err
	}
	if time.Since(g.began) > g.timeout+lateAfter {
		return domain.ErrStoreUnavailable.Because(errSlept)
	}
	var inTime bson.D
	if k != inserts { // They take no condition.
		var err error
		if inTime, err = g.inTime(ctx); err != nil {
			return err
		}
	}
	raw, err := g.to.db.RunCommand(ctx, g.to.command(k.command,
		bson.E{Key: "ordered", Value: false}, durably, bson.E{Key: k.statements, Value: statements(inTime)})).Raw()
	if refused, ok := errors.AsType[driver.WriteException](err); ok && refused.WriteConcernError == nil {
		err = nil // raw says which of them
	}
	if err != nil {
		return g.to.failed("write moved documents", err)
	}
	if g.to.share != nil {
		stored := make([]bson.RawValue, len(ids))
		for i, id := range ids {
			stored[i] = g.to.share.stored(id)
		}
		if _, err := survived(ctx, g.to.db, g.to.share, stored); err != nil {
			return err
		}
	}
	var r reply
	if err := bson.Unmarshal(raw, &r); err != nil {
		return translate("read what became of moved documents", err)
	}
	for _, e := range r.Errors {
		index, _ := e.Lookup("index").AsInt64OK()
		code, _ := e.Lookup("code").AsInt64OK()
		if !duplicateKey(int(code)) {
			return notMoved(int(code))
		}
		g.hold(ids[index])
	}
	return nil
}

var errLate = errors.New("mongo: a command came late")

// notMoved returns the error of a write that the target has refused with the code.
func notMoved(code int) error {
	if code == codeNoReplacement {
		return domain.ErrStoreUnavailable.Because(errLate)
	}
	err := refusal(code)
	if errors.Is(err, domain.ErrNamespaceMissing) || errors.Is(err, domain.ErrStoreUnavailable) {
		return err
	}
	return domain.ErrMoveRefused.Because(&serverError{code: code})
}
