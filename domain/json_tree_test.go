package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decoded reads a text as readJSON does, by encoding/json alone.
func decoded(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return decodedValue(d)
}

func decodedValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		a := jsonArray{}
		for d.More() {
			v, err := decodedValue(d)
			if err != nil {
				return nil, err
			}
			a = append(a, v)
		}
		_, err = d.Token()
		return a, err
	case json.Delim('{'):
		o := jsonObject{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := decodedValue(d)
			if err != nil {
				return nil, err
			}
			o = append(o, jsonMember{key.(string), v})
		}
		_, err = d.Token()
		return o, err
	}
	return token, nil
}

// FuzzReadJSON holds the reader against encoding/json.
func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{
		"null", " true ", "-0.5e+7", `""`, `"\u0061\"\\/"`, `[]`, "[ 1 ,\n[ ] , {}\t]", `{"a":{"b":[null,false]},"a" : "x" }`, `"\ud83d\ude00"`,
		`{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"0":1}`, `{"$a":{"b":1}}`, "[1,]", `{"a"}`, "1 2", "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readJSON(text, byStore)
		if errors.Is(err, errNotJSON) || errors.Is(err, errHalfOfAPair) || errors.Is(err, errNullInAKey) {
			return
		}
		want, wantErr := decoded(text)
		if err != nil || wantErr != nil {
			t.Fatalf("%q: %v; encoding/json says %v", text, err, wantErr)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(jsonMember{})); diff != "" {
			t.Errorf("%q: (-want +got):\n%s", text, diff)
		}
	})
}

func BenchmarkStoredDocument(b *testing.B) {
	text := []byte(`{"_id":"document-00000001","name":"` + string(bytes.Repeat([]byte("x"), 330)) + `","count":7,"price":1.5,"tags":["a","b"],"open":true}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := StoredDocument(text); err != nil {
			b.Fatal(err)
		}
	}
}
