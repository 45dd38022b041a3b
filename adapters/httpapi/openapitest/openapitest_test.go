package openapitest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const sample = `{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{
"200":{"headers":{"Location":{}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}},
"409":{"content":{"application/problem+json":{"schema":{"type":"object","properties":{"code":{"type":"string"}}},"examples":{"taken":{"value":{"code":"taken"}}}}}}
}}},"/c/{id}":{"get":{"responses":{"304":{"headers":{"Etag":{}}}}}}},"components":{"schemas":{"A":{"type":"object","required":["at"],"properties":{"at":{"type":"string","format":"date-time"}}}}}}`

func TestCheck(t *testing.T) {
	d, err := Load([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.CheckExamples(); err != nil {
		t.Error(err)
	}
	plain := http.Header{"Content-Type": {"application/json"}, "Location": {"/"}}
	problem := http.Header{"Content-Type": {"application/problem+json"}}
	for _, c := range []struct {
		method, path string
		status       int
		header       http.Header
		body, want   string
	}{
		{"GET", "/a?b", 200, plain, `{"at":"2026-11-22T00:00:00Z"}`, ""},
		{"GET", "/b", 200, plain, `{}`, "no such operation"},
		{"PUT", "/a", 200, plain, `{}`, "no such operation"},
		{"GET", "/a", 201, plain, `{}`, "status is not documented"},
		{"GET", "/a", 200, problem, `{}`, "media type"},
		{"GET", "/a", 200, plain, `{`, "not JSON"},
		{"GET", "/a", 200, plain, `{}`, "not as documented"},
		{"GET", "/a", 200, plain, `{"at":"today"}`, "not as documented"},
		{"GET", "/a", 200, plain, `{"at":"2026-11-22T00:00:00Z","b":1}`, `"b" is not documented`},
		{"GET", "/a", 200, http.Header{"Content-Type": {"application/json"}}, `{"at":"2026-11-22T00:00:00Z"}`, "Location is missing"},
		{"GET", "/a", 409, problem, `{"code":"other"}`, `code "other"`},
		{"GET", "/c/%2F", 304, http.Header{"Etag": {`"1"`}}, "", ""},
		{"GET", "/c/1", 304, plain, "", "Etag is missing"},
		{"GET", "/c/1", 304, plain, "{}", "body is not documented"},
		{"GET", "/c/1/2", 304, plain, "", "no such operation"},
	} {
		err := d.Check(c.method, c.path, c.status, c.header, []byte(c.body))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s %d %s: %v, want %q", c.method, c.path, c.status, c.body, err, c.want)
		}
	}
	if got := d.Unseen(); !slices.Equal(got, []string{"GET /a 409 taken"}) {
		t.Errorf("unseen %q", got)
	}
	if _, err := Load([]byte(`{"openapi":"3.0.3"}`)); err == nil {
		t.Error("3.0 was loaded")
	}
}
