package httpapi

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/orgkeeper/orgkeeper/domain"
)

// bodyFields lists the fields of each operation's body in the order in which
// errors are told.
var bodyFields = map[string][]string{
	opCreate: {fieldName, fieldEmail, fieldPassword},
	opUpdate: {fieldName, fieldEmail, fieldPassword},
	opLogin:  {fieldEmail, fieldPassword},

	opMake:    {fieldWish, fieldEmail, fieldPassword, fieldStrategy},
	opChange:  {fieldWish, fieldEmail},
	opRestore: {fieldWish},

	opMove:     {fieldStrategy},
	opSetQuota: {fieldDocuments, fieldBytes},
}

// allFields adds to what huma found of a body what the domain has against its
// other fields, so that a client sees every mistake at once. A use case, which
// isn't reached with fields missing, would say the same of them.
func (s *Server) allFields(ctx huma.Context, found []InputError) []InputError {
	operation := ctx.Operation().OperationID
	values, ok := textFields(ctx)
	if !ok || bodyFields[operation] == nil {
		return found
	}
	byPlace := map[string]InputError{}
	var all []InputError
	for _, e := range found {
		byPlace[e.Location] = e
		if e.Location == inBody {
			all = append(all, e)
		}
	}
	for _, name := range bodyFields[operation] {
		place := inBody + "." + name
		if e, ok := byPlace[place]; ok {
			all = append(all, e)
		} else if value, ok := values[name]; ok {
			for _, e := range inputErrors(inBody, s.judge(operation, name, value)) {
				all = append(all, InputError{Location: place, Message: e.Message})
			}
		}
	}
	return all
}

// judge asks the domain about one field.
func (s *Server) judge(operation, name, value string) (err error) {
	switch {
	case name == fieldName, name == fieldWish:
		_, err = domain.ParseName(value)
	case name == fieldEmail:
		_, err = domain.ParseEmail(value)
	case name == fieldStrategy, operation == opSetQuota:
		return nil // The use case knows which are offered; a quota has no text.
	case operation == opCreate, operation == opMake:
		_, err = domain.NewPassword(domain.NewSecret(value), s.options.PasswordMinRunes)
	default:
		_, err = domain.TypedPassword(domain.NewSecret(value))
	}
	return err
}

// textFields returns the fields of the request's body that are strings. It
// returns false when the body is no object or there is none.
func textFields(ctx huma.Context) (map[string]string, bool) {
	request, _ := humachi.Unwrap(ctx)
	data, err := wholeBody(request.Body)
	if err != nil {
		return nil, false
	}
	values := map[string]string{}
	isObject, err := eachMember(data, func(key string, value []byte) error {
		if value[0] == '"' {
			if s, ok := text(value); ok {
				values[key] = s
			}
		}
		return nil
	})
	return values, isObject && err == nil
}
