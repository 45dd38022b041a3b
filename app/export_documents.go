package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Export says what an export holds.
type Export struct {
	Documents int64
	// Digest is that of domain.Digest, in hex.
	Digest string
	// Consistent says that it is the state of one instant. Without it, what was written
	// meanwhile may be in or not, each document for itself.
	Consistent bool
}

// ExportDocuments writes the organization's documents to w: each as a line of relaxed
// Extended JSON with its ID first, in the order of a list, then a line that sums them
// up:
//
//	{"$end":{"documents":2,"digest":"…","consistent":true}}
//
// Without that line the export is not whole. It serves every organization that has data:
// also a suspended one, and a deleted one that is kept.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrStoreUnavailable, those of w.
func (s *Service) ExportDocuments(ctx context.Context, id domain.OrganizationID, w io.Writer) (Export, error) {
	out := bufio.NewWriterSize(w, exportBuffer)
	e := &exporter{service: s, id: id, out: out, consistent: true}
	if err := e.run(ctx); err != nil {
		return Export{}, err
	}
	done := Export{Documents: e.digest.Documents(), Digest: e.digest.String(), Consistent: e.consistent}
	_, err := fmt.Fprintf(out, "{%q:{\"documents\":%d,\"digest\":%q,\"consistent\":%t}}\n",
		endKey, done.Documents, done.Digest, done.Consistent)
	return done, errors.Join(err, out.Flush())
}

const (
	// exportBuffer is how much is written at once.
	exportBuffer = 64 << 10
	// endKey is the key in an export's last line. No document has it at its top.
	endKey = "$end"
)

// hasData permits to read the documents of every organization that has any.
func hasData(o domain.Organization) error {
	if o.Status == domain.StatusProvisioning || o.Placement.IsZero() {
		return domain.ErrOrganizationNotFound
	}
	return nil
}

// exporter is an export that runs.
type exporter struct {
	service    *Service
	id         domain.OrganizationID
	out        *bufio.Writer
	digest     domain.Digest
	last       domain.DocumentID
	consistent bool
}

// run visits the documents. When they are moved in the middle, it goes on where they are
// then.
func (e *exporter) run(ctx context.Context) error {
	d := &Documents{service: e.service, organization: e.id, permit: hasData}
	return d.within(ctx, reading, func(store ports.Documents, at ports.Place) error {
		if e.last != "" {
			e.consistent = false
		}
		consistent, err := store.Scan(ctx, at, e.last, e.write)
		e.consistent = e.consistent && consistent
		return err
	})
}

func (e *exporter) write(document domain.Document) error {
	text, err := document.Text(domain.ExtendedJSON)
	if err != nil {
		return err
	}
	e.digest.Add(text)
	e.last = document.ID
	_, err = e.out.Write(append(text, '\n'))
	return err
}
