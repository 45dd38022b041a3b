package ports

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Documents reads and writes the documents of organizations, for one strategy.
//
// Every call names the place, and reaches no document elsewhere. One that finds nothing
// there, or something with another identity, returns domain.ErrNamespaceMissing and has
// changed nothing: the namespace was renamed or dropped since the caller looked. The
// check and the work are one step of the engine, so that a call that is late meets
// nothing of another organization, and makes nothing where a namespace has been.
type Documents interface {
	// Get returns the document, or domain.ErrDocumentNotFound.
	Get(ctx context.Context, at Place, id domain.DocumentID) (domain.Document, error)
	// List returns the documents that the query selects, in an order of their IDs that
	// never changes. One that is there during all of a walk by After is met once,
	// whatever comes and goes meanwhile. It returns domain.ErrFilterTooBroad when it has
	// looked at q.Scan documents, and neither has as many as it may return nor has come
	// to the end.
	List(ctx context.Context, at Place, q DocumentQuery) (DocumentPage, error)
	// Scan calls visit with every document whose ID comes after the given one, in the
	// order of List, and reports whether they are the state of one instant; otherwise it
	// is with them as in a walk by List. It is bounded by ctx alone. An error of visit
	// ends it and is returned. It may return domain.ErrNamespaceMissing after visits.
	Scan(ctx context.Context, at Place, after domain.DocumentID, visit func(domain.Document) error) (consistent bool, err error)
	// Count returns the number of documents, exact when nobody writes.
	Count(ctx context.Context, at Place) (int64, error)
	// Write performs the writes, each of another document, and returns for each what
	// became of it, in their order. One that fails keeps no other from being done. With
	// an error each may have happened or not.
	Write(ctx context.Context, at Place, writes []DocumentWrite) ([]DocumentResult, error)
}

// Place is where an organization's documents are now.
type Place struct {
	Organization domain.OrganizationID
	Placement    domain.Placement
	// Identity is NamespaceInfo.Identity of what stands there.
	Identity string
}

// DocumentQuery selects documents.
type DocumentQuery struct {
	// After is the ID after which the list begins; "" begins at the beginning. A document
	// with this ID needn't exist.
	After domain.DocumentID
	// Filter is what all of them have.
	Filter []domain.Equal
	// Limit is how many are returned at most. Nothing is for 0.
	Limit int
	// Bytes ends the list with the document by which all of them, as the engine keeps
	// them, have so many bytes. 0 is no bound.
	Bytes int
	// Scan is how many may be looked at for a filter. Without a filter it means nothing.
	Scan int
}

// DocumentPage is a part of a list.
type DocumentPage struct {
	Documents []domain.Document
	// More says that the list has ended by its Limit or its Bytes: others may follow.
	More bool
}

// HasRoom reports whether a list goes on once its documents have so many bytes.
func (q DocumentQuery) HasRoom(size int) bool { return q.Bytes == 0 || size < q.Bytes }

// DocumentAction says what a write does.
type DocumentAction string

// The actions.
const (
	// DocumentPut makes the document or puts it in the place of the one with its ID.
	DocumentPut DocumentAction = "put"
	// DocumentCreate makes the document; when one with its ID exists, the result is
	// domain.ErrDocumentExists.
	DocumentCreate DocumentAction = "create"
	// DocumentDelete removes the document with the ID. One that doesn't exist is no
	// error.
	DocumentDelete DocumentAction = "delete"
)

// DocumentWrite is one write.
type DocumentWrite struct {
	Action DocumentAction
	// Document is what shall be there. Of a delete the ID alone counts.
	Document domain.Document
	// IfMatch, of a put or a delete, is a condition on the document that exists: when
	// it isn't met, or none exists, the result is domain.ErrDocumentChanged. Of many
	// writes at once with an ETag that is met, one is done, unless they write what is
	// there already.
	IfMatch domain.ETag
	// New says of a put that there is probably no document with the ID yet, by which an
	// engine may choose how it does it. What becomes of it is the same.
	New bool
}

// DocumentResult is what became of one write.
type DocumentResult struct {
	// Created says of a document that was written that none with the ID was there before.
	Created bool
	// Err is nil, domain.ErrDocumentExists, domain.ErrDocumentChanged or, when a
	// namespace was renamed or dropped among the writes, domain.ErrNamespaceMissing.
	Err error
}
