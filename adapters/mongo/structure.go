package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/ports"
)

// structure implements ports.Structure for the registry, and for the shares in the
// tenants' database where there are any.
type structure struct{ *Store }

var _ ports.Structure = (*structure)(nil)

// Faults implements ports.Structure. Where a unique index is missing it looks for
// records that share a value; that reads all of them, and may take as long as a start
// may.
func (s *structure) Faults(ctx context.Context) ([]string, error) {
	faults, err := s.misfits(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.collections(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		found, err := s.faultsOf(ctx, c)
		if err != nil {
			return nil, err
		}
		faults = append(faults, found...)
	}
	return faults, nil
}

// Mend implements ports.Structure. It makes each index by itself, so that one that
// can't be made is in no other's way, and returns ErrIndexConflict for those. A server
// that is away is noticed within the store's timeout; to build indexes may take as
// long as a start may.
func (s *structure) Mend(ctx context.Context) error {
	if _, err := s.schemaVersion(ctx); err != nil {
		return err
	}
	ctx, cancel := s.limitLong(ctx)
	defer cancel()
	all, err := s.collections(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range all {
		for _, w := range indexes[c.Name()] {
			err := ensureIndexesOf(ctx, c, []index{w})
			if err != nil && !errors.Is(err, ErrIndexConflict) {
				return err
			}
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// unsound are options of a collection that lose records or take two for one.
var unsound = []string{"viewOn", "timeseries", "capped", "collation", "expireAfterSeconds"}

// misfits returns a sentence for each collection whose options make
// it unfit.
func (s *structure) misfits(ctx context.Context) ([]string, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	var faults []string
	for _, in := range []struct {
		db    *driver.Database
		names []string
	}{
		{s.records.Database(), registryCollections},
		{s.client.Database(s.tenant), sharedCollections},
	} {
		found, err := look(ctx, in.db, in.names...)
		if err != nil {
			return nil, err
		}
		for _, name := range in.names {
			for _, option := range unsound {
				if _, err := found[name].Options.LookupErr(option); err == nil {
					faults = append(faults, fmt.Sprintf("the collection %q has the option %s, which it must not have", name, option))
				}
			}
		}
	}
	return faults, nil
}

// collections are those that have indexes.
func (s *structure) collections(ctx context.Context) ([]*driver.Collection, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	db := s.client.Database(s.tenant)
	found, err := look(ctx, db, sharedCollections...)
	if err != nil {
		return nil, err
	}
	all := s.indexed()
	if len(found) > 0 {
		for _, name := range sharedCollections {
			all = append(all, db.Collection(name))
		}
	}
	return all, nil
}

// faultsOf returns a sentence for each index of the collection that isn't as it
// should be.
func (s *structure) faultsOf(ctx context.Context, c *driver.Collection) ([]string, error) {
	listing, cancel := s.limit(ctx)
	defer cancel()
	standing, err := standingOf(listing, c)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, w := range indexes[c.Name()] {
		if slices.ContainsFunc(standing, w.isServedBy) {
			continue
		}
		faults = append(faults, absence(c.Name(), w, standing))
		if !w.unique {
			continue
		}
		switch shared, err := s.sharesValue(ctx, c, w); {
		case err != nil:
			return nil, err
		case shared:
			faults = append(faults, fmt.Sprintf(
				"records in the collection %q share a value of %q, which must be unique", c.Name(), w.fields[0]))
		}
	}
	for _, i := range standing {
		if !i.Expire.IsZero() {
			faults = append(faults, fmt.Sprintf("the index %q of the collection %q deletes records after a time", i.Name, c.Name()))
		}
	}
	return faults, nil
}

func (i index) isServedBy(s standing) bool { return s.is(i) }

// absence says why w isn't there.
func absence(collection string, w index, all []standing) string {
	for _, s := range all {
		if s.inTheWayOf(w) {
			return fmt.Sprintf("in the collection %q the index %q stands in the way of %q", collection, s.Name, w.name)
		}
	}
	return fmt.Sprintf("the collection %q lacks the index %q", collection, w.name)
}

// sharesValue reports whether two records have one value of w's field, though w is
// to be unique.
func (s *structure) sharesValue(ctx context.Context, c *driver.Collection, w index) (bool, error) {
	ctx, cancel := s.limitLong(ctx)
	defer cancel()
	field := "$" + w.fields[0]
	shared, err := firstBatch(ctx, c, driver.Pipeline{
		{{Key: "$match", Value: w.partial}},
		{{Key: "$unwind", Value: bson.D{{Key: "path", Value: field}, {Key: "preserveNullAndEmptyArrays", Value: true}}}},
		// A record may have a value twice; that breaks nothing.
		{{Key: "$group", Value: bson.D{{Key: "_id", Value: bson.D{{Key: "value", Value: field}, {Key: "record", Value: "$_id"}}}}}},
		{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$_id.value"}, {Key: "records", Value: bson.D{{Key: "$sum", Value: 1}}}}}},
		{{Key: "$match", Value: bson.D{{Key: "records", Value: bson.D{{Key: "$gt", Value: 1}}}}}},
		{{Key: "$limit", Value: 1}},
		{{Key: "$project", Value: onlyID}},
	})
	return len(shared) > 0, translate("look for records that share a value", err)
}
