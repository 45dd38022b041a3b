package contract

import (
	"context"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

type oddDocuments struct {
	ports.Documents
	get   func(ctx context.Context, at ports.Place, id domain.DocumentID) (domain.Document, error)
	list  func(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error)
	scan  func(ctx context.Context, at ports.Place, after domain.DocumentID, visit func(domain.Document) error) (bool, error)
	count func(ctx context.Context, at ports.Place) (int64, error)
	write func(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error)
}

func (odd oddDocuments) Get(ctx context.Context, at ports.Place, id domain.DocumentID) (domain.Document, error) {
	if odd.get != nil {
		return odd.get(ctx, at, id)
	}
	return odd.Documents.Get(ctx, at, id)
}

func (odd oddDocuments) List(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error) {
	if odd.list != nil {
		return odd.list(ctx, at, q)
	}
	return odd.Documents.List(ctx, at, q)
}

func (odd oddDocuments) Scan(
	ctx context.Context, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
) (bool, error) {
	if odd.scan != nil {
		return odd.scan(ctx, at, after, visit)
	}
	return odd.Documents.Scan(ctx, at, after, visit)
}

func (odd oddDocuments) Count(ctx context.Context, at ports.Place) (int64, error) {
	if odd.count != nil {
		return odd.count(ctx, at)
	}
	return odd.Documents.Count(ctx, at)
}

func (odd oddDocuments) Write(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	if odd.write != nil {
		return odd.write(ctx, at, writes)
	}
	return odd.Documents.Write(ctx, at, writes)
}

// applying does writes in another way.
func applying(apply func(there kept, w ports.DocumentWrite) ports.DocumentResult) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents { m.apply = apply; return m })
}

// writing changes what is written.
func writing(change func(w *ports.DocumentWrite)) func(t *testing.T) {
	return applying(func(there kept, w ports.DocumentWrite) ports.DocumentResult {
		change(&w)
		return there.apply(w)
	})
}

// keeping changes the text of what is kept.
func keeping(change func(text string) string) func(t *testing.T) {
	return writing(func(w *ports.DocumentWrite) {
		w.Document.Body = domain.BodyOf(change(w.Document.Body.String()))
	})
}

// naming takes another ID for the one that is given.
func naming(change func(id domain.DocumentID) domain.DocumentID) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents {
		m.apply = func(there kept, w ports.DocumentWrite) ports.DocumentResult {
			w.Document.ID = change(w.Document.ID)
			return there.apply(w)
		}
		return oddDocuments{Documents: m, get: func(ctx context.Context, at ports.Place, id domain.DocumentID) (domain.Document, error) {
			d, err := m.Get(ctx, at, change(id))
			d.ID = id
			return d, err
		}}
	})
}

// looking lets a list look at other documents.
func looking(looked func(there kept, q ports.DocumentQuery) ([]domain.Document, bool)) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents { m.looked = looked; return m })
}

// querying changes what is asked of List.
func querying(change func(q *ports.DocumentQuery)) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, list: func(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error) {
			change(&q)
			return m.List(ctx, at, q)
		}}
	})
}

// paging changes what List returns.
func paging(change func(page []domain.Document) []domain.Document) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, list: func(ctx context.Context, at ports.Place, q ports.DocumentQuery) (ports.DocumentPage, error) {
			page, err := m.List(ctx, at, q)
			page.Documents = change(page.Documents)
			return page, err
		}}
	})
}

// scanning scans in another way.
func scanning(scan func(
	ctx context.Context, m *memoryDocuments, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
) (bool, error),
) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, scan: func(
			ctx context.Context, at ports.Place, after domain.DocumentID, visit func(domain.Document) error,
		) (bool, error) {
			return scan(ctx, m, at, after, visit)
		}}
	})
}

// meeting compares fields in another way.
func meeting(meets func(d domain.Document, e domain.Equal) bool) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents { m.meets = meets; return m })
}

// finding finds another namespace at a place.
func finding(find func(m *memoryDocuments, at ports.Place) *memorySpace) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents {
		m.find = func(at ports.Place) *memorySpace { return find(m, at) }
		return m
	})
}

// inTwoSteps looks whether a write may be done, and does it a little later. Batches are
// spared.
func inTwoSteps(action ports.DocumentAction) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, write: func(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
			w := writes[0]
			if w.Action != action || len(writes) > 1 {
				return m.Write(ctx, at, writes)
			}
			there := kept{}
			if d, err := m.Get(ctx, at, w.Document.ID); err == nil {
				there[d.ID] = d
			}
			results := []ports.DocumentResult{there.apply(w)}
			if results[0].Err == nil {
				time.Sleep(time.Millisecond)
				if w.IfMatch = ""; w.Action == ports.DocumentCreate {
					w.Action = ports.DocumentPut
				}
				return m.Write(ctx, at, []ports.DocumentWrite{w})
			}
			return results, nil
		}}
	})
}

// makeMissing makes a namespace at a place where nothing stands.
func (m *memoryDocuments) makeMissing(at ports.Place) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spaces[at.Placement.Reservation()] == nil {
		m.add(at.Placement, false)
	}
}

// lateWriting looks whether the namespace stands at the place, and writes a little later
// to what has its name then.
func lateWriting(before func(m *memoryDocuments, at ports.Place)) func(t *testing.T) {
	return documentsWith(func(m *memoryDocuments) ports.Documents {
		return oddDocuments{Documents: m, write: func(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
			_, leave, err := m.at(ctx, at)
			leave()
			if err != nil {
				return nil, err
			}
			time.Sleep(time.Millisecond)
			before(m, at)
			m.mu.Lock()
			if space := m.spaces[at.Placement.Reservation()]; space != nil {
				at.Identity = space.identity
			}
			m.mu.Unlock()
			return m.Write(ctx, at, writes)
		}}
	})
}
