package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

var (
	errNumberTooLarge = errors.New("must hold no whole number beyond 64 bits; Extended JSON has $numberDecimal for it")
	errNumberInfinite = errors.New("must hold no number beyond the range of a double")
)

// jsonText writes JSON values in one form: no white space, keys in their order, nothing
// escaped that needn't be.
type jsonText struct {
	out bytes.Buffer
	// object, if set, may write an object in another way. It returns false to have it
	// written as it is.
	object func(t *jsonText, o jsonObject) (written bool, err error)
}

func (t *jsonText) value(v any) error {
	switch v := v.(type) {
	case nil:
		t.out.WriteString("null")
	case bool:
		t.out.WriteString(strconv.FormatBool(v))
	case string:
		t.string(v)
	case json.Number:
		text, err := canonicalNumber(string(v))
		if err != nil {
			return err
		}
		t.out.WriteString(text)
	case jsonArray:
		t.out.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				t.out.WriteByte(',')
			}
			if err := t.value(item); err != nil {
				return err
			}
		}
		t.out.WriteByte(']')
	case jsonObject:
		if t.object != nil {
			if written, err := t.object(t, v); written || err != nil {
				return err
			}
		}
		return t.members(v)
	}
	return nil
}

// members writes an object as it is.
func (t *jsonText) members(o jsonObject) error {
	t.out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			t.out.WriteByte(',')
		}
		t.string(m.key)
		t.out.WriteByte(':')
		if err := t.value(m.value); err != nil {
			return err
		}
	}
	t.out.WriteByte('}')
	return nil
}

func (t *jsonText) string(s string) {
	if isPlain(s) {
		t.out.WriteByte('"')
		t.out.WriteString(s)
		t.out.WriteByte('"')
		return
	}
	e := json.NewEncoder(&t.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	t.out.Truncate(t.out.Len() - 1)
}

// isPlain reports whether a string stands in JSON as it is: printable ASCII without
// quotes and backslashes.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// canonicalNumber returns the one form of a JSON number. One without fraction and
// exponent is a whole number of 64 bits, any other a double, whose form always shows
// that it is none of the first kind.
func canonicalNumber(literal string) (string, error) {
	if !strings.ContainsAny(literal, ".eE") {
		n, err := strconv.ParseInt(literal, 10, 64)
		if err != nil {
			return "", errNumberTooLarge
		}
		return strconv.FormatInt(n, 10), nil
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || math.IsInf(f, 0) {
		return "", errNumberInfinite
	}
	return formatDouble(f), nil
}

// formatDouble returns the shortest text from which the double can be read again.
func formatDouble(f float64) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}
