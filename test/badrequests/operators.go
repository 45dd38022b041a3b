package badrequests

import (
	"net/http"
	"strings"
	"testing"
)

// RunOperator sends every case of OperatorCases to the service at base. token is an
// operator's, id that of an organization; nothing is changed afterwards.
func RunOperator(t *testing.T, client *http.Client, base, token, id string) {
	t.Helper()
	for _, c := range OperatorCases(id) {
		t.Run(c.Name, func(t *testing.T) {
			check(t, client, base, token, c)
		})
	}
}

// OperatorCases returns bad requests on the routes for operators, where Token stands
// for an operator's. id is the ID of an organization.
func OperatorCases(id string) []Case {
	all := append(listQueries(), operatorIDs()...)
	all = append(all, operatorQueries("/v1/organizations/"+id)...)
	all = append(all, operatorBodies("/v1/organizations/"+id)...)
	return append(all, operatorHeaders("/v1/organizations/"+id)...)
}

// fineQuota is a body that sets a quota.
const fineQuota = `{"documents":1,"bytes":2}`

// fineMove is a body that moves.
const fineMove = `{"strategy":"shared"}`

var verbs = []string{"suspend", "activate", "restore", "hold", "release", "purge", "retry", "abort", "move/pause", "move/resume"}

func listQueries() []Case {
	var all []Case
	for query, place := range map[string]string{
		"a=" + Marker:                          "query",
		Marker:                                 "query",
		"Limit=5":                              "query",
		"%zz=" + Marker:                        "query",
		"limit=":                               "query.limit",
		"limit":                                "query.limit",
		"limit=0":                              "query.limit",
		"limit=201":                            "query.limit",
		"limit=-1":                             "query.limit",
		"limit=1e2":                            "query.limit",
		"limit=" + Marker:                      "query.limit",
		"limit=99999999999999999999":           "query.limit",
		"limit=5&limit=5":                      "query.limit",
		"limit=%zz":                            "query.limit",
		"cursor=" + Marker + "%21":             "query.cursor",
		"cursor=" + Marker:                     "query.cursor",
		"cursor=" + strings.Repeat("YWFh", 50): "query.cursor",
		"cursor=YQ==":                          "query.cursor",
		"cursor=YR":                            "query.cursor",
		"cursor=IA":                            "query.cursor",
		"status=" + Marker:                     "query.status",
		"status=active,":                       "query.status",
		"status=Active":                        "query.status",
		"status=active&status=" + Marker:       "query.status",
		"name_prefix=%20":                      "query.name_prefix",
		"name_prefix=" + Marker + "%00":        "query.name_prefix",
		"name_prefix=" + Marker + "%ff":        "query.name_prefix",
		"name_prefix=" + strings.Repeat("x", 101): "query.name_prefix",
		"created_from=" + Marker:                  "query.created_from",
		"created_from=2026-11-22":                 "query.created_from",
		"created_from=2026-11-22T09:30:00+02:00":  "query.created_from",
		"created_before=0001-01-01T00:00:00Z":     "query.created_before",
		"created_before=2026-13-01T00:00:00Z":     "query.created_before",
	} {
		all = append(all, Case{
			Name: "list: " + query, Method: http.MethodGet, Path: "/v1/organizations?" + query, Token: true,
			Status: http.StatusUnprocessableEntity, Code: invalid, Locations: []string{place},
		})
	}
	return append(all, Case{
		Name: "list: everything wrong", Method: http.MethodGet, Token: true,
		Path:   "/v1/organizations?created_before=x&created_from=x&name_prefix=%01&status=x&cursor=!&limit=x&x=x",
		Status: http.StatusUnprocessableEntity, Code: invalid,
		Locations: []string{"query", "query.limit", "query.cursor", "query.status", "query.name_prefix", "query.created_from", "query.created_before"},
	})
}

func operatorQueries(path string) []Case {
	ways := []Case{{Method: http.MethodGet, Path: path}, {Method: http.MethodGet, Path: path + "/operations"}, {Method: http.MethodGet, Path: path + "/usage"}, {Method: http.MethodPut, Path: path + "/quota", Body: fineQuota}, {Method: http.MethodDelete, Path: path + "/quota"}, {Method: http.MethodGet, Path: path + "/move"}, {Method: http.MethodPost, Path: path + "/move", Body: fineMove}, {Method: http.MethodPatch, Path: path, Body: "{}"}, {Method: http.MethodDelete, Path: path}}
	for _, verb := range verbs {
		ways = append(ways, Case{Method: http.MethodPost, Path: path + "/" + verb})
	}
	var all []Case
	for _, c := range ways {
		c.Path += "?" + Marker + "=1"
		c.Name, c.Token = "unknown parameter: "+c.Method+" "+c.Path, true
		c.Status, c.Code, c.Locations = http.StatusUnprocessableEntity, invalid, []string{"query"}
		all = append(all, c)
	}
	return all
}

