package httpapi

import (
	"net/url"
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
