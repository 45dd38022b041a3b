package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A JSON value is one of nil, bool, string, json.Number, jsonArray and jsonObject.
type (
	jsonArray  []any
	jsonObject []jsonMember
	jsonMember struct {
		key   string
		value any
	}
)

// What is wrong with a text that shall be JSON. None of them repeats a part of it.
var (
	errNotJSON      = errors.New("must be JSON in UTF-8")
	errHalfOfAPair  = errors.New("must hold no escape of half a character")
	errKeyTwice     = errors.New("must have no key twice in one object")
	errTooDeep      = errors.New("must not stand in itself more than " + strconv.Itoa(DocumentMaxDepth) + " levels deep")
	errNullInAKey   = errors.New("must have no null character in a key")
	errKeyHasDollar = errors.New("must have no key that begins with $, unless it is of Extended JSON and sent as such")
)

// readJSON reads a text of one value. Keys keep their order. In what a client sends, a
// key must not stand twice, and values stand in each other DocumentMaxDepth deep at most.
func readJSON(text []byte, by author) (any, error) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, errNotJSON
	}
	if splitsACharacter(text) {
		return nil, errHalfOfAPair
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	r := &jsonReader{decoder: d, by: by}
	return r.value(0)
}

// author says who has written a text.
type author int

const (
	byClient author = iota
	byStore
)

type jsonReader struct {
	decoder *json.Decoder
	by      author
}

func (r *jsonReader) value(depth int) (any, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, errNotJSON
	}
	opening, nested := token.(json.Delim)
	if !nested {
		return token, nil
	}
	var v any
	if opening == '[' {
		v, err = r.array(depth + 1)
	} else {
		v, err = r.object(depth + 1)
	}
	if err != nil {
		return nil, err
	}
	_, err = r.decoder.Token() // what closes it
	return v, err
}

func (r *jsonReader) array(depth int) (any, error) {
	a := jsonArray{}
	if r.tooDeep(depth) {
		return nil, errTooDeep
	}
	for r.decoder.More() {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	return a, nil
}

func (r *jsonReader) object(depth int) (any, error) {
	o, seen := jsonObject{}, map[string]bool{}
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, errNotJSON
		}
		key, _ := token.(string) // nothing else stands there
		switch {
		case seen[key] && r.by == byClient:
			return nil, errKeyTwice
		case strings.IndexByte(key, 0) >= 0:
			return nil, errNullInAKey
		}
		seen[key] = true
		// A value of another type is no level, and its form may be deeper than what was
		// sent.
		inner := depth
		if strings.HasPrefix(key, "$") {
			inner = 0
		} else if r.tooDeep(depth) {
			return nil, errTooDeep
		}
		v, err := r.value(inner)
		if err != nil {
			return nil, err
		}
		o = append(o, jsonMember{key, v})
	}
	if len(o) == 0 && r.tooDeep(depth) {
		return nil, errTooDeep
	}
	return o, nil
}

func (r *jsonReader) tooDeep(depth int) bool { return depth > DocumentMaxDepth && r.by == byClient }

// get returns the object's member of that key.
func (o jsonObject) get(key string) (any, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// splitsACharacter reports whether an escape in valid JSON stands for half of a
// surrogate pair, in place of which encoding/json reads another character.
func splitsACharacter(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if i++; text[i] != 'u' {
			continue
		}
		switch unit := utf16Unit(text[i+1:]); {
		case unit >= 0xdc00 && unit < 0xe000:
			return true
		case unit >= 0xd800 && unit < 0xdc00:
			low := text[i+5:]
			if len(low) < 6 || low[0] != '\\' || low[1] != 'u' {
				return true
			}
			if unit := utf16Unit(low[2:]); unit < 0xdc00 || unit >= 0xe000 {
				return true
			}
			i += 6
		}
		i += 4
	}
	return false
}

func utf16Unit(hex []byte) uint64 {
	unit, _ := strconv.ParseUint(string(hex[:4]), 16, 16) // json.Valid has checked it
	return unit
}
