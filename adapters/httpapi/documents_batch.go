package httpapi

import (
	"context"
	"strconv"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// What a write of a batch can have come to.
const (
	batchCreated  = "created"
	batchReplaced = "replaced"
	batchDeleted  = "deleted"
	batchFailed   = "failed"
)

// BatchResponse is the body of the answer to POST /v1/documents:batch.
type BatchResponse struct {
	Results []BatchResult `json:"results" nullable:"false" doc:"One for each write, in their order."`
}

// BatchResult is what became of one write.
type BatchResult struct {
	ID     string      `json:"id" doc:"The document's ID." example:"invoice-17"`
	Status string      `json:"status" enum:"created,replaced,deleted,failed" example:"created"`
	ETag   string      `json:"etag,omitempty" doc:"The document's ETag, as the header has it; absent when it was deleted or the write failed." example:"\"0Kf3TzZyVw9b1cXr5mEoSg\""`
	Error  *BatchError `json:"error,omitempty" doc:"Why the write failed."`
}

// BatchError says why one write failed.
type BatchError struct {
	Code   domain.Code `json:"code" enum:"document_exists,precondition_failed,quota_exceeded,invalid_request,internal" doc:"What happened, for programs to compare." example:"document_exists"`
	Detail string      `json:"detail" doc:"What happened, for people to read." example:"A document with this ID exists already."`
}

type batchInput struct{ Sent sent }

type batchOutput struct{ Body BatchResponse }

func (s *Server) writeDocuments(ctx context.Context, in *batchInput) (*batchOutput, error) {
	documents, err := s.documents(ctx)
	if err != nil {
		return nil, err
	}
	reader := batchReader{notation: in.Sent.notation}
	if err := reader.read(in.Sent.text); err != nil {
		return nil, fieldTwice
	}
	if p := invalid(reader.wrong...); p != nil {
		return nil, p
	}
	s.identifyWrites(ctx, reader.writes)
	writes := make([]ports.DocumentWrite, len(reader.writes))
	for i, w := range reader.writes {
		writes[i] = w.DocumentWrite
	}
	results, err := documents.Batch(ctx, writes)
	if err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	out := &batchOutput{BatchResponse{make([]BatchResult, len(results))}}
	for i, result := range results {
		if out.Body.Results[i], err = s.batchResult(ctx, documents, reader.writes[i], result); err != nil {
			return nil, s.documentProblem(ctx, err)
		}
	}
	return out, nil
}

// identifyWrites gives an ID to what shall be created without one: when the request has
// an Idempotency-Key one that is the same if it is sent again.
func (s *Server) identifyWrites(ctx context.Context, writes []write) {
	operation := string(requestOperation(ctx))
	for i := range writes {
		w := &writes[i]
		switch {
		case w.Document.ID != "":
		case operation == "":
			w.Document.ID = domain.DocumentID(s.options.NewID())
		default:
			w.Document.ID, w.ours = domain.DocumentID(operation+"-"+strconv.Itoa(i)), true
		}
	}
}

func (s *Server) batchResult(ctx context.Context, documents Documents, w write, result ports.DocumentResult) (BatchResult, error) {
	out := BatchResult{ID: string(w.Document.ID)}
	if result.Err != nil {
		done, err := w.doneBefore(ctx, documents, result.Err)
		if err != nil {
			return out, err
		}
		if !done {
			p := s.documentProblem(ctx, result.Err)
			out.Status, out.Error = batchFailed, &BatchError{p.Code, p.Detail}
			return out, nil
		}
	}
	switch {
	case w.Action == ports.DocumentDelete:
		out.Status = batchDeleted
		return out, nil
	case w.Action == ports.DocumentCreate || result.Created:
		out.Status = batchCreated
	default:
		out.Status = batchReplaced
	}
	out.ETag = documentTag(w.Document)
	return out, nil
}
