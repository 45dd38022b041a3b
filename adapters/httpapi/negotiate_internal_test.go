package httpapi

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

func TestWantedNotation(t *testing.T) {
	for accept, extended := range map[string]bool{
		"":                                      false,
		"*/*":                                   false,
		"application/json":                      false,
		"text/html":                             false,
		"application/*":                         false,
		"application/ejson":                     true,
		"APPLICATION/EJSON":                     true,
		" application/ejson ; q=0.5 ":           true,
		"application/ejson;charset=utf-8;q=0.5": true,
		"application/ejson, application/json":   false,
		"application/ejson, application/json;q=0.9":          true,
		"application/ejson;q=0.8, application/json;q=0.9":    false,
		"application/ejson;q=0.8,*/*;q=0.9":                  false,
		"application/ejson,*/*;q=0.9":                        true,
		"application/ejson, application/*;q=0.5, */*":        true,
		"application/ejson;q=0.4, application/*;q=0.3, */*":  true,
		"application/ejson;q=0":                              false,
		"application/ejson;q=0, application/json;q=0":        false,
		"application/json;q=0, */*":                          true,
		"application/json;q=0, application/*;q=0.1, */*;q=0": true,
		"application/ejson;q=2":                              false,
		"application/ejson;q=-1":                             false,
		"application/ejson;q=NaN":                            false,
		"application/ejson;q=x":                              false,
		"application/ejson;q":                                false,
		"application/ejson;Q=1":                              true,
		"application/ejson;q=0, application/ejson":           false,
		",,;,application/ejson,":                             true,
		"application/ejsonx":                                 false,
	} {
		want := domain.PlainJSON
		if extended {
			want = domain.ExtendedJSON
		}
		if got := wantedNotation(http.Header{"Accept": {accept}}); got != want {
			t.Errorf("%q: %d", accept, got)
		}
	}
	if wantedNotation(http.Header{"Accept": {"application/json;q=0.5", "application/ejson"}}) != domain.ExtendedJSON {
		t.Error("of two headers the first counts alone")
	}
}

// FuzzAccept sees that nothing in an Accept header stops an answer, and that asking for
// plain JSON beside it alone gives that.
func FuzzAccept(f *testing.F) {
	for _, seed := range []string{"", "application/ejson", "application/ejson;q=0.5, */*;q=0.1", ";;q=,,", "application/json;q=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		wantedNotation(http.Header{"Accept": {accept}})
		if wantedNotation(http.Header{"Accept": {"application/json", accept}}) != domain.PlainJSON {
			t.Errorf("%q is preferred to what has the weight 1", accept)
		}
	})
}

// FuzzBatch sees that whatever comes as a batch gives writes that the domain takes or
// places that are wrong, and never both nor neither.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{
		`{"writes":[{"action":"put","document":{"_id":"a","n":1},"if_match":"*"}]}`, `{"writes":[{"action":"create","document":{}}]}`,
		`{"writes":[{"action":"delete","id":"a","if_match":"\"x\""} , {"action":"x"}]}`, `{"writes":[[],1,null,{"a":[]}]}`, `{"writes":{}}`, `[]`, `{"writes":[],"writes":[]}`,
		`{"writes":[{"action":"create","document":{"a":{"$date":"2026-11-22T09:30:00Z"}}}]}`, `{"a":1}`, `{"writes":[{"action":"put","document":{"_id":{"$oid":"65f0c0ffee65f0c0ffee65f0"}}}]}`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, extended bool) {
		if !json.Valid(text) {
			return
		}
		b := batchReader{}
		if extended {
			b.notation = domain.ExtendedJSON
		}
		if err := b.read(text); err != nil {
			return
		}
		if len(b.wrong) == 0 && len(b.writes) == 0 {
			t.Error("neither writes nor what is wrong")
		}
		for _, w := range b.writes {
			if len(b.wrong) > 0 || w.Document.ID == "" && w.Action == "create" {
				continue
			}
			if _, err := domain.ParseDocumentID(string(w.Document.ID)); err != nil {
				t.Errorf("%+v: %v", w, err)
			}
		}
	})
}

// FuzzEachElement compares eachElement with encoding/json on every valid array.
func FuzzEachElement(f *testing.F) {
	for _, seed := range []string{"[]", "[ ]", `[1,"]",[2,[]],{"a":"}"} , null]`, "{}", `["\""]`, " [1 ] "} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		var got []json.RawMessage
		isArray := eachElement(data, func(value []byte) { got = append(got, value) })
		var want []json.RawMessage
		if err := json.Unmarshal(data, &want); (err == nil && want != nil) != isArray {
			t.Fatalf("an array %t: %v", isArray, err)
		}
		if !isArray {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%d elements, want %d", len(got), len(want))
		}
		for i := range want {
			if string(got[i]) != string(want[i]) {
				t.Errorf("%d: %s, want %s", i, got[i], want[i])
			}
		}
	})
}
