package contract

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// wantFiltered fails t unless the filter selects just the documents with these IDs.
func (o tenant) wantFiltered(t *testing.T, filter []domain.Equal, among []domain.Document, want ...domain.DocumentID) {
	t.Helper()
	wanted := map[domain.DocumentID]bool{}
	for _, id := range want {
		wanted[id] = true
	}
	var documents []domain.Document
	for _, d := range among {
		if wanted[d.ID] {
			documents = append(documents, d)
		}
	}
	wantDocuments(t, fmt.Sprintf("List of %.300q", fmt.Sprint(filter)), o.walk(t, filter, 1000), documents)
}

// documentFilterValues looks for values of each type among all values, also in arrays
// and objects, where they don't count.
func documentFilterValues(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := []domain.Document{newDocument(t, "absent", `{"w":1}`), newDocument(t, "inside", `{"w":{"v":1},"x":[{"v":1}]}`)}
	for _, value := range values {
		all = append(all,
			newDocument(t, domain.DocumentID(value[:min(len(value), 500)]), `{"u":0,"v":`+value+`}`),
			newDocument(t, domain.DocumentID("array "+value), `{"v":[`+value+`,`+value+`]}`),
			newDocument(t, domain.DocumentID("object "+value), `{"v":{"v":`+value+`}}`))
	}
	for i := range all {
		if !all[i].ID.IsString() {
			all[i].ID = "of " + all[i].ID
		}
	}
	o.put(t, all...)
	for _, c := range []struct {
		value any
		want  []domain.DocumentID
	}{
		{nil, []domain.DocumentID{`null`}},
		{true, []domain.DocumentID{`true`}},
		{false, []domain.DocumentID{`false`}},
		{"", []domain.DocumentID{`""`}},
		{"text", []domain.DocumentID{`"text"`}},
		{"TEXT", nil},
		{"tex", nil},
		{"text ", nil},
		{"true", nil},
		{"v", nil},
		{"[]", nil},
		{"{}", nil},
		{"null", []domain.DocumentID{`"null"`}},
		{"1", []domain.DocumentID{`"1"`}},
		{"é", []domain.DocumentID{`"é"`}},
		{"e\u0301", []domain.DocumentID{`"e\u0301"`}},
		{"\x00", []domain.DocumentID{`"\u0000"`}},
		{"$where", []domain.DocumentID{`"$where"`}},
		{`"\/<>&'`, []domain.DocumentID{`"\"\\/<>&'"`}},
		{"\u2028\u2029\ufeff\ufffd\uffff", []domain.DocumentID{`"\u2028\u2029\ufeff\ufffd\uffff"`}},
		{"\x00\x01\b\t\n\f\r\x1f\x7f", []domain.DocumentID{`"\u0000\u0001\b\t\n\f\r\u001f\u007f"`}},
		{`{"$oid":"0123456789abcdef01234567"}`, []domain.DocumentID{`"{\"$oid\":\"0123456789abcdef01234567\"}"`}},
		{"0123456789abcdef01234567", nil},
		{"2031-05-06T12:00:00Z", nil},
		{"AP+A", nil},
		{"NaN", nil},
		{int64(5), nil},
		{int64(1), []domain.DocumentID{`1`, `1.0`}},
		{1.0, []domain.DocumentID{`1`, `1.0`}},
		{int64(0), []domain.DocumentID{`0`, `0.0`, `-0.0`}},
		{int64(1000), nil}, // decimals equal no number
		{int64(2147483648), []domain.DocumentID{`2147483648`, `2147483648.0`}},
		{0.1, []domain.DocumentID{`0.1`}},
		{1.1, nil},
	} {
		o.wantFiltered(t, []domain.Equal{{Field: "v", Value: c.value}}, all, c.want...)
	}
}

