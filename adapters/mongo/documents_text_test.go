package mongo_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
)

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// Numbers at the borders of types and of notations.
var (
	wholeNumbers = []int64{
		0, 1, -1, math.MaxInt32, math.MaxInt32 + 1, math.MinInt32, math.MinInt32 - 1,
		1<<53 - 1, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64,
	}
	doubles = []float64{
		0, math.Copysign(0, -1), 1, 0.1, 5e-324, 2.2250738585072014e-308, math.MaxFloat64, 1e20, 1e21, 1e22, 1e-6, 1e-7, 1 << 53, 1<<63 - 1,
	}
	decimals = []string{
		"0", "-0", "0.00", "0E+6111", "-0E-6176", "1.10", "1E+3", "1000", "0.000001", "0.0000001", "1E-6176", "Infinity", "-Infinity", "NaN",
		"9.999999999999999999999999999999999E+6144", "1234567890123456789012345678901234", "0.1234567890123456789012345678901234",
	}
	milliseconds = []int64{0, -1, 1, 120, 253402300799999, 253402300800000, -62135596800000, -62167219200001, math.MaxInt64, math.MinInt64}
)

// scalars draws the Extended JSON of a value that holds no others.
func scalars() *rapid.Generator[string] {
	formatted := func(all *rapid.Generator[string], format string) *rapid.Generator[string] {
		return rapid.Map(all, func(s string) string { return fmt.Sprintf(format, s) })
	}
	number := rapid.Map(rapid.OneOf(rapid.SampledFrom(wholeNumbers), rapid.Int64()), func(n int64) string { return strconv.FormatInt(n, 10) })
	double := rapid.Map(rapid.OneOf(rapid.SampledFrom(doubles), rapid.Float64()), func(f float64) string {
		return strconv.FormatFloat(f, 'g', -1, 64)
	})
	text := rapid.Map(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "$where", "\x00", "\u2028", "\ufffd", "😀", `{"$oid":"`})), quoted)
	date := rapid.Map(rapid.OneOf(rapid.SampledFrom(milliseconds), rapid.Int64(), rapid.Int64Range(0, 1<<42)), func(n int64) string {
		return strconv.FormatInt(n, 10)
	})
	decimal := rapid.OneOf(rapid.SampledFrom(decimals), rapid.Custom(func(t *rapid.T) string {
		digits := rapid.StringMatching(`-?[0-9]{1,34}`).Draw(t, "digits")
		return digits + "E" + strconv.Itoa(rapid.IntRange(-6176, 6111).Draw(t, "exponent"))
	}))
	bytes := rapid.SliceOfN(rapid.Byte(), 0, 20)
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"null", "true", "false", "[]", "{}", `{"$minKey":1}`, `{"$maxKey":1}`, "-0.0", "1.0",
			`{"$numberDouble":"NaN"}`, `{"$numberDouble":"Infinity"}`, `{"$numberDouble":"-Infinity"}`, `{"$date":"1969-12-31T23:59:59.5-01:00"}`,
		}),
		number, text,
		formatted(number, `{"$numberLong":"%s"}`),
		formatted(double, `{"$numberDouble":"%s"}`),
		formatted(date, `{"$date":{"$numberLong":"%s"}}`),
		formatted(decimal, `{"$numberDecimal":"%s"}`),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 12, 12), func(id []byte) string { return `{"$oid":"` + hex.EncodeToString(id) + `"}` }),
		rapid.Custom(func(t *rapid.T) string {
			data, kind := bytes.Draw(t, "data"), rapid.Byte().Draw(t, "kind")
			return fmt.Sprintf(`{"$binary":{"base64":%q,"subType":"%x"}}`, base64.StdEncoding.EncodeToString(data), kind)
		}),
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf(`{"$timestamp":{"t":%d,"i":%d}}`, rapid.Uint32().Draw(t, "t"), rapid.Uint32().Draw(t, "i"))
		}),
		rapid.Custom(func(t *rapid.T) string {
			pattern := strings.ReplaceAll(rapid.String().Draw(t, "pattern"), "\x00", "")
			return fmt.Sprintf(`{"$regularExpression":{"pattern":%s,"options":%q}}`, quoted(pattern), rapid.StringMatching(`[a-z]{0,4}`).Draw(t, "options"))
		}),
	)
}

// values draws the Extended JSON of any value.
func values(depth int) *rapid.Generator[string] {
	if depth == 0 {
		return scalars()
	}
	return rapid.OneOf(scalars(), objects(depth), rapid.Map(rapid.SliceOfN(values(depth-1), 0, 4), func(all []string) string {
		return "[" + strings.Join(all, ",") + "]"
	}))
}

// objects draws objects with keys that are names of operators elsewhere.
func objects(depth int) *rapid.Generator[string] {
	key := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", ".", "a.b", "a$", "__proto__", "0", "ref", "base64", "pattern", "t"}))
	return rapid.Custom(func(t *rapid.T) string {
		var fields []string
		seen := map[string]bool{"_id": true, "organization_id": true}
		for _, k := range rapid.SliceOfN(key, 0, 6).Draw(t, "keys") {
			if k = strings.TrimLeft(strings.ReplaceAll(k, "\x00", ""), "$"); !seen[k] {
				seen[k] = true
				fields = append(fields, quoted(k)+":"+values(depth-1).Draw(t, "value"))
			}
		}
		return "{" + strings.Join(fields, ",") + "}"
	})
}

func TestABodyComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := objects(4).Draw(t, "text")
		want, err := domain.ParseDocument([]byte(text), domain.ExtendedJSON)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		wantSameBody(t, want.Body)
	})
	for name, text := range map[string]string{
		"objects": strings.Repeat(`{"a":`, domain.DocumentMaxDepth) + "1" + strings.Repeat("}", domain.DocumentMaxDepth),
		"arrays":  `{"a":` + strings.Repeat("[", domain.DocumentMaxDepth-1) + strings.Repeat("]", domain.DocumentMaxDepth-1) + "}",
	} {
		want, err := domain.ParseDocument([]byte(text), domain.PlainJSON)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantSameBody(t, want.Body)
	}
}

func wantSameBody(t rapid.TB, want domain.Body) {
	t.Helper()
	id := domain.DocumentID("the ID")
	body, err := mongo.BodyOf(want)
	if err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	got, err := mongo.DocumentOf(mongo.WithID(mongo.IDValue(id), body))
	if err != nil || got.Body != want || got.ID != id {
		t.Fatalf("got %q with %s, %v, want %s", got.ID, got.Body, err, want)
	}
}

// TestAnIDComesBackAsItWas takes IDs as a client sends them.
func TestAnIDComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, err := domain.ParseDocumentID(rapid.OneOf(rapid.String(), scalars(), objects(2)).Draw(t, "ID"))
		if err != nil {
			t.Skip()
		}
		switch value := mongo.IDValue(id); {
		case id.IsString() != (value.Type == bson.TypeString):
			t.Fatalf("%q: type %v", id, value.Type)
		case !id.IsString() && value.Type == bson.TypeNull:
			t.Fatalf("%q: null", id)
		case value.Type != bson.TypeInt32 && value.Type != bson.TypeInt64 && value.Type != bson.TypeDouble && mongo.DocumentIDOf(value) != id:
			t.Fatalf("%q becomes %q", id, mongo.DocumentIDOf(value))
		}
	})
}

