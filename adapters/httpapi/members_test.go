package httpapi

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzEachMember compares eachMember with encoding/json on every valid object.
func FuzzEachMember(f *testing.F) {
	for _, s := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a" : "b\"c" , "d":[1,{"e":"}"}],"f":null}`, `{"a":-1.5e3,"b":true}`, `{"\u0061":"\\"}`,
		`{"a":"\ud83d\ude00","b":"\ud800"}`, `{"a":"\\ufffd","b":"\ufffd"}`, `[]`, `"a"`, `1`, `null`, "\t{\"a\"\n:\r[ ] }", `{"":{"":""}}`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) || !json.Valid(data) {
			t.Skip()
		}
		got := map[string]string{}
		isObject, err := eachMember(data, func(key string, value []byte) error {
			if !json.Valid(value) {
				t.Fatalf("%q: the value %q is not JSON", data, value)
			}
			got[key] = string(value)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(data, &want); (err == nil && want != nil) != isObject {
			t.Fatalf("%q: an object %t, encoding/json says %v", data, isObject, err)
		}
		for key, value := range want {
			if strings.ContainsRune(key, utf8.RuneError) {
				continue // perhaps half a character, which is left out
			}
			if strings.TrimSpace(string(value)) != got[key] {
				t.Errorf("%q: %q is %q, want %q", data, key, got[key], value)
			}
		}
	})
}

func TestText(t *testing.T) {
	for quoted, want := range map[string]string{
		`"plain"`: "plain", `"\u0061\n"`: "a\n", `"😀"`: "😀", `"\ud83d\ude00"`: "😀",
		"\"\ufffd\"": "\ufffd", `"\ufffd"`: "\ufffd", `"\uFFFD\\ufffd"`: "\ufffd\\ufffd",
	} {
		if got, ok := text([]byte(quoted)); !ok || got != want {
			t.Errorf("text(%s) = %q, %t", quoted, got, ok)
		}
	}
	for _, quoted := range []string{`"\ud800"`, `"\udc00"`, `"a\ud800b"`, `"\ud800\ud800"`, `"\ud800\ufffd"`, `"\\\ud800"`} {
		if got, ok := text([]byte(quoted)); ok {
			t.Errorf("text(%s) = %q", quoted, got)
		}
	}
}

func FuzzBearerToken(f *testing.F) {
	f.Add("Bearer a.b.c")
	f.Add("bEARER  a")
	f.Add("Bearer a b")
	f.Fuzz(func(t *testing.T, value string) {
		token, ok := bearerToken(map[string][]string{"Authorization": {value}})
		if ok && (token == "" || strings.ContainsAny(token, " \t,\"\x00") || !strings.HasSuffix(value, token) || !strings.EqualFold(value[:6], "bearer")) {
			t.Errorf("%q gave %q", value, token)
		}
	})
}
