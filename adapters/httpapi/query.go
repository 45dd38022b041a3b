package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// What can be wrong with a query parameter before its value is looked at.
const (
	queryTwice  = "must be given once"
	queryBare   = "must have a value"
	queryBroken = "must be percent-encoded properly"
)

// nameQuery names an organization in the query.
type nameQuery struct {
	OrganizationName string `query:"organization_name" required:"true" doc:"The organization's name; case, width and spacing don't matter." example:"Acme Corp"`
}

// Resolve implements huma.Resolver. Huma takes the first of several values and
// reads a parameter without one as "true"; a delete had better not guess.
func (q *nameQuery) Resolve(ctx huma.Context) []error {
	if q.OrganizationName == "" {
		return nil // reported as missing
	}
	address := ctx.URL()
	message, count := "", 0
	for part := range strings.SplitSeq(address.RawQuery, "&") {
		key, value, hasValue := strings.Cut(part, "=")
		if key, err := url.QueryUnescape(key); err != nil || key != fieldName {
			continue
		}
		count++
		if !hasValue {
			message = queryBare
		} else if _, err := url.QueryUnescape(value); err != nil {
			message = queryBroken
		}
	}
	if count > 1 {
		message = queryTwice
	}
	if message == "" {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: "query." + fieldName, Message: message}}
}

const unknownParameter = "must have known parameters alone"

// takeQuery hands the values of each parameter to take, which returns what is wrong with
// them, and returns all that is wrong with the query in the order of the parameters.
// Only the one called many may be given more than once.
func takeQuery(query string, parameters []string, many string, take func(name string, values []string) (wrong string)) []error {
	given, wrong := readQuery(query, parameters, many)
	var errs []error
	for _, name := range append([]string{""}, parameters...) {
		message := wrong[name]
		if values := given[name]; message == "" && values != nil {
			message = take(name, values)
		}
		if message != "" {
			errs = append(errs, inOurWords(strings.TrimSuffix(inQuery+"."+name, "."), message))
		}
	}
	return errs
}

// readQuery returns the values of each parameter, and by name what is wrong with them
// before they are looked at. The name "" stands for those that nobody knows.
func readQuery(query string, parameters []string, many string) (given map[string][]string, wrong map[string]string) {
	given, wrong = map[string][]string{}, map[string]string{}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, hasValue := strings.Cut(part, "=")
		name, err := url.QueryUnescape(key)
		if err != nil || !slices.Contains(parameters, name) {
			wrong[""] = unknownParameter
			continue
		}
		value, err = url.QueryUnescape(value)
		switch {
		case !hasValue || value == "":
			wrong[name] = queryBare
		case err != nil:
			wrong[name] = queryBroken
		case given[name] != nil && name != many:
			wrong[name] = queryTwice
		}
		given[name] = append(given[name], value)
	}
	return given, wrong
}

var badQuery = prepare(invalidExample(inQuery, unknownParameter))

// noQuery lets through requests without parameters in the query.
func (s *Server) noQuery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Trim(r.URL.RawQuery, "&") != "" {
			s.refuse(w, badQuery)
			return
		}
		next.ServeHTTP(w, r)
	})
}
