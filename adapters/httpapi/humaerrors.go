package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Huma's own errors repeat submitted values and tell internal messages. They are
// made anew here, from a list of what they can say. This is a transformer of the
// one API: replacing the package's variable huma.NewError would change every
// other API of the process.
func (s *Server) rewriteErrors(ctx huma.Context, _ string, body any) (any, error) {
	theirs, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	switch theirs.Status {
	case http.StatusBadRequest:
		return fieldTwice, nil
	case http.StatusUnprocessableEntity:
		p := newProblem(domain.CodeInvalidRequest, "The request is not valid.")
		for _, d := range theirs.Errors {
			if e := inputError(d); !slices.Contains(p.Errors, e) {
				p.Errors = append(p.Errors, e)
			}
		}
		p.Errors = s.allFields(ctx, p.Errors)
		return p, nil
	}
	s.log(ctx.Context(), slog.LevelError, "internal error", fmt.Errorf("huma answered %d: %w", theirs.Status, errors.New(theirs.Detail)))
	return internal.problem, nil
}

var fieldTwice = malformed("The body has one of its fields twice.")

const (
	isRequired   = "is required"
	unknownField = "must have known fields alone"
)

// ours marks a finding that is in our words already.
type ours struct{}

func inOurWords(location, message string) error {
	return &huma.ErrorDetail{Location: location, Message: message, Value: ours{}}
}

// missing gives the location for huma's words about a missing field, which it
// reports of the whole body.
var missing = func() map[string]string {
	m := map[string]string{}
	for _, name := range []string{fieldName, fieldWish, fieldEmail, fieldPassword, fieldStrategy, fieldDocuments, fieldBytes} {
		m[fmt.Sprintf(validation.MsgExpectedRequiredProperty, name)] = "body." + name
	}
	return m
}()

// inputError tells one finding of huma's in our words; ours begin with "must".
func inputError(d *huma.ErrorDetail) InputError {
	if location, ok := missing[d.Message]; ok {
		return InputError{Location: location, Message: isRequired}
	}
	if d.Location == "query."+fieldName && d.Message == "required query parameter is missing" {
		return InputError{Location: d.Location, Message: isRequired}
	}
	if _, ok := d.Value.(badText); ok {
		return InputError{Location: d.Location, Message: "must be Unicode text"}
	}
	if _, ok := d.Value.(ours); ok {
		return InputError{Location: d.Location, Message: d.Message}
	}
	switch d.Message {
	case validation.MsgUnexpectedProperty: // its place has the field's name
		return InputError{Location: inBody, Message: unknownField}
	case validation.MsgExpectedString:
		return InputError{Location: d.Location, Message: "must be a string"}
	case validation.MsgExpectedInteger:
		return InputError{Location: d.Location, Message: "must be a whole number"}
	case validation.MsgExpectedObject:
		return InputError{Location: d.Location, Message: "must be a JSON object"}
	case queryTwice, queryBare, queryBroken:
		return InputError{Location: d.Location, Message: d.Message}
	}
	return InputError{Location: d.Location, Message: "is not valid"}
}
