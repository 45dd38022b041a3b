package contract

import (
	"cmp"
	"context"
	"encoding/json"
	numbers "math/big"
	"slices"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// memoryDocuments keeps documents beside those of memoryProbe. Each field but the first
// is a part of it that a fault may change.
type memoryDocuments struct {
	*memoryNamespaces
	find   func(at ports.Place) *memorySpace
	page   func(there kept, q ports.DocumentQuery) (ports.DocumentPage, error)
	looked func(there kept, q ports.DocumentQuery) (some []domain.Document, more bool)
	meets  func(d domain.Document, e domain.Equal) bool
	apply  func(there kept, w ports.DocumentWrite) ports.DocumentResult
}

var _ ports.Documents = (*memoryDocuments)(nil)

func newMemoryDocuments() *memoryDocuments {
	m := &memoryDocuments{memoryNamespaces: newMemoryNamespaces(), meets: meets, looked: look}
	m.apply = func(there kept, w ports.DocumentWrite) ports.DocumentResult { return there.apply(w) }
	m.find = func(at ports.Place) *memorySpace {
		space := m.spaces[at.Placement.Reservation()]
		if space == nil || space.identity != at.Identity {
			return nil
		}
		return space
	}
	m.page = func(there kept, q ports.DocumentQuery) (page ports.DocumentPage, err error) {
		some, more := m.looked(there, q)
		some = slices.DeleteFunc(some, func(d domain.Document) bool {
			return slices.ContainsFunc(q.Filter, func(e domain.Equal) bool { return !m.meets(d, e) })
		})
		size := 0
		for i, d := range some {
			if i == q.Limit {
				break
			}
			page.Documents, size = append(page.Documents, d), size+len(d.Body.String())
			if page.More = i+1 == q.Limit || !q.HasRoom(size); page.More {
				return page, nil
			}
		}
		if q.Limit > 0 && more {
			return page, domain.ErrFilterTooBroad
		}
		return page, nil
	}
	return m
}

// storage returns what RunDocuments tests.
func (m *memoryDocuments) storage() DocumentStorage {
	return DocumentStorage{Documents: m, Namespaces: m.memoryNamespaces, Database: "tenants"}
}

// at finds the space at a place.
func (m *memoryDocuments) at(ctx context.Context, at ports.Place) (there kept, leave func(), err error) {
	leave, err = m.enter(ctx)
	if err != nil {
		return nil, leave, err
	}
	space := m.find(at)
	if space == nil {
		return nil, leave, domain.ErrNamespaceMissing
	}
	return space.kept, leave, nil
}

func (m *memoryDocuments) Get(ctx context.Context, at ports.Place, id domain.DocumentID) (domain.Document, error) {
	there, leave, err := m.at(ctx, at)
	defer leave()
	if err != nil {
		return domain.Document{}, err
	}
	if d, exists := there[id]; exists {
		return d, nil
	}
	return domain.Document{}, domain.ErrDocumentNotFound
}

func (m *memoryDocuments) List(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error) {
	there, leave, err := m.at(ctx, at)
	defer leave()
	if err != nil {
		return ports.DocumentPage{}, err
	}
	return m.page(there, q)
}

func (m *memoryDocuments) Scan(
	ctx context.Context, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
) (bool, error) {
	page, err := m.List(ctx, at, ports.DocumentQuery{After: after, Limit: enough})
	for _, d := range page.Documents {
		if err := visit(d); err != nil {
			return false, err
		}
	}
	return true, err
}

func (m *memoryDocuments) Count(ctx context.Context, at ports.Place) (int64, error) {
	there, leave, err := m.at(ctx, at)
	defer leave()
	return int64(len(there)), err
}

func (m *memoryDocuments) Write(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	there, leave, err := m.at(ctx, at)
	defer leave()
	if err != nil {
		return nil, err
	}
	results := make([]ports.DocumentResult, len(writes))
	for i, w := range writes {
		results[i] = m.apply(there, w)
	}
	return results, nil
}

// look returns the documents that a query may look at, and whether there are more.
func look(there kept, q ports.DocumentQuery) (some []domain.Document, more bool) {
	some = slices.DeleteFunc(there.all(), func(d domain.Document) bool { return d.ID <= q.After })
	slices.SortFunc(some, func(a, b domain.Document) int { return cmp.Compare(a.ID, b.ID) })
	if len(q.Filter) > 0 && len(some) > q.Scan {
		return some[:q.Scan], true
	}
	return some, false
}

// meets reports whether a document has a field with a value.
func meets(d domain.Document, e domain.Equal) bool {
	is, exists := field(d, e.Field)
	if !exists {
		return false
	}
	if want := rational(e.Value); want != nil {
		got := rational(is)
		return got != nil && got.Cmp(want) == 0
	}
	return is == e.Value
}

// field returns a field of a document. An array and an object are nil pointers.
func field(d domain.Document, name string) (value any, exists bool) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(d.Body.String()), &fields); err != nil {
		panic(err)
	}
	text, exists := fields[name]
	if !exists {
		return nil, false
	}
	if text[0] == '[' || text[0] == '{' {
		return (*struct{})(nil), true
	}
	d2 := json.NewDecoder(strings.NewReader(string(text)))
	d2.UseNumber()
	if err := d2.Decode(&value); err != nil {
		panic(err)
	}
	return value, true
}

// rational returns a number's value, or nil.
func rational(value any) *numbers.Rat {
	r := new(numbers.Rat)
	switch v := value.(type) {
	case int64:
		return r.SetInt64(v)
	case float64:
		return r.SetFloat64(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return r.SetInt64(n)
		}
		if f, err := v.Float64(); err == nil {
			return r.SetFloat64(f)
		}
	}
	return nil
}
