package domain

import (
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
	r := &jsonReader{text: text, by: by}
	return r.value(0)
}

// author says who has written a text.
type author int

const (
	byClient author = iota
	byStore
)

// jsonReader reads a text that is known to be JSON in UTF-8, without half characters.
type jsonReader struct {
	text []byte
	at   int
	by   author
}

// next returns the next byte that is no white space, and stays before it.
func (r *jsonReader) next() byte {
	for r.text[r.at] <= ' ' {
		r.at++
	}
	return r.text[r.at]
}

func (r *jsonReader) value(depth int) (any, error) {
	switch r.next() {
	case '{':
		return r.object(depth + 1)
	case '[':
		return r.array(depth + 1)
	case '"':
		return r.string(), nil
	case 't':
		r.at += len("true")
		return true, nil
	case 'f':
		r.at += len("false")
		return false, nil
	case 'n':
		r.at += len("null")
		return nil, nil
	}
	begin := r.at
	for r.at < len(r.text) && strings.IndexByte("+-.0123456789Ee", r.text[r.at]) >= 0 {
		r.at++
	}
	return json.Number(r.text[begin:r.at]), nil
}

// string reads the string that begins here.
func (r *jsonReader) string() string {
	begin, escaped := r.at, false
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	if !escaped {
		return string(r.text[begin+1 : r.at-1])
	}
	var s string
	_ = json.Unmarshal(r.text[begin:r.at], &s) // it is a string
	return s
}

// more reports whether another item stands before the closing byte, and passes over the
// comma before it, or over the closing byte.
func (r *jsonReader) more(closing byte) bool {
	switch r.next() {
	case closing:
		r.at++
		return false
	case ',':
		r.at++
	}
	return true
}

func (r *jsonReader) array(depth int) (any, error) {
	a := jsonArray{}
	if r.tooDeep(depth) {
		return nil, errTooDeep
	}
	for r.at++; r.more(']'); {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	return a, nil
}

// fewKeys is up to how many keys are compared one by one.
const fewKeys = 16

func (r *jsonReader) object(depth int) (any, error) {
	var (
		o    jsonObject
		seen map[string]bool
	)
	for r.at++; r.more('}'); {
		r.next()
		key := r.string()
		if len(o) == fewKeys {
			seen = o.keys()
		}
		_, twice := seen[key]
		if seen == nil {
			_, twice = o.get(key)
		} else {
			seen[key] = true
		}
		switch {
		case twice && r.by == byClient:
			return nil, errKeyTwice
		case strings.IndexByte(key, 0) >= 0:
			return nil, errNullInAKey
		}
		// A value of another type is no level, and its form may be deeper than what was
		// sent.
		inner := depth
		if strings.HasPrefix(key, "$") {
			inner = 0
		} else if r.tooDeep(depth) {
			return nil, errTooDeep
		}
		r.next()
		r.at++ // the colon
		v, err := r.value(inner)
		if err != nil {
			return nil, err
		}
		o = append(o, jsonMember{key, v})
	}
	if len(o) == 0 && r.tooDeep(depth) {
		return nil, errTooDeep
	}
	if o == nil {
		o = jsonObject{}
	}
	return o, nil
}

// keys returns the keys of the object.
func (o jsonObject) keys() map[string]bool {
	all := make(map[string]bool, 2*len(o))
	for _, m := range o {
		all[m.key] = true
	}
	return all
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