func operatorIDs() []Case {
	var all []Case
	for _, id := range []string{Marker, Marker + "%00", "%20", "a%2F" + Marker, Marker + "%ff", "..", strings.Repeat("x", 65), strings.Repeat("x", 4000), "01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f", "{id}", "*"} {
		path := "/v1/organizations/" + id
		ways := []Case{{Method: http.MethodGet, Path: path}, {Method: http.MethodGet, Path: path + "/operations"}, {Method: http.MethodGet, Path: path + "/usage"}, {Method: http.MethodPut, Path: path + "/quota", Body: fineQuota}, {Method: http.MethodDelete, Path: path + "/quota"}, {Method: http.MethodGet, Path: path + "/move"}, {Method: http.MethodPost, Path: path + "/move", Body: fineMove}, {Method: http.MethodPatch, Path: path, Body: "{}"}, {Method: http.MethodDelete, Path: path}}
		for _, verb := range verbs {
			ways = append(ways, Case{Method: http.MethodPost, Path: path + "/" + verb})
		}
		for _, c := range ways {
			c.Name, c.Token = "unknown: "+c.Method+" "+c.Path, true
			c.Status, c.Code = http.StatusNotFound, "organization_not_found"
			all = append(all, c)
		}
	}
	return all
}

func operatorBodies(path string) []Case {
	var all []Case
	add := func(what, method, path, body string, status int, code string, locations ...string) {
		all = append(all, Case{
			Name: what + ": " + method + " " + path, Method: method, Path: path, Token: true, Body: body,
			Status: status, Code: code, Locations: locations,
		})
	}
	const list = "/v1/organizations"
	quota, move := path+"/quota", path+"/move"
	ways := [][2]string{{http.MethodPatch, path}, {http.MethodPost, list}, {http.MethodPut, quota}, {http.MethodPost, move}}
	for _, verb := range verbs {
		ways = append(ways, [2]string{http.MethodPost, path + "/" + verb})
	}
	const parse, valid = http.StatusBadRequest, http.StatusUnprocessableEntity
	for _, way := range ways {
		add("garbage", way[0], way[1], Marker, parse, invalid, "body")
		add("a field twice", way[0], way[1], `{"`+Marker+`":1,"`+Marker+`":2}`, parse, invalid, "body")
		add("an array", way[0], way[1], `["`+Marker+`"]`, valid, invalid, "body")
		add("null", way[0], way[1], `null`, valid, invalid, "body")
		add("too large", way[0], way[1], `{"a":"`+strings.Repeat(Marker, 6000)+`"}`, http.StatusRequestEntityTooLarge, "body_too_large")
		all = append(all, Case{
			Name: "plain text: " + way[0] + " " + way[1], Method: way[0], Path: way[1], Token: true, Header: http.Header{"Content-Type": {"text/plain"}},
			Body: "{}", Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type",
		})
		if way[1] == list || way[1] == quota || way[1] == move { // Its own fields are missing as well.
			continue
		}
		add("unknown fields", way[0], way[1], `{"`+Marker+`":1,"reason":"`+Marker+`"}`, valid, invalid, "body")
		add("a field of another route", way[0], way[1], `{"organization_name":"`+Marker+`"}`, valid, invalid, "body")
	}
	add("no body", http.MethodPost, list, "", parse, invalid, "body")
	add("no fields", http.MethodPost, list, "{}", valid, invalid, "body.name", "body.email", "body.password")
	add("nulls", http.MethodPost, list, `{"name":null,"email":null,"password":null,"strategy":null}`, valid, invalid, "body.name", "body.email", "body.password", "body.strategy")
	add("wrong values", http.MethodPost, list, `{"name":"x","email":"`+Marker+`","password":"short","strategy":[]}`, valid, invalid, "body.name", "body.email", "body.password", "body.strategy")
	add("a wrong strategy", http.MethodPost, list, `{"name":"A Good Name","email":"good@example.com","password":"correct horse","strategy":"`+Marker+`"}`, valid, invalid, "body.strategy")
	all = append(all, quotaBodies(quota)...)
	add("no body", http.MethodPost, move, "", parse, invalid, "body")
	for _, body := range []string{`{}`, `{"strategy":null}`, `{"strategy":7}`, `{"strategy":""}`, `{"strategy":"` + Marker + `"}`, `{"strategy":["shared"]}`} {
		add("no move: "+body, http.MethodPost, move, body, valid, invalid, "body.strategy")
	}
	add("an unknown field", http.MethodPost, move, `{"strategy":"shared","`+Marker+`":1}`, valid, invalid, "body")
	add("a field in another case", http.MethodPost, move, `{"Strategy":"shared"}`, valid, invalid, "body", "body.strategy")
	patch, restore := http.MethodPatch, path+"/restore"
	add("no body", patch, path, "", parse, invalid, "body")
	add("a null name", patch, path, `{"name":null}`, valid, invalid, "body.name")
	add("a number", patch, path, `{"name":7,"email":[]}`, valid, invalid, "body.name", "body.email")
	add("wrong values", patch, path, `{"email":"`+Marker+`","name":"x"}`, valid, invalid, "body.name", "body.email")
	add("wrong values beside an unknown field", patch, path, `{"email":"`+Marker+`","name":"x","Name":1}`, valid, invalid, "body", "body.name", "body.email")
	add("half a surrogate pair", patch, path, `{"name":"ab\ud800"}`, valid, invalid, "body.name")
	add("an empty name", http.MethodPost, restore, `{"name":""}`, valid, invalid, "body.name")
	add("a short name", http.MethodPost, restore, `{"name":"x"}`, valid, invalid, "body.name")
	add("a name that is a number", http.MethodPost, restore, `{"name":1}`, valid, invalid, "body.name")
	return all
}

