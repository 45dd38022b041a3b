package domain

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestParseDocument(t *testing.T) {
	for name, c := range map[string]struct {
		notation Notation
		text     string
		id       DocumentID
		body     string
	}{
		"nothing":                {PlainJSON, ` {} `, "", `{}`},
		"fields in their order":  {PlainJSON, `{"b": 1, "a": [true, null, {"c": "d"}]}`, "", `{"b":1,"a":[true,null,{"c":"d"}]}`},
		"an ID anywhere":         {PlainJSON, `{"a":1,"_id":"x/y"}`, "x/y", `{"a":1}`},
		"an ID within":           {PlainJSON, `{"a":{"_id":1,"organization_id":2}}`, "", `{"a":{"_id":1,"organization_id":2}}`},
		"whole numbers":          {PlainJSON, `{"a":9007199254740993,"b":-9223372036854775808,"c":-0}`, "", `{"a":9007199254740993,"b":-9223372036854775808,"c":0}`},
		"doubles":                {PlainJSON, `{"a":1.0,"b":1e2,"c":1E+21,"d":-0.0,"e":5e-324,"f":0.1}`, "", `{"a":1.0,"b":100.0,"c":1e+21,"d":-0.0,"e":5e-324,"f":0.1}`},
		"escapes":                {PlainJSON, `{"\u0061":"\u00e9\ud83d\ude00<&>\/"}`, "", `{"a":"é😀<&>/"}`},
		"data like operators":    {PlainJSON, `{"a.b":1,"__proto__":{"x":1},"":2}`, "", `{"a.b":1,"__proto__":{"x":1},"":2}`},
		"another type by $":      {ExtendedJSON, `{"a":{"$oid":"5F43AAA1B2C3D4E5F6A7B8C9"}}`, "", `{"a":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"}}`},
		"typed numbers":          {ExtendedJSON, `{"a":{"$numberInt":"5"},"b":{"$numberLong":"9007199254740993"},"c":{"$numberDouble":"5"}}`, "", `{"a":5,"b":9007199254740993,"c":5.0}`},
		"numbers that are none":  {ExtendedJSON, `{"a":{"$numberDouble":"NaN"},"b":{"$numberDouble":"-Infinity"}}`, "", `{"a":{"$numberDouble":"NaN"},"b":{"$numberDouble":"-Infinity"}}`},
		"dates":                  {ExtendedJSON, `{"a":{"$date":"2026-11-22T10:00:00.120+02:00"},"b":{"$date":{"$numberLong":"0"}},"c":{"$date":{"$numberLong":"-1"}},"d":{"$date":{"$numberLong":"253402300800000"}}}`, "", `{"a":{"$date":"2026-11-22T08:00:00.12Z"},"b":{"$date":"1970-01-01T00:00:00Z"},"c":{"$date":{"$numberLong":"-1"}},"d":{"$date":{"$numberLong":"253402300800000"}}}`},
		"binary data":            {ExtendedJSON, `{"a":{"$binary":{"subType":"0","base64":"AQI="}},"b":{"$uuid":"00112233-4455-6677-8899-AABBCCDDEEFF"}}`, "", `{"a":{"$binary":{"base64":"AQI=","subType":"00"}},"b":{"$binary":{"base64":"ABEiM0RVZneImaq7zN3u/w==","subType":"04"}}}`},
		"the rest of the types":  {ExtendedJSON, `{"a":{"$timestamp":{"i":2,"t":1}},"b":{"$regularExpression":{"pattern":"^a","options":"xi"}},"c":{"$minKey":1},"d":{"$maxKey":1}}`, "", `{"a":{"$timestamp":{"t":1,"i":2}},"b":{"$regularExpression":{"pattern":"^a","options":"ix"}},"c":{"$minKey":1},"d":{"$maxKey":1}}`},
		"an ID of another type":  {ExtendedJSON, `{"_id":{"$oid":"5F43AAA1B2C3D4E5F6A7B8C9"}}`, `{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"}`, `{}`},
		"an ID that is a number": {ExtendedJSON, `{"_id":{"$numberLong":"5"}}`, `{"$numberInt":"5"}`, `{}`},
		"values of other types at the deepest": {
			ExtendedJSON, deep(`{"$uuid":"00112233-4455-6677-8899-aabbccddeeff"}`), "", deep(`{"$binary":{"base64":"ABEiM0RVZneImaq7zN3u/w==","subType":"04"}}`),
		},
		"the deepest": {PlainJSON, `{"a":` + strings.Repeat("[", DocumentMaxDepth-1) + strings.Repeat("]", DocumentMaxDepth-1) + `}`, "", `{"a":` + strings.Repeat("[", DocumentMaxDepth-1) + strings.Repeat("]", DocumentMaxDepth-1) + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := ParseDocument([]byte(c.text), c.notation)
			if err != nil || d.ID != c.id || d.Body.String() != c.body {
				t.Fatalf("got %q with %s, %v, want %q with %s", d.ID, d.Body, err, c.id, c.body)
			}
			checkDocument(t, d)
		})
	}
}

