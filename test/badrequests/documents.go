package badrequests

import (
	"encoding/base64"
	"net/http"
	"strings"
)

const (
	documents = "/v1/documents"
	document  = documents + "/" + Marker
	batch     = documents + ":batch"
	count     = documents + ":count"
)

// documentWays is a request to each route for documents that nothing is wrong with.
var documentWays = []Case{
	{Method: http.MethodGet, Path: documents},
	{Method: http.MethodGet, Path: document},
	{Method: http.MethodGet, Path: count},
	{Method: http.MethodPut, Path: document, Body: "{}"},
	{Method: http.MethodPost, Path: documents, Body: "{}"},
	{Method: http.MethodDelete, Path: document},
	{Method: http.MethodPost, Path: batch, Body: writes(`{"action":"delete","id":"` + Marker + `"}`)},
}

// list collects cases that bring the valid token.
type list []Case

func (l *list) add(what string, c Case, status int, code string, locations ...string) {
	c.Name, c.Token, c.Status, c.Code, c.Locations = what+": "+c.Method+" "+c.Path, true, status, code, locations
	*l = append(*l, c)
}

func (l *list) invalid(what string, c Case, locations ...string) {
	l.add(what, c, http.StatusUnprocessableEntity, invalid, locations...)
}

func ofDocuments() []Case {
	all := list{}
	all.documentRoutes()
	all.documentQueries()
	all.documentIDs()
	all.documentBodies()
	all.documentMedia()
	all.documentHeaders()
	all.batches()
	return all
}

func (l *list) documentRoutes() {
	for _, way := range documentWays {
		way.Header = http.Header{"Authorization": {"Bearer " + Marker}}
		l.add("no token", way, http.StatusUnauthorized, "unauthenticated")
		(*l)[len(*l)-1].Token = false
	}
	for path, methods := range map[string][]string{
		documents: {"PUT", "DELETE", "PATCH"}, document: {"POST", "PATCH"}, count: {"POST", "DELETE"}, batch: {"GET", "PUT"},
	} {
		for _, method := range methods {
			l.add("method", Case{Method: method, Path: path}, http.StatusMethodNotAllowed, "method_not_allowed")
		}
	}
	for _, path := range []string{documents + "/", document + "/", document + "/a", documents + ":" + Marker, documents + "%3Acount"} {
		l.add("route", Case{Method: http.MethodGet, Path: path}, http.StatusNotFound, "not_found")
	}
}

func (l *list) documentQueries() {
	for _, way := range documentWays {
		for _, query := range []string{"a=" + Marker, Marker, "%zz=" + Marker} {
			unknown := way
			unknown.Path += "?" + query
			l.invalid("unknown parameter", unknown, "query")
		}
	}
	cursor := func(id string) string { return "cursor=" + base64.RawURLEncoding.EncodeToString([]byte(id)) }
	for query, place := range map[string]string{
		"Limit=5":                       "query",
		"limit=":                        "query.limit",
		"limit=0":                       "query.limit",
		"limit=1001":                    "query.limit",
		"limit=" + Marker:               "query.limit",
		"limit=5&limit=5":               "query.limit",
		"cursor":                        "query.cursor",
		"cursor=" + Marker + "%21":      "query.cursor",
		"cursor=YQ==":                   "query.cursor",
		cursor(Marker + "\xff"):         "query.cursor",
		"filter=":                       "query.filter",
		"filter=" + Marker:              "query.filter",
		"filter=[]":                     "query.filter",
		"filter={}":                     "query.filter",
		"filter={%22a%22:%22%zz%22}":    "query.filter",
		"filter={%22a%22:1}&filter={}":  "query.filter",
		"filter={%22a%22:[1]}":          "query.filter",
		"filter={%22_id%22:%22a%22}":    "query.filter",
		"filter={%22$where%22:%22a%22}": "query.filter",
		"filter={%22organization_id%22:%22" + Marker + "%22}": "query.filter",
		"filter={%22" + Marker + "%22:{%22$gt%22:1}}":         "query.filter",
		"filter={%22a%22:1,%22a%22:2}":                        "query.filter",
	} {
		l.invalid("list "+query, Case{Method: http.MethodGet, Path: documents + "?" + query}, place)
	}
	l.invalid("list, all wrong", Case{Method: http.MethodGet, Path: documents + "?filter=x&cursor=!&limit=x&x=x"},
		"query", "query.limit", "query.cursor", "query.filter")
}

func (l *list) documentIDs() {
	for _, id := range []string{
		".", "..", "%2E", Marker + "%00", Marker + "%ff", Marker + "%1b", strings.Repeat("x", 513), "%7B" + Marker, "%7B%22$oid%22:%22" + Marker + "%22%7D",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			c := Case{Method: method, Path: documents + "/" + id}
			if method == http.MethodPut {
				c.Body = "{}"
			}
			l.invalid("ID", c, "path.id")
		}
	}
	l.invalid("ID and body", Case{Method: http.MethodPut, Path: documents + "/..", Body: "[]"}, "path.id", "body")
}

