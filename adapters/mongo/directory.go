package mongo

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// directory implements ports.Directory.
type directory struct{ *Store }

var _ ports.Directory = (*directory)(nil)

// List implements ports.Directory. IDs that are text come first, in the order of
// their bytes, then ObjectIDs: comparison keeps to one type, so the two are walked
// one after the other.
func (d *directory) List(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	if q.Limit <= 0 {
		return nil, nil
	}
	ctx, cancel := d.limit(ctx)
	defer cancel()
	var all []domain.Organization
	for _, ids := range idsAfter(q.After) {
		page, err := d.page(ctx, append(selection(q), bson.E{Key: "_id", Value: ids}), q.Limit-len(all))
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); len(all) == q.Limit {
			break
		}
	}
	return all, nil
}

// idsAfter returns the conditions on _id that meet, one after the other, all IDs
// after the given one.
func idsAfter(id domain.OrganizationID) []bson.D {
	objects := bson.D{{Key: "$gte", Value: bson.NilObjectID}}
	if object, ok := identifier(id).object(); ok {
		return []bson.D{{{Key: "$gt", Value: object}}}
	}
	// An ID that is empty is none, and no record has it.
	return []bson.D{{{Key: "$gt", Value: string(id)}}, objects}
}

// page reads the first organizations of the filter, by _id.
func (d *directory) page(ctx context.Context, filter bson.D, limit int) ([]domain.Organization, error) {
	cursor, err := d.records.Find(ctx, filter, options.Find().
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, translate("list organizations", err)
	}
	return d.organizationsOf(ctx, "list organizations", cursor)
}

// selection returns the filter of a query but for the IDs.
func selection(q ports.OrganizationQuery) bson.D {
	filter := bson.D{}
	if len(q.Statuses) > 0 {
		filter = append(filter, byStatus(q.Statuses))
	}
	if q.NameKeyPrefix != "" {
		filter = append(filter, bson.E{Key: "name_key", Value: startsWith(q.NameKeyPrefix)})
	}
	created := bson.D{}
	if !q.CreatedFrom.IsZero() {
		created = append(created, bson.E{Key: "$gte", Value: ceil(q.CreatedFrom)})
	}
	if !q.CreatedBefore.IsZero() {
		created = append(created, bson.E{Key: "$lt", Value: ceil(q.CreatedBefore)})
	}
	if len(created) > 0 {
		filter = append(filter, bson.E{Key: "created_at", Value: created})
	}
	if q.Stuck {
		filter = append(filter, bson.E{Key: "pending.stuck", Value: true})
	}
	return filter
}

// byStatus selects statuses. A record of an older service has none: it is active or,
// when deleted says so, deleted.
func byStatus(statuses []domain.Status) bson.E {
	written := make([]string, len(statuses))
	for i, status := range statuses {
		written[i] = string(status)
	}
	either := bson.A{bson.D{{Key: "status", Value: bson.D{{Key: "$in", Value: written}}}}}
	for status, deleted := range map[domain.Status]bson.D{
		domain.StatusActive:  {{Key: "$ne", Value: true}},
		domain.StatusDeleted: {{Key: "$eq", Value: true}},
	} {
		if slices.Contains(statuses, status) {
			either = append(either, bson.D{{Key: "status", Value: nil}, {Key: "deleted", Value: deleted}})
		}
	}
	return bson.E{Key: "$or", Value: either}
}

// startsWith returns the condition that a text starts with the prefix: a range, in
// the order of the bytes of UTF-8, which is that of the characters.
func startsWith(prefix string) bson.D {
	condition := bson.D{{Key: "$gte", Value: prefix}}
	if end, ok := next(prefix); ok {
		condition = append(condition, bson.E{Key: "$lt", Value: end})
	}
	return condition
}

// next returns the first text after all that start with the prefix. It is not ok
// when there is none.
func next(prefix string) (text string, ok bool) {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == utf8.MaxRune:
			continue
		case last == '\uD7FF': // Surrogates are no characters.
			last = '\uE000'
		default:
			last++
		}
		return prefix + string(last), true
	}
	return "", false
}

