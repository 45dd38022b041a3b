package httpapi

import (
	"net/http"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Codes that HTTP adds to those of the domain.
const (
	codeUnsupportedMediaType domain.Code = "unsupported_media_type"
	codeBodyTooLarge         domain.Code = "body_too_large"
	codeNotFound             domain.Code = "not_found"
	codeMethodNotAllowed     domain.Code = "method_not_allowed"
	codeRateLimited          domain.Code = "rate_limited"
	codeDraining             domain.Code = "draining"
)

// statuses says which status each code has. A code that isn't here is a bug and
// answered as one. invalid_request has 400 as well, where the request can't be
// parsed.
var statuses = map[domain.Code]int{
	domain.CodeInvalidRequest:        http.StatusUnprocessableEntity,
	domain.CodeOrganizationSuspended: http.StatusForbidden,
	domain.CodeOrganizationStatus:    http.StatusConflict,
	domain.CodeOrganizationHeld:      http.StatusConflict,
	domain.CodePreconditionFailed:    http.StatusPreconditionFailed,
	domain.CodeOperationNotFound:     http.StatusNotFound,
	domain.CodeOperationNotAbortable: http.StatusConflict,
	domain.CodeOperationAborted:      http.StatusConflict,
	domain.CodeMoveRefused:           http.StatusConflict,
	domain.CodeMoveNotFound:          http.StatusNotFound,
	domain.CodeStrayNotFound:         http.StatusNotFound,
	domain.CodeDocumentNotFound:      http.StatusNotFound,
	domain.CodeDocumentExists:        http.StatusConflict,
	domain.CodeQuotaExceeded:         http.StatusForbidden,
	domain.CodeFilterTooBroad:        http.StatusUnprocessableEntity,
	domain.CodeKeyReused:             http.StatusUnprocessableEntity,
	domain.CodeKeyInUse:              http.StatusConflict,
	codeUnsupportedMediaType:         http.StatusUnsupportedMediaType,
	codeBodyTooLarge:                 http.StatusRequestEntityTooLarge,
	domain.CodeNameTaken:             http.StatusConflict,
	domain.CodeEmailTaken:            http.StatusConflict,
	domain.CodeSignupClosed:          http.StatusForbidden,
	domain.CodeOrganizationLimit:     http.StatusServiceUnavailable,
	domain.CodeOperationInProgress:   http.StatusConflict,
	domain.CodeUnauthenticated:       http.StatusUnauthorized,
	domain.CodeInvalidCredentials:    http.StatusUnauthorized,
	domain.CodeForbidden:             http.StatusForbidden,
	domain.CodeOrganizationNotFound:  http.StatusNotFound,
	codeNotFound:                     http.StatusNotFound,
	codeMethodNotAllowed:             http.StatusMethodNotAllowed,
	codeRateLimited:                  http.StatusTooManyRequests,
	domain.CodeOverloaded:            http.StatusServiceUnavailable,
	domain.CodeStoreUnavailable:      http.StatusServiceUnavailable,
	codeDraining:                     http.StatusServiceUnavailable,
	domain.CodeInternal:              http.StatusInternalServerError,
}

// typeProblem is the media type of errors.
const typeProblem = "application/problem+json"

// Problem is the body of every error: RFC 9457 with a code and, for wrong input,
// the places at fault. It never holds a submitted value or an internal message.
type Problem struct {
	Type   string       `json:"type" doc:"Always about:blank; the code tells problems apart." example:"about:blank"`
	Title  string       `json:"title" doc:"The status in words." example:"Conflict"`
	Status int          `json:"status" doc:"The HTTP status." example:"409"`
	Detail string       `json:"detail" doc:"What happened, for people to read. The wording may change." example:"An organization with this name exists already."`
	Code   domain.Code  `json:"code" doc:"What happened, for programs to compare. It never changes its meaning." example:"organization_name_taken"`
	Errors []InputError `json:"errors,omitempty" nullable:"false" doc:"Where the input is wrong, every place at once."`
	Offset *int64       `json:"offset,omitempty" doc:"Of an import: how many documents are imported for certain. Send the same export again with this offset." example:"5000"`
}

// InputError says what is wrong at one place of the input.
type InputError struct {
	Location string `json:"location" doc:"The place: body, body.<field>, query, query.<parameter>, path.<parameter> or header.<name>." example:"body.email"`
	Message  string `json:"message" doc:"What is expected there." example:"must be one email address such as admin@example.com"`
}

func newProblem(code domain.Code, detail string) *Problem {
	status := statuses[code]
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
}

// malformed returns the problem of a request that can't be parsed.
func malformed(detail string) *Problem {
	p := newProblem(domain.CodeInvalidRequest, detail)
	p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
	p.Errors = []InputError{{Location: "body", Message: detail}}
	return p
}

// Error implements error.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return typeProblem }

// Headers that go with a status or a code. They are shared: don't change them.
var (
	challenge = http.Header{"Www-Authenticate": {"Bearer"}}
	soon      = http.Header{"Retry-After": {"1"}}
	later     = http.Header{"Retry-After": {"60"}}
)

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	switch {
	case p.Status == http.StatusUnauthorized:
		return challenge
	case p.Code == domain.CodeOrganizationLimit:
		return later
	case p.Status == http.StatusServiceUnavailable, p.Code == domain.CodeOperationInProgress, p.Code == domain.CodeKeyInUse:
		return soon
	}
	return nil
}