// deep returns a document with the value as deep as one may stand.
func deep(value string) string {
	return `{"a":` + strings.Repeat("[", DocumentMaxDepth-1) + value + strings.Repeat("]", DocumentMaxDepth-1) + `}`
}

// checkDocument checks what holds for every document: it reads as it was written.
func checkDocument(t reporter, d Document) {
	t.Helper()
	if stored, err := StoredBody([]byte(d.Body.String())); err != nil || stored != d.Body {
		t.Errorf("stored, %q is %q, %v", d.Body, stored, err)
	}
	if BodyOf(d.Body.String()) != d.Body {
		t.Errorf("kept, %q is %q", d.Body, BodyOf(d.Body.String()))
	}
	if d.ID == "" {
		d.ID = "x"
	}
	if id, err := ParseDocumentID(string(d.ID)); err != nil || id != d.ID {
		t.Errorf("the ID %q is read as %q, %v", d.ID, id, err)
	}
	text, err := d.Text(ExtendedJSON)
	if err != nil || !json.Valid(text) || !bytes.HasPrefix(text, []byte(`{"_id":`)) {
		t.Errorf("as Extended JSON: %s, %v", text, err)
	}
	again, err := ParseDocument(text, ExtendedJSON)
	if len(text) > DocumentMaxBytes {
		return
	}
	if err != nil || again != d || again.ETag() != d.ETag() {
		t.Errorf("%s is read as %q with %s, %v", text, again.ID, again.Body, err)
	}
	if text, err := d.Text(PlainJSON); err != nil || !json.Valid(text) {
		t.Errorf("as plain JSON: %s, %v", text, err)
	}
}

func TestParseDocumentRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		notation Notation
		text     string
		field    string
	}{
		"no JSON":                   {PlainJSON, `{`, "document"},
		"nothing":                   {PlainJSON, ``, "document"},
		"two values":                {PlainJSON, `{} {}`, "document"},
		"no object":                 {PlainJSON, `[]`, "document"},
		"no UTF-8":                  {PlainJSON, "{\"a\":\"\xff\"}", "document"},
		"half a character":          {PlainJSON, `{"a":"\ud83d"}`, "document"},
		"the other half":            {PlainJSON, `{"a":"\ude00"}`, "document"},
		"two halves of two":         {PlainJSON, `{"a":"\ud83d\ud83d"}`, "document"},
		"a half before an escape":   {PlainJSON, `{"a":"\ud83d\n12345"}`, "document"},
		"a key twice":               {PlainJSON, `{"a":1,"\u0061":2}`, "document"},
		"a key twice within":        {PlainJSON, `{"a":[{"b":1,"b":2}]}`, "document"},
		"a null character in a key": {PlainJSON, `{"a\u0000":1}`, "document"},
		"too deep":                  {PlainJSON, `{"a":` + strings.Repeat("[", DocumentMaxDepth) + strings.Repeat("]", DocumentMaxDepth) + `}`, "document"},
		"too deep an object":        {PlainJSON, deep(`{}`), "document"},
		"too large":                 {PlainJSON, `{"a":"` + strings.Repeat("a", DocumentMaxBytes) + `"}`, "document"},
		"too large a number":        {PlainJSON, `{"a":9223372036854775808}`, "document"},
		"too large a double":        {PlainJSON, `{"a":1e309}`, "document"},
		"the discriminator":         {PlainJSON, `{"organization_id":"x"}`, "document"},
		"the discriminator escaped": {PlainJSON, `{"\u006frganization_id":"x"}`, "document"},
		"an operator":               {PlainJSON, `{"a":{"$ne":1}}`, "document"},
		"an operator at the top":    {PlainJSON, `{"$set":{"a":1}}`, "document"},
		"a date in plain JSON":      {PlainJSON, `{"a":{"$date":"2026-11-22T10:00:00Z"}}`, "document"},
		"an ID that is a number":    {PlainJSON, `{"_id":5}`, "document"},
		"a typed ID in plain JSON":  {PlainJSON, `{"_id":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"}}`, "document"},
		"no ID":                     {PlainJSON, `{"_id":""}`, "id"},
		"an operator, extended":     {ExtendedJSON, `{"a":{"$ne":1}}`, "document"},
		"a type at the top":         {ExtendedJSON, `{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"}`, "document"},
		"a type and more":           {ExtendedJSON, `{"a":{"$minKey":1,"b":1}}`, "document"},
		"no ObjectId":               {ExtendedJSON, `{"a":{"$oid":"5f"}}`, "document"},
		"no date":                   {ExtendedJSON, `{"a":{"$date":"yesterday"}}`, "document"},
		"no decimal":                {ExtendedJSON, `{"a":{"$numberDecimal":"1x"}}`, "document"},
		"an int too large":          {ExtendedJSON, `{"a":{"$numberInt":"2147483648"}}`, "document"},
		"no double":                 {ExtendedJSON, `{"a":{"$numberDouble":"1e309"}}`, "document"},
		"no base64":                 {ExtendedJSON, `{"a":{"$binary":{"base64":"?","subType":"00"}}}`, "document"},
		"code":                      {ExtendedJSON, `{"a":{"$code":"while(1);"}}`, "document"},
		"an ID that is an operator": {ExtendedJSON, `{"_id":{"$gt":""}}`, "id"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseDocument([]byte(c.text), c.notation)
			wantInvalid(t, err, c.field, c.text)
		})
	}
}

