package domain

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// errNotExtended says that an object looks like Extended JSON and isn't.
var errNotExtended = errors.New("must write values such as dates as Extended JSON has them")

// refuseDollars refuses objects with keys that begin with $.
func refuseDollars(_ *jsonText, o jsonObject) (bool, error) { return false, o.withoutDollars() }

// withoutDollars returns an error if a key begins with $.
func (o jsonObject) withoutDollars() error {
	for _, m := range o {
		if strings.HasPrefix(m.key, "$") {
			return errKeyHasDollar
		}
	}
	return nil
}

// writeExtended writes an object that is a value of another type in its one form.
func writeExtended(t *jsonText, o jsonObject) (bool, error) {
	if o.withoutDollars() == nil {
		return false, nil
	}
	write := extended[o[0].key]
	if len(o) != 1 || write == nil {
		return false, errKeyHasDollar
	}
	if !write(t, o[0].value) {
		return false, errNotExtended
	}
	return true, nil
}

// extended has for each type the function that writes its relaxed form, and returns
// false when the value isn't one. MongoDB Extended JSON v2, section "BSON Data Types
// and Associated Representations"; the types that are deprecated, and code, aren't here.
var extended = map[string]func(t *jsonText, v any) bool{
	"$oid": func(t *jsonText, v any) bool {
		text, _ := v.(string)
		id, err := hex.DecodeString(text)
		return err == nil && len(id) == 12 && t.wrap("$oid", hex.EncodeToString(id))
	},
	"$numberInt":     func(t *jsonText, v any) bool { return t.integer(v, 32) },
	"$numberLong":    func(t *jsonText, v any) bool { return t.integer(v, 64) },
	"$numberDouble":  (*jsonText).double,
	"$numberDecimal": (*jsonText).decimal,
	"$date":          (*jsonText).date,
	"$binary":        (*jsonText).binary,
	"$uuid": func(t *jsonText, v any) bool {
		text, _ := v.(string)
		if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
			return false
		}
		id, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
		return err == nil && len(id) == 16 && t.bytes(id, 4)
	},
	"$timestamp": func(t *jsonText, v any) bool {
		o, _ := v.(jsonObject)
		seconds, ok1 := member[json.Number](o, "t")
		ordinal, ok2 := member[json.Number](o, "i")
		return len(o) == 2 && ok1 && ok2 && isUint32(seconds) && isUint32(ordinal) &&
			t.wrap("$timestamp", jsonObject{{"t", seconds}, {"i", ordinal}})
	},
	"$regularExpression": func(t *jsonText, v any) bool {
		o, _ := v.(jsonObject)
		pattern, ok1 := member[string](o, "pattern")
		options, ok2 := member[string](o, "options")
		flags := []rune(options)
		slices.Sort(flags)
		return len(o) == 2 && ok1 && ok2 && !strings.Contains(pattern+options, "\x00") &&
			t.wrap("$regularExpression", jsonObject{{"pattern", pattern}, {"options", string(flags)}})
	},
	"$minKey": func(t *jsonText, v any) bool { return v == json.Number("1") && t.wrap("$minKey", v) },
	"$maxKey": func(t *jsonText, v any) bool { return v == json.Number("1") && t.wrap("$maxKey", v) },
}

// wrap writes an object with one key as it is.
func (t *jsonText) wrap(key string, v any) bool {
	w := jsonText{}
	if w.members(jsonObject{{key, v}}) != nil {
		return false
	}
	t.out.Write(w.out.Bytes())
	return true
}

func member[T any](o jsonObject, key string) (T, bool) {
	v, _ := o.get(key)
	typed, ok := v.(T)
	return typed, ok
}

func isUint32(n json.Number) bool {
	_, err := strconv.ParseUint(string(n), 10, 32)
	return err == nil
}

func (t *jsonText) integer(v any, bits int) bool {
	text, _ := v.(string)
	n, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		return false
	}
	t.out.WriteString(strconv.FormatInt(n, 10))
	return true
}

func (t *jsonText) double(v any) bool {
	text, _ := v.(string)
	switch text {
	case "NaN", "Infinity", "-Infinity":
		return t.wrap("$numberDouble", text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return false
	}
	t.out.WriteString(formatDouble(f))
	return true
}

func (t *jsonText) decimal(v any) bool {
	text, _ := v.(string)
	canonical, ok := canonicalDecimal(text)
	return ok && t.wrap("$numberDecimal", canonical)
}

// date writes a time by RFC 3339 if its year has four digits from 1970 on, else as
// milliseconds since then.
func (t *jsonText) date(v any) bool {
	at, ok := dateOf(v)
	switch {
	case !ok:
		return false
	case at.Unix() < 0 || at.Year() > 9999:
		return t.wrap("$date", jsonObject{{"$numberLong", strconv.FormatInt(at.UnixMilli(), 10)}})
	}
	return t.wrap("$date", at.Format("2006-01-02T15:04:05.999Z07:00"))
}

// dateOf reads what stands behind $date, to the millisecond.
func dateOf(v any) (time.Time, bool) {
	if text, ok := v.(string); ok {
		at, err := time.Parse(time.RFC3339Nano, text)
		return at.UTC().Truncate(time.Millisecond), err == nil
	}
	o, _ := v.(jsonObject)
	text, ok := member[string](o, "$numberLong")
	milliseconds, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(milliseconds).UTC(), ok && len(o) == 1 && err == nil
}

func (t *jsonText) binary(v any) bool {
	o, _ := v.(jsonObject)
	text, ok1 := member[string](o, "base64")
	subType, ok2 := member[string](o, "subType")
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	kind, kindErr := strconv.ParseUint(subType, 16, 8)
	return len(o) == 2 && ok1 && ok2 && err == nil && kindErr == nil && len(subType) <= 2 && t.bytes(data, kind)
}

func (t *jsonText) bytes(data []byte, subType uint64) bool {
	kind := strconv.FormatUint(subType, 16)
	if len(kind) == 1 {
		kind = "0" + kind
	}
	return t.wrap("$binary", jsonObject{{"base64", base64.StdEncoding.EncodeToString(data)}, {"subType", kind}})
}
