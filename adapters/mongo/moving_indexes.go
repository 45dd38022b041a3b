package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// MongoDB's bounds on the indexes of a collection, and on the fields of an index.
const (
	indexesMax     = 64
	indexFieldsMax = 32
)

// ownIndex is an index that an application has made, as it is in a collection of its own.
type ownIndex struct {
	name           string
	key            bson.D
	unique, sparse bool
	partial        bson.D
	// options are all others.
	options bson.D
}

// indexSpecs returns the indexes of a collection as createIndexes takes them.
func indexSpecs(ctx context.Context, c *driver.Collection) ([]bson.Raw, error) {
	cursor, err := c.Indexes().List(ctx)
	if hasCode(err, codeNamespaceNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, translate("list indexes", err)
	}
	var all []bson.Raw
	err = cursor.All(ctx, &all)
	return all, translate("list indexes", err)
}

// readIndex returns the index of a specification.
func readIndex(spec bson.Raw) (i ownIndex, err error) {
	var all bson.D
	if err := bson.Unmarshal(spec, &all); err != nil {
		return i, translate("read an index", err)
	}
	for _, e := range all {
		switch e.Key {
		case "v", "ns", "background":
		case "name":
			i.name, _ = e.Value.(string)
		case "key":
			i.key, _ = e.Value.(bson.D)
		case "unique":
			i.unique, _ = e.Value.(bool)
		case "sparse":
			i.sparse, _ = e.Value.(bool)
		case "partialFilterExpression":
			i.partial, _ = e.Value.(bson.D)
		default:
			i.options = append(i.options, e)
		}
	}
	return i, nil
}

// spec returns the specification.
func (i ownIndex) spec() bson.D {
	d := bson.D{{Key: "name", Value: i.name}, {Key: "key", Value: i.key}}
	if i.unique {
		d = append(d, bson.E{Key: "unique", Value: true})
	}
	if i.sparse {
		d = append(d, bson.E{Key: "sparse", Value: true})
	}
	if i.partial != nil {
		d = append(d, bson.E{Key: "partialFilterExpression", Value: i.partial})
	}
	return append(d, i.options...)
}

// indexesAtSource returns the application's indexes at the source as they are there.
func (g *moving) indexesAtSource(ctx context.Context) ([]bson.Raw, error) {
	all, err := indexSpecs(ctx, g.from.db.Collection(g.from.name))
	return slices.DeleteFunc(all, func(spec bson.Raw) bool {
		return g.from.share != nil && !g.from.share.owns(spec) || spec.Lookup("name").StringValue() == "_id_"
	}), err
}

// sameIndexes returns ports.ErrChangesLost when the indexes at the source aren't those that
// were carried along any more.
func (g *moving) sameIndexes(ctx context.Context) error {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	now, err := g.indexesAtSource(ctx)
	if err == nil && !slices.EqualFunc(now, g.carried, func(a, b bson.Raw) bool { return bytes.Equal(a, b) }) {
		err = ports.ErrChangesLost
	}
	return err
}

// indexesToCarry returns the application's indexes at the source as the target is to have
// them, a share's but for the end of its name, or domain.ErrMoveRefused.
func (g *moving) indexesToCarry(ctx context.Context) ([]ownIndex, error) {
	ctx, cancel := g.limit(ctx)
	defer cancel()
	var err error
	if g.carried, err = g.indexesAtSource(ctx); err != nil {
		return nil, err
	}
	var own []ownIndex
	for _, spec := range g.carried {
		i, err := readIndex(spec)
		if err != nil {
			return nil, err
		}
		own = append(own, g.from.share.original(i))
	}
	if g.move.To.Strategy != domain.StrategyShared || len(own) == 0 {
		return own, nil
	}
	db, err := g.place(g.move.To, domain.StrategyShared)
	if err != nil {
		return nil, err
	}
	standing, err := indexSpecs(ctx, db.Collection(domain.SharedCollection))
	if err != nil {
		return nil, err
	}
	organization := identifier(g.move.Organization)
	if key, ok := shareKey(g.move.Target); ok { // Perhaps they are made already.
		standing = slices.DeleteFunc(standing, (&share{organization, key}).owns)
	}
	room := indexesMax - max(len(standing), 1+len(indexes[domain.SharedCollection]))
	for n, i := range own {
		shared, ok := i.shared(organization)
		if !ok || n >= room {
			return nil, domain.ErrMoveRefused.Saying(fmt.Sprintf("The index %s can't be kept with the strategy shared.", i.name))
		}
		own[n] = shared
	}
	return own, nil
}

// shared returns the index as it is for one share, but for its name. It holds the
// organization's documents alone; a unique one tells shares apart as well, since an
// organization has two while it moves from one to the other. One that is sparse has a
// filter instead, whose order says so.
func (i ownIndex) shared(organization identifier) (shared ownIndex, ok bool) {
	only := bson.E{Key: domain.FieldOrganization, Value: organization}
	shared = ownIndex{name: i.name, unique: i.unique, options: i.options}
	shared.key = bson.D{{Key: domain.FieldOrganization, Value: int32(1)}}
	if i.unique {
		shared.key = append(shared.key, bson.E{Key: shareField, Value: int32(1)})
	}
	for _, e := range i.key {
		field, ordinary := sharedField(e)
		if !ordinary {
			return shared, false
		}
		shared.key = append(shared.key, bson.E{Key: field, Value: e.Value})
	}
	foreign := slices.ContainsFunc(i.options, func(e bson.E) bool { return e.Key != "hidden" })
	switch {
	case foreign, len(shared.key) > indexFieldsMax, mentions(i.partial, domain.FieldOrganization, domain.FieldID):
		return shared, false
	case i.sparse && (len(i.key) > 1 || i.partial != nil):
		return shared, false
	case i.sparse:
		shared.partial = append(exists(shared.key[len(shared.key)-1].Key), only)
	default:
		shared.partial = append(bson.D{only}, i.partial...)
	}
	return shared, true
}

