package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
)

type documentList struct {
	Documents []struct {
		ID string `json:"_id"`
	}
	NextCursor string `json:"next_cursor"`
}

func listed(t *testing.T, f *fake, query string) documentList {
	t.Helper()
	w := do(server(t, f), onShelf("GET", "/v1/documents"+query))
	var got documentList
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Documents == nil {
		t.Fatalf("%s: %d %.200s", query, w.Code, w.Body)
	}
	return got
}

func TestDocumentList(t *testing.T) {
	f := &fake{}
	for i := range 250 {
		f.shelf().put(t, fmt.Sprintf(`{"_id":"é/%03d","n":%d}`, i, i))
	}
	for query, want := range map[string]int{"": 100, "?limit=1000": 250, "?limit=250": 250, "?limit=251": 250, "?limit=7": 7} {
		got := listed(t, f, query)
		if full := query != "?limit=1000" && query != "?limit=251"; len(got.Documents) != want || (got.NextCursor != "") != full {
			t.Errorf("%s: %d documents, cursor %q", query, len(got.Documents), got.NextCursor)
		}
	}
	seen, query := 0, "?limit=60"
	for {
		got := listed(t, f, query)
		for _, d := range got.Documents {
			if want := fmt.Sprintf("é/%03d", seen); d.ID != want {
				t.Fatalf("%q, want %q", d.ID, want)
			}
			seen++
		}
		if got.NextCursor == "" {
			break
		}
		if strings.ContainsAny(got.NextCursor, "+/=") || url.QueryEscape(got.NextCursor) != got.NextCursor {
			t.Errorf("cursor %q", got.NextCursor)
		}
		query = "?limit=60&cursor=" + got.NextCursor
	}
	if seen != 250 {
		t.Errorf("%d seen", seen)
	}
}

func TestDocumentFilter(t *testing.T) {
	f := &fake{}
	listed(t, f, "?filter="+url.QueryEscape(`{"a":"x","b":1,"c":null,"d":1.5,"e":true}`))
	want := []domain.Equal{{Field: "a", Value: "x"}, {Field: "b", Value: int64(1)}, {Field: "c"}, {Field: "d", Value: 1.5}, {Field: "e", Value: true}}
	if diff := cmp.Diff(want, f.shelf().filter); diff != "" {
		t.Error(diff)
	}
	f.answer = func(context.Context) error { return domain.ErrFilterTooBroad }
	wantProblem(t, do(server(t, f), onShelf("GET", `/v1/documents?filter={"a":1}`)), 422, "filter_too_broad")
}

// TestDocumentPageHasABound lists documents that are together too large for an answer.
func TestDocumentPageHasABound(t *testing.T) {
	f := &fake{}
	large := strings.Repeat("x", 1<<20-100)
	for i := range 20 {
		f.shelf().put(t, fmt.Sprintf(`{"_id":"%02d","a":%q}`, i, large))
	}
	seen, pages, query := 0, 0, ""
	for {
		w := do(server(t, f), onShelf("GET", "/v1/documents"+query))
		var got documentList
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Body.Len() > 5<<20 {
			t.Fatalf("%v, %d bytes", err, w.Body.Len())
		}
		seen, pages = seen+len(got.Documents), pages+1
		if got.NextCursor == "" {
			break
		}
		query = "?cursor=" + got.NextCursor
	}
	if seen != 20 || pages != 5 {
		t.Errorf("%d documents on %d pages", seen, pages)
	}
}

// TestDocumentCursorOfAnyID walks over documents under IDs that an application has
// stored, and that no client could name.
func TestDocumentCursorOfAnyID(t *testing.T) {
	f := &fake{}
	ids := []domain.DocumentID{"\n", domain.DocumentID(strings.Repeat("x", 2000)), `{"$bson":"AQ=="}`, "{", ".."}
	for _, id := range ids {
		f.shelf().documents[id] = domain.Document{ID: id}
	}
	seen, query := 0, "?limit=1"
	for {
		got := listed(t, f, query)
		seen += len(got.Documents)
		if got.NextCursor == "" {
			break
		}
		query = "?limit=1&cursor=" + got.NextCursor
	}
	if seen != len(ids) {
		t.Errorf("%d seen", seen)
	}
}
