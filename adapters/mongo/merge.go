package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
)

// What a batch of Merge reads and writes at most. One document more may be in it, and
// one is 16 MiB at most.
const (
	mergeDocuments = 1000
	mergeBytes     = 8 << 20
)

// errMergeRefused says that the collection doesn't take some documents, though it has
// none with their _id: another unique index or a validator refuses them.
var errMergeRefused = errors.New("mongo: the collection refuses documents that it hasn't; " +
	"an index or a rule of its own is in their way")

// byID is the order of _id, over values of all types.
var byID = bson.D{{Key: "_id", Value: 1}}

// Merge implements ports.Inventory. It walks from by _id and inserts what isn't there;
// the index on _id decides. Each batch has the store's timeout. A batch that the
// target has refused in part doesn't end the walk: the error comes at its end.
//
// Before each batch it looks whether to is the collection that it was. Should to be
// renamed or dropped between that look and the insert, the server makes a new
// collection of the batch: a stray, as any late writer leaves it, and from still has
// the documents.
func (v *inventory) Merge(ctx context.Context, from, to domain.Placement) (copied int64, err error) {
	w := &walker{Store: v.Store}
	if w.from, err = v.collection(from); err != nil {
		return 0, err
	}
	if w.to, err = v.collection(to); err != nil {
		return 0, err
	}
	refused := int64(0)
	for more := true; more; {
		var did merged
		did, more, err = w.step(ctx)
		copied += did.copied
		refused += did.refused
		if err != nil {
			return copied, err
		}
	}
	if refused > 0 {
		return copied, fmt.Errorf("%w (%d of them)", errMergeRefused, refused)
	}
	return copied, nil
}

// collection returns the collection of p.
func (v *inventory) collection(p domain.Placement) (*driver.Collection, error) {
	db, err := v.place(p, v.strategy)
	if err != nil {
		return nil, err
	}
	return db.Collection(p.Collection()), nil
}

// walker is a merge that runs.
type walker struct {
	*Store
	from, to *driver.Collection
	// identity is that of to.
	identity string
	// last is the _id up to which all is done, zero before the first.
	last bson.RawValue
}

// merged is what came of a batch.
type merged struct{ copied, refused int64 }

// step merges the next batch, and reports whether there may be more.
func (w *walker) step(ctx context.Context) (did merged, more bool, err error) {
	ctx, cancel := w.limit(ctx)
	defer cancel()
	if err := w.look(ctx); err != nil {
		return merged{}, false, err
	}
	batch, err := w.read(ctx)
	if err != nil || len(batch) == 0 {
		return merged{}, false, err
	}
	w.last = batch[len(batch)-1].Lookup("_id")
	did, err = w.write(ctx, batch)
	return did, err == nil, err
}

// look checks that both collections are there, and that to is the one that it was.
func (w *walker) look(ctx context.Context) error {
	there := map[*driver.Collection]object{}
	for _, c := range []*driver.Collection{w.from, w.to} {
		found, err := look(ctx, c.Database(), c.Name())
		if err != nil {
			return err
		}
		o, exists := found[c.Name()]
		if !exists {
			return domain.ErrNamespaceMissing
		}
		there[c] = o
	}
	identity := there[w.to].identity()
	if w.last.IsZero() {
		w.identity = identity
	}
	if identity != w.identity {
		return domain.ErrNamespaceMissing
	}
	return nil
}

// read returns the next documents of from. An expression compares _ids of
// all types, as their index does; a condition would keep to one type.
func (w *walker) read(ctx context.Context) ([]bson.Raw, error) {
	filter := bson.D{}
	if !w.last.IsZero() {
		after := bson.D{{Key: "$gt", Value: bson.A{"$_id", bson.D{{Key: "$literal", Value: w.last}}}}}
		filter = bson.D{{Key: "$expr", Value: after}}
	}
	cursor, err := w.from.Find(ctx, filter, options.Find().
		SetSort(byID).SetHint(byID).SetLimit(mergeDocuments).SetBatchSize(mergeDocuments+1))
	if err != nil {
		return nil, translate("read documents to merge", err)
	}
	defer func() { _ = cursor.Close(ctx) }()
	var batch []bson.Raw
	for size := 0; size < mergeBytes && cursor.Next(ctx); size += len(cursor.Current) {
		batch = append(batch, append(bson.Raw(nil), cursor.Current...))
	}
	return batch, translate("read documents to merge", cursor.Err())
}

// write inserts those of the batch that to hasn't, each on its own.
func (w *walker) write(ctx context.Context, batch []bson.Raw) (merged, error) {
	_, err := w.to.InsertMany(ctx, batch, options.InsertMany().SetOrdered(false))
	did := merged{copied: int64(len(batch))}
	if err == nil {
		return did, nil
	}
	bulk, ok := errors.AsType[driver.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil || unavailable(err) {
		return merged{}, translate("merge documents", err)
	}
	for _, e := range bulk.WriteErrors {
		did.copied--
		if duplicateKey(e.Code) && violatedField(e.Raw, e.Message) == "_id" {
			continue
		}
		// When a document breaks two indexes, one is told: look.
		there, err := w.has(ctx, batch[e.Index].Lookup("_id"))
		if err != nil {
			return did, err
		}
		if !there {
			did.refused++
		}
	}
	return did, nil
}

// has reports whether to has a document with the _id.
func (w *walker) has(ctx context.Context, id bson.RawValue) (bool, error) {
	err := w.to.FindOne(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$eq", Value: id}}}}, options.FindOne().SetProjection(onlyID)).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, translate("look into a collection", err)
}
