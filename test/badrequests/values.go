package badrequests

import (
	"encoding/json"
	"net/http"
	"strings"
)

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be encoded
	}
	return string(b)
}

func invalidValues() []Case {
	var all []Case
	add := func(name, body string, locations []string) {
		all = append(all, Case{
			Name: "create: " + name, Method: http.MethodPost, Path: create, Body: body,
			Status: http.StatusUnprocessableEntity, Code: invalid, Locations: locations,
		})
	}
	for name, value := range map[string]string{
		"an empty name":                   "",
		"a name of one character":         "x",
		"a name of spaces":                "     ",
		"a name of 101 characters":        Marker + strings.Repeat("x", 101-len(Marker)),
		"a name with a NUL":               Marker + "\x00",
		"a name with a tab and a control": Marker + "\x1b[31m",
		"a name with a zero-width space":  Marker + "\u200b",
		"a name with a bidi override":     Marker + "\u202e",
		"a name of blank braille":         "\u2800\u2800\u2800",
		"a name of variation selectors":   "\ufe0f\ufe0f\ufe0f",
		"a name with a noncharacter":      Marker + "\uffff",
		"a name with a replacement":       Marker + "\ufffd",
	} {
		add(name, object(quote(value), okEmail, okPass), inName)
	}
	for name, value := range map[string]string{
		"an empty email":            "",
		"an email without an at":    Marker,
		"an email with two ats":     Marker + "@@a.example",
		"an email without a local":  "@" + Marker + ".example",
		"an email without a dot":    "a@" + Marker,
		"an email with a name":      Marker + " <a@b.example>",
		"an email with a comment":   "a(" + Marker + ")@b.example",
		"an email of an IP literal": Marker + "@[127.0.0.1]",
		"two emails":                Marker + "@b.example,c@d.example",
		"an email with a break":     Marker + "@b.example\r\nBcc: c@d.example",
		"an email of 300 bytes":     Marker + strings.Repeat("a", 300) + "@b.example",
	} {
		add(name, object(okName, quote(value), okPass), inEmail)
	}
	for name, value := range map[string]string{
		"an empty password":             "",
		"a short password":              "Zq7Ma",
		"a password of 257 characters":  Marker + strings.Repeat("x", 257-len(Marker)),
		"a password of 5000 characters": strings.Repeat(Marker, 417),
	} {
		add(name, object(okName, okEmail, quote(value)), inPass)
	}
	add("three wrong values", object(`"x"`, markName, `"short"`), []string{inName[0], inEmail[0], inPass[0]})
	all = append(all,
		Case{
			Name: "log in: wrong values", Method: http.MethodPost, Path: login, Body: `{"email":` + markName + `,"password":""}`,
			Status: http.StatusUnprocessableEntity, Code: invalid, Locations: []string{inEmail[0], inPass[0]},
		},
		Case{
			Name: "update: wrong values", Method: http.MethodPut, Path: update, Token: true, Body: object(`"`+Marker+`\u0000"`, markName, `""`),
			Status: http.StatusUnprocessableEntity, Code: invalid, Locations: []string{inName[0], inEmail[0], inPass[0]},
		})
	return all
}

func mediaTypes() []Case {
	good := object(markName, okEmail, okPass)
	var all []Case
	for name, header := range map[string]http.Header{
		"a form":             {"Content-Type": {"application/x-www-form-urlencoded"}},
		"plain text":         {"Content-Type": {"text/plain"}},
		"a multipart form":   {"Content-Type": {"multipart/form-data; boundary=" + Marker}},
		"XML":                {"Content-Type": {"application/xml"}},
		"JSON lines":         {"Content-Type": {"application/jsonl"}},
		"a made-up type":     {"Content-Type": {Marker}},
		"a broken parameter": {"Content-Type": {"application/json; " + Marker}},
		"two content types":  {"Content-Type": {"application/json", "application/json"}},
		"JSON as gzip":       {"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}},
	} {
		all = append(all, Case{
			Name: "create: " + name, Method: http.MethodPost, Path: create, Header: header, Body: good,
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type",
		})
	}
	for _, c := range []Case{
		{Name: "log in: plain text", Method: http.MethodPost, Path: login},
		{Name: "update: plain text", Method: http.MethodPut, Path: update, Token: true},
	} {
		c.Header, c.Body = http.Header{"Content-Type": {"text/plain"}}, good
		c.Status, c.Code = http.StatusUnsupportedMediaType, "unsupported_media_type"
		all = append(all, c)
	}
	big := `{"a":"` + strings.Repeat(Marker, 6000) + `"}`
	for _, c := range []Case{
		{Name: "create: a body over 64 KiB", Method: http.MethodPost, Path: create, Body: big},
		{Name: "create: a body over 64 KiB, length not told", Method: http.MethodPost, Path: create, Body: big, Chunked: true},
		{Name: "create: one byte over 64 KiB", Method: http.MethodPost, Path: create, Body: good + strings.Repeat(" ", 64<<10+1-len(good))},
		{Name: "update: a body over 64 KiB", Method: http.MethodPut, Path: update, Token: true, Body: big},
		{Name: "log in: a body over 64 KiB", Method: http.MethodPost, Path: login, Body: big},
	} {
		c.Status, c.Code = http.StatusRequestEntityTooLarge, "body_too_large"
		all = append(all, c)
	}
	return all
}