// documentFilterNumbers looks for numbers that differ in their last bit.
func documentFilterNumbers(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	var all []domain.Document
	add := func(literal string) {
		all = append(all, newDocument(t, domain.DocumentID(literal), `{"v":`+literal+`}`))
	}
	whole := []int64{0, 1 << 53, 1<<53 + 1, 1<<53 - 1, -1 << 53, -1<<53 - 1, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1, 12345678}
	for _, n := range whole {
		add(strconv.FormatInt(n, 10))
	}
	seen := map[float64]bool{}
	var doubles []float64
	for _, f := range []float64{
		0.1, 1. / 3, 2. / 3, math.Pi, 1e23, 1e22, 8.41e21, 9007199254740992, 9223372036854775808, -9223372036854775808,
		5e-324, 2.2250738585072014e-308, math.MaxFloat64, 123456789.12345678, 0.000123456789012345,
	} {
		for _, f := range []float64{math.Nextafter(f, math.Inf(-1)), f, -f, math.Nextafter(f, math.MaxFloat64)} {
			if f == 0 || seen[f] {
				continue
			}
			seen[f] = true
			doubles = append(doubles, f)
			literal := strconv.FormatFloat(f, 'e', -1, 64)
			add(literal)
		}
	}
	o.put(t, all...)
	for _, n := range whole {
		want := []domain.DocumentID{domain.DocumentID(strconv.FormatInt(n, 10))}
		for _, f := range doubles {
			if f >= math.MinInt64 && f < math.MaxInt64 && f == math.Trunc(f) && int64(f) == n {
				want = append(want, domain.DocumentID(strconv.FormatFloat(f, 'e', -1, 64)))
			}
		}
		o.wantFiltered(t, []domain.Equal{{Field: "v", Value: n}}, all, want...)
	}
	for _, f := range doubles {
		want := []domain.DocumentID{domain.DocumentID(strconv.FormatFloat(f, 'e', -1, 64))}
		for _, n := range whole {
			if f >= math.MinInt64 && f < math.MaxInt64 && f == math.Trunc(f) && int64(f) == n {
				want = append(want, domain.DocumentID(strconv.FormatInt(n, 10)))
			}
		}
		o.wantFiltered(t, []domain.Equal{{Field: "v", Value: f}}, all, want...)
	}
}

// documentFilterFields looks for fields by names that an engine might take for a path,
// an operator or a part of its language.
func documentFilterFields(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	names := []string{
		"", " ", ".", "..", "a.b", "a", "a.", ".a", "a.0", "0", "a[0]", "*", "a$b", "a$", "__proto__", "constructor", "id", "body", "key", "value", "name",
		`quo"te`, "quo'te", `back\slash`, "';--", "A", "á", "a\u0301", "ключ", "😀", "\n", "\u2028", "n\u0001", "?", ":a", "@a", "{", "a,b",
	}
	all := []domain.Document{
		newDocument(t, "nested", `{"a":{"b":"x","0":"x"},"a.b.c":"x"}`),
		newDocument(t, "array", `{"a":["x",{"b":"x"}]}`),
		newDocument(t, "deep", `{"deep":{"a.b":"x","id":"x"}}`),
	}
	for i, name := range names {
		all = append(all, newDocument(t, domain.DocumentID(fmt.Sprint("of field ", i)), fmt.Sprintf(`{"before":"x",%s:"x","after":"y"}`, quoteJSON(name))))
	}
	o.put(t, all...)
	for i, name := range names {
		o.wantFiltered(t, []domain.Equal{{Field: name, Value: "x"}}, all, domain.DocumentID(fmt.Sprint("of field ", i)))
	}
	for _, name := range []string{"after", "absent", "b", "a.1", "a.b.c.", "deep.id", "%", "_"} {
		o.wantFiltered(t, []domain.Equal{{Field: name, Value: "x"}}, all)
	}
}

// quoteJSON returns a JSON string.
func quoteJSON(text string) string {
	quoted := `"`
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' {
			quoted += fmt.Sprintf(`\u%04x`, c)
			continue
		}
		quoted += string(c)
	}
	return quoted + `"`
}