func (l *list) documentBodies() {
	put, post := Case{Method: http.MethodPut, Path: document}, Case{Method: http.MethodPost, Path: documents}
	for _, way := range []Case{put, post} {
		for what, body := range map[string]string{
			"no body": "", "garbage": Marker, "half an object": `{"a":"` + Marker, "two objects": "{}{}", "no UTF-8": "{\"a\":\"" + Marker + "\xff\"}",
		} {
			c := way
			c.Body = body
			l.add(what, c, http.StatusBadRequest, invalid, "body")
		}
		for what, body := range map[string]string{
			"an array":                `["` + Marker + `"]`,
			"a string":                `"` + Marker + `"`,
			"null":                    "null",
			"a key twice":             `{"` + Marker + `":1,"` + Marker + `":2}`,
			"a key twice, inside":     `{"a":[{"` + Marker + `":1,"` + Marker + `":2}]}`,
			"the discriminator":       `{"organization_id":"` + Marker + `"}`,
			"a dollar":                `{"$` + Marker + `":1}`,
			"a dollar inside":         `{"a":{"$date":"` + Marker + `"}}`,
			"half a character":        `{"a":"` + Marker + `\ud800"}`,
			"a null character":        `{"` + Marker + `\u0000":1}`,
			"a large whole number":    `{"a":123456789012345678901234567890}`,
			"a number out of range":   `{"a":1e999}`,
			"too deep":                `{"a":` + strings.Repeat("[", 95) + strings.Repeat("]", 95) + `}`,
			"an ID that is no string": `{"_id":17}`,
			"an ID of another type":   `{"_id":{"$oid":"65f0c0ffee65f0c0ffee65f0"}}`,
		} {
			c := way
			c.Body = body
			l.invalid(what, c, "body")
		}
		for what, id := range map[string]string{
			"an empty ID": ``, "a long ID": strings.Repeat(Marker, 50), "a control in the ID": Marker + `\n`, "a dot": `.`, "a brace": `{` + Marker,
		} {
			c := way
			c.Body = `{"_id":"` + id + `"}`
			l.invalid(what, c, "body._id")
		}
		for what, body := range map[string]string{
			"an ObjectId": `{"a":{"$oid":"` + Marker + `"}}`, "a date": `{"a":{"$date":"` + Marker + `"}}`, "an unknown type": `{"a":{"$` + Marker + `":1}}`,
			"a value alone": `{"$date":"2026-11-22T09:30:00Z"}`,
		} {
			c := way
			c.Body, c.Header = body, http.Header{"Content-Type": {"application/ejson"}}
			l.invalid("no Extended JSON, "+what, c, "body")
		}
	}
	put.Body = `{"_id":"another-` + Marker + `"}`
	l.invalid("another ID", put, "body._id")
}

func (l *list) documentMedia() {
	const large, unsupported = http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType
	big := `{"a":"` + strings.Repeat(Marker, 1<<20/len(Marker)) + `"}`
	for _, way := range documentWays {
		if way.Body == "" {
			continue
		}
		for _, header := range []http.Header{
			{"Content-Type": {"text/plain"}},
			{"Content-Type": {"application/" + Marker}},
			{"Content-Type": {"application/ejson", "application/ejson"}},
			{"Content-Type": {"application/ejson; " + Marker}},
			{"Content-Encoding": {"gzip"}},
			{"Content-Type": {"application/bson"}},
		} {
			c := way
			c.Header = header
			l.add("media type", c, unsupported, "unsupported_media_type")
			(*l)[len(*l)-1].Name += " " + strings.Join(append(header["Content-Type"], header["Content-Encoding"]...), " ")
		}
		if way.Path == batch {
			continue
		}
		c := way
		c.Body = big
		l.add("too large", c, large, "body_too_large")
		c.Chunked = true
		l.add("too large, length not told", c, large, "body_too_large")
	}
	l.add("too large", Case{Method: http.MethodPost, Path: batch, Body: strings.Repeat(" ", 16<<20+1)}, large, "body_too_large")
	for _, path := range []string{create, login} {
		l.add("Extended JSON", Case{Method: http.MethodPost, Path: path, Body: "{}", Header: http.Header{"Content-Type": {"application/ejson"}}},
			unsupported, "unsupported_media_type")
	}
}

func (l *list) documentHeaders() {
	for _, way := range documentWays {
		if way.Method == http.MethodPost {
			way.Header = http.Header{"Idempotency-Key": {"a " + Marker}}
			l.invalid("a bad key", way, "header.Idempotency-Key")
		}
		if way.Method == http.MethodPut || way.Method == http.MethodDelete {
			for _, values := range [][]string{{Marker}, {`"a", "` + Marker + `"`}, {`"a"`, `"b"`}, {""}} {
				way.Header = http.Header{"If-Match": values}
				l.invalid("If-Match "+strings.Join(values, " and "), way, "header.If-Match")
			}
		}
		if way.Method == http.MethodPut {
			for _, values := range [][]string{{Marker}, {`"` + Marker + `"`}, {"*", "*"}, {""}} {
				way.Header = http.Header{"If-None-Match": values}
				l.invalid("If-None-Match "+strings.Join(values, " and "), way, "header.If-None-Match")
			}
			way.Header = http.Header{"If-None-Match": {"*"}, "If-Match": {`"` + Marker + `"`}}
			l.invalid("both conditions", way, "header.If-None-Match")
		}
	}
}