// shareField is where a document of a share has the share's key, ownField where it has its
// own _id.
const (
	shareField = domain.FieldID + "." + fieldShare
	ownField   = domain.FieldID + "." + fieldOwnID
)

// sharedField returns the field of a key in a share, and whether its index is an ordinary
// one.
func sharedField(e bson.E) (field string, ordinary bool) {
	switch e.Value.(type) {
	case int32, int64, float64:
	default: // "text", "hashed" and the like
		return "", false
	}
	switch first, rest, nested := strings.Cut(e.Key, "."); {
	case first == domain.FieldOrganization || strings.Contains(e.Key, "$**"):
		return "", false
	case first == domain.FieldID && nested:
		return ownField + "." + rest, true
	case first == domain.FieldID:
		return ownField, true
	}
	return e.Key, true
}

// mentions reports whether a filter has one of the fields, or a field within one.
func mentions(filter any, fields ...string) bool {
	switch f := filter.(type) {
	case bson.D:
		return slices.ContainsFunc(f, func(e bson.E) bool {
			first, _, _ := strings.Cut(e.Key, ".")
			return slices.Contains(fields, first) || mentions(e.Value, fields...)
		})
	case bson.A:
		return slices.ContainsFunc(f, func(v any) bool { return mentions(v, fields...) })
	}
	return false
}

// original is the reverse of shared.
func (s *share) original(i ownIndex) ownIndex {
	if s == nil {
		return i
	}
	i.name = strings.TrimSuffix(i.name, s.indexSuffix())
	i.key = i.key[1:]
	if i.unique {
		i.key = i.key[1:]
	}
	i.key = slices.Clone(i.key)
	for n, e := range i.key {
		if rest, ok := strings.CutPrefix(e.Key, ownField); ok {
			i.key[n].Key = domain.FieldID + rest
		}
	}
	i.sparse = i.partial[0].Key != domain.FieldOrganization
	i.partial = slices.DeleteFunc(slices.Clone(i.partial), func(e bson.E) bool { return e.Key == domain.FieldOrganization })
	if i.sparse || len(i.partial) == 0 {
		i.partial = nil
	}
	return i
}

// indexSuffix ends the names of a share's own indexes.
func (s *share) indexSuffix() string { return "_" + s.key.Hex() }

// owns reports whether an index is the share's own.
func (s *share) owns(spec bson.Raw) bool {
	name, _ := spec.Lookup("name").StringValueOK()
	kind, data, _ := s.organization.MarshalBSONValue() // an ID can always be marshaled
	of := spec.Lookup("partialFilterExpression", domain.FieldOrganization)
	return strings.HasSuffix(name, s.indexSuffix()) && of.Equal(bson.RawValue{Type: bson.Type(kind), Value: data})
}

// makeIndexes makes the indexes at the target. To build one of a share reads the documents
// of all shares.
func (g *moving) makeIndexes(ctx context.Context, all []ownIndex) error {
	if len(all) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	for _, i := range all {
		err := g.makeIndex(ctx, i)
		if hasCode(err, codeIndexOptionsConflict) && g.to.share != nil {
			// Another share of the organization has its like. The order of a field that has
			// one value is no matter.
			i.key = slices.Clone(i.key)
			i.key[0].Value = int32(-1)
			err = g.makeIndex(ctx, i)
		}
		if err == nil {
			continue
		}
		if err = g.to.failed("make an index", err); errors.Is(err, domain.ErrNamespaceMissing) || errors.Is(err, domain.ErrStoreUnavailable) {
			return err
		}
		return domain.ErrMoveRefused.Saying(fmt.Sprintf("The index %s can't be made at the target.", i.name)).Because(err)
	}
	return g.to.confirm(ctx)
}

func (g *moving) makeIndex(ctx context.Context, i ownIndex) error {
	if g.to.share != nil {
		i.name += g.to.share.indexSuffix()
	}
	return g.to.db.RunCommand(ctx, g.to.command("createIndexes", bson.E{Key: "indexes", Value: bson.A{i.spec()}}, durably)).Err()
}

// dropIndexes removes the indexes of a share that is dropped.
func (s *Store) dropIndexes(ctx context.Context, db *driver.Database, of *share) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	tenants := db.Collection(domain.SharedCollection)
	found, err := indexSpecs(ctx, tenants)
	if err != nil {
		return err
	}
	for _, spec := range found {
		if !of.owns(spec) {
			continue
		}
		err := db.RunCommand(ctx, command("dropIndexes", tenants.Name(), bson.E{Key: "index", Value: spec.Lookup("name").StringValue()})).Err()
		if err != nil && !hasCode(err, codeIndexNotFound) {
			return translate("drop an index of a share", err)
		}
	}
	return nil
}
