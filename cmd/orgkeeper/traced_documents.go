package main

import (
	"context"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// tracedDocuments begins and ends a span around each use case on documents.
type tracedDocuments struct {
	documents httpapi.Documents
	service   *tracedService
}

func (s *tracedService) DocumentsOf(who app.Session) httpapi.Documents {
	return &tracedDocuments{s.Service.DocumentsOf(who), s}
}

// tracedOn runs a use case on documents with a span around it.
func tracedOn[T any](ctx context.Context, d *tracedDocuments, name string, useCase func(context.Context, httpapi.Documents) (T, error)) (T, error) {
	ctx, end := d.service.begin(ctx, name)
	out, err := useCase(ctx, d.documents)
	end(err)
	return out, err
}

func (d *tracedDocuments) Get(ctx context.Context, id domain.DocumentID) (domain.Document, error) {
	return tracedOn(ctx, d, "GetDocument", func(ctx context.Context, on httpapi.Documents) (domain.Document, error) {
		return on.Get(ctx, id)
	})
}

func (d *tracedDocuments) List(ctx context.Context, after domain.DocumentID, filter []domain.Equal, limit int) (ports.DocumentPage, error) {
	return tracedOn(ctx, d, "ListDocuments", func(ctx context.Context, on httpapi.Documents) (ports.DocumentPage, error) {
		return on.List(ctx, after, filter, limit)
	})
}

func (d *tracedDocuments) Count(ctx context.Context) (int64, error) {
	return tracedOn(ctx, d, "CountDocuments", func(ctx context.Context, on httpapi.Documents) (int64, error) { return on.Count(ctx) })
}

func (d *tracedDocuments) Put(ctx context.Context, document domain.Document, ifMatch domain.ETag) (created bool, err error) {
	return tracedOn(ctx, d, "PutDocument", func(ctx context.Context, on httpapi.Documents) (bool, error) {
		return on.Put(ctx, document, ifMatch)
	})
}

func (d *tracedDocuments) Create(ctx context.Context, document domain.Document) (domain.Document, error) {
	return tracedOn(ctx, d, "CreateDocument", func(ctx context.Context, on httpapi.Documents) (domain.Document, error) {
		return on.Create(ctx, document)
	})
}

func (d *tracedDocuments) Delete(ctx context.Context, id domain.DocumentID, ifMatch domain.ETag) error {
	return tracedError(ctx, d.service, "DeleteDocument", func(ctx context.Context) error { return d.documents.Delete(ctx, id, ifMatch) })
}

func (d *tracedDocuments) Batch(ctx context.Context, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	return tracedOn(ctx, d, "WriteDocuments", func(ctx context.Context, on httpapi.Documents) ([]ports.DocumentResult, error) {
		return on.Batch(ctx, writes)
	})
}
