package badrequests

import (
	"net/http"
	"strings"
)

const (
	invalid = "invalid_request"
	create  = "/org/create"
	update  = "/org/update"
	login   = "/admin/login"
)

var (
	wholeBody = []string{"body"}
	inName    = []string{"body.organization_name"}
	inEmail   = []string{"body.email"}
	inPass    = []string{"body.password"}
)

// Cases returns all bad requests.
func Cases() []Case {
	var all []Case
	for _, list := range [][]Case{malformed(), mistyped(), invalidValues(), mediaTypes(), queries(), tokens(), routes(), ofDocuments()} {
		all = append(all, list...)
	}
	return all
}

func object(name, email, password string) string {
	return `{"organization_name":` + name + `,"email":` + email + `,"password":` + password + `}`
}

// Values, as JSON, that are fine or hold the marker.
const (
	okName   = `"Bad Requests Ltd"`
	okEmail  = `"bad@requests.example"`
	okPass   = `"long enough"`
	markName = `"` + Marker + `"`
)

func malformed() []Case {
	good := object(okName, okEmail, okPass)
	bodies := []struct{ name, body string }{
		{"empty body", ""},
		{"white space alone", " \n\t "},
		{"one brace", "{"},
		{"no closing brace", good[:len(good)-1]},
		{"no JSON at all", Marker},
		{"the text of a form", "organization_name=" + Marker + "&email=a%40b.example&password=12345678"},
		{"the text of XML", "<organization_name>" + Marker + "</organization_name>"},
		{"garbage after the object", good + Marker},
		{"a second object", good + good},
		{"a closing brace too many", good + "}"},
		{"a comma too many", strings.TrimSuffix(good, "}") + ",}"},
		{"single quotes", `{'organization_name':'` + Marker + `'}`},
		{"a key without quotes", `{organization_name:"` + Marker + `"}`},
		{"a comment", `/* ` + Marker + ` */` + good},
		{"a byte order mark", "\xef\xbb\xbf" + good},
		{"invalid UTF-8 in a value", object(`"`+Marker+"\xff\"", okEmail, okPass)},
		{"invalid UTF-8 in a key", "{\"\xc3\x28\":1}"},
		{"an encoded surrogate", object("\"ab\xed\xa0\x80\"", okEmail, okPass)},
		{"UTF-16", "\xff\xfe{\x00}\x00"},
		{"a control character in a string", object("\"a\x00"+Marker+"\"", okEmail, okPass)},
		{"a line break in a string", object("\"a\n"+Marker+"\"", okEmail, okPass)},
		{"a bad escape", object(`"\x41`+Marker+`"`, okEmail, okPass)},
		{"half an escape", object(`"\u00`, okEmail, okPass)},
		{"NaN", object("NaN", okEmail, okPass)},
		{"a leading zero", object("007", okEmail, okPass)},
		{"deep arrays", strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000)},
		{"deep objects", strings.Repeat(`{"a":`, 10_500) + "1" + strings.Repeat("}", 10_500)},
		{"a field twice", `{"email":"` + Marker + `@a.example",` + good[1:]},
		{"a field twice, once null", `{"password":null,` + good[1:]},
		{"a field twice by an escape", `{"e\u006dail":"` + Marker + `@a.example",` + good[1:]},
	}
	var all []Case
	for _, b := range bodies {
		all = append(all, Case{
			Name: "create: " + b.name, Method: http.MethodPost, Path: create, Body: b.body,
			Status: http.StatusBadRequest, Code: invalid, Locations: wholeBody,
		})
	}
	for _, c := range []Case{
		{Name: "log in: empty body", Method: http.MethodPost, Path: login},
		{Name: "log in: no JSON", Method: http.MethodPost, Path: login, Body: Marker},
		{Name: "log in: email twice", Method: http.MethodPost, Path: login, Body: `{"email":"a@b.example","email":"` + Marker + `@b.example","password":"x"}`},
		{Name: "update: empty body", Method: http.MethodPut, Path: update, Token: true},
		{Name: "update: garbage", Method: http.MethodPut, Path: update, Token: true, Body: `{"password":"` + Marker},
		{Name: "update: name twice", Method: http.MethodPut, Path: update, Token: true, Body: `{"organization_name":"` + Marker + `","organization_name":"b","password":"x"}`},
	} {
		c.Status, c.Code, c.Locations = http.StatusBadRequest, invalid, wholeBody
		all = append(all, c)
	}
	return all
}

func mistyped() []Case {
	three := []string{inName[0], inEmail[0], inPass[0]}
	bodies := []struct {
		name, body string
		locations  []string
	}{
		{"null", "null", wholeBody},
		{"true", "true", wholeBody},
		{"a number", "1e3", wholeBody},
		{"a string", markName, wholeBody},
		{"an array", "[" + object(markName, okEmail, okPass) + "]", wholeBody},
		{"an empty object", "{}", three},
		{"null everywhere", object("null", "null", "null"), three},
		{"numbers", object("12345", "1", "12345678"), three},
		{"arrays", object("["+markName+"]", "["+markName+"]", "["+markName+"]"), three},
		{"objects", object(`{"a":`+markName+`}`, "{}", `{"password":`+markName+`}`), three},
		{"booleans", object("true", "false", "true"), three},
		{"keys in another case", `{"Organization_Name":` + okName + `,"EMAIL":` + okEmail + `,"Password":` + okPass + `}`, three},
		{"keys of another style", `{"organizationName":` + okName + `,"e-mail":` + okEmail + `,"pass":` + okPass + `}`, three},
		{"a missing name", `{"email":` + okEmail + `,"password":` + okPass + `}`, inName},
		{"a missing email", `{"organization_name":` + okName + `,"password":` + okPass + `}`, inEmail},
		{"a missing password", `{"organization_name":` + okName + `,"email":` + okEmail + `}`, inPass},
		{"half a surrogate pair", object(`"ab\ud800"`, okEmail, okPass), inName},
		{"half a surrogate pair in a password", object(okName, okEmail, `"`+Marker+`\udfff"`), inPass},
		{"a wrong type beside wrong values", object(`"x"`, "7", `"short"`), three},
	}
	var all []Case
	for _, b := range bodies {
		all = append(all, Case{
			Name: "create: " + b.name, Method: http.MethodPost, Path: create, Body: b.body,
			Status: http.StatusUnprocessableEntity, Code: invalid, Locations: b.locations,
		})
	}
	for _, c := range []Case{
		{Name: "log in: empty object", Method: http.MethodPost, Path: login, Body: `{}`, Locations: []string{inEmail[0], inPass[0]}},
		{Name: "log in: a null password", Method: http.MethodPost, Path: login, Body: `{"email":"` + Marker + `@a.example","password":null}`, Locations: inPass},
		{Name: "log in: an array", Method: http.MethodPost, Path: login, Body: `[]`, Locations: wholeBody},
		{Name: "update: empty object", Method: http.MethodPut, Path: update, Token: true, Body: `{}`, Locations: []string{inName[0], inPass[0]}},
		{Name: "update: an email that is a number", Method: http.MethodPut, Path: update, Token: true, Body: `{"organization_name":` + okName + `,"email":5,"password":"x"}`, Locations: inEmail},
		{Name: "update: a null name", Method: http.MethodPut, Path: update, Token: true, Body: `{"organization_name":null,"password":"` + Marker + `"}`, Locations: inName},
		{Name: "update: no password", Method: http.MethodPut, Path: update, Token: true, Body: `{"organization_name":` + markName + `}`, Locations: inPass},
	} {
		c.Status, c.Code = http.StatusUnprocessableEntity, invalid
		all = append(all, c)
	}
	return all
}
