package badrequests

import (
	"net/http"
	"strings"
)

// writes returns the body of a batch.
func writes(items ...string) string { return `{"writes":[` + strings.Join(items, ",") + `]}` }

// batches adds batches of which nothing is done. Where it says so, a good write stands
// before the bad one.
func (l *list) batches() {
	const good, second = `{"action":"put","document":{"_id":"good"}}`, "body.writes[1]"
	post := func(body string) Case { return Case{Method: http.MethodPost, Path: batch, Body: body} }
	for what, body := range map[string]string{
		"no body": "", "garbage": Marker, "writes twice": `{"writes":[],"writes":["` + Marker + `"]}`,
		"a field twice": writes(good, `{"action":"delete","id":"`+Marker+`","id":"b"}`),
	} {
		l.add("batch, "+what, post(body), http.StatusBadRequest, invalid, "body")
	}
	for what, body := range map[string]string{
		"no writes": "{}", "writes of null": `{"writes":null}`, "an object": `{"writes":{"` + Marker + `":1}}`, "none": writes(),
		"1001 writes":         writes(strings.Repeat(good+",", 1000) + good),
		"a document twice":    writes(good, good),
		"a document twice, 2": writes(good, `{"action":"delete","id":"good"}`),
	} {
		l.invalid("batch, "+what, post(body), "body.writes")
	}
	l.invalid("batch, an array", post("["+good+"]"), "body")
	l.invalid("batch, an unknown field", post(`{"`+Marker+`":1,"writes":[`+good+`]}`), "body")
	l.invalid("batch, an unknown field and no writes", post(`{"`+Marker+`":1}`), "body", "body.writes")
	for item, places := range map[string][]string{
		`"` + Marker + `"`:                          {""},
		`null`:                                      {""},
		`[` + good + `]`:                            {""},
		`{}`:                                        {".action"},
		`{"action":7,"document":{}}`:                {".action"},
		`{"action":"` + Marker + `"}`:               {".action"},
		`{"action":"PUT","document":{}}`:            {".action"},
		`{"action":"put"}`:                          {".document"},
		`{"action":"put","document":{}}`:            {".document._id"},
		`{"action":"create"}`:                       {".document"},
		`{"action":"create","document":[1]}`:        {".document"},
		`{"action":"create","document":{"_id":""}}`: {".document._id"},
		`{"action":"create","document":{"` + Marker + `":1,"` + Marker + `":2}}`: {".document"},
		`{"action":"create","document":{"$` + Marker + `":1}}`:                   {".document"},
		`{"action":"create","document":null,"id":null}`:                          {".document", ".id"},
		`{"action":"delete"}`:                                                                       {".id"},
		`{"action":"delete","id":7}`:                                                                {".id"},
		`{"action":"delete","id":"` + Marker + `\u0000"}`:                                           {".id"},
		`{"action":"delete","id":"a","document":{"_id":"` + Marker + `"}}`:                          {".document"},
		`{"action":"delete","id":"a","if_match":"` + Marker + `"}`:                                  {".if_match"},
		`{"action":"delete","id":"a","if_match":null}`:                                              {".if_match"},
		`{"action":"delete","id":"a","` + Marker + `":1}`:                                           {""},
		`{"action":"create","document":{},"if_match":"*"}`:                                          {".if_match"},
		`{"action":"put","document":{"_id":"a","organization_id":1},"id":"a","if_match":"a","x":1}`: {"", ".document", ".id", ".if_match"},
	} {
		var locations []string
		for _, place := range places {
			locations = append(locations, second+place)
		}
		l.invalid("batch, "+item, post(writes(good, item)), locations...)
	}
	l.invalid("batch, a large document", post(writes(good, `{"action":"create","document":{"a":"`+strings.Repeat(Marker, 1<<20/len(Marker))+`"}}`)), second+".document")
	l.invalid("batch, two wrong writes", post(writes(`{"action":"delete"}`, good, `{"action":"`+Marker+`"}`)), "body.writes[0].id", "body.writes[2].action")
}
