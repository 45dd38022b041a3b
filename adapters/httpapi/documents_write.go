package httpapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// sent is the body of a request as it came, which the gate has let through.
type sent struct {
	text     []byte
	notation domain.Notation
}

// Resolve implements huma.Resolver.
func (b *sent) Resolve(ctx huma.Context) []error {
	r, _ := humachi.Unwrap(ctx)
	text, err := wholeBody(r.Body)
	if err != nil {
		return []error{err}
	}
	b.text, b.notation = text, sentNotation(r.Header)
	return nil
}

// document reads the body as one document.
func (b *sent) document() (domain.Document, []InputError) {
	d, err := domain.ParseDocument(b.text, b.notation)
	return d, documentErrors(inBody, inBody+"."+domain.FieldID, err)
}

// DocumentCondition names a document to change, and in which version.
type DocumentCondition struct {
	DocumentSubject
	IfMatch string `header:"If-Match" doc:"The ETag that the document shall have still; * for any; absent for any or none."`
}

type documentPut struct {
	DocumentCondition
	IfNoneMatch string `header:"If-None-Match" enum:"*" doc:"* to make the document and never replace one."`
	Sent        sent
}

type documentCreate struct{ Sent sent }

// WriteResponse is the body of the answer to a write of one document.
type WriteResponse struct {
	ID string `json:"_id" doc:"The document's ID, as it stands in a path before it is percent-encoded." example:"invoice-17"`
}

type createdOutput struct {
	Location string `header:"Location" doc:"Where the document is found." example:"/v1/documents/invoice-17"`
	ETag     string `header:"ETag" doc:"Made of what the document holds; for If-Match and If-None-Match." example:"\"0Kf3TzZyVw9b1cXr5mEoSg\""`
	Body     WriteResponse
}

type putOutput struct {
	Status   int
	Location string `header:"Location" hidden:"true"`
	ETag     string `header:"ETag" doc:"Made of what the document holds; for If-Match and If-None-Match." example:"\"0Kf3TzZyVw9b1cXr5mEoSg\""`
	Body     WriteResponse
}

func locationOf(id domain.DocumentID) string {
	return pathDocuments + "/" + url.PathEscape(string(id))
}

var errExistsAlready = domain.ErrDocumentChanged.Saying(domain.ErrDocumentExists.Message)

func (s *Server) putDocument(ctx context.Context, in *documentPut) (*putOutput, error) {
	documents, err := s.documents(ctx)
	if err != nil {
		return nil, err
	}
	id, wrong := pathID(in.ID)
	document, wrongBody := in.Sent.document()
	if wrong = append(wrong, wrongBody...); wrong == nil && document.ID != "" && document.ID != id {
		wrong = []InputError{{Location: inBody + "." + domain.FieldID, Message: "must be the ID in the path, or left out"}}
	}
	if p := invalid(wrong...); p != nil {
		return nil, p
	}
	document.ID = id
	created := true
	if in.IfNoneMatch != "" { // it is *
		if _, err = documents.Create(ctx, document); errors.Is(err, domain.ErrDocumentExists) {
			err = errExistsAlready
		}
	} else {
		created, err = documents.Put(ctx, document, ifTag(in.IfMatch))
	}
	if err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	out := &putOutput{Status: http.StatusOK, ETag: documentTag(document), Body: WriteResponse{string(id)}}
	if created {
		out.Status, out.Location = http.StatusCreated, locationOf(id)
	}
	return out, nil
}

func (s *Server) createDocument(ctx context.Context, in *documentCreate) (*createdOutput, error) {
	documents, err := s.documents(ctx)
	if err != nil {
		return nil, err
	}
	document, wrong := in.Sent.document()
	if p := invalid(wrong...); p != nil {
		return nil, p
	}
	w := write{DocumentWrite: ports.DocumentWrite{Action: ports.DocumentCreate, Document: document}}
	if document.ID == "" {
		w.Document.ID = domain.DocumentID(requestOperation(ctx))
		w.ours = w.Document.ID != ""
	}
	created, err := documents.Create(ctx, w.Document)
	if err == nil {
		w.Document = created
	} else if done, lookErr := w.doneBefore(ctx, documents, err); !done {
		return nil, s.documentProblem(ctx, cmp.Or(lookErr, err))
	}
	id := w.Document.ID
	return &createdOutput{Location: locationOf(id), ETag: documentTag(w.Document), Body: WriteResponse{string(id)}}, nil
}

func (s *Server) deleteDocument(ctx context.Context, in *DocumentCondition) (*struct{}, error) {
	documents, id, err := s.subjectOf(ctx, in.DocumentSubject)
	if err != nil {
		return nil, err
	}
	if err := documents.Delete(ctx, id, ifTag(in.IfMatch)); err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	return nil, nil
}

// write is a write of a request that may have an Idempotency-Key.
type write struct {
	ports.DocumentWrite
	// ours says that the ID is made of the request's operation: nobody else makes a
	// document with it.
	ours bool
}

// doneBefore reports whether a write was refused because an earlier run of its request,
// whose answer was lost, has done it: what it asks for stands there. The refusal alone
// proves nothing, since an application's unique index refuses as well.
func (w write) doneBefore(ctx context.Context, documents Documents, refused error) (bool, error) {
	if !errors.Is(refused, domain.ErrDocumentExists) && !errors.Is(refused, domain.ErrDocumentChanged) || !w.ours && !begunBefore(ctx) {
		return false, nil
	}
	found, err := documents.Get(ctx, w.Document.ID)
	switch {
	case errors.Is(err, domain.ErrDocumentNotFound):
		return w.Action == ports.DocumentDelete, nil
	case err != nil:
		return false, err
	}
	return w.Action != ports.DocumentDelete && (w.ours || found.ETag() == w.Document.ETag()), nil
}
