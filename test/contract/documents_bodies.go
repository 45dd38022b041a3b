package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// values are Extended JSON of all kinds. No two of them are the same value.
var values = []string{
	`null`, `true`, `false`, `""`, `"text"`, `{}`, `[]`, `[[],{}]`, `[null]`,

	// Whole numbers, and where a store that has two sizes of them, or doubles alone, goes wrong.
	`0`, `1`, `-1`, `2147483647`, `2147483648`, `-2147483648`, `-2147483649`, `9007199254740993`, `-9007199254740993`,
	`9223372036854775807`, `-9223372036854775808`,

	// Doubles.
	`0.0`, `-0.0`, `1.0`, `-1.0`, `0.1`, `0.30000000000000004`, `2147483648.0`, `9007199254740992.0`, `1e21`, `1e-7`, `123456789.12345678`,
	`5e-324`, `2.2250738585072014e-308`, `1.7976931348623157e308`,
	`{"$numberDouble":"NaN"}`, `{"$numberDouble":"Infinity"}`, `{"$numberDouble":"-Infinity"}`,

	// Decimals, whose zeros count.
	`{"$numberDecimal":"1"}`, `{"$numberDecimal":"1.10"}`, `{"$numberDecimal":"1.1"}`, `{"$numberDecimal":"1E+3"}`, `{"$numberDecimal":"1000"}`,
	`{"$numberDecimal":"0"}`, `{"$numberDecimal":"-0"}`, `{"$numberDecimal":"0.00"}`, `{"$numberDecimal":"0E+6111"}`,
	`{"$numberDecimal":"9.999999999999999999999999999999999E+6144"}`, `{"$numberDecimal":"-1E-6176"}`,
	`{"$numberDecimal":"0.1234567890123456789012345678901234"}`,
	`{"$numberDecimal":"NaN"}`, `{"$numberDecimal":"Infinity"}`, `{"$numberDecimal":"-Infinity"}`,

	// Dates: with and without milliseconds, before 1970, in the year 10000, and at both ends.
	`{"$date":"2031-05-06T12:00:00Z"}`, `{"$date":"2031-05-06T12:00:00.123Z"}`, `{"$date":"1970-01-01T00:00:00Z"}`,
	`{"$date":"1969-12-31T23:59:59.999Z"}`, `{"$date":"0001-01-01T00:00:00Z"}`, `{"$date":"9999-12-31T23:59:59.999Z"}`,
	`{"$date":{"$numberLong":"253402300800000"}}`,
	`{"$date":{"$numberLong":"9223372036854775807"}}`, `{"$date":{"$numberLong":"-9223372036854775808"}}`,

	// Other types.
	`{"$oid":"0123456789abcdef01234567"}`, `{"$binary":{"base64":"","subType":"00"}}`, `{"$binary":{"base64":"AP+A","subType":"00"}}`,
	`{"$binary":{"base64":"AP+A","subType":"02"}}`, `{"$binary":{"base64":"AP+A","subType":"ff"}}`,
	`{"$uuid":"0195d3c8-4b00-7abc-8def-0123456789ab"}`,
	`{"$timestamp":{"t":4294967295,"i":1}}`, `{"$timestamp":{"t":0,"i":0}}`,
	`{"$regularExpression":{"pattern":"^a/\\d\"$","options":"imsx"}}`, `{"$regularExpression":{"pattern":"","options":""}}`,
	`{"$minKey":1}`, `{"$maxKey":1}`,

	// Text.
	`" outer spaces "`, `"é"`, `"e\u0301"`, `"😀 文書 \u202eabc"`, `"\u0000\u0001\b\t\n\f\r\u001f\u007f"`, `"\u0000"`,
	`"\u2028\u2029\ufeff\ufffd\uffff"`, `"\"\\/<>&'"`, `"{\"$oid\":\"0123456789abcdef01234567\"}"`, `"$where"`, `"1"`, `"null"`,

	// Objects: the order of their fields counts, and what they are called is no matter.
	`{"a":1,"b":2}`, `{"b":2,"a":1}`, `{"10":1,"9":2,"-1":3}`, `{"":{"":{"":""}}}`, `{"__proto__":{"constructor":1}}`,
	`{"a.b":1,".":2,"..":3,"a..b.":4,"a":{"b":5}}`, `{"_id":1,"organization_id":2}`, `{"quote\"":1,"back\\slash":2,"'":3,"` + "`" + `":4}`,
	`{" ":1,"\n":2,"\u2028":3,"ключ":4,"😀":5,"é":6,"e\u0301":7}`, `{"a$b":1,"a$":2}`, `{"A":1,"a":2}`,

	// Types in each other.
	`[{"$oid":"0123456789abcdef01234567"},[{"$date":"2031-05-06T12:00:00Z"},{"d":{"$numberDecimal":"1.10"}}],1,1.0]`,
}

