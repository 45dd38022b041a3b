package mongo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// extendedText returns a document or an array in relaxed MongoDB Extended JSON v2. Text
// that is no UTF-8 is mended.
//
// bson.MarshalExtJSON (v2.9.3) isn't used: it makes four bytes of old binary data that is
// empty, and doesn't quote the name in a DBPointer.
func extendedText(v bson.RawValue) (string, error) {
	var t strings.Builder
	err := writeValue(&t, v)
	return t.String(), err
}

var errBadBSON = errors.New("mongo: a value is no BSON")

func writeValue(t *strings.Builder, v bson.RawValue) error {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		return writeMembers(t, '{', v.Value, '}')
	case bson.TypeArray:
		return writeMembers(t, '[', v.Value, ']')
	case bson.TypeCodeWithScope:
		code, scope, ok := v.CodeWithScopeOK()
		if !ok {
			return errBadBSON
		}
		t.WriteString(`{"$code":` + quote(code) + `,"$scope":`)
		err := writeMembers(t, '{', scope, '}')
		t.WriteByte('}')
		return err
	default:
		text, ok := scalarText(v)
		if !ok {
			return errBadBSON
		}
		t.WriteString(text)
		return nil
	}
}

func writeMembers(t *strings.Builder, opening byte, document bson.Raw, closing byte) error {
	elements, err := document.Elements()
	if err != nil {
		return errBadBSON // the driver's error would hold a part of it
	}
	t.WriteByte(opening)
	for i, e := range elements {
		if i > 0 {
			t.WriteByte(',')
		}
		if opening == '{' {
			t.WriteString(quote(e.Key()) + ":")
		}
		if err := writeValue(t, e.Value()); err != nil {
			return err
		}
	}
	t.WriteByte(closing)
	return nil
}

// scalarText returns a value that holds no other ones.
func scalarText(v bson.RawValue) (text string, ok bool) {
	switch v.Type {
	case bson.TypeNull:
		return "null", true
	case bson.TypeUndefined:
		return `{"$undefined":true}`, true
	case bson.TypeMinKey:
		return `{"$minKey":1}`, true
	case bson.TypeMaxKey:
		return `{"$maxKey":1}`, true
	case bson.TypeBoolean:
		return strconv.FormatBool(v.Boolean()), true
	case bson.TypeInt32:
		return strconv.FormatInt(int64(v.Int32()), 10), true
	case bson.TypeInt64:
		return strconv.FormatInt(v.Int64(), 10), true
	case bson.TypeDouble:
		return doubleText(v.Double()), true
	case bson.TypeDecimal128:
		return `{"$numberDecimal":"` + v.Decimal128().String() + `"}`, true
	case bson.TypeString:
		s, ok := v.StringValueOK()
		return quote(s), ok
	case bson.TypeSymbol:
		s, ok := v.SymbolOK()
		return `{"$symbol":` + quote(s) + `}`, ok
	case bson.TypeJavaScript:
		s, ok := v.JavaScriptOK()
		return `{"$code":` + quote(s) + `}`, ok
	case bson.TypeObjectID:
		return `{"$oid":"` + v.ObjectID().Hex() + `"}`, true
	case bson.TypeDBPointer:
		name, id, ok := v.DBPointerOK()
		return `{"$dbPointer":{"$ref":` + quote(name) + `,"$id":{"$oid":"` + id.Hex() + `"}}}`, ok
	case bson.TypeDateTime:
		return dateText(v.DateTime()), true
	case bson.TypeTimestamp:
		seconds, ordinal := v.Timestamp()
		return fmt.Sprintf(`{"$timestamp":{"t":%d,"i":%d}}`, seconds, ordinal), true
	case bson.TypeRegex:
		pattern, options, ok := v.RegexOK()
		flags := []rune(options)
		slices.Sort(flags)
		return `{"$regularExpression":{"pattern":` + quote(pattern) + `,"options":` + quote(string(flags)) + `}}`, ok
	case bson.TypeBinary:
		subtype, data, ok := v.BinaryOK()
		if !ok && len(v.Value) > 4 { // old binary data without the second length
			subtype, data, ok = v.Value[4], v.Value[5:], true
		}
		return fmt.Sprintf(`{"$binary":{"base64":%q,"subType":"%02x"}}`, base64.StdEncoding.EncodeToString(data), subtype), ok
	default:
		return "", false
	}
}

// quote escapes what must be escaped alone, so that an ID isn't longer than its one form.
func quote(s string) string {
	if !strings.ContainsFunc(s, needsEscape) {
		return `"` + s + `"`
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	return strings.TrimSuffix(text.String(), "\n")
}

// needsEscape is true of too many rather than of too few characters.
func needsEscape(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r >= utf8.RuneSelf }

func doubleText(f float64) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	switch {
	case math.IsNaN(f):
		return `{"$numberDouble":"NaN"}`
	case math.IsInf(f, 0):
		return `{"$numberDouble":"` + strings.TrimPrefix(text, "+") + `inity"}`
	case !strings.ContainsAny(text, ".e"):
		return text + ".0"
	}
	return text
}

// dateText returns a time by RFC 3339 in the years in which relaxed Extended JSON has it
// so, else as milliseconds.
func dateText(milliseconds int64) string {
	at := time.UnixMilli(milliseconds).UTC()
	if milliseconds < 0 || at.Year() > 9999 {
		return fmt.Sprintf(`{"$date":{"$numberLong":"%d"}}`, milliseconds)
	}
	return `{"$date":"` + at.Format("2006-01-02T15:04:05.999Z07:00") + `"}`
}