// quotaBodies are bodies that set no quota.
func quotaBodies(path string) []Case {
	both := []string{"body.documents", "body.bytes"}
	var all []Case
	for body, locations := range map[string][]string{
		`{}`:                              both,
		`{"documents":null,"bytes":null}`: both,
		`{"documents":"` + Marker + `","bytes":true}`:   both,
		`{"documents":-1,"bytes":-9223372036854775808}`: both,
		`{"documents":[1],"bytes":{"a":1}}`:             both,
		`{"documents":1.5,"bytes":1e3}`:                 both,
		`{"documents":1}`:                               both[1:],
		`{"bytes":1}`:                                   both[:1],
		`{"documents":9223372036854775808,"bytes":1}`:   both[:1],
		`{"documents":1,"bytes":1,"` + Marker + `":1}`:  {"body"},
		`{"documents":1,"bytes":1,"own":true}`:          {"body"},
		`{"documents":1,"Bytes":1}`:                     {"body", both[1]},
	} {
		all = append(all, Case{
			Name: "no quota: " + body, Method: http.MethodPut, Path: path, Token: true, Body: body,
			Status: http.StatusUnprocessableEntity, Code: invalid, Locations: locations,
		})
	}
	for _, body := range []string{"", `{"documents":1,"documents":1,"bytes":1}`, `{"documents":01,"bytes":1}`} {
		all = append(all, Case{
			Name: "no JSON for a quota: " + body, Method: http.MethodPut, Path: path, Token: true, Body: body,
			Status: http.StatusBadRequest, Code: invalid, Locations: []string{"body"},
		})
	}
	return all
}

func operatorHeaders(path string) []Case {
	var all []Case
	ways := []Case{{Method: http.MethodPatch, Path: path, Body: "{}"}, {Method: http.MethodDelete, Path: path}}
	posts := []Case{{Method: http.MethodPost, Path: path + "/move", Body: fineMove}}
	for _, verb := range verbs {
		posts = append(posts, Case{Method: http.MethodPost, Path: path + "/" + verb})
	}
	for _, way := range posts {
		ways = append(ways, way)
		way.Name, way.Header, way.Token = "a bad key: "+way.Path, http.Header{"Idempotency-Key": {"a " + Marker}}, true
		way.Status, way.Code, way.Locations = http.StatusUnprocessableEntity, invalid, []string{"header.Idempotency-Key"}
		all = append(all, way)
	}
	for _, way := range ways {
		way.Name, way.Header, way.Token = "a bad If-Match: "+way.Method+" "+way.Path, http.Header{"If-Match": {Marker}}, true
		way.Status, way.Code, way.Locations = http.StatusUnprocessableEntity, invalid, []string{"header.If-Match"}
		all = append(all, way)
		way.Name, way.Header, way.Token = "no operator: "+way.Method+" "+way.Path, http.Header{"Authorization": {"Bearer " + Marker}}, false
		way.Status, way.Code, way.Locations = http.StatusUnauthorized, "unauthenticated", nil
		all = append(all, way)
	}
	return all
}