// documentBodies puts each value, all of them in one document, and each of them as the
// name of a field where it may be one.
func documentBodies(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := []domain.Document{newDocument(t, "none", "{}")}
	var fields []string
	for i, value := range values {
		all = append(all, newDocument(t, domain.DocumentID(fmt.Sprint("value ", i)), `{"v":`+value+`}`))
		fields = append(fields, fmt.Sprintf(`"field %d":%s`, i, value))
		if value[0] == '"' && !strings.HasPrefix(value, `"$`) && !strings.Contains(value, `\u0000`) {
			all = append(all, newDocument(t, domain.DocumentID(fmt.Sprint("key ", i)), `{`+value+`:1}`))
		}
	}
	all = append(all, newDocument(t, "all", "{"+strings.Join(fields, ",")+"}"))
	slices.Reverse(fields)
	all = append(all, newDocument(t, "all, backwards", "{"+strings.Join(fields, ",")+"}"))
	for _, value := range values {
		if strings.HasPrefix(value, `{"`) && !strings.HasPrefix(value, `{"$`) && !strings.HasPrefix(value, `{"_id`) {
			all = append(all, newDocument(t, domain.DocumentID(fmt.Sprint("at the top ", value)), value))
		}
	}
	bodies := map[domain.Body]domain.DocumentID{}
	for _, d := range all {
		if other, twice := bodies[d.Body]; twice {
			t.Errorf("the bodies of %q and %q are the same", d.ID, other)
		}
		bodies[d.Body] = d.ID
	}
	o.put(t, all...)
	o.wantOnly(t, all...)

	// They are the same as a condition has it.
	there := kept{}
	for _, d := range all {
		there[d.ID] = d
	}
	for _, d := range all {
		o.perform(t, there, putting(newDocument(t, d.ID, `{"next":true}`), d.ETag()))
	}
	o.wantOnly(t, there.all()...)
}

// documentBigBodies puts the largest and the deepest bodies, and more at once than an
// engine may take or give in one message.
func documentBigBodies(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	const frame = `{"text":""}`
	big := newDocument(t, "", `{"text":"`+strings.Repeat("x", domain.DocumentMaxBytes-len(frame))+`"}`)
	all := []domain.Document{
		newDocument(t, "objects", nested(`{"a":`, "1", "}", domain.DocumentMaxDepth)),
		newDocument(t, "arrays", `{"a":`+nested(`[`, "1", "]", domain.DocumentMaxDepth-1)+`}`),
		newDocument(t, "wide", `{"a":[`+strings.TrimSuffix(strings.Repeat("1,", 10_000), ",")+`]}`),
		newDocument(t, "quotes", `{"text":"`+strings.Repeat(`\"`, (domain.DocumentMaxBytes-len(frame))/2)+`"}`),
	}
	for i := range 17 {
		big.ID = domain.DocumentID(fmt.Sprint("big ", i))
		all = append(all, big)
	}
	o.put(t, all...)
	o.wantOnly(t, all...)
}

// nested stands in itself so many times.
func nested(before, inner, after string, depth int) string {
	return strings.Repeat(before, depth) + inner + strings.Repeat(after, depth)
}