// TestAnyStoredIDHasAText takes _ids that no client can send.
func TestAnyStoredIDHasAText(t *testing.T) {
	seen := map[domain.DocumentID]any{}
	for _, id := range allIDs() {
		raw, err := bson.Marshal(bson.D{{Key: "_id", Value: id}})
		if err != nil {
			t.Fatal(err)
		}
		stored := bson.Raw(raw).Lookup("_id")
		text := mongo.DocumentIDOf(stored)
		if other, ok := seen[text]; ok || text == "" {
			t.Errorf("%v and %v both have %q", id, other, text)
		}
		seen[text] = id
		again := mongo.IDValue(text)
		if stored.IsNumber() && stored.Type != bson.TypeDecimal128 {
			// A whole number may have got a smaller type: the server takes both for one.
			if !again.IsNumber() || again.AsFloat64() != stored.AsFloat64() && !again.Equal(stored) {
				t.Errorf("%v has %q, which is %v", stored, text, again)
			}
		} else if again.Type != stored.Type || again.Type != bson.TypeEmbeddedDocument && !again.Equal(stored) {
			t.Errorf("%v has %q, which is %v", stored, text, again)
		}
		document := domain.Document{ID: text}
		for _, notation := range []domain.Notation{domain.PlainJSON, domain.ExtendedJSON} {
			if written, err := document.Text(notation); err != nil || !json.Valid(written) {
				t.Errorf("%v has %q, as JSON %s, %v", stored, text, written, err)
			}
		}
	}
	for text, want := range map[domain.DocumentID]string{
		`{abc`: `"{abc"`, `{"$bson":"?"}`: `{"$bson": "?"}`, `{"$bson":""}`: `{"$bson": ""}`, `{"$bson":"AgE="}`: `{"$bson": "AgE="}`,
	} {
		if got := mongo.IDValue(text).String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// TestWhatIsNoDocument has bytes that are no BSON, in which nothing may be read.
func TestWhatIsNoDocument(t *testing.T) {
	good, err := bson.Marshal(bson.D{
		{Key: "_id", Value: 1},
		{Key: "a", Value: bson.A{"marker"}},
		{Key: "code", Value: bson.CodeWithScope{Scope: bson.D{}}},
		{Key: "s", Value: bson.Symbol("x")},
		{Key: "j", Value: bson.JavaScript("x")},
		{Key: "p", Value: bson.DBPointer{DB: "x"}},
		{Key: "r", Value: bson.Regex{Pattern: "x"}},
		{Key: "b", Value: bson.Binary{Subtype: 2, Data: []byte("xy")}},
		{Key: "d", Value: bson.D{{Key: "x", Value: true}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for _, b := range []byte{0, 2, 5, 0x7e, 0xff} {
			bad := slices.Clone(good)
			bad[i] = b
			if _, err := mongo.DocumentOf(bad); err != nil {
				wantNowhere(t, err, "marker")
			}
		}
	}
	for n := 1; n < len(good)-1; n++ {
		if d, err := mongo.DocumentOf(good[:n]); err == nil {
			t.Errorf("%x is %v", good[:n], d)
		}
	}
	if _, err := mongo.BodyOf(domain.BodyOf(`{"marker":{"$date":"marker"}}`)); err == nil {
		t.Error("a body with a bad date: no error")
	} else {
		wantNowhere(t, err, "marker")
	}
}

// allIDs are _ids of all types that can be one, in no order.
func allIDs() []any {
	decimal, _ := bson.ParseDecimal128("7.50")
	return []any{
		nil, true, false,
		bson.MinKey{},
		bson.MaxKey{},
		1.5, math.NaN(), math.Inf(-1), int32(3), int64(4), int64(1) << 60, decimal,
		bson.DateTime(-5), bson.NewDateTimeFromTime(epoch),
		bson.Timestamp{T: 1, I: 2},
		bson.Binary{Subtype: 4, Data: make([]byte, 16)},
		bson.Binary{Subtype: 2, Data: []byte("abc")},
		bson.Binary{},
		bson.ObjectID{},
		bson.ObjectID{1},
		bson.D{},
		bson.D{{Key: "a", Value: int64(1)}},
		bson.D{{Key: "b", Value: "x"}, {Key: "a.b", Value: bson.A{nil, bson.D{}}}},
		bson.D{{Key: "c", Value: "\xff"}},
		bson.D{{Key: "twice", Value: 1}, {Key: "twice", Value: 2}},
		bson.D{{Key: "long", Value: strings.Repeat("x", 600)}},
		bson.Symbol("symbol"), bson.JavaScript("code"),
		bson.CodeWithScope{Code: "code", Scope: bson.D{{Key: "a", Value: 1}}},
		bson.DBPointer{DB: `a"b`, Pointer: bson.ObjectID{2}},
		"", "text", "true", "null", "\x00", "\xff", "\u2028", "{", "{}", `{"$oid":"000000000000000000000000"}`, `{"a":1}`, `{"$bson":"CA=="}`,
		".", "..", "a\nb", strings.Repeat("x", 600),
	}
}

// TestWhatOnlyApplicationsStore reads documents that no client could have sent.
func TestWhatOnlyApplicationsStore(t *testing.T) {
	for want, fields := range map[string]bson.D{
		`{"$set":{"$a":1}}`:                                  {{Key: "$set", Value: bson.D{{Key: "$a", Value: 1}}}},
		`{"a":{"$ref":"b","$id":1}}`:                         {{Key: "a", Value: bson.D{{Key: "$ref", Value: "b"}, {Key: "$id", Value: 1}}}},
		`{"a":{"$oid":1}}`:                                   {{Key: "a", Value: bson.D{{Key: "$oid", Value: 1}}}},
		`{"a":{"$binary":{"base64":"AQI=","subType":"02"}}}`: {{Key: "a", Value: bson.RawValue{Type: bson.TypeBinary, Value: []byte{2, 0, 0, 0, 2, 1, 2}}}},
		`{"a":1,"a":2}`:                                      {{Key: "a", Value: 1}, {Key: "a", Value: int64(2)}},
		`{"a":"�"}`:                                          {{Key: "organization_id", Value: 1}, {Key: "a", Value: "\xff"}},
		`{"a":{"$symbol":"s"}}`:                              {{Key: "a", Value: bson.Symbol("s")}},
		`{"a":{"$undefined":true}}`:                          {{Key: "a", Value: bson.Undefined{}}},
		`{"a":{"$code":"c","$scope":{"x":1}}}`:               {{Key: "a", Value: bson.CodeWithScope{Code: "c", Scope: bson.D{{Key: "x", Value: 1}}}}},
		`{"a":{"$code":"c"}}`:                                {{Key: "a", Value: bson.JavaScript("c")}},
		`{"a":{"$numberDecimal":"0E-4441"}}`:                 {{Key: "a", Value: bson.NewDecimal128(0x6c7<<49, 0)}}, // more digits than a decimal has
		`{"a":[{"$timestamp":{"t":0,"i":0}},{}]}`:            {{Key: "a", Value: bson.A{bson.Timestamp{}, bson.D{}}}},
		`{"a":{"$date":{"$numberLong":"-1"}}}`:               {{Key: "a", Value: bson.DateTime(-1)}},
		`{"a":{"$numberDouble":"NaN"},"b":1e+300}`:           {{Key: "a", Value: math.NaN()}, {Key: "b", Value: 1e300}},
	} {
		raw, err := bson.Marshal(append(bson.D{{Key: "_id", Value: 1}}, fields...))
		if err != nil {
			t.Fatal(err)
		}
		got, err := mongo.DocumentOf(raw)
		if err != nil || got.ID != `{"$numberInt":"1"}` || got.Body.String() != want {
			t.Errorf("got %q with %s, %v, want %s", got.ID, got.Body, err, want)
		}
	}
}
