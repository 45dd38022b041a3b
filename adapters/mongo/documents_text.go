package mongo

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/orgkeeper/orgkeeper/domain"
)

// errUnreadable says nothing of the document, since it may be secret.
var errUnreadable = errors.New("mongo: a document can't be read")

// documentOf returns a document stored in the share as the domain has it.
func documentOf(s *share, raw bson.Raw) (domain.Document, error) {
	text, err := extendedText(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw})
	if err != nil {
		return domain.Document{}, err
	}
	body, err := domain.StoredBody([]byte(text))
	if err != nil {
		return domain.Document{}, fmt.Errorf("%w: %w", errUnreadable, err) // no word of which is the document's
	}
	id, err := s.own(raw.Lookup(domain.FieldID))
	if err != nil {
		return domain.Document{}, err
	}
	return domain.Document{ID: documentID(id), Body: body}, nil
}

// errNoBody is for a body that is no Extended JSON, or holds what it has no BSON for.
var errNoBody = domain.Invalid("document", "holds what MongoDB can't keep")

// bodyOf returns a body as it is stored, without the ID.
func bodyOf(b domain.Body) (bson.Raw, error) {
	var raw bson.Raw
	if err := bson.UnmarshalExtJSON([]byte(b.String()), false, &raw); err != nil {
		return nil, errNoBody // the driver's error would hold a part of it
	}
	return raw, nil
}

// withID returns the document of the ID and the body.
func withID(id bson.RawValue, body bson.Raw) bson.Raw { return with(domain.FieldID, id, body) }

// with returns the document of the field and what comes after it.
func with(field string, v bson.RawValue, body bson.Raw) bson.Raw {
	d := make(bson.Raw, 4, len(body)+len(v.Value)+len(field)+2)
	d = append(d, byte(v.Type))
	d = append(d, field...)
	d = append(d, 0)
	d = append(d, v.Value...)
	return sized(append(d, body[4:]...))
}

// ended returns the document of which the elements alone are there, after four bytes.
func ended(d bson.Raw) bson.Raw { return sized(append(d, 0)) }

func sized(d bson.Raw) bson.Raw {
	binary.LittleEndian.PutUint32(d, uint32(len(d))) //nolint:gosec // a document has 16 MiB at most
	return d
}

// The form of an ID that domain.ParseDocumentID has none for: its BSON in base64, the
// byte of the type first. No _id can be such a document, since keys with a dollar aren't
// taken there.
const (
	binaryIDPrefix = `{"$bson":"`
	binaryIDSuffix = `"}`
)

// documentID returns the text of an _id. Whatever an application has stored there, the
// text is one from which idValue makes an equal value, so that a list can go on after it.
func documentID(v bson.RawValue) domain.DocumentID {
	switch v.Type {
	case bson.TypeString:
		text := v.StringValue()
		if id := domain.DocumentID(text); text != "" && id.IsString() && utf8.ValidString(text) {
			return id
		}
	case bson.TypeObjectID:
		return domain.DocumentID(`{"$oid":"` + v.ObjectID().Hex() + `"}`)
	default:
		if id, err := domain.ParseDocumentID(idText(v)); err == nil && sameID(idValue(id), v) {
			return id
		}
	}
	return domain.DocumentID(binaryIDPrefix +
		base64.StdEncoding.EncodeToString(append([]byte{byte(v.Type)}, v.Value...)) + binaryIDSuffix)
}

// idText returns an _id that is no string in Extended JSON, in which a number has its
// type.
func idText(v bson.RawValue) string {
	switch v.Type {
	case bson.TypeInt32:
		return fmt.Sprintf(`{"$numberInt":"%d"}`, v.Int32())
	case bson.TypeInt64:
		return fmt.Sprintf(`{"$numberLong":"%d"}`, v.Int64())
	case bson.TypeDouble:
		if text := doubleText(v.Double()); text[0] != '{' {
			return `{"$numberDouble":"` + text + `"}`
		}
	default:
	}
	text, err := extendedText(v)
	if err != nil {
		return "" // which is no ID
	}
	return text
}

// sameID reports whether the server takes both for the same _id: numbers may have lost
// their types.
func sameID(a, b bson.RawValue) bool {
	switch {
	case a.IsNumber() && b.IsNumber():
		one, _ := domain.ParseDocumentID(idText(a)) // every number is an ID
		other, _ := domain.ParseDocumentID(idText(b))
		return one == other
	case a.Type == bson.TypeEmbeddedDocument && b.Type == bson.TypeEmbeddedDocument:
		return idText(a) == idText(b)
	}
	return a.Equal(b)
}

// idValue returns the _id of that text. What looks like Extended JSON and isn't is a
// string as any other text is.
func idValue(id domain.DocumentID) bson.RawValue {
	if !id.IsString() {
		if v, ok := binaryID(string(id)); ok {
			return v
		}
		var raw bson.Raw
		if bson.UnmarshalExtJSON([]byte(`{"v":`+string(id)+`}`), false, &raw) == nil {
			return raw.Lookup("v")
		}
	}
	return bson.RawValue{Type: bson.TypeString, Value: bsoncore.AppendString(nil, string(id))}
}

func binaryID(id string) (bson.RawValue, bool) {
	text, ok := strings.CutPrefix(id, binaryIDPrefix)
	if !ok {
		return bson.RawValue{}, false
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(text, binaryIDSuffix))
	if err != nil || len(data) == 0 {
		return bson.RawValue{}, false
	}
	v := bson.RawValue{Type: bson.Type(data[0]), Value: data[1:]}
	return v, withID(v, emptyBody).Validate() == nil && !deeper(v, idMaxDepth)
}

// idMaxDepth bounds how deep an _id is nested, with room to the 200 levels of commands.
const idMaxDepth = 100

func deeper(v bson.RawValue, levels int) bool {
	if v.Type != bson.TypeEmbeddedDocument && v.Type != bson.TypeArray {
		return false
	}
	elements, _ := bson.Raw(v.Value).Elements() // it is valid
	return levels == 0 || slices.ContainsFunc(elements, func(e bson.RawElement) bool { return deeper(e.Value(), levels-1) })
}

// emptyBody is the body without fields.
var emptyBody = bson.Raw{5, 0, 0, 0, 0}

// hasEmptyTimestamp reports whether a field at the top has the timestamp of zeros, for
// which the server would put the time.
func hasEmptyTimestamp(body bson.Raw) bool {
	elements, _ := body.Elements() // it was made just now
	return slices.ContainsFunc(elements, func(e bson.RawElement) bool {
		seconds, ordinal, ok := e.Value().TimestampOK()
		return ok && seconds == 0 && ordinal == 0
	})
}

// hasOperator reports whether a field at the top has the name of an operator, which no
// client sends, but an application may have stored. In the place of another document the
// server would do what it says, or refuse it.
func hasOperator(body bson.Raw) bool {
	elements, _ := body.Elements() // it was made just now
	return slices.ContainsFunc(elements, func(e bson.RawElement) bool { return strings.HasPrefix(e.Key(), "$") })
}
