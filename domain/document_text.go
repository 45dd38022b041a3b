package domain

import "errors"

// Notation says how a text of JSON is to be understood.
type Notation int

const (
	// PlainJSON has strings, numbers, booleans, null, arrays and objects.
	PlainJSON Notation = iota
	// ExtendedJSON is MongoDB Extended JSON v2, canonical or relaxed: an object with
	// one key that begins with $, such as {"$date": …}, is a value of another type.
	ExtendedJSON
)

var (
	errNoObject    = errors.New("must be a JSON object")
	errReserved    = errors.New("must not have the field " + FieldOrganization)
	errIDNoString  = errors.New("must have a string as " + FieldID + ", unless it is Extended JSON and sent as such")
	errNoID        = errors.New("must have the field " + FieldID)
	errTooManyByte = errors.New("must have at most 1 MiB")
)

// ParseDocument reads a document that a client sends: a JSON object of at most
// DocumentMaxBytes. Its ID is in the field _id, which may be absent; the ID is "" then.
//
// Errors: an invalid-request *Error for the field "document", or for "id".
func ParseDocument(text []byte, n Notation) (Document, error) {
	if len(text) > DocumentMaxBytes {
		return Document{}, invalidDocument(errTooManyByte)
	}
	tree, err := readJSON(text, byClient)
	if err != nil {
		return Document{}, invalidDocument(err)
	}
	fields, ok := tree.(jsonObject)
	if !ok {
		return Document{}, invalidDocument(errNoObject)
	}
	var d Document
	var rest jsonObject
	for _, m := range fields {
		switch m.key {
		case FieldID:
			if d.ID, err = readID(m.value, n); err != nil {
				return Document{}, err
			}
		case FieldOrganization:
			return Document{}, invalidDocument(errReserved)
		default:
			rest = append(rest, m)
		}
	}
	if err := rest.withoutDollars(); err != nil { // as a whole it is no value of another type
		return Document{}, invalidDocument(err)
	}
	t := jsonText{object: refuseDollars}
	if n == ExtendedJSON {
		t.object = writeExtended
	}
	if err := t.members(rest); err != nil {
		return Document{}, invalidDocument(err)
	}
	d.Body = BodyOf(t.out.String())
	return d, nil
}

func invalidDocument(err error) error { return Invalid("document", err.Error()) }

func readID(v any, n Notation) (DocumentID, error) {
	switch v := v.(type) {
	case string:
		return ParseDocumentID(v)
	case jsonObject:
		if n == ExtendedJSON {
			return extendedID(v)
		}
	}
	return "", invalidDocument(errIDNoString)
}

// StoredBody brings the body of a document that a store holds into its one form: an
// object in Extended JSON, relaxed or canonical. What a client could not have sent, such
// as a key that begins with $, is kept as it is; the ID and the discriminator are left
// out.
func StoredBody(text []byte) (Body, error) {
	tree, err := readJSON(text, byStore)
	if err != nil {
		return Body{}, err
	}
	fields, ok := tree.(jsonObject)
	if !ok {
		return Body{}, errNoObject
	}
	return storedBody(fields)
}

func storedBody(fields jsonObject) (Body, error) {
	var rest jsonObject
	for _, m := range fields {
		if m.key != FieldID && m.key != FieldOrganization {
			rest = append(rest, m)
		}
	}
	t := jsonText{object: func(t *jsonText, o jsonObject) (bool, error) {
		length := t.out.Len()
		if written, err := writeExtended(t, o); written && err == nil {
			return true, nil
		}
		t.out.Truncate(length)
		return false, nil
	}}
	if err := t.members(rest); err != nil {
		return Body{}, err
	}
	return BodyOf(t.out.String()), nil
}

// StoredDocument reads a document as Text has written it in ExtendedJSON, whoever made it:
// a JSON object with its ID. What a client could not have sent is kept as it is.
//
// Errors: an invalid-request *Error for the field "document", or for "id".
func StoredDocument(text []byte) (Document, error) {
	tree, err := readJSON(text, byStore)
	if err != nil {
		return Document{}, invalidDocument(err)
	}
	fields, _ := tree.(jsonObject)
	id, ok := fields.get(FieldID)
	if !ok {
		return Document{}, invalidDocument(errNoID)
	}
	d := Document{}
	if d.Body, err = storedBody(fields); err != nil {
		return Document{}, invalidDocument(err)
	}
	switch id := id.(type) {
	case string:
		d.ID = DocumentID(id)
		if id == "" || len(id) > documentIDMaxBytes {
			return Document{}, invalidID("must have 1 to 512 bytes")
		}
	case jsonObject:
		if d.ID, err = extendedID(id); err != nil {
			t := jsonText{}
			if err := t.value(id); err != nil {
				return Document{}, invalidDocument(err)
			}
			d.ID = DocumentID(t.out.String())
		}
	default:
		return Document{}, invalidDocument(errIDNoString)
	}
	return d, nil
}

// Text returns the document as a JSON object whose first field is its ID. In PlainJSON
// what has no type there is text, and so is an ID that is no string. An ID that only looks
// like Extended JSON is a string.
func (d Document) Text(n Notation) ([]byte, error) {
	t := jsonText{}
	if n == ExtendedJSON {
		return t.withID(d)
	}
	tree, err := readJSON([]byte(d.Body.String()), byStore)
	if err != nil {
		return nil, err
	}
	fields, _ := tree.(jsonObject)
	t.object = writePlain
	err = t.members(append(jsonObject{{FieldID, string(d.ID)}}, fields...))
	return t.out.Bytes(), err
}

// withID writes the document in Extended JSON: its ID before its body, which has the form
// already.
func (t *jsonText) withID(d Document) ([]byte, error) {
	var id any = string(d.ID)
	if !d.ID.IsString() {
		if value, err := readJSON([]byte(d.ID), byStore); err == nil {
			id = value
		}
	}
	if err := t.members(jsonObject{{FieldID, id}}); err != nil || d.Body == (Body{}) {
		return t.out.Bytes(), err
	}
	t.out.Truncate(t.out.Len() - 1)
	t.out.WriteByte(',')
	t.out.WriteString(d.Body.text[1:])
	return t.out.Bytes(), nil
}