func TestParseDocumentID(t *testing.T) {
	for _, id := range []string{"a", "a b", "größer/文書", "...", "$ne", "a{", strings.Repeat("x", 512), `{"$numberInt":"5"}`, `{"a":1}`} {
		if got, err := ParseDocumentID(id); err != nil || string(got) != id {
			t.Errorf("%q: got %q, %v", id, got, err)
		}
	}
	for _, id := range []string{"", ".", "..", "a\n", "\x00", "a\x7f", "\xff", "{", `{"$gt":""}`, `{} `, "{}x", strings.Repeat("x", 513)} {
		if id == `{} ` { // White space is no part of the form.
			if got, err := ParseDocumentID(id); err != nil || got != "{}" {
				t.Errorf("%q: got %q, %v", id, got, err)
			}
			continue
		}
		_, err := ParseDocumentID(id)
		wantInvalid(t, err, "id", id)
	}
}

func TestNumbersAsIDs(t *testing.T) {
	for id, want := range map[string]string{
		`{"$numberInt":"+05"}`: `{"$numberInt":"5"}`, `{"$numberLong":"5"}`: `{"$numberInt":"5"}`, `{"$numberDouble":"5.0"}`: `{"$numberInt":"5"}`,
		`{"$numberDouble":"-0"}`: `{"$numberInt":"0"}`, `{"$numberLong":"2147483648"}`: `{"$numberLong":"2147483648"}`,
		`{"$numberDouble":"1e10"}`: `{"$numberLong":"10000000000"}`, `{"$numberDouble":"0.50"}`: `{"$numberDouble":"0.5"}`,
		`{"$numberDouble":"1e300"}`: `{"$numberDouble":"1e+300"}`, `{"$numberDouble":"NaN"}`: `{"$numberDouble":"NaN"}`,
		`{"$numberDecimal":"5.0"}`: `{"$numberDecimal":"5.0"}`,
	} {
		if got, err := ParseDocumentID(id); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", id, got, err, want)
		}
	}
}

func TestTextOfAnOddID(t *testing.T) {
	text, err := Document{ID: "{abc"}.Text(ExtendedJSON)
	if err != nil || string(text) != `{"_id":"{abc"}` {
		t.Errorf("%s, %v", text, err)
	}
}

func TestStoredBodyKeepsWhatNoClientSends(t *testing.T) {
	for text, want := range map[string]string{
		`{"_id":1,"a":1}`:                               `{"a":1}`,
		`{"organization_id":"x","a":1}`:                 `{"a":1}`,
		`{"a":{"$ne":{"$numberInt":"1"}}}`:              `{"a":{"$ne":1}}`,
		`{"a":{"$ref":"b","$id":{"$numberInt":"1"}}}`:   `{"a":{"$ref":"b","$id":1}}`,
		`{"a":{"$code":"x","$scope":{}}}`:               `{"a":{"$code":"x","$scope":{}}}`,
		`{"$a":1}`:                                      `{"$a":1}`,
		`{"a":1,"a":2}`:                                 `{"a":1,"a":2}`,
		`{"a":{"$oid":"x"}}`:                            `{"a":{"$oid":"x"}}`,
		`{"a":[{"$numberLong":"5"},{"b":{"$date":1}}]}`: `{"a":[5,{"b":{"$date":1}}]}`,
	} {
		body, err := StoredBody([]byte(text))
		if err != nil || body.String() != want {
			t.Errorf("%s: got %s, %v, want %s", text, body, err, want)
		}
	}
	deeper := `{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`
	if body, err := StoredBody([]byte(deeper)); err != nil || body.String() != deeper {
		t.Errorf("deeper than a client may: %s, %v", body, err)
	}
	for _, text := range []string{"", "1", "[]", "{", "null"} {
		if body, err := StoredBody([]byte(text)); err == nil {
			t.Errorf("%q: got %s", text, body)
		}
	}
}

