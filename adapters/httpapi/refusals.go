package httpapi

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/domain"
)

// refusal is a problem that is written without huma. Those below are encoded
// once.
type refusal struct {
	problem *Problem
	body    []byte
}

var (
	unauthenticated  = prepare(newProblem(domain.CodeUnauthenticated, domain.ErrUnauthenticated.Message))
	bodyMissing      = prepare(malformed("A body of JSON is required."))
	bodyMalformed    = prepare(malformed("The body is not valid JSON in UTF-8."))
	bodyIncomplete   = prepare(malformed("The body did not arrive whole."))
	notFound         = prepare(newProblem(codeNotFound, "There is no such route."))
	methodNotAllowed = prepare(newProblem(codeMethodNotAllowed, "The route doesn't have this method."))
	rateLimited      = prepare(newProblem(codeRateLimited, "Too many requests from this address. Try again later."))
	overloaded       = prepare(newProblem(domain.CodeOverloaded, domain.ErrOverloaded.Message))
	draining         = prepare(newProblem(codeDraining, "The service is shutting down."))
	internal         = prepare(newProblem(domain.CodeInternal, "Something went wrong on our side. The log knows it by the request's ID."))
)

func prepare(p *Problem) refusal {
	var b bytes.Buffer
	if err := huma.DefaultJSONFormat.Marshal(&b, p); err != nil {
		panic(err) // strings and a number can always be encoded
	}
	return refusal{problem: p, body: b.Bytes()}
}

var problemType = []string{typeProblem}

// refuse answers with a problem.
func (s *Server) refuse(w http.ResponseWriter, r refusal) {
	h := w.Header()
	h["Content-Type"] = problemType
	for name, values := range r.problem.GetHeaders() {
		h[name] = values
	}
	w.WriteHeader(r.problem.Status)
	_, _ = w.Write(r.body)
}

// refusal returns what answers an error of a use case, outside of huma.
func (s *Server) refusal(ctx context.Context, err error) refusal {
	if e := (*domain.Error)(nil); errors.As(err, &e) && e.Code == domain.CodeUnauthenticated {
		return unauthenticated
	}
	return prepare(s.problem(ctx, "", err))
}

// problem returns what answers an error of a use case. Fields at fault are
// searched in place: body or query. What the client shouldn't know goes to the
// log.
func (s *Server) problem(ctx context.Context, place string, err error) *Problem {
	var e *domain.Error
	known := errors.As(err, &e)
	switch {
	case known && statuses[e.Code] != 0 && e.Code != domain.CodeInternal:
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		// A use case gave up because the request's time is over or its client gone.
		e = domain.ErrOverloaded
	default:
		s.log(ctx, slog.LevelError, "internal error", err)
		return internal.problem
	}
	// A client that hung up is no news of the store.
	if e.Code == domain.CodeStoreUnavailable && !errors.Is(err, context.Canceled) {
		s.log(ctx, slog.LevelWarn, "store unavailable", err)
	}
	p := newProblem(e.Code, e.Message)
	p.Errors = inputErrors(place, e)
	return p
}

// inputErrors gives the fields at fault of an error their place.
func inputErrors(place string, err error) []InputError {
	var e *domain.Error
	if !errors.As(err, &e) {
		return nil
	}
	var all []InputError
	for _, f := range e.Fields {
		all = append(all, InputError{Location: place + "." + f.Field, Message: f.Message})
	}
	return all
}

func (s *Server) log(ctx context.Context, level slog.Level, message string, err error) {
	attrs := []slog.Attr{slog.String("cause", causes(err))}
	if e := middleware.FromContext(ctx); e != nil {
		attrs = append(attrs, slog.String("request_id", e.RequestID), slog.String("route", e.Route))
	}
	s.options.Log.LogAttrs(ctx, level, message, attrs...)
}

// causes tells an error with everything that it wraps: a domain.Error keeps its
// cause out of its text.
func causes(err error) string {
	var parts []string
	for err != nil {
		parts = append(parts, err.Error())
		var e *domain.Error
		if !errors.As(err, &e) {
			break
		}
		err = e.Cause
	}
	return strings.Join(parts, ": ")
}
