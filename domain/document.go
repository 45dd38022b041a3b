package domain

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a document.
const (
	// DocumentMaxBytes bounds the JSON text of a document as it is sent.
	DocumentMaxBytes = 1 << 20
	// DocumentMaxDepth bounds how deep objects and arrays stand in each other, the
	// document itself counted. MongoDB takes 100.
	DocumentMaxDepth = 90
	// documentIDMaxBytes bounds an ID, with which an index entry begins.
	documentIDMaxBytes = 512
)

// Fields of a document that are no client's to give.
const (
	// FieldID holds a document's ID.
	FieldID = "_id"
	// FieldOrganization tells organizations apart that share a collection. No client
	// reads or writes it, whatever the strategy.
	FieldOrganization = "organization_id"
)

// DocumentID identifies a document among those of its organization: text of 1 to 512
// bytes without control characters. An ID that an application has stored as something
// else than a string is its canonical Extended JSON, such as {"$oid":"65…"}: it begins
// with a brace.
type DocumentID string

// ParseDocumentID checks an ID that a client gives.
//
// Errors: an invalid-request *Error for the field "id".
func ParseDocumentID(text string) (DocumentID, error) {
	switch {
	case text == "" || len(text) > documentIDMaxBytes:
		return "", invalidID("must have 1 to 512 bytes")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "", invalidID("must be text without control characters")
	case text == "." || text == "..":
		return "", invalidID("must not be a dot or two, which no path can hold")
	case text[0] != '{':
		return DocumentID(text), nil
	}
	if tree, err := readJSON([]byte(text), byClient); err == nil {
		return extendedID(tree)
	}
	return "", invalidID(idNotExtended)
}

const idNotExtended = "must not begin with a brace, unless it is Extended JSON of an ID that is no string"

func invalidID(message string) error { return Invalid("id", message) }

// extendedID brings an ID that is no string into its one form.
func extendedID(tree any) (DocumentID, error) {
	o, ok := tree.(jsonObject)
	t := jsonText{object: writeExtended}
	if !ok || t.value(o) != nil {
		return "", invalidID(idNotExtended)
	}
	if text := t.out.String(); text[0] != '{' {
		t = jsonText{}
		t.wrap(numberID(text))
	}
	if t.out.Len() > documentIDMaxBytes {
		return "", invalidID("must have 1 to 512 bytes")
	}
	return DocumentID(t.out.String()), nil
}

// IsString reports whether the ID is kept as a string.
func (id DocumentID) IsString() bool { return !strings.HasPrefix(string(id), "{") }

// numberID returns the type and the text by which an ID that is a number is known. A
// whole number has one of each, whatever type it came with: MongoDB takes 5 and 5.0 for
// one ID.
func numberID(text string) (numberType, canonical string) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f, _ := strconv.ParseFloat(text, 64) // it was written just now
		if f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
			return "$numberDouble", text
		}
		n = int64(f)
	}
	canonical = strconv.FormatInt(n, 10)
	if n == int64(int32(n)) { //nolint:gosec // to see whether it fits
		return "$numberInt", canonical
	}
	return "$numberLong", canonical
}

// Document is one document of an organization.
type Document struct {
	ID   DocumentID
	Body Body
}

// Body holds the fields of a document but its ID: an object in relaxed Extended JSON
// (MongoDB Extended JSON v2), in the one form that ParseDocument and StoredBody give.
// The order of the fields counts. The zero Body has none. Bodies can be compared with
// ==.
type Body struct{ text string }

// BodyOf returns the body whose String is text, for stores that keep that text.
func BodyOf(text string) Body { return Body{strings.TrimPrefix(text, "{}")} }

// String returns the object's text.
func (b Body) String() string {
	if b.text == "" {
		return "{}"
	}
	return b.text
}

// ETag tells versions of a document apart: text of visible ASCII characters without
// quotes.
type ETag string

// AnyETag is a condition that is met by every document that exists.
const AnyETag ETag = "*"

// ETag is made of what the document holds: of 128 bits of its SHA-256, so that it is
// the same on every engine, and follows whoever changes the document.
func (d Document) ETag() ETag {
	hash := sha256.New()
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(d.ID)))
	hash.Write(length[:])
	_, _ = io.WriteString(hash, string(d.ID)) // a hash takes everything
	_, _ = io.WriteString(hash, d.Body.String())
	return ETag(base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:16]))
}

// Met reports whether the condition holds for the document that exists; "" always does.
func (condition ETag) Met(d Document) bool {
	return condition == "" || condition == AnyETag || condition == d.ETag()
}
