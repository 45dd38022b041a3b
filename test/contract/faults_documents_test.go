package contract

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// documentFaults are mistakes that adapters make with documents.
var documentFaults = []fault{
	// What a write tells.
	{"every put has made it", "PutGetDelete", applying(func(there kept, w ports.DocumentWrite) ports.DocumentResult {
		result := there.apply(w)
		result.Created = result.Err == nil
		return result
	})},
	{"a delete of nothing is an error", "PutGetDelete", applying(func(there kept, w ports.DocumentWrite) ports.DocumentResult {
		if _, exists := there[w.Document.ID]; !exists && w.Action == ports.DocumentDelete {
			return ports.DocumentResult{Err: domain.ErrDocumentNotFound}
		}
		return there.apply(w)
	})},
	{"a create overwrites", "Create", applying(func(there kept, w ports.DocumentWrite) ports.DocumentResult {
		result := there.apply(w)
		if errors.Is(result.Err, domain.ErrDocumentExists) {
			there[w.Document.ID] = w.Document
		}
		return result
	})},
	{"what is said to be new is created", "BatchOfNewDocuments", applying(func(there kept, w ports.DocumentWrite) ports.DocumentResult {
		if w.New {
			w.Action = ports.DocumentCreate
		}
		return there.apply(w)
	})},
	{"what is refused ends the batch", "Batch", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, write: func(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
			results := make([]ports.DocumentResult, len(writes))
			for i, w := range writes {
				one, err := m.Write(ctx, at, []ports.DocumentWrite{w})
				if err != nil {
					return nil, err
				}
				if results[i] = one[0]; one[0].Err != nil {
					break
				}
			}
			return results, nil
		}}
	})},
	{"results come by the action", "Batch", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, write: func(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
			writes = slices.Clone(writes)
			slices.SortStableFunc(writes, func(a, b ports.DocumentWrite) int { return strings.Compare(string(a.Action), string(b.Action)) })
			return m.Write(ctx, at, writes)
		}}
	})},

	// What is kept.
	{"whole doubles are integers", "Bodies", keeping(func(text string) string { return wholeDouble.ReplaceAllString(text, "$1$2") })},
	{"zeros have no sign", "Bodies", keeping(func(text string) string { return strings.ReplaceAll(text, ":-0.0}", ":0.0}") })},
	{"whole numbers are doubles", "Bodies", keeping(func(text string) string {
		return strings.ReplaceAll(text, "9007199254740993", "9007199254740992")
	})},
	{"zeros of a decimal are lost", "Bodies", keeping(func(text string) string { return strings.ReplaceAll(text, `"1.10"`, `"1.1"`) })},
	{"dates begin in 1970", "Bodies", keeping(func(text string) string {
		return strings.ReplaceAll(text, `{"$numberLong":"-1"}`, `"1970-01-01T00:00:00Z"`)
	})},
	{"dots are not for names", "Bodies", keeping(func(text string) string { return strings.ReplaceAll(text, `"a.b":`, `"a_b":`) })},
	{"fields are sorted", "Bodies", keeping(func(text string) string {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &fields) != nil {
			return text
		}
		sorted, _ := json.Marshal(fields)
		return string(sorted)
	})},
	{"what is deep is cut", "BigBodies", keeping(func(text string) string {
		return strings.ReplaceAll(text, nested(`{"a":`, "1", "}", 3), `{"a":{}}`)
	})},
	{"a page ends where a message does", "BigBodies", paging(func(page []domain.Document) []domain.Document {
		size := 0
		for i, d := range page {
			if size += len(d.Body.String()); size > 16<<20 {
				return page[:i]
			}
		}
		return page
	})},

	// IDs.
	{"IDs have no case", "IDs", naming(func(id domain.DocumentID) domain.DocumentID { return domain.DocumentID(strings.ToLower(string(id))) })},
	{"IDs have no space at their end", "IDs", naming(func(id domain.DocumentID) domain.DocumentID {
		return domain.DocumentID(strings.TrimRight(string(id), " "))
	})},
	{"IDs are cut", "IDs", naming(func(id domain.DocumentID) domain.DocumentID { return id[:min(len(id), 511)] })},
	{"a number is its text", "IDs", naming(func(id domain.DocumentID) domain.DocumentID {
		if id == `{"$numberInt":"5"}` {
			return "5"
		}
		return id
	})},

	// Lists.
	{"a page has IDs of one type", "ListWalk", looking(func(there kept, q ports.DocumentQuery) ([]domain.Document, bool) {
		some, more := look(there, q)
		return slices.DeleteFunc(some, func(d domain.Document) bool { return q.After != "" && d.ID.IsString() != q.After.IsString() }), more
	})},
	{"a page begins with the last one of before", "ListAfter", looking(func(there kept, q ports.DocumentQuery) ([]domain.Document, bool) {
		some, more := look(there, q)
		if last, exists := there[q.After]; exists {
			some = append([]domain.Document{last}, some...)
		}
		return some, more
	})},
	{"after what is gone comes nothing", "ListAfter", looking(func(there kept, q ports.DocumentQuery) ([]domain.Document, bool) {
		if _, exists := there[q.After]; !exists && q.After != "" {
			return nil, false
		}
		return look(there, q)
	})},
	{"a limit of none is none", "ListLimit", querying(func(q *ports.DocumentQuery) {
		if q.Limit == 0 {
			q.Limit = enough
		}
	})},
	{"a page has any size", "ListBytes", querying(func(q *ports.DocumentQuery) { q.Bytes = 0 })},
	{"a page that is cut is the last", "ListBytes", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, list: func(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error) {
			page, err := m.List(ctx, at, q)
			page.More = page.More && len(page.Documents) == q.Limit
			return page, err
		}}
	})},
	{"a scan is one page", "Scan", scanning(func(
		ctx context.Context, m *memoryDocuments, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
	) (bool, error) {
		page, err := m.List(ctx, at, ports.DocumentQuery{After: after, Limit: 1000})
		for _, d := range page.Documents {
			err = errors.Join(err, visit(d))
		}
		return true, err
	})},
	{"a scan begins at the beginning", "Scan", scanning(func(
		ctx context.Context, m *memoryDocuments, at ports.Place, _ domain.DocumentID, visit func(domain.Document) error,
	) (bool, error) {
		return m.Scan(ctx, at, "", visit)
	})},
	{"a scan of pages is of one instant", "ScanOfAnInstant", scanning(func(
		ctx context.Context, m *memoryDocuments, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
	) (bool, error) {
		for {
			page, err := m.List(ctx, at, ports.DocumentQuery{After: after, Limit: 100})
			if err != nil || len(page.Documents) == 0 {
				return true, err
			}
			for _, d := range page.Documents {
				if err := visit(d); err != nil {
					return false, err
				}
				after = d.ID
			}
		}
	})},
	{"a scan goes on when visits fail", "ScanEnds", scanning(func(
		ctx context.Context, m *memoryDocuments, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
	) (bool, error) {
		var failed error
		_, err := m.Scan(ctx, at, after, func(d domain.Document) error { failed = errors.Join(failed, visit(d)); return nil })
		return true, errors.Join(err, failed)
	})},
	{"what comes after is counted", "ListBesideWriters", documentsWith(func(m *memoryDocuments) ports.Documents {
		// Pages are told by how many came before, as by OFFSET.
		seen := map[domain.DocumentID]int{}
		return oddDocuments{Documents: m, list: func(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error) {
			skip, limit := seen[q.After], q.Limit
			q.After, q.Limit = "", skip+limit
			page, err := m.List(ctx, at, q)
			page.Documents = page.Documents[min(skip, len(page.Documents)):]
			if n := len(page.Documents); n > 0 {
				seen[page.Documents[n-1].ID] = skip + n
			}
			return page, err
		}}
	})},

	// Filters.
	{"null is what is absent", "FilterByValue", meeting(func(d domain.Document, e domain.Equal) bool {
		_, exists := field(d, e.Field)
		return meets(d, e) || e.Value == nil && !exists
	})},
	{"an array is what is in it", "FilterByValue", meeting(func(d domain.Document, e domain.Equal) bool {
		text, is := e.Value.(string)
		return meets(d, e) || is && text != "" && strings.Contains(d.Body.String(), `"`+e.Field+`":["`+text+`",`)
	})},
	{"text has no case", "FilterByValue", meeting(func(d domain.Document, e domain.Equal) bool {
		text, is := e.Value.(string)
		return meets(d, e) || is && meets(d, domain.Equal{Field: e.Field, Value: strings.ToLower(text)})
	})},
	{"text may be a number", "FilterByValue", meeting(func(d domain.Document, e domain.Equal) bool {
		return meets(d, e) || e.Value == "1" && meets(d, domain.Equal{Field: e.Field, Value: int64(1)})
	})},
	{"a number is of one type", "FilterByValue", meeting(func(d domain.Document, e domain.Equal) bool {
		f, is := e.Value.(float64)
		return meets(d, e) && (!is || f != 1 || !strings.Contains(d.Body.String(), ":1}"))
	})},
	{"decimals are numbers", "FilterByValue", meeting(func(d domain.Document, e domain.Equal) bool {
		return meets(d, e) || e.Value == int64(1) && strings.Contains(d.Body.String(), `{"$numberDecimal":"1"}`)
	})},
	{"numbers are doubles", "FilterByNumber", meeting(func(d domain.Document, e domain.Equal) bool {
		n, is := e.Value.(int64)
		return meets(d, e) || is && meets(d, domain.Equal{Field: e.Field, Value: float64(n)})
	})},
	{"a dot is a path", "FilterByField", meeting(func(d domain.Document, e domain.Equal) bool {
		return meets(d, e) || e.Field == "a.b" && strings.Contains(d.Body.String(), `{"a":{"b":"x"`)
	})},
	{"one condition is enough", "FilterByManyFields", querying(func(q *ports.DocumentQuery) { q.Filter = q.Filter[:min(1, len(q.Filter))] })},
	{"a filter is for a page", "FilterInPages", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, list: func(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error) {
			filter := q.Filter
			q.Filter = nil
			page, err := m.List(ctx, at, q)
			page.Documents = slices.DeleteFunc(page.Documents, func(d domain.Document) bool {
				return slices.ContainsFunc(filter, func(e domain.Equal) bool { return !meets(d, e) })
			})
			return page, err
		}}
	})},
	{"one too many is looked at", "FilterScan", querying(func(q *ports.DocumentQuery) { q.Scan++ })},
	{"one too few is looked at", "FilterScan", querying(func(q *ports.DocumentQuery) { q.Scan-- })},
	{"the end is not seen", "FilterScan", looking(func(there kept, q ports.DocumentQuery) ([]domain.Document, bool) {
		some, more := look(there, q)
		return some, more || len(q.Filter) > 0 && len(some) == q.Scan
	})},

	// Conditions.
	{"a condition is no matter for a delete", "IfMatch", writing(func(w *ports.DocumentWrite) {
		if w.Action == ports.DocumentDelete {
			w.IfMatch = ""
		}
	})},
	{"a document that is missing meets everything", "IfMatch", applying(func(there kept, w ports.DocumentWrite) ports.DocumentResult {
		if _, exists := there[w.Document.ID]; !exists {
			w.IfMatch = ""
		}
		return there.apply(w)
	})},
	{"a put looks and then writes", "RaceForAVersion", inTwoSteps(ports.DocumentPut)},
	{"a put looks and then counts", "CountByVersions", inTwoSteps(ports.DocumentPut)},
	{"a delete looks and then deletes", "RaceToDelete", inTwoSteps(ports.DocumentDelete)},
	{"a create looks and then writes", "RaceToCreate", inTwoSteps(ports.DocumentCreate)},
	{"a put looks whether it makes it", "RaceToPut", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, write: func(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
			_, missing := m.Get(ctx, at, writes[0].Document.ID)
			time.Sleep(time.Millisecond)
			results, err := m.Write(ctx, at, writes)
			if err == nil && writes[0].Action == ports.DocumentPut {
				results[0].Created = missing != nil
			}
			return results, err
		}}
	})},

	// Other organizations.
	{"all have the same documents", "Isolation", finding(func(m *memoryDocuments, at ports.Place) *memorySpace {
		for _, space := range m.spaces {
			if space.identity == "identity 1" {
				return space
			}
		}
		return m.spaces[at.Placement.Reservation()]
	})},
	{"a delete reaches all", "RandomCalls", documentsWith(func(m *memoryDocuments) ports.Documents {
		m.apply = func(there kept, w ports.DocumentWrite) ports.DocumentResult {
			result := there.apply(w)
			for _, space := range m.spaces {
				if w.Action == ports.DocumentDelete && result.Err == nil {
					delete(space.kept, w.Document.ID)
				}
			}
			return result
		}
		return m
	})},
	{"all documents are counted", "Isolation", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, count: func(ctx context.Context, at ports.Place) (n int64, err error) {
			_, err = m.Count(ctx, at)
			for _, space := range m.spaces {
				n += int64(len(space.kept))
			}
			return n, err
		}}
	})},

	// Places of before.
	{"the name is enough", "MadeAnew", finding(func(m *memoryDocuments, at ports.Place) *memorySpace {
		return m.spaces[at.Placement.Reservation()]
	})},
	{"the identity is enough", "RenamedAway", finding(func(m *memoryDocuments, at ports.Place) *memorySpace {
		for _, space := range m.spaces {
			if space.identity == at.Identity {
				return space
			}
		}
		return nil
	})},
	{"no identity is any", "NothingThere", finding(func(m *memoryDocuments, at ports.Place) *memorySpace {
		space := m.spaces[at.Placement.Reservation()]
		if space == nil || at.Identity != "" && at.Identity != space.identity {
			return nil
		}
		return space
	})},
	{"what is missing is empty", "NothingThere", finding(func(m *memoryDocuments, at ports.Place) *memorySpace {
		if space := m.spaces[at.Placement.Reservation()]; space != nil {
			return space
		}
		return &memorySpace{kept: kept{}}
	})},
	{"a refused write makes the namespace", "RenamedAway", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, write: func(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
			results, err := m.Write(ctx, at, writes)
			m.makeMissing(at)
			return results, err
		}}
	})},
	{"a late write makes the namespace", "RenameBesideWriters", lateWriting(func(m *memoryDocuments, at ports.Place) { m.makeMissing(at) })},
	{"a late write meets what was made anew", "MadeAnewBesideWriters", lateWriting(func(*memoryDocuments, ports.Place) {})},
	{"the context is ignored", "ContextEnds", documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, count: func(ctx context.Context, at ports.Place) (int64, error) {
			return m.Count(context.WithoutCancel(ctx), at)
		}}
	})},
}

var wholeDouble = regexp.MustCompile(`([0-9])\.0([,}\]])`)

// documentsWith is the suite on documents that one function changes.
func documentsWith(change func(m *memoryDocuments) ports.Documents) func(t *testing.T) {
	return func(t *testing.T) {
		RunDocuments(t, func(*testing.T) DocumentStorage {
			m := newMemoryDocuments()
			s := m.storage()
			s.Documents = change(m)
			return s
		})
	}
}
