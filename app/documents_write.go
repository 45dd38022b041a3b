package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Put makes the document or puts it in the place of the one with its ID, and reports
// whether it made it. ifMatch, unless "", is what the one that exists must meet.
//
// Errors: domain.ErrDocumentChanged, domain.ErrQuotaExceeded.
func (d *Documents) Put(ctx context.Context, document domain.Document, ifMatch domain.ETag) (created bool, err error) {
	result, err := d.writeOne(ctx, ports.DocumentWrite{Action: ports.DocumentPut, Document: document, IfMatch: ifMatch})
	return result.Created, err
}

// Create makes the document, with a new ID if it has none, and returns it.
//
// Errors: domain.ErrDocumentExists, domain.ErrQuotaExceeded.
func (d *Documents) Create(ctx context.Context, document domain.Document) (domain.Document, error) {
	if document.ID == "" {
		document.ID = domain.DocumentID(d.service.newID())
	}
	_, err := d.writeOne(ctx, ports.DocumentWrite{Action: ports.DocumentCreate, Document: document})
	return document, err
}

// Delete removes the document. ifMatch, unless "", is what it must meet; without it a
// document that doesn't exist is no error.
//
// Error: domain.ErrDocumentChanged.
func (d *Documents) Delete(ctx context.Context, id domain.DocumentID, ifMatch domain.ETag) error {
	_, err := d.writeOne(ctx, ports.DocumentWrite{
		Action: ports.DocumentDelete, Document: domain.Document{ID: id}, IfMatch: ifMatch,
	})
	return err
}

func (d *Documents) writeOne(ctx context.Context, w ports.DocumentWrite) (ports.DocumentResult, error) {
	results, err := d.Batch(ctx, []ports.DocumentWrite{w})
	if err != nil {
		return ports.DocumentResult{}, err
	}
	return results[0], results[0].Err
}

// Batch performs up to DocumentBatchLimit writes, each of another document, and returns
// for each what became of it, in their order. One that is refused keeps no other from
// being done; with an error, each may have been done or not. One that the quota has no
// room for gets domain.ErrQuotaExceeded, while others that it has room for are done; what
// the same batch deletes makes no room.
//
// Error: an invalid-request *domain.Error.
func (d *Documents) Batch(ctx context.Context, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	writes, err := checked(writes)
	if err != nil {
		return nil, err
	}
	return d.write(ctx, writes)
}

// write is Batch for documents that may have IDs which no client can give.
func (d *Documents) write(ctx context.Context, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	admitted, err := d.admit(ctx, writes)
	if err != nil {
		return nil, err
	}
	results := make([]ports.DocumentResult, len(writes))
	pending := make([]int, 0, len(writes)) // places in writes
	deletes := false
	for i, w := range writes {
		if admitted.refuses(i) {
			results[i].Err = domain.ErrQuotaExceeded
			continue
		}
		pending = append(pending, i)
		deletes = deletes || w.Action == ports.DocumentDelete
	}
	if len(pending) > 0 {
		err = d.perform(ctx, writes, pending, results)
	}
	if err != nil {
		admitted.conclude(d.service, writes, nil, deletes)
		return results, err
	}
	admitted.conclude(d.service, writes, results, deletes)
	return results, nil
}

// perform performs the writes at the pending places, and tells each one's result.
func (d *Documents) perform(
	ctx context.Context, writes []ports.DocumentWrite, pending []int, results []ports.DocumentResult,
) error {
	return d.within(ctx, writing, func(store ports.Documents, at ports.Place) error {
		some := make([]ports.DocumentWrite, len(pending))
		for i, place := range pending {
			some[i] = writes[place]
		}
		done, err := store.Write(ctx, at, some)
		if err != nil {
			return err
		}
		var missed []int
		for i, place := range pending {
			if errors.Is(done[i].Err, domain.ErrNamespaceMissing) {
				missed = append(missed, place)
				continue
			}
			results[place] = done[i]
		}
		if pending = missed; pending != nil {
			return domain.ErrNamespaceMissing
		}
		return nil
	})
}

// checked returns the writes with their IDs in their one form.
func checked(writes []ports.DocumentWrite) ([]ports.DocumentWrite, error) {
	if len(writes) < 1 || len(writes) > DocumentBatchLimit {
		return nil, domain.Invalid("writes", "must be 1 to 1000 writes")
	}
	all := make([]ports.DocumentWrite, len(writes))
	seen := make(map[domain.DocumentID]bool, len(writes))
	for i, w := range writes {
		id, err := domain.ParseDocumentID(string(w.Document.ID))
		if err != nil {
			return nil, err
		}
		if seen[id] {
			return nil, domain.Invalid("writes", "must each be of another document")
		}
		seen[id] = true
		w.Document.ID = id
		switch w.Action {
		case ports.DocumentPut, ports.DocumentDelete:
		case ports.DocumentCreate:
			w.IfMatch = "" // What doesn't exist has no version.
		default:
			return nil, domain.Invalid("writes", "must each be a put, a create or a delete")
		}
		all[i] = w
	}
	return all, nil
}
