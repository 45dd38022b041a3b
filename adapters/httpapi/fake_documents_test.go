package httpapi_test

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// shelf holds the documents of a fake, one organization's.
type shelf struct {
	// refuse, if set, says why a write fails.
	refuse    func(ports.DocumentWrite) error
	f         *fake
	documents map[domain.DocumentID]domain.Document
	filter    []domain.Equal
	// lose, if set, is what a write says after it was done.
	lose error
	// blind, if set, is what a get says. unique refuses what is created, as an
	// application's unique index does.
	blind  error
	unique bool
}

func (f *fake) DocumentsOf(who app.Session) httpapi.Documents {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shelves == nil {
		f.shelves = map[domain.OrganizationID]*shelf{}
	}
	s := f.shelves[who.Organization.ID]
	if s == nil {
		s = &shelf{f: f, documents: map[domain.DocumentID]domain.Document{}}
		f.shelves[who.Organization.ID] = s
	}
	return s
}

// shelf returns the documents of the good token's organization.
func (f *fake) shelf() *shelf {
	return f.DocumentsOf(app.Session{Organization: domain.Organization{ID: "org-1"}}).(*shelf)
}

func (s *shelf) Get(ctx context.Context, id domain.DocumentID) (domain.Document, error) {
	if err := s.f.asked(ctx); err != nil {
		return domain.Document{}, err
	}
	if s.blind != nil {
		return domain.Document{}, s.blind
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	d, ok := s.documents[id]
	if !ok {
		return d, domain.ErrDocumentNotFound
	}
	return d, nil
}

func (s *shelf) List(ctx context.Context, after domain.DocumentID, filter []domain.Equal, limit int) (page ports.DocumentPage, err error) {
	if err := s.f.asked(ctx); err != nil {
		return page, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.filter = filter
	size := 0
	for _, id := range slices.Sorted(maps.Keys(s.documents)) {
		if id > after && !page.More {
			page.Documents = append(page.Documents, s.documents[id])
			size += len(s.documents[id].Body.String())
			page.More = len(page.Documents) == limit || size >= app.DocumentListBytes
		}
	}
	return page, nil
}

func (s *shelf) Count(ctx context.Context) (int64, error) {
	if err := s.f.asked(ctx); err != nil {
		return 0, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return int64(len(s.documents)), nil
}

func (s *shelf) Put(ctx context.Context, d domain.Document, ifMatch domain.ETag) (bool, error) {
	return s.one(ctx, ports.DocumentWrite{Action: ports.DocumentPut, Document: d, IfMatch: ifMatch})
}

func (s *shelf) Create(ctx context.Context, d domain.Document) (domain.Document, error) {
	if d.ID == "" {
		d.ID = "made-by-the-service"
	}
	_, err := s.one(ctx, ports.DocumentWrite{Action: ports.DocumentCreate, Document: d})
	if err != nil {
		return domain.Document{}, err
	}
	return d, nil
}

func (s *shelf) Delete(ctx context.Context, id domain.DocumentID, ifMatch domain.ETag) error {
	_, err := s.one(ctx, ports.DocumentWrite{Action: ports.DocumentDelete, Document: domain.Document{ID: id}, IfMatch: ifMatch})
	return err
}

func (s *shelf) one(ctx context.Context, w ports.DocumentWrite) (bool, error) {
	results, err := s.Batch(ctx, []ports.DocumentWrite{w})
	if err != nil {
		return false, err
	}
	return results[0].Created, results[0].Err
}

func (s *shelf) Batch(ctx context.Context, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	seen := map[domain.DocumentID]bool{}
	for _, w := range writes {
		if w.Document.ID == "" {
			panic("a write of no document")
		}
		if seen[w.Document.ID] {
			return nil, domain.Invalid("writes", "must each be of another document")
		}
		seen[w.Document.ID] = true
	}
	if err := s.f.asked(ctx); err != nil {
		return nil, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	results := make([]ports.DocumentResult, len(writes))
	for i, w := range writes {
		found, exists := s.documents[w.Document.ID]
		if s.refuse != nil {
			results[i].Err = s.refuse(w)
		}
		switch {
		case results[i].Err != nil:
		case w.Action == ports.DocumentCreate && (exists || s.unique):
			results[i].Err = domain.ErrDocumentExists
		case w.IfMatch != "" && !(exists && w.IfMatch.Met(found)):
			results[i].Err = domain.ErrDocumentChanged
		case w.Action == ports.DocumentDelete:
			delete(s.documents, w.Document.ID)
		default:
			results[i].Created = !exists
			s.documents[w.Document.ID] = w.Document
		}
	}
	return results, s.lose
}

// odd is a fake whose batches come to what no batch should.
type odd struct{ *fake }

func (o *odd) DocumentsOf(who app.Session) httpapi.Documents {
	return oddDocuments{o.fake.DocumentsOf(who)}
}

type oddDocuments struct{ httpapi.Documents }

func (oddDocuments) Batch(_ context.Context, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	results := make([]ports.DocumentResult, len(writes))
	for i := range results {
		results[i].Err = domain.ErrNamespaceMissing.Because(errors.New("the cause"))
	}
	return results, nil
}
