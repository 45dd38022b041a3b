package mongo

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
)

// share is a part of domain.SharedCollection: the documents of one namespace. Their _id
// begins with the organization and the share's key, so that those of a share lie side by
// side in the index on _id, in the order of their own _ids. A share that is nil is a
// collection that has no other documents, whose _ids are their own.
type share struct {
	organization identifier
	// key is the namespace's identity, and never another one's.
	key bson.ObjectID
}

// The fields of an _id in a share, in their order.
const (
	fieldShare = "share"
	fieldOwnID = "id"
)

// byOrganization is the index that every other one of domain.SharedCollection begins as:
// the key by which it may be sharded.
var byOrganization = bson.D{{Key: domain.FieldOrganization, Value: 1}, {Key: domain.FieldID, Value: 1}}

// index is what serves all that is read in the order of _id.
func (s *share) index() bson.D {
	if s == nil {
		return byID
	}
	return byOrganization
}

// stored is the _id under which a document with its own _id is stored.
func (s *share) stored(id bson.RawValue) bson.RawValue {
	if s == nil {
		return id
	}
	stored := with(fieldShare, bson.RawValue{Type: bson.TypeObjectID, Value: s.key[:]}, with(fieldOwnID, id, emptyBody))
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: s.fields(stored)}
}

func (s *share) id(own any) bson.D {
	return bson.D{
		{Key: domain.FieldOrganization, Value: s.organization},
		{Key: fieldShare, Value: s.key},
		{Key: fieldOwnID, Value: own},
	}
}

// errStrangeID is for what an application has stored in a share's range under an _id of
// another form. A walk after it would meet it again and again.
var errStrangeID = errors.New("mongo: a document of a share has an _id that isn't organization_id, share and id")

// own is the reverse of stored, or errStrangeID.
func (s *share) own(id bson.RawValue) (bson.RawValue, error) {
	if s == nil {
		return id, nil
	}
	inner, _ := id.DocumentOK()
	own := inner.Lookup(fieldOwnID)
	if own.IsZero() || !s.stored(own).Equal(id) {
		return own, errStrangeID
	}
	return own, nil
}

// where is the filter of all that has such an _id: it keeps to the organization.
func (s *share) where(condition bson.D) bson.D {
	filter := bson.D{{Key: domain.FieldID, Value: condition}}
	if s == nil {
		return filter
	}
	return append(bson.D{{Key: domain.FieldOrganization, Value: s.organization}}, filter...)
}

// one finds a document by its own _id, which is never taken for an operator.
func (s *share) one(id bson.RawValue) bson.D {
	return s.where(bson.D{{Key: "$eq", Value: s.stored(id)}})
}

// absent finds nothing, and is the filter of an upsert that makes the document.
func (s *share) absent(id bson.RawValue) bson.D {
	return s.where(bson.D{{Key: "$eq", Value: s.stored(id)}, {Key: "$exists", Value: false}})
}

// after selects the documents whose own _id comes after id, all of them after the zero
// value.
func (s *share) after(id bson.RawValue) bson.D { return s.between(id, bson.RawValue{}) }

// between selects the documents whose own _id comes after id and not after last. The zero
// value is no bound. In a collection an expression compares _ids of all types, as their
// index does; a condition would keep to one type. In a share all _ids are of one type,
// whose fields are compared by the order of all types.
func (s *share) between(id, last bson.RawValue) bson.D {
	if s == nil {
		return betweenIDs(id, last)
	}
	low := bson.E{Key: "$gt", Value: s.stored(id)}
	if id.IsZero() {
		low = bson.E{Key: "$gte", Value: s.id(bson.MinKey{})}
	}
	high := bson.E{Key: "$lte", Value: s.stored(last)}
	if last.IsZero() {
		high.Value = s.id(bson.MaxKey{})
	}
	return s.where(bson.D{low, high})
}

// betweenIDs is between in a collection.
func betweenIDs(id, last bson.RawValue) bson.D {
	var bounds bson.A
	for _, bound := range []struct {
		operator string
		id       bson.RawValue
	}{{"$gt", id}, {"$lte", last}} {
		if !bound.id.IsZero() {
			bounds = append(bounds, bson.D{{Key: bound.operator, Value: bson.A{"$_id", bson.D{{Key: "$literal", Value: bound.id}}}}})
		}
	}
	switch len(bounds) {
	case 0:
		return bson.D{}
	case 1:
		return bson.D{{Key: "$expr", Value: bounds[0]}}
	}
	return bson.D{{Key: "$expr", Value: bson.D{{Key: "$and", Value: bounds}}}}
}

// among selects the documents with these own _ids.
func (s *share) among(ids []bson.RawValue) bson.D {
	stored := make(bson.A, len(ids))
	for i, id := range ids {
		stored[i] = s.stored(id)
	}
	return s.where(bson.D{{Key: "$in", Value: stored}})
}

// fields returns what is stored of a body: the body, with the organization.
func (s *share) fields(body bson.Raw) bson.Raw {
	if s == nil {
		return body
	}
	kind, data, _ := s.organization.MarshalBSONValue() // an ID can always be marshaled
	return with(domain.FieldOrganization, bson.RawValue{Type: bson.Type(kind), Value: data}, body)
}

// document returns the stored document of a body.
func (s *share) document(id bson.RawValue, body bson.Raw) bson.Raw {
	return withID(s.stored(id), s.fields(body))
}

// overhead is by how many bytes a stored document is longer than with its own _id alone.
func (s *share) overhead() int64 {
	id := idValue("")
	body := ended(bson.Raw{0, 0, 0, 0})
	return int64(len(s.document(id, body)) - len(withID(id, body)))
}

// moved returns what a document of the share from is in s, under its own _id.
func (s *share) moved(from *share, id bson.RawValue, document bson.Raw) bson.Raw {
	if s == nil && from == nil {
		return document
	}
	body := bson.Raw{0, 0, 0, 0}
	elements, _ := document.Elements() // the server has sent it
	for _, e := range elements {
		if key := e.Key(); key != domain.FieldID && key != domain.FieldOrganization {
			body = append(body, e...)
		}
	}
	return s.document(id, ended(body))
}

// takes reports whether documents may have such an _id. Within a share the server would
// take what it takes for no _id of a collection.
func (s *share) takes(id bson.RawValue) bool {
	if s == nil {
		return true // It is asked itself.
	}
	switch id.Type {
	case bson.TypeArray, bson.TypeRegex, bson.TypeUndefined:
		return false
	case bson.TypeEmbeddedDocument:
		elements, _ := bson.Raw(id.Value).Elements()
		for _, e := range elements {
			if key := e.Key(); key != "" && key[0] == '$' {
				return false
			}
		}
	default:
	}
	return true
}