// ceil returns the first millisecond that isn't before t. The driver cuts times,
// which would let a bound slip back.
func ceil(t time.Time) time.Time {
	if cut := t.Truncate(time.Millisecond); cut.Before(t) {
		return cut.Add(time.Millisecond)
	}
	return t
}

// reservationBatch is how many entries a look-up takes at once.
const reservationBatch = 500

// ByReservations implements ports.Directory. Each batch has the store's timeout.
func (d *directory) ByReservations(ctx context.Context, entries []string) (map[string]domain.Organization, error) {
	found := make(map[string]domain.Organization)
	for batch := range slices.Chunk(entries, reservationBatch) {
		organizations, err := d.find(ctx, "read reservations", byReservations(batch))
		if err != nil {
			return nil, err
		}
		take(found, organizations, batch)
		rest := slices.DeleteFunc(slices.Clone(batch), func(entry string) bool { return found[entry].ID != "" })
		older, err := d.livingAt(ctx, rest)
		if err != nil {
			return nil, err
		}
		take(found, older, rest)
	}
	return found, nil
}

// take adds to found those of the organizations that have one of the entries reserved,
// or live there.
func take(found map[string]domain.Organization, organizations []domain.Organization, entries []string) {
	wanted := make(map[string]bool, len(entries))
	for _, entry := range entries {
		wanted[entry] = true
	}
	for _, o := range organizations {
		for _, entry := range append(slices.Clone(o.Reserved), o.Placement.Reservation()) {
			if wanted[entry] {
				found[entry] = o
			}
		}
	}
}

// livingAt returns the organizations whose record has one of the entries' collections.
// An older service reserved nothing, and what an update of its record has reserved since
// is where it leads, not where the organization lives. No index serves that; few entries
// come so far.
func (d *directory) livingAt(ctx context.Context, entries []string) ([]domain.Organization, error) {
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutPrefix(entry, domain.Placement{Database: d.tenant}.Reservation()); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return d.find(ctx, "read organizations of an older service", bson.D{
		{Key: "collection_name", Value: bson.D{{Key: "$in", Value: names}}},
		// Of other strategies all have one collection_name.
		{Key: "placement.strategy", Value: bson.D{{Key: "$in", Value: bson.A{nil, string(domain.StrategyCollection)}}}},
	})
}

// find returns the organizations that the filter selects.
func (d *directory) find(ctx context.Context, what string, filter bson.D) ([]domain.Organization, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	cursor, err := d.records.Find(ctx, filter, options.Find().SetBatchSize(reservationBatch+1))
	if err != nil {
		return nil, translate(what, err)
	}
	return d.organizationsOf(ctx, what, cursor)
}

// byReservations returns the filter of ByReservations.
func byReservations(entries []string) bson.D {
	return bson.D{{Key: "reserved", Value: bson.D{{Key: "$in", Value: entries}}}}
}

// PurgeDue implements ports.Directory.
func (d *directory) PurgeDue(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	if limit <= 0 {
		return nil, nil
	}
	ctx, cancel := d.limit(ctx)
	defer cancel()
	cursor, err := d.records.Find(ctx, purgeDueBy(until),
		options.Find().SetSort(bson.D{{Key: "purge_at", Value: 1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, translate("read organizations to purge", err)
	}
	return d.organizationsOf(ctx, "read organizations to purge", cursor)
}

// purgeDueBy returns the filter of PurgeDue.
func purgeDueBy(until time.Time) bson.D {
	return bson.D{
		{Key: "purge_at", Value: bson.D{{Key: "$lte", Value: until}}},
		{Key: "status", Value: string(domain.StatusDeleted)},
		{Key: "pending", Value: bson.D{{Key: "$exists", Value: false}}},
		{Key: "hold", Value: bson.D{{Key: "$ne", Value: true}}},
	}
}
