package httpapi

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// listDefault is how many organizations a list has when nobody says how many.
const listDefault = 50

// listQuery is the query of GET /v1/organizations. Huma takes the first of several
// values and passes over unknown parameters, so it is read here.
type listQuery struct{ query ports.OrganizationQuery }

// The parameters of listQuery, in the order in which errors are told.
const (
	paramLimit         = "limit"
	paramCursor        = "cursor"
	paramStatus        = "status"
	paramNamePrefix    = "name_prefix"
	paramCreatedFrom   = "created_from"
	paramCreatedBefore = "created_before"
)

var listParams = []string{paramLimit, paramCursor, paramStatus, paramNamePrefix, paramCreatedFrom, paramCreatedBefore}

// Resolve implements huma.Resolver.
func (q *listQuery) Resolve(ctx huma.Context) []error {
	q.query.Limit = listDefault
	address := ctx.URL()
	return takeQuery(address.RawQuery, listParams, paramStatus, q.take)
}

// take reads a parameter's values, and returns what is wrong with them.
func (q *listQuery) take(name string, values []string) (wrong string) {
	value := values[0]
	var err error
	switch name {
	case paramLimit:
		return takeLimit(&q.query.Limit, value, app.ListLimit)
	case paramCursor:
		if q.query.After, err = parseCursor(value); err != nil {
			return badCursor
		}
	case paramStatus:
		for status := range strings.SplitSeq(strings.Join(values, ","), ",") {
			if !slices.Contains(domain.Statuses(), domain.Status(status)) {
				return "must be provisioning, active, suspended, deleted or purged"
			}
			if !slices.Contains(q.query.Statuses, domain.Status(status)) {
				q.query.Statuses = append(q.query.Statuses, domain.Status(status))
			}
		}
	case paramNamePrefix:
		if q.query.NameKeyPrefix, err = domain.NameKeyPrefix(value); err != nil {
			return inputErrors(inQuery, err)[0].Message
		}
	case paramCreatedFrom:
		return takeTime(&q.query.CreatedFrom, value)
	case paramCreatedBefore:
		return takeTime(&q.query.CreatedBefore, value)
	}
	return ""
}

const badCursor = "must be a next_cursor of an earlier answer"

func takeLimit(to *int, value string, most int) (wrong string) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return "must be a whole number from 1 to " + strconv.Itoa(most)
	}
	*to = n
	return ""
}

// takeTime reads a time. One before 1970 is taken for a mistake: the zero time would
// stand for no bound.
func takeTime(to *time.Time, value string) (wrong string) {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil || t.Before(time.Unix(0, 0)) {
		return "must be a time by RFC 3339 such as 2026-11-22T09:30:00Z, a plus sign sent as %2B"
	}
	*to = t.UTC()
	return ""
}
