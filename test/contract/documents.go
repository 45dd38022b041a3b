package contract

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// DocumentStorage is what RunDocuments tests: an engine's documents, and the namespaces
// that they are in.
type DocumentStorage struct {
	Documents  ports.Documents
	Namespaces ports.Namespaces
	// Strategy, Database and Fixed are as those of Storage.
	Strategy domain.Strategy
	Database string
	Fixed    bool
}

// RunDocuments runs the suite of ports.Documents.
func RunDocuments(t *testing.T, open func(t *testing.T) DocumentStorage) {
	t.Helper()
	runAll(t, open, documentChecks)
}

var documentChecks = []check[DocumentStorage]{
	{"NothingInIt", documentNothing},
	{"PutGetDelete", documentPutGetDelete},
	{"Create", documentCreate},
	{"Batch", documentBatch},
	{"BatchOfManyWrites", documentBatchMany},
	{"BatchOfNewDocuments", documentBatchOfNew},
	{"IDs", documentIDs},
	{"Bodies", documentBodies},
	{"BigBodies", documentBigBodies},
	{"ListWalk", documentListWalk},
	{"ListBytes", documentListBytes},
	{"ListAfter", documentListAfter},
	{"ListLimit", documentListLimit},
	{"ListBesideWriters", documentListBesideWriters},
	{"Scan", documentScan},
	{"ScanOfAnInstant", documentScanOfAnInstant},
	{"ScanEnds", documentScanEnds},
	{"FilterByValue", documentFilterValues},
	{"FilterByNumber", documentFilterNumbers},
	{"FilterByField", documentFilterFields},
	{"FilterByManyFields", documentFilterMany},
	{"FilterInPages", documentFilterPages},
	{"FilterScan", documentFilterScan},
	{"IfMatch", documentIfMatch},
	{"RaceForAVersion", documentRaceForVersion},
	{"RaceToDelete", documentRaceToDelete},
	{"RaceToCreate", documentRaceToCreate},
	{"RaceToPut", documentRaceToPut},
	{"CountByVersions", documentCountByVersions},
	{"Isolation", documentIsolation},
	{"RandomCalls", documentRandomCalls},
	{"NothingThere", documentNothingThere},
	{"RenamedAway", documentRenamedAway},
	{"MadeAnew", documentMadeAnew},
	{"RenameBesideWriters", documentRenameBesideWriters},
	{"MadeAnewBesideWriters", documentMadeAnewBesideWriters},
	{"ContextEnds", documentContextEnds},
}

// tenant is an organization with a namespace.
type tenant struct {
	documents ports.Documents
	at        ports.Place
}

// place returns the first placement of an organization under that name.
func (s DocumentStorage) place(namespace string) domain.Placement {
	return Storage{Strategy: s.Strategy, Database: s.Database}.place(namespace)
}

// tenant makes a namespace for an organization.
func (s DocumentStorage) tenant(t *testing.T, owner domain.OrganizationID, namespace string) tenant {
	t.Helper()
	p := s.place(namespace)
	must(t, fmt.Sprintf("Ensure(%s)", namespace), s.Namespaces.Ensure(t.Context(), owner, p))
	info, err := s.Namespaces.Stat(t.Context(), p)
	must(t, fmt.Sprintf("Stat(%s)", namespace), err)
	return tenant{s.Documents, ports.Place{Organization: owner, Placement: p, Identity: info.Identity}}
}

// newDocument returns a document whose body is Extended JSON.
func newDocument(t *testing.T, id domain.DocumentID, body string) domain.Document {
	t.Helper()
	d, err := domain.ParseDocument([]byte(body), domain.ExtendedJSON)
	must(t, fmt.Sprintf("ParseDocument(%.200q)", body), err)
	d.ID = id
	return d
}

// newDocuments returns n documents whose numbers start with first.
func newDocuments(t *testing.T, first, n int) []domain.Document {
	t.Helper()
	all := make([]domain.Document, n)
	for i := range all {
		number := first + i
		all[i] = newDocument(t, domain.DocumentID(fmt.Sprintf("document-%05d", number)), fmt.Sprintf(`{"n":%d,"even":%v}`, number, number%2 == 0))
	}
	return all
}

func putting(d domain.Document, condition domain.ETag) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentPut, Document: d, IfMatch: condition}
}

// puttingNew puts what is said to be new.
func puttingNew(d domain.Document) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentPut, Document: d, New: true}
}

func creating(d domain.Document) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentCreate, Document: d}
}

func deleting(id domain.DocumentID, condition domain.ETag) ports.DocumentWrite {
	return ports.DocumentWrite{Action: ports.DocumentDelete, Document: domain.Document{ID: id}, IfMatch: condition}
}

// write performs the writes, of which each may be refused.
func (o tenant) write(t *testing.T, writes ...ports.DocumentWrite) []ports.DocumentResult {
	t.Helper()
	results, err := o.documents.Write(t.Context(), o.at, writes)
	must(t, "Write", err)
	if len(results) != len(writes) {
		t.Fatalf("Write: got %d results of %d writes", len(results), len(writes))
	}
	return results
}

// put puts the documents and expects that each is done.
func (o tenant) put(t *testing.T, documents ...domain.Document) {
	t.Helper()
	for some := range slices.Chunk(documents, 1000) {
		writes := make([]ports.DocumentWrite, len(some))
		for i, d := range some {
			writes[i] = putting(d, "")
		}
		for i, result := range o.write(t, writes...) {
			must(t, fmt.Sprintf("Write(put %.200q)", some[i].ID), result.Err)
		}
	}
}

