package app

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Import says how far an import has come.
type Import struct {
	// Offset is how many documents, from the first line on, are imported for certain. An
	// import of the same lines may go on behind them.
	Offset int64
	// Created is how many of those that were written weren't there before.
	Created int64
}

// Errors of ImportDocuments. What was read before is imported.
var (
	errCut      = domain.Invalid("export", "must end with the line that sums it up; it was cut")
	errMismatch = domain.Invalid("export", "must hold what its last line says; it was changed")
	errOffset   = domain.Invalid("export", "must have as many documents as the offset says")
	errAfterEnd = domain.Invalid("export", "must not go on behind the line that sums it up")
)

// importLineBytes bounds a line: a document may become longer than it was sent by its
// types.
const importLineBytes = 32 << 20

// importBatchBytes is how much is written at once, if not DocumentBatchLimit documents.
const importBatchBytes = 4 << 20

// ImportDocuments reads what ExportDocuments has written, of whatever engine, and puts
// each document: one that exists is replaced, others stay. The first offset documents
// are read and not written. It may be run again after any failure, with the offset that
// it has returned or a smaller one.
//
// Nothing is undone when it fails: what Import says was imported stays.
//
// Errors: an invalid-request *domain.Error for a line that can't be read, for lines that
// aren't what the last one sums up and for a stream without that line;
// domain.ErrOrganizationNotFound, domain.ErrSuspended, domain.ErrQuotaExceeded,
// domain.ErrStoreUnavailable, those of r.
func (s *Service) ImportDocuments(
	ctx context.Context, id domain.OrganizationID, r io.Reader, offset int64,
) (Import, error) {
	i := &importer{documents: &Documents{service: s, organization: id, permit: inUse}, skip: offset}
	if _, err := i.documents.current(ctx, false); err != nil {
		return Import{}, err
	}
	defer func() { _ = i.settle() }() // for a reader that panics
	err := i.read(ctx, r)
	// What was read before a bad line counts, unless the store is away.
	if e := (*domain.Error)(nil); err == nil || errors.As(err, &e) && e.Code == domain.CodeInvalidRequest {
		err = cmp.Or(i.flush(ctx), err)
	}
	err = cmp.Or(i.settle(), err)
	return i.done, err
}

// importer is an import that runs. It reads a batch while the one before is written.
type importer struct {
	documents *Documents
	skip      int64
	digest    domain.Digest
	batch     []ports.DocumentWrite
	// waiting are the documents in batch by ID, and bytes their size.
	waiting map[domain.DocumentID]bool
	bytes   int
	// writing, unless nil, waits for the batch that is being written.
	writing func() ([]ports.DocumentResult, error)
	// known says that most documents of the last batch were there already.
	known bool
	done  Import
}

func (i *importer) read(ctx context.Context, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, exportBuffer), importLineBytes)
	ended := false
	for number := 1; lines.Scan(); number++ {
		line := lines.Bytes()
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			continue
		case ended:
			return errAfterEnd
		case bytes.HasPrefix(line, []byte(`{"`+endKey+`":`)):
			if err := i.end(line); err != nil {
				return err
			}
			ended = true
			continue
		}
		document, err := domain.StoredDocument(line)
		if err != nil {
			return located("has a wrong document in line %d: %s", int64(number), err)
		}
		if err := i.take(ctx, document); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return domain.Invalid("export", "must have no line of more than 32 MiB")
	case err != nil:
		return err
	case !ended:
		return errCut
	}
	return nil
}

// located says of an invalid document which one it is, in the format's words.
func located(format string, number int64, err error) error {
	e := (*domain.Error)(nil)
	if !errors.As(err, &e) || e.Code != domain.CodeInvalidRequest {
		return err
	}
	return domain.Invalid("export", fmt.Sprintf(format, number, e.Fields[0].Message))
}

// take takes a document.
func (i *importer) take(ctx context.Context, document domain.Document) error {
	text, err := document.Text(domain.ExtendedJSON)
	if err != nil {
		return err
	}
	i.digest.Add(text)
	if i.digest.Documents() <= i.skip {
		i.done.Offset++
		return nil
	}
	if i.waiting[document.ID] || len(i.batch) == DocumentBatchLimit || i.bytes+len(text) > importBatchBytes && len(i.batch) > 0 {
		if err := i.flush(ctx); err != nil {
			return err
		}
	}
	if i.waiting == nil {
		i.waiting = map[domain.DocumentID]bool{}
	}
	i.waiting[document.ID] = true
	i.batch = append(i.batch, ports.DocumentWrite{Action: ports.DocumentPut, Document: document})
	i.bytes += len(text)
	return nil
}

// flush begins to write what waits, once the batch before is written.
func (i *importer) flush(ctx context.Context) error {
	if err := i.settle(); err != nil || len(i.batch) == 0 {
		return err
	}
	batch := i.batch
	for n := range batch {
		batch[n].New = !i.known
	}
	i.writing = beside(func() ([]ports.DocumentResult, error) { return i.documents.write(ctx, batch) })
	i.batch, i.waiting, i.bytes = nil, nil, 0
	return nil
}

// settle waits for the batch that is being written, if any, and counts its documents. When
// it has failed, what waits isn't written.
func (i *importer) settle() (err error) {
	if i.writing == nil {
		return nil
	}
	wait := i.writing
	i.writing = nil
	results, err := wait()
	if err == nil {
		err = i.count(results)
	}
	if err != nil {
		i.batch = nil
	}
	return err
}

// count counts the documents that were written.
func (i *importer) count(results []ports.DocumentResult) error {
	created := i.done.Created
	for _, result := range results {
		if result.Err != nil {
			return located("has document %d, which is refused: %s", i.done.Offset+1, result.Err)
		}
		i.done.Offset++
		if result.Created {
			i.done.Created++
		}
	}
	i.known = 2*(i.done.Created-created) < int64(len(results))
	return nil
}

// end compares what was read with what the last line says.
func (i *importer) end(line []byte) error {
	var last map[string]struct {
		Documents int64
		Digest    string
	}
	if json.Unmarshal(line, &last) != nil {
		return errMismatch
	}
	if i.digest.Documents() < i.skip {
		return errOffset
	}
	if sum := last[endKey]; sum.Documents != i.digest.Documents() || sum.Digest != i.digest.String() {
		return errMismatch
	}
	return nil
}
