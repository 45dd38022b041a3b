package httpapi

import (
	"fmt"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// The names of the fields of the five routes' bodies.
const (
	fieldName     = "organization_name"
	fieldEmail    = "email"
	fieldPassword = "password"
)

// fields is a request's body that takes its own fields from JSON.
type fields interface {
	// set gives the field of that name, in its exact case, a value. A name that
	// the body doesn't have is left out.
	set(name, value string)
}

// jsonFormat writes as huma does and reads by eachMember: keys have their exact
// case, one that stands there twice is refused, unknown ones are left out before
// anything is made of their values.
var jsonFormat = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}

// unmarshal reads a body that the gate has found to be JSON. huma calls it twice,
// with an *any to validate and with the route's own type.
func unmarshal(data []byte, v any) error {
	switch v := v.(type) {
	case *any:
		return unmarshalKnown(data, v)
	case fields:
		_, err := eachMember(data, func(key string, value []byte) error {
			if value[0] == '"' {
				if s, ok := text(value); ok {
					v.set(key, s)
				}
			}
			return nil
		})
		return err
	}
	return fmt.Errorf("httpapi: a body of type %T can't be read", v)
}

func unmarshalKnown(data []byte, v *any) error {
	known := make(map[string]any, 3)
	isObject, err := eachMember(data, func(key string, value []byte) error {
		if key != fieldName && key != fieldEmail && key != fieldPassword {
			return nil
		}
		if _, ok := known[key]; ok {
			return errTwice
		}
		known[key] = typed(value)
		return nil
	})
	if isObject {
		*v = known
	} else {
		*v = []any{}
	}
	return err
}

// typed makes of a value as much as the validation of strings and whole numbers has to
// know.
func typed(value []byte) any {
	switch value[0] {
	case '"':
		if s, ok := text(value); ok {
			return s
		}
		return badText{}
	case 'n':
		return nil
	}
	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return n
	}
	return false
}

// jsonOnly answers in JSON whatever a client says that it accepts, as older
// services do.
type jsonOnly struct{ huma.API }

// Negotiate implements huma.API.
func (jsonOnly) Negotiate(string) (string, error) { return typeJSON, nil }