func documentFilterMany(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	var (
		all    []domain.Document
		filter []domain.Equal
		body   = `"z":0`
	)
	for i, c := range []struct {
		text  string
		value any
	}{{`"x"`, "x"}, {`1`, int64(1)}, {`1.5`, 1.5}, {`true`, true}, {`false`, false}, {`null`, nil}, {`""`, ""}, {`-1`, int64(-1)}} {
		field := fmt.Sprint("f", i)
		// Each document lacks one condition more than the one after it.
		all = append(all, newDocument(t, domain.DocumentID(fmt.Sprint("has ", i)), "{"+body+"}"))
		body = quoteJSON(field) + ":" + c.text + "," + body
		filter = append(filter, domain.Equal{Field: field, Value: c.value})
	}
	all = append(all, newDocument(t, "has 8", "{"+body+"}"), newDocument(t, "none", "{}"), newDocument(t, "other values", `{"f0":1,"f1":"x","f2":2,"f3":false}`))
	o.put(t, all...)
	for n := 1; n <= len(filter); n++ {
		var want []domain.DocumentID
		for i := n; i <= len(filter); i++ {
			want = append(want, domain.DocumentID(fmt.Sprint("has ", i)))
		}
		o.wantFiltered(t, filter[:n], all, want...)
	}
}

// documentFilterPages walks through what a filter selects.
func documentFilterPages(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := newDocuments(t, 0, 100)
	for i, d := range identified(t) {
		all = append(all, newDocument(t, d.ID, fmt.Sprintf(`{"even":%v}`, i%2 == 0)))
	}
	o.put(t, all...)
	for _, value := range []bool{true, false} {
		filter := []domain.Equal{{Field: "even", Value: value}}
		var want []domain.Document
		yes := newDocument(t, "", fmt.Sprintf(`{"even":%v}`, value)).Body
		for i, d := range all {
			if d.Body == yes || i < 100 && (i%2 == 0) == value {
				want = append(want, d)
			}
		}
		order := sequence(o.walk(t, filter, 1000))
		for _, limit := range []int{1, 2, 7, len(want), 1000} {
			found := o.walk(t, filter, limit)
			wantDocuments(t, fmt.Sprintf("List in pages of %d with a filter", limit), found, want)
			wantSequence(t, fmt.Sprintf("List in pages of %d with a filter", limit), found, order)
		}
	}
}

// documentFilterScan asks for as many documents as are there, one more and one less, of
// which it lets as many be looked at as are needed, one more and one less.
func documentFilterScan(t *testing.T, s DocumentStorage) {
	o := s.tenant(t, firstOwner, "org_one")
	all := newDocuments(t, 0, 12)
	o.put(t, all...)
	order := sequence(o.walk(t, nil, 1000))
	filter := []domain.Equal{{Field: "hit", Value: true}}
	for _, hits := range [][]int{{}, {0}, {2, 4, 5}, {11}, {0, 11}, {9, 10}} {
		for _, d := range all {
			o.put(t, d)
		}
		for _, place := range hits {
			o.put(t, newDocument(t, order[place], `{"hit":true}`))
		}
		for after := -1; after < len(order); after += 3 {
			for scan := 1; scan <= len(order)+1; scan++ {
				for _, limit := range []int{1, 3} {
					o.wantScanned(t, filter, order, hits, after, scan, limit)
				}
			}
		}
	}
}

// wantScanned fails t unless a list finds what is at the places in hits, among the scan
// documents that come after the one at a place.
func (o tenant) wantScanned(t *testing.T, filter []domain.Equal, order []domain.DocumentID, hits []int, after, scan, limit int) {
	t.Helper()
	q := ports.DocumentQuery{Filter: filter, Limit: limit, Scan: scan}
	if after >= 0 {
		q.After = order[after]
	}
	var want []domain.DocumentID
	for _, place := range hits {
		if place > after && place <= after+scan && len(want) < limit {
			want = append(want, order[place])
		}
	}
	found, err := o.documents.List(t.Context(), o.at, q)
	what := fmt.Sprintf("List after %d of 12, limit %d, looking at %d, with those that match at %v", after+1, limit, scan, hits)
	if len(want) < limit && after+scan < len(order)-1 {
		wantError(t, what, err, domain.ErrFilterTooBroad)
		return
	}
	wantError(t, what, err, nil)
	wantSequence(t, what, found.Documents, want)
}
