package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// errTwice says that a body has one of its fields twice. encoding/json would
// take the last one, other parsers the first.
var errTwice = errors.New("a field stands there twice")

// badText stands for a JSON string that isn't Unicode text: no string, so that
// the validation refuses it.
type badText struct{}

// eachMember calls visit with each member of a JSON object, the value as it is
// written. data must be valid JSON and valid UTF-8; it returns false when it is
// no object. Unlike encoding/json it gives keys with their exact case and shows
// a key that stands there twice.
func eachMember(data []byte, visit func(key string, value []byte) error) (bool, error) {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '{' {
		return false, nil
	}
	for i = skipSpace(data, i+1); data[i] != '}'; i = skipSpace(data, i) {
		if data[i] == ',' {
			i = skipSpace(data, i+1)
		}
		end := skipValue(data, i)
		key := data[i:end]
		i = skipSpace(data, end)
		i = skipSpace(data, i+1) // the colon
		end = skipValue(data, i)
		if name, ok := text(key); ok {
			if err := visit(name, data[i:end]); err != nil {
				return true, err
			}
		}
		i = end
	}
	return true, nil
}

// eachElement calls visit with each element of a JSON array, as it is written. data must
// be valid JSON; it returns false when it is no array.
func eachElement(data []byte, visit func(value []byte)) bool {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '[' {
		return false
	}
	for i = skipSpace(data, i+1); data[i] != ']'; i = skipSpace(data, i) {
		if data[i] == ',' {
			i = skipSpace(data, i+1)
		}
		end := skipValue(data, i)
		visit(data[i:end])
		i = end
	}
	return true
}

// text decodes a JSON string. It returns false when an escape stands for half a
// character, which encoding/json replaces without a word.
func text(quoted []byte) (string, bool) {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", false
	}
	if n := strings.Count(s, string(utf8.RuneError)); n > 0 && n != replacements(inner) {
		return "", false
	}
	return s, true
}

// replacements counts the replacement characters that were really written.
func replacements(inner []byte) int {
	n := bytes.Count(inner, []byte(string(utf8.RuneError)))
	for i := 0; i+1 < len(inner); i++ {
		if inner[i] != '\\' {
			continue
		}
		if i++; inner[i] == 'u' && bytes.EqualFold(inner[i+1:i+5], []byte("fffd")) {
			n++
		}
	}
	return n
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index after the value that begins at i.
func skipValue(data []byte, i int) int {
	depth := 0
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // the end of a number, true, false or null
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}