func TestPlainText(t *testing.T) {
	d, err := ParseDocument([]byte(`{"_id":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"},
		"date":{"$date":"2026-11-22T10:00:00Z"},"old":{"$date":{"$numberLong":"-1"}},"decimal":{"$numberDecimal":"1.10"},
		"nan":{"$numberDouble":"NaN"},"binary":{"$binary":{"base64":"AQI=","subType":"00"}},"time":{"$timestamp":{"t":1,"i":2}},
		"pattern":{"$regularExpression":{"pattern":"^a","options":"i"}},"least":{"$minKey":1},"id":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"}}`), ExtendedJSON)
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.Text(PlainJSON)
	want := `{"_id":"{\"$oid\":\"5f43aaa1b2c3d4e5f6a7b8c9\"}","date":"2026-11-22T10:00:00Z","old":"1969-12-31T23:59:59.999Z","decimal":"1.10",` +
		`"nan":"NaN","binary":"AQI=","time":{"t":1,"i":2},"pattern":"/^a/i","least":"minKey","id":"5f43aaa1b2c3d4e5f6a7b8c9"}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v\nwant %s", text, err, want)
	}
}

func TestETag(t *testing.T) {
	a := Document{ID: "a", Body: BodyOf(`{"b":1}`)}
	for name, other := range map[string]Document{
		"another ID":     {ID: "b", Body: a.Body},
		"another body":   {ID: "a", Body: BodyOf(`{"b":1.0}`)},
		"another border": {ID: `a{"b":1}`},
	} {
		if other.ETag() == a.ETag() {
			t.Errorf("%s: the same ETag", name)
		}
	}
	if tag := a.ETag(); len(tag) != 22 || !tag.Met(a) || !ETag("").Met(a) || !AnyETag.Met(a) || ETag("x").Met(a) {
		t.Errorf("%q", tag)
	}
}

func TestParseFilter(t *testing.T) {
	got, err := ParseFilter(`{"a":"x","b.c":5,"d":5.0,"e":true,"":null}`)
	want := []Equal{{"a", "x"}, {"b.c", int64(5)}, {"d", 5.0}, {"e", true}, {"", nil}}
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v", got, err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	for _, text := range []string{
		``, `{}`, `[]`, `{"a":[]}`, `{"a":{"$ne":1}}`, `{"a":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"}}`, `{"_id":"x"}`, `{"organization_id":"x"}`, `{"$where":"1"}`,
		`{"a":1,"a":2}`, `{"a":1e999}`, `{"a":9223372036854775808}`, `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}`,
	} {
		_, err := ParseFilter(text)
		wantInvalid(t, err, "filter", text)
	}
}

func TestCanonicalDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "-0", "0.0": "0.0", "00.10": "0.10", "1": "1", "+1": "1", "1.10": "1.10", "-12.50": "-12.50", "1E3": "1E+3", "1e+3": "1E+3",
		"12E3": "1.2E+4", "0.000001": "0.000001", "0.0000001": "1E-7", "0.00000010": "1.0E-7", "123E-2": "1.23", "1E-6176": "1E-6176", "0E+3": "0E+3",
		"9.999999999999999999999999999999999E+6144": "9.999999999999999999999999999999999E+6144",
		"1234567890123456789012345678901234":        "1234567890123456789012345678901234",
		"nan":                                       "NaN", "inf": "Infinity", "-Infinity": "-Infinity", ".5": "0.5", "5.": "5",
	} {
		if got, ok := canonicalDecimal(text); !ok || got != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "-", ".", "e5", "1e", "1e5.5", "1 ", "0x1", "1_000", "12345678901234567890123456789012345", "1E6112", "1E-6177", "1E99999999999999999999", "--1", "1.2.3"} {
		if got, ok := canonicalDecimal(text); ok {
			t.Errorf("%s: got %s", text, got)
		}
	}
}
