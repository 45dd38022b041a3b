package mongo

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// identifier is a typed ID of the domain in a document. Older services gave
// ObjectIDs, so an ID of 24 lower-case hexadecimal digits is stored and looked up
// as one; every other ID is a string. Both are read.
type identifier string

// MarshalBSONValue implements bson.ValueMarshaler.
func (id identifier) MarshalBSONValue() (byte, []byte, error) {
	if object, ok := id.object(); ok {
		kind, data, err := bson.MarshalValue(object)
		return byte(kind), data, err
	}
	kind, data, err := bson.MarshalValue(string(id))
	return byte(kind), data, err
}

// object returns the ObjectID as which id is stored, if it is.
func (id identifier) object() (object bson.ObjectID, ok bool) {
	object, err := bson.ObjectIDFromHex(string(id))
	// Hex digits in upper case would come back in lower case, as another ID.
	return object, err == nil && object.Hex() == string(id)
}

// UnmarshalBSONValue implements bson.ValueUnmarshaler.
func (id *identifier) UnmarshalBSONValue(kind byte, data []byte) error {
	value := bson.RawValue{Type: bson.Type(kind), Value: data}
	switch value.Type {
	case bson.TypeString:
		*id = identifier(value.StringValue())
	case bson.TypeObjectID:
		*id = identifier(value.ObjectID().Hex())
	case bson.TypeNull:
		*id = ""
	default:
		return errors.New("an ID is neither a string nor an ObjectID: " + value.Type.String())
	}
	return nil
}
