package domain

import (
	"encoding/json"
	"strings"
)

// writePlain writes a value of a type that plain JSON lacks as text: an ObjectId as its
// hex, a date by RFC 3339, a decimal as its digits, binary data as base64, a regular
// expression between slashes, NaN and infinities by name. A timestamp stays an object.
func writePlain(t *jsonText, o jsonObject) (bool, error) {
	if len(o) != 1 || !strings.HasPrefix(o[0].key, "$") {
		return false, nil
	}
	v := o[0].value
	switch o[0].key {
	case "$oid", "$numberDecimal", "$numberDouble":
		if text, ok := v.(string); ok {
			t.string(text)
			return true, nil
		}
	case "$date":
		if text, ok := v.(string); ok {
			t.string(text)
			return true, nil
		}
		if at, ok := dateOf(v); ok {
			t.string(at.Format("2006-01-02T15:04:05.999Z07:00"))
			return true, nil
		}
	case "$binary":
		inner, _ := v.(jsonObject)
		if text, ok := member[string](inner, "base64"); ok {
			t.string(text)
			return true, nil
		}
	case "$regularExpression":
		inner, _ := v.(jsonObject)
		pattern, ok1 := member[string](inner, "pattern")
		options, ok2 := member[string](inner, "options")
		if ok1 && ok2 {
			t.string("/" + pattern + "/" + options)
			return true, nil
		}
	case "$timestamp":
		if inner, ok := v.(jsonObject); ok {
			return true, t.members(inner)
		}
	case "$minKey", "$maxKey":
		if v == json.Number("1") {
			t.string(strings.TrimPrefix(o[0].key, "$"))
			return true, nil
		}
	}
	return false, nil
}
