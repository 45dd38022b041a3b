package httpapi

import (
	"slices"
	"strconv"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// The fields of a batch and of its writes.
const (
	fieldWrites   = "writes"
	fieldAction   = "action"
	fieldDocument = "document"
	fieldID       = "id"
	fieldIfMatch  = "if_match"
)

// batchFields lists the fields of a write beside its action. All but if_match are
// required.
var batchFields = map[ports.DocumentAction][]string{
	ports.DocumentPut:    {fieldDocument, fieldIfMatch},
	ports.DocumentCreate: {fieldDocument},
	ports.DocumentDelete: {fieldID, fieldIfMatch},
}

// batchReader reads the body of a batch and finds all that is wrong with it.
type batchReader struct {
	notation domain.Notation
	writes   []write
	wrong    []InputError
}

func (b *batchReader) refuse(location, message string) {
	b.wrong = append(b.wrong, InputError{Location: location, Message: message})
}

// read returns errTwice when a field stands twice.
func (b *batchReader) read(text []byte) error {
	given, err := b.fields(inBody, text, fieldWrites)
	const place = inBody + "." + fieldWrites
	switch list := given[fieldWrites]; {
	case err != nil || given == nil:
		return err
	case list == nil:
		b.refuse(place, isRequired)
		return nil
	default:
		var items [][]byte
		isArray := eachElement(list, func(value []byte) { items = append(items, value) })
		if !isArray || len(items) == 0 || len(items) > app.DocumentBatchLimit {
			b.refuse(place, "must be an array of 1 to "+strconv.Itoa(app.DocumentBatchLimit)+" writes")
			return nil
		}
		for i, item := range items {
			if err := b.write(place+"["+strconv.Itoa(i)+"]", item); err != nil {
				return err
			}
		}
		return nil
	}
}

// fields returns the values of an object's fields, nil if it isn't one.
func (b *batchReader) fields(place string, text []byte, known ...string) (map[string][]byte, error) {
	given := map[string][]byte{}
	for _, name := range known {
		given[name] = nil
	}
	unknown := false
	isObject, err := eachMember(text, func(name string, value []byte) error {
		switch was, ok := given[name]; {
		case !ok:
			unknown = true
		case was != nil:
			return errTwice
		default:
			given[name] = value
		}
		return nil
	})
	if !isObject {
		b.refuse(place, "must be a JSON object")
		return nil, nil
	}
	if unknown {
		b.refuse(place, unknownField)
	}
	return given, err
}

// write reads one write.
func (b *batchReader) write(place string, text []byte) error {
	given, err := b.fields(place, text, fieldAction, fieldDocument, fieldID, fieldIfMatch)
	if err != nil || given == nil {
		return err
	}
	var w write
	w.Action = ports.DocumentAction(b.text(given[fieldAction]))
	if batchFields[w.Action] == nil {
		b.refuse(place+"."+fieldAction, "must be put, create or delete")
		return nil
	}
	for _, name := range []string{fieldDocument, fieldID, fieldIfMatch} {
		value, at := given[name], place+"."+name
		switch has := slices.Contains(batchFields[w.Action], name); {
		case has && value != nil:
			b.field(&w, name, at, value)
		case has && name != fieldIfMatch:
			b.refuse(at, isRequired)
		case value != nil:
			b.refuse(at, "must not stand with this action")
		}
	}
	b.writes = append(b.writes, w)
	return nil
}

// field reads a field that the action of its write has.
func (b *batchReader) field(w *write, name, at string, value []byte) {
	var err error
	switch name {
	case fieldDocument:
		idPlace := at + "." + domain.FieldID
		w.Document, err = domain.ParseDocument(value, b.notation)
		b.wrong = append(b.wrong, documentErrors(at, idPlace, err)...)
		if err == nil && w.Document.ID == "" && w.Action == ports.DocumentPut {
			b.refuse(idPlace, isRequired)
		}
	case fieldID:
		w.Document.ID, err = domain.ParseDocumentID(b.text(value))
		b.wrong = append(b.wrong, documentErrors(at, at, err)...)
	case fieldIfMatch:
		condition := b.text(value)
		if !isCondition(condition) {
			b.refuse(at, notOneTag)
		}
		w.IfMatch = ifTag(condition)
	}
}

// text returns a value that is a string, "" for any other.
func (b *batchReader) text(value []byte) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	s, _ := text(value)
	return s
}
