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
	return v.merge(ctx, v.strategy, from, to)
}

func (s *Store) merge(ctx context.Context, strategy domain.Strategy, from, to domain.Placement) (copied int64, err error) {
	w := &walker{Store: s}
	if w.from, err = s.side(from, strategy); err != nil {
		return 0, err
	}
	if w.to, err = s.side(to, strategy); err != nil {
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

// side is one of the two that a merge has.
type side struct {
	*driver.Collection
	placement domain.Placement
	// share and identity are what stood at the placement at the last look.
	share    *share
	identity string
	// frozen says that a move lets nobody write there.
	frozen bool
}

func (s *Store) side(p domain.Placement, strategy domain.Strategy) (*side, error) {
	db, err := s.place(p, strategy)
	if err != nil {
		return nil, err
	}
	return &side{Collection: db.Collection(p.Collection()), placement: p}, nil
}

// look looks what stands at the placement, and returns domain.ErrNamespaceMissing when
// nothing does.
func (d *side) look(ctx context.Context) error {
	if d.placement.Strategy == domain.StrategyShared {
		r, err := shareNamed(ctx, d.Database(), d.placement.Namespace)
		if err != nil {
			return err
		}
		if r == nil || r.Dropping {
			return domain.ErrNamespaceMissing
		}
		d.share, d.identity, d.frozen = r.share(), r.Key.Hex(), r.Frozen
		return nil
	}
	found, err := look(ctx, d.Database(), d.Name())
	if err != nil {
		return err
	}
	o, exists := found[d.Name()]
	if !exists {
		return domain.ErrNamespaceMissing
	}
	d.identity = o.identity()
	return nil
}

// walker is a merge that runs.
type walker struct {
	*Store
	from, to *side
	// began says that identity is what to had at first.
	began    bool
	identity string
	// last is the own _id up to which all is done, zero before the first.
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
	if err == nil && len(batch) == 0 && w.from.share != nil {
		err = w.look(ctx) // A drop may have begun, which leaves nothing to read.
	}
	if err != nil || len(batch) == 0 {
		return merged{}, false, err
	}
	for i, document := range batch {
		if w.last, err = w.from.share.own(document.Lookup(domain.FieldID)); err != nil {
			return merged{}, false, err
		}
		batch[i] = w.to.share.moved(w.from.share, w.last, document)
	}
	did, err = w.write(ctx, batch)
	return did, err == nil, err
}

// look checks that both are there, and that to is the one that it was.
func (w *walker) look(ctx context.Context) error {
	if err := w.from.look(ctx); err != nil {
		return err
	}
	if err := w.to.look(ctx); err != nil {
		return err
	}
	if w.to.frozen || w.began && w.to.identity != w.identity {
		return domain.ErrNamespaceMissing
	}
	w.began, w.identity = true, w.to.identity
	return nil
}

// read returns the next documents of from.
func (w *walker) read(ctx context.Context) ([]bson.Raw, error) {
	index := w.from.share.index()
	cursor, err := w.from.Find(ctx, w.from.share.after(w.last), options.Find().
		SetSort(byID).SetHint(index).SetLimit(mergeDocuments).SetBatchSize(mergeDocuments+1))
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
	if err := w.survived(ctx, batch); err != nil {
		return merged{}, err
	}
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

// survived looks whether the share of to is still there. When a drop has begun, what it may
// be past is removed.
func (w *walker) survived(ctx context.Context, batch []bson.Raw) error {
	if w.to.share == nil {
		return nil
	}
	ids := make([]bson.RawValue, len(batch))
	for i, document := range batch {
		ids[i] = document.Lookup(domain.FieldID)
	}
	_, err := survived(ctx, w.to.Database(), w.to.share, ids) // The next step looks whether it is frozen.
	return err
}

// has reports whether to has a document with the stored _id.
func (w *walker) has(ctx context.Context, id bson.RawValue) (bool, error) {
	filter := w.to.share.where(bson.D{{Key: "$eq", Value: id}})
	err := w.to.FindOne(ctx, filter, options.FindOne().SetProjection(onlyID)).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, translate("look into a collection", err)
}