// delete deletes the documents and expects that each is done.
func (o tenant) delete(t *testing.T, ids ...domain.DocumentID) {
	t.Helper()
	writes := make([]ports.DocumentWrite, len(ids))
	for i, id := range ids {
		writes[i] = deleting(id, "")
	}
	for i, result := range o.write(t, writes...) {
		must(t, fmt.Sprintf("Write(delete %.200q)", ids[i]), result.Err)
	}
}

// wantGot fails t unless the document is there as it is, or, if it has no ID, isn't.
func (o tenant) wantGot(t *testing.T, id domain.DocumentID, want domain.Document) {
	t.Helper()
	got, err := o.documents.Get(t.Context(), o.at, id)
	if want.ID == "" {
		wantError(t, fmt.Sprintf("Get(%.200q)", id), err, domain.ErrDocumentNotFound)
		return
	}
	must(t, fmt.Sprintf("Get(%.200q)", id), err)
	if got != want || got.ETag() != want.ETag() {
		t.Errorf("Get(%.200q): got\n%.500s, want\n%.500s", id, got, want)
	}
}

// wantOnly fails t unless just these documents are there: for Count, for List and for
// Get.
func (o tenant) wantOnly(t *testing.T, want ...domain.Document) {
	t.Helper()
	n, err := o.documents.Count(t.Context(), o.at)
	must(t, "Count", err)
	if n != int64(len(want)) {
		t.Errorf("Count: got %d, want %d", n, len(want))
	}
	wantDocuments(t, "List", o.list(t, ports.DocumentQuery{Limit: len(want) + 1}), want)
	for _, d := range want {
		o.wantGot(t, d.ID, d)
	}
}

// list returns what a query finds.
func (o tenant) list(t *testing.T, q ports.DocumentQuery) []domain.Document {
	t.Helper()
	page, err := o.documents.List(t.Context(), o.at, q)
	must(t, fmt.Sprintf("List(%.200q)", fmt.Sprint(q)), err)
	if n := len(page.Documents); n > q.Limit || q.Limit > 0 && q.Bytes == 0 && page.More != (n == q.Limit) {
		t.Fatalf("List: got %d, want %d at most; more: %v", n, q.Limit, page.More)
	}
	return page.Documents
}

// enough is a DocumentQuery.Scan that no check comes to.
const enough = 1_000_000

// walk returns all that the filter selects, in pages of the limit.
func (o tenant) walk(t *testing.T, filter []domain.Equal, limit int) []domain.Document {
	t.Helper()
	var all []domain.Document
	for after := domain.DocumentID(""); len(all) < 10_000; after = all[len(all)-1].ID {
		page := o.list(t, ports.DocumentQuery{After: after, Filter: filter, Limit: limit, Scan: enough})
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
	t.Fatal("List: the walk has no end")
	return nil
}

// wantDocuments fails t unless got has just the wanted documents, in any order.
func wantDocuments(t *testing.T, what string, got, want []domain.Document) {
	t.Helper()
	sorted := func(all []domain.Document) []domain.Document {
		all = append([]domain.Document{}, all...)
		slices.SortFunc(all, func(a, b domain.Document) int { return cmp.Compare(a.ID, b.ID) })
		return all
	}
	if diff := gocmp.Diff(sorted(want), sorted(got), gocmp.AllowUnexported(domain.Body{})); diff != "" {
		t.Errorf("%s: (-want +got):\n%.2000s", what, diff)
	}
}

// wantSequence fails t unless got has just the wanted IDs, in their order.
func wantSequence(t *testing.T, what string, got []domain.Document, want []domain.DocumentID) {
	t.Helper()
	if diff := gocmp.Diff(append([]domain.DocumentID{}, want...), sequence(got)); diff != "" {
		t.Errorf("%s: (-want +got):\n%.2000s", what, diff)
	}
}

// sequence returns the documents' IDs.
func sequence(documents []domain.Document) []domain.DocumentID {
	ids := make([]domain.DocumentID, len(documents))
	for i, d := range documents {
		ids[i] = d.ID
	}
	return ids
}

// kept says which documents there should be.
type kept map[domain.DocumentID]domain.Document

// all returns them in no order.
func (k kept) all() []domain.Document {
	var documents []domain.Document
	for _, d := range k {
		documents = append(documents, d)
	}
	return documents
}

// apply performs a write, and returns what its result should be.
func (k kept) apply(w ports.DocumentWrite) ports.DocumentResult {
	old, exists := k[w.Document.ID]
	switch {
	case w.Action == ports.DocumentCreate && exists:
		return ports.DocumentResult{Err: domain.ErrDocumentExists}
	case w.IfMatch != "" && (!exists || !w.IfMatch.Met(old)):
		return ports.DocumentResult{Err: domain.ErrDocumentChanged}
	case w.Action == ports.DocumentDelete:
		delete(k, w.Document.ID)
		return ports.DocumentResult{}
	}
	k[w.Document.ID] = w.Document
	return ports.DocumentResult{Created: !exists}
}

// compareResult returns what is wrong with the result of a write, or "". Whether a write
// that made nothing says so is no matter.
func compareResult(w ports.DocumentWrite, got, want ports.DocumentResult) string {
	made := w.Action != ports.DocumentDelete && want.Err == nil
	if errors.Is(got.Err, want.Err) && (!made || got.Created == want.Created) {
		return ""
	}
	return fmt.Sprintf("%s of %.200q, condition %q: got created %v and error %s, want created %v and error %s",
		w.Action, w.Document.ID, w.IfMatch, got.Created, describe(got.Err), want.Created, describe(want.Err))
}
