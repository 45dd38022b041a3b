package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Documents is what the routes for documents need of package app. *app.Documents has it.
type Documents interface {
	Get(ctx context.Context, id domain.DocumentID) (domain.Document, error)
	List(ctx context.Context, after domain.DocumentID, filter []domain.Equal, limit int) (ports.DocumentPage, error)
	Count(ctx context.Context) (int64, error)
	Put(ctx context.Context, document domain.Document, ifMatch domain.ETag) (created bool, err error)
	Create(ctx context.Context, document domain.Document) (domain.Document, error)
	Delete(ctx context.Context, id domain.DocumentID, ifMatch domain.ETag) error
	Batch(ctx context.Context, writes []ports.DocumentWrite) ([]ports.DocumentResult, error)
}

// UseCases returns the service as the routes need it.
func UseCases(service *app.Service) Service { return useCases{service} }

type useCases struct{ *app.Service }

// DocumentsOf implements Service.
func (u useCases) DocumentsOf(who app.Session) Documents { return u.Service.DocumentsOf(who) }

// documents returns those of the token's organization. Without the gate before the
// handler there are none.
func (s *Server) documents(ctx context.Context) (Documents, error) {
	who, err := session(middleware.FromContext(ctx))
	if err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	return s.service.DocumentsOf(who), nil
}

// documentProblem is problem in the words of the routes for documents: an organization
// that was deleted meanwhile has no tokens any more.
func (s *Server) documentProblem(ctx context.Context, err error) *Problem {
	if errors.Is(err, domain.ErrOrganizationNotFound) {
		err = domain.ErrUnauthenticated
	}
	return s.problem(ctx, inBody, err)
}

// invalid returns the problem of a request that is wrong in those places, nil if in
// none.
func invalid(found ...InputError) *Problem {
	if len(found) == 0 {
		return nil
	}
	p := newProblem(domain.CodeInvalidRequest, "The request is not valid.")
	p.Errors = found
	return p
}

// documentErrors gives what is wrong with a document, or with its ID, its place.
func documentErrors(place, idPlace string, err error) []InputError {
	all := inputErrors("", err)
	for i, e := range all {
		all[i].Location = place
		if e.Location == ".id" {
			all[i].Location = idPlace
		}
	}
	return all
}

// pathID reads the ID in a path.
func pathID(text string) (domain.DocumentID, []InputError) {
	id, err := domain.ParseDocumentID(text)
	return id, inputErrors(inPath, err)
}

// subjectOf returns the documents of the token's organization, and the ID in the path.
func (s *Server) subjectOf(ctx context.Context, in DocumentSubject) (Documents, domain.DocumentID, error) {
	documents, err := s.documents(ctx)
	if err != nil {
		return nil, "", err
	}
	id, wrong := pathID(in.ID)
	if p := invalid(wrong...); p != nil {
		return nil, "", p
	}
	return documents, id, nil
}

// DocumentSubject names a document in the path.
type DocumentSubject struct {
	ID string `path:"id" doc:"The document's ID, percent-encoded once: text of 1 to 512 bytes, or canonical Extended JSON of one that is no string." example:"invoice-17"`
}

// wanted is how a client wants documents to be written.
type wanted struct{ notation domain.Notation }

// Resolve implements huma.Resolver.
func (w *wanted) Resolve(ctx huma.Context) []error {
	r, _ := humachi.Unwrap(ctx)
	w.notation = wantedNotation(r.Header)
	return nil
}

// Negotiated is an answer in the notation that the client wants.
type Negotiated struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	// Vary is a slice so that it is added to what stands there.
	Vary []string `header:"Vary" hidden:"true"`
}

func negotiated(n domain.Notation) Negotiated { return Negotiated{mediaType(n), []string{"Accept"}} }

type documentInput struct {
	DocumentSubject
	IfNoneMatch string `header:"If-None-Match" doc:"ETags that the client has; 304 if the document has one of them still."`
	Wanted      wanted
}

type documentOutput struct {
	Negotiated
	Status int
	ETag   string `header:"ETag" doc:"Made of what the document holds; for If-Match and If-None-Match." example:"\"0Kf3TzZyVw9b1cXr5mEoSg\""`
	Body   []byte
}

func (s *Server) getDocument(ctx context.Context, in *documentInput) (*documentOutput, error) {
	documents, id, err := s.subjectOf(ctx, in.DocumentSubject)
	if err != nil {
		return nil, err
	}
	document, err := documents.Get(ctx, id)
	if err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	out := &documentOutput{Status: http.StatusOK, ETag: documentTag(document), Negotiated: negotiated(in.Wanted.notation)}
	if !noneMatch(in.IfNoneMatch, out.ETag) {
		out.Status, out.ContentType = http.StatusNotModified, ""
		return out, nil
	}
	if out.Body, err = document.Text(in.Wanted.notation); err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	out.Body = append(out.Body, '\n') // as all answers end
	return out, nil
}

// CountResponse is the body of the answer to GET /v1/documents:count.
type CountResponse struct {
	Count int64 `json:"count" doc:"The number of documents, exact when nobody writes." example:"1200"`
}

type countOutput struct{ Body CountResponse }

func (s *Server) countDocuments(ctx context.Context, _ *struct{}) (*countOutput, error) {
	documents, err := s.documents(ctx)
	if err != nil {
		return nil, err
	}
	n, err := documents.Count(ctx)
	if err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	return &countOutput{CountResponse{n}}, nil
}
