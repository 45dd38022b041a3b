package badrequests

import (
	"net/http"
	"strings"
)

func queries() []Case {
	place := []string{"query.organization_name"}
	var all []Case
	for name, query := range map[string]string{
		"no query":               "",
		"an empty query":         "?",
		"another parameter":      "?name=" + Marker,
		"another case":           "?Organization_Name=" + Marker,
		"an empty value":         "?organization_name=",
		"no value":               "?organization_name",
		"the parameter twice":    "?organization_name=" + Marker + "&organization_name=b" + Marker,
		"a broken escape":        "?organization_name=" + Marker + "%zz",
		"half an escape":         "?organization_name=" + Marker + "%4",
		"one character":          "?organization_name=x",
		"spaces":                 "?organization_name=+++%20",
		"invalid UTF-8":          "?organization_name=" + Marker + "%ff",
		"a NUL":                  "?organization_name=" + Marker + "%00",
		"a zero-width character": "?organization_name=" + Marker + "%E2%80%8B",
		"101 characters":         "?organization_name=" + Marker + strings.Repeat("x", 101-len(Marker)),
		"4000 characters":        "?organization_name=" + strings.Repeat("x", 4000),
	} {
		for _, c := range []Case{
			{Name: "get: " + name, Method: http.MethodGet, Path: "/org/get" + query},
			{Name: "delete: " + name, Method: http.MethodDelete, Path: "/org/delete" + query},
		} {
			c.Token = true // a service may ask for one on get, too
			c.Status, c.Code, c.Locations = http.StatusUnprocessableEntity, invalid, place
			all = append(all, c)
		}
	}
	return all
}

func tokens() []Case {
	var all []Case
	for name, header := range map[string]http.Header{
		"no token":               nil,
		"an empty header":        {"Authorization": {""}},
		"no scheme":              {"Authorization": {Marker}},
		"a scheme alone":         {"Authorization": {"Bearer"}},
		"an empty token":         {"Authorization": {"Bearer   "}},
		"another scheme":         {"Authorization": {"Basic " + Marker}},
		"a made-up token":        {"Authorization": {"Bearer " + Marker}},
		"three made-up parts":    {"Authorization": {"Bearer " + Marker + "." + Marker + "." + Marker}},
		"an unsigned token":      {"Authorization": {"Bearer eyJhbGciOiJub25lIn0.eyJvcmdfaWQiOiIxIn0."}},
		"two tokens":             {"Authorization": {"Bearer " + Marker + " " + Marker}},
		"two headers":            {"Authorization": {"Bearer " + Marker, "Bearer " + Marker}},
		"a token with a comma":   {"Authorization": {"Bearer " + Marker + "," + Marker}},
		"a token of 8 KiB":       {"Authorization": {"Bearer " + strings.Repeat("a", 8<<10)}},
		"a token with an umlaut": {"Authorization": {"Bearer " + Marker + "\xc3\xbc"}},
	} {
		all = append(all,
			Case{
				Name: "update: " + name, Method: http.MethodPut, Path: update, Header: header, Body: object(markName, okEmail, markName),
				Status: http.StatusUnauthorized, Code: "unauthenticated",
			},
			Case{
				Name: "delete: " + name, Method: http.MethodDelete, Path: "/org/delete?organization_name=" + Marker, Header: header,
				Status: http.StatusUnauthorized, Code: "unauthenticated",
			})
	}
	all = append(all, Case{
		Name: "update: no token and garbage", Method: http.MethodPut, Path: update, Body: Marker,
		Status: http.StatusUnauthorized, Code: "unauthenticated",
	})
	return all
}

func routes() []Case {
	var all []Case
	for _, path := range []string{
		"/" + Marker, "/org", "/org/", "/org/get/", "/org/create/" + Marker, "/ORG/CREATE", "//org/get", "/org/../" + Marker,
		"/org%2Fget", "/v1/" + Marker, "/docs/" + Marker, "/docs/../go.mod", "/openapi.yaml", "/admin/", "/org/get?organization_name=",
	} {
		method, status, code := http.MethodGet, http.StatusNotFound, "not_found"
		if strings.Contains(path, "?") {
			method, status, code = http.MethodPost, http.StatusMethodNotAllowed, "method_not_allowed"
		}
		all = append(all, Case{Name: "route: " + path, Method: method, Path: path, Status: status, Code: code})
	}
	for path, methods := range map[string][]string{
		create: {"GET", "PUT", "DELETE", "PATCH", "OPTIONS"}, "/org/get": {"POST", "DELETE"}, update: {"GET", "POST"},
		"/org/delete": {"GET", "POST"}, login: {"GET", "TRACE"}, "/healthz": {"POST"}, "/docs": {"DELETE"}, "/openapi.json": {"PUT"},
	} {
		for _, method := range methods {
			all = append(all, Case{
				Name: "method: " + method + " " + path, Method: method, Path: path + "?a=" + Marker,
				Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
			})
		}
	}
	return append(all, Case{
		Name: "method: made up", Method: strings.ToUpper(Marker), Path: create,
		Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
	})
}
