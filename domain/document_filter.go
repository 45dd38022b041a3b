package domain

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// filterMaxFields bounds the fields that a filter names.
const filterMaxFields = 8

// Equal is a condition on a document: that it has the field at its top level, with this
// value. Whole numbers and doubles are equal by value. A decimal equals no number.
type Equal struct {
	Field string
	// Value is a nil, bool, int64, float64 or string.
	Value any
}

var (
	errFilterSize  = errors.New("must be a JSON object with 1 to " + strconv.Itoa(filterMaxFields) + " fields")
	errFilterValue = errors.New("must have strings, numbers, booleans and null alone as values")
	errFilterID    = errors.New("must not name " + FieldID + "; get that document by its ID")
)

// ParseFilter reads a filter that a client sends: a JSON object whose fields are those
// that a document must have, with equal values.
//
// Errors: an invalid-request *Error for the field "filter".
func ParseFilter(text string) ([]Equal, error) {
	tree, err := readJSON([]byte(text), byClient)
	if err != nil {
		return nil, invalidFilter(err)
	}
	fields, ok := tree.(jsonObject)
	if !ok || len(fields) == 0 || len(fields) > filterMaxFields {
		return nil, invalidFilter(errFilterSize)
	}
	var all []Equal
	for _, m := range fields {
		value, err := scalar(m.value)
		switch {
		case err != nil:
			return nil, invalidFilter(err)
		case m.key == FieldID:
			return nil, invalidFilter(errFilterID)
		case m.key == FieldOrganization:
			return nil, invalidFilter(errReserved)
		case strings.HasPrefix(m.key, "$"):
			return nil, invalidFilter(errKeyHasDollar)
		}
		all = append(all, Equal{m.key, value})
	}
	return all, nil
}

func invalidFilter(err error) error { return Invalid("filter", err.Error()) }

func scalar(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		text, err := canonicalNumber(string(v))
		if err != nil {
			return nil, err
		}
		if !strings.ContainsAny(text, ".e") {
			return strconv.ParseInt(text, 10, 64)
		}
		return strconv.ParseFloat(text, 64)
	}
	return nil, errFilterValue
}
