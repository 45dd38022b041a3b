package httpapi

import (
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// fieldWish is the name of an organization in the bodies under /v1.
const fieldWish = "name"

// strictFormat is jsonFormat for the routes under /v1: it shows the validation every
// field, so that an unknown one is refused.
var strictFormat = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshalStrict}

func unmarshalStrict(data []byte, v any) error {
	switch v := v.(type) {
	case *any:
		return unmarshalAll(data, v)
	case **NoFields:
		*v = &NoFields{}
		return nil
	case **RestoreRequest:
		*v = &RestoreRequest{}
		return unmarshal(data, *v)
	case *PatchRequest:
		return unmarshal(data, v)
	case *NewOrganization:
		return unmarshal(data, v)
	case *MoveRequest:
		return unmarshal(data, v)
	case *QuotaRequest:
		return unmarshalQuota(data, v)
	}
	return fmt.Errorf("httpapi: a body of type %T can't be read", v)
}

func unmarshalAll(data []byte, v *any) error {
	all, seen := map[string]any{}, map[string]bool{}
	isObject, err := eachMember(data, func(key string, value []byte) error {
		if seen[key] {
			return errTwice
		}
		seen[key] = true
		if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz") != "" {
			key = "?" // huma's validation takes a field in another case for known
		}
		if all[key] = typed(value); all[key] == nil {
			all[key] = false // nor does it take null for a value
		}
		return nil
	})
	if isObject {
		*v = all
	} else {
		*v = []any{}
	}
	return err
}

// NoFields is a body that may be left out: no field is needed.
type NoFields struct {
	_ struct{} `additionalProperties:"false"`
}

// RestoreRequest is the body of POST /v1/organizations/{id}/restore. It may be left out.
type RestoreRequest struct {
	_    struct{} `additionalProperties:"false"`
	Name *string  `json:"name,omitempty" nullable:"false" doc:"The name to have. Absent: the one that it had." example:"Acme Corp"`
}

func (b *RestoreRequest) set(name, value string) {
	if name == fieldWish {
		b.Name = &value
	}
}

// PatchRequest is the body of PATCH /v1/organizations/{id}.
type PatchRequest struct {
	_     struct{} `additionalProperties:"false"`
	Name  *string  `json:"name,omitempty" nullable:"false" doc:"The name that the organization shall have. Absent leaves it." example:"Acme Holding"`
	Email *string  `json:"email,omitempty" nullable:"false" doc:"The email address that the administrator shall have. Absent leaves it." example:"office@example.com"`
}

func (b *PatchRequest) set(name, value string) {
	switch name {
	case fieldWish:
		b.Name = &value
	case fieldEmail:
		b.Email = &value
	}
}
