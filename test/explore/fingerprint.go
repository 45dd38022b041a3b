package explore

import (
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// fingerprint is what two values have in common that no actor can tell apart.
type fingerprint uint64

var seed = maphash.MakeSeed()

// identify returns the fingerprint of an answer.
func identify(a answer) fingerprint {
	var h maphash.Hash
	h.SetSeed(seed)
	if a.err != nil {
		_, _ = h.WriteString(a.err.Error())
	}
	writeDeep(&h, reflect.ValueOf(a.value))
	return fingerprint(h.Sum64())
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	secretType = reflect.TypeFor[domain.Secret]()
	movingType = reflect.TypeFor[ports.Moving]()
)

// writeDeep writes all that a value holds, unexported fields too.
func writeDeep(h *maphash.Hash, v reflect.Value) {
	if !v.IsValid() {
		_ = h.WriteByte(0)
		return
	}
	_ = h.WriteByte(byte(v.Kind()))
	switch {
	case v.Type() == timeType && v.CanInterface():
		maphash.WriteComparable(h, v.Interface().(time.Time).UnixNano())
		return
	case v.Type() == secretType && v.CanInterface():
		_, _ = h.WriteString(v.Interface().(domain.Secret).Reveal())
		return
	case v.Kind() == reflect.Pointer && v.Type().Implements(movingType):
		writeDeep(h, v.Elem().FieldByName("session"))
		writeDeep(h, v.Elem().FieldByName("check"))
		writeDeep(h, v.Elem().FieldByName("to").FieldByName("place"))
		return
	}
	switch v.Kind() {
	case reflect.String:
		maphash.WriteComparable(h, v.Len())
		_, _ = h.WriteString(v.String())
	case reflect.Bool:
		maphash.WriteComparable(h, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		maphash.WriteComparable(h, v.Int())
	case reflect.Uint8:
		maphash.WriteComparable(h, v.Uint())
	case reflect.Slice, reflect.Array:
		maphash.WriteComparable(h, v.Len())
		for i := range v.Len() {
			writeDeep(h, v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			writeDeep(h, key)
			writeDeep(h, v.MapIndex(key))
		}
	case reflect.Interface:
		writeDeep(h, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			writeDeep(h, v.Field(i))
		}
	default:
		panic(fmt.Sprintf("explore: no fingerprint of a %s", v.Type()))
	}
}
