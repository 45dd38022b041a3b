package httpapi

import (
	"bytes"
	"context"
	"errors"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// documentsDefault is how many documents a list has when nobody says how many.
const documentsDefault = 100

const paramFilter = "filter"

// documentsQuery is what GET /v1/documents is asked with.
type documentsQuery struct {
	wanted
	after  domain.DocumentID
	filter []domain.Equal
	limit  int
}

// Resolve implements huma.Resolver.
func (q *documentsQuery) Resolve(ctx huma.Context) []error {
	q.limit = documentsDefault
	address := ctx.URL()
	return append(q.wanted.Resolve(ctx),
		takeQuery(address.RawQuery, []string{paramLimit, paramCursor, paramFilter}, "", q.take)...)
}

// take reads a parameter's value, and returns what is wrong with it.
func (q *documentsQuery) take(name string, values []string) (wrong string) {
	value := values[0]
	var err error
	switch name {
	case paramLimit:
		return takeLimit(&q.limit, value, app.DocumentListLimit)
	case paramCursor:
		if q.after, err = documentCursor(value); err != nil {
			return badCursor
		}
	case paramFilter:
		if q.filter, err = domain.ParseFilter(value); err != nil {
			return inputErrors(inQuery, err)[0].Message
		}
	}
	return ""
}

// documentCursor reads the ID after which a list goes on. An application may have stored
// one that no client could name.
func documentCursor(s string) (domain.DocumentID, error) {
	text, err := decodeCursor(s)
	if err == nil && (text == "" || !utf8.ValidString(text)) {
		err = errNoCursor
	}
	return domain.DocumentID(text), err
}

var errNoCursor = errors.New("httpapi: a cursor holds no ID")

type documentsOutput struct {
	Negotiated
	Body []byte
}

func (s *Server) listDocuments(ctx context.Context, in *documentsQuery) (*documentsOutput, error) {
	documents, err := s.documents(ctx)
	if err != nil {
		return nil, err
	}
	found, err := documents.List(ctx, in.after, in.filter, in.limit)
	if err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	body, err := list(found, in.notation)
	if err != nil {
		return nil, s.documentProblem(ctx, err)
	}
	return &documentsOutput{negotiated(in.notation), body}, nil
}

// list writes documents as the body of an answer, and where to go on if there may be more.
func list(page ports.DocumentPage, n domain.Notation) ([]byte, error) {
	body := bytes.NewBufferString(`{"documents":[`)
	for i, document := range page.Documents {
		text, err := document.Text(n)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			body.WriteByte(',')
		}
		body.Write(text)
	}
	body.WriteByte(']')
	if page.More {
		body.WriteString(`,"next_cursor":"` + cursor(page.Documents[len(page.Documents)-1].ID) + `"`)
	}
	body.WriteString("}\n")
	return body.Bytes(), nil
}
