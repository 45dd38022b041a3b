package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// insertRow writes a document past the port, as an application may.
func insertRow(t *testing.T, s *Store, at ports.Place, id, body string) {
	t.Helper()
	err := transact(t.Context(), s.data.writer, nil, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO "+quote(at.Identity)+" (id, body) VALUES (?, ?)", id, body)
		return err
	})
	if err != nil {
		t.Fatalf("%q: %v", id, err)
	}
}

// documentCalls are all calls of ports.Documents on the document "a" at a place.
func documentCalls(s *Store, at ports.Place) map[string]func(context.Context) error {
	documents := s.Storage()[at.Placement.Strategy].Documents
	write := func(w ports.DocumentWrite) func(context.Context) error {
		w.Document.ID = "a"
		return func(ctx context.Context) error {
			results, err := documents.Write(ctx, at, []ports.DocumentWrite{w})
			if err != nil {
				return err
			}
			return results[0].Err
		}
	}
	list := func(filter ...domain.Equal) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := documents.List(ctx, at, ports.DocumentQuery{Filter: filter, Limit: 10, Scan: 10})
			return err
		}
	}
	return map[string]func(context.Context) error{
		"get":           func(ctx context.Context) error { _, err := documents.Get(ctx, at, "a"); return err },
		"list":          list(),
		"filtered list": list(domain.Equal{Field: "n", Value: int64(1)}),
		"scan": func(ctx context.Context) error {
			_, err := documents.Scan(ctx, at, "", func(domain.Document) error { return nil })
			return err
		},
		"count":      func(ctx context.Context) error { _, err := documents.Count(ctx, at); return err },
		"put":        write(ports.DocumentWrite{Action: ports.DocumentPut}),
		"put if any": write(ports.DocumentWrite{Action: ports.DocumentPut, IfMatch: domain.AnyETag}),
		"create":     write(ports.DocumentWrite{Action: ports.DocumentCreate}),
		"delete":     write(ports.DocumentWrite{Action: ports.DocumentDelete}),
	}
}

// What stands at a place is no other organization's, whoever gives its identity.
func TestDocumentsOfAnotherOrganization(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) {
		s := open(t)
		at := newPlace(t, s, "acme", "org_acme")
		document := domain.Document{ID: "a", Body: domain.BodyOf(`{"n":1}`)}
		putDocuments(t, s, at, document)
		for _, organization := range []domain.OrganizationID{"", "ACME", "acme ", "globex"} {
			other := at
			other.Organization = organization
			for name, call := range documentCalls(s, other) {
				if err := call(t.Context()); !errors.Is(err, domain.ErrNamespaceMissing) {
					t.Errorf("%s of %q: got %v", name, organization, err)
				}
			}
		}
		if got, err := s.Collections().Documents.Get(t.Context(), at, "a"); got != document || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// A get finds nothing by an identity that isn't the place's, also one that names another
// table. Without its table a namespace that stands there is damaged, not missing.
func TestGetByIdentity(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(t *testing.T) *Store) {
		s := open(t)
		other := newPlace(t, s, "acme", "org_other")
		for strategy, storage := range s.Storage() {
			at := newPlaceIn(t, s, strategy, "acme", "org_acme")
			document := domain.Document{ID: "a", Body: domain.BodyOf(`{"n":1}`)}
			putDocuments(t, s, at, document)
			putDocuments(t, s, other, document)
			for _, identity := range []string{"", "0", "+" + at.Identity, "0" + at.Identity, at.Identity + " ", other.Identity, "namespaces", "none", `"`} {
				wrong := at
				wrong.Identity = identity
				if _, err := storage.Documents.Get(t.Context(), wrong, "a"); !errors.Is(err, domain.ErrNamespaceMissing) {
					t.Errorf("%s: %q: got %v", strategy, identity, err)
				}
			}
			if got, err := storage.Documents.Get(t.Context(), at, "a"); got != document || err != nil {
				t.Errorf("%s: got %v, %v", strategy, got, err)
			}
		}
		damage(t, s.data, "DROP TABLE "+quote(other.Identity))
		_, err := s.Collections().Documents.Get(t.Context(), other, "a")
		if _, named := errors.AsType[*domain.Error](err); err == nil || named {
			t.Errorf("without its table: got %v", err)
		}
	})
}

// An application writes JSON in any form. It is read in the one form, found by its
// values, and can be written on a condition.
func TestDocumentsOfAnApplication(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newPlace(t, s, "acme", "org_acme")
	for _, c := range []struct {
		written, read string
		value         any
	}{
		{" { \"v\" : 5 ,\n\t\"w\":[ 1 , 2 ] } ", `{"v":5,"w":[1,2]}`, int64(5)},
		{`{"v":-0}`, `{"v":0}`, int64(0)},
		{`{"v":5e0}`, `{"v":5.0}`, int64(5)},
		{`{"v":0.10000000000000000000}`, `{"v":0.1}`, 0.1},
		{`{"\u0076":"\u00e9\ud83d\ude00\/"}`, `{"v":"é😀/"}`, "é😀/"},
		{`{"_id":"b","v":true,"organization_id":"globex"}`, `{"v":true}`, true},
		{`{"$set":{"v":1},"v":null}`, `{"$set":{"v":1},"v":null}`, nil},
		{`{"v":1,"v":"x"}`, `{"v":1,"v":"x"}`, "x"},
	} {
		insertRow(t, s, at, "a", c.written)
		got, err := s.Collections().Documents.Get(t.Context(), at, "a")
		if err != nil || got.Body.String() != c.read {
			t.Fatalf("%s: got %s, %v", c.written, got.Body, err)
		}
		q := ports.DocumentQuery{Filter: []domain.Equal{{Field: "v", Value: c.value}}, Limit: 10, Scan: 1}
		if all, err := s.Collections().Documents.List(t.Context(), at, q); err != nil || len(all.Documents) != 1 || all.Documents[0] != got {
			t.Errorf("%s: a list of %v has %v, %v", c.written, c.value, all, err)
		}
		q.Filter[0].Value = int64(6)
		if all, err := s.Collections().Documents.List(t.Context(), at, q); err != nil || len(all.Documents) != 0 {
			t.Errorf("%s: a list of 6 has %v, %v", c.written, all, err)
		}
		w := ports.DocumentWrite{Action: ports.DocumentDelete, Document: domain.Document{ID: "a"}, IfMatch: got.ETag()}
		if results, err := s.Collections().Documents.Write(t.Context(), at, []ports.DocumentWrite{w}); err != nil || results[0].Err != nil {
			t.Fatalf("%s: delete: %v, %v", c.written, results, err)
		}
	}
}

// A row that is no document is told, without a part of it, and can be replaced and
// deleted.
func TestDamagedDocuments(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newPlace(t, s, "acme", "org_acme")
	const marker = "marker"
	for _, body := range []string{
		"", marker, `{"n":1,"x":"` + marker, `{"n":1,"x":"` + marker + `"} x`, `{n:1,x:"` + marker + `"}`, `["` + marker + `"]`, `"` + marker + `"`, "null",
		"{\"n\":1,\"x\":\"" + marker + "\xff\"}", `{"n":1,"x":"` + marker + `\ud800"}`, `{"n":1,"x":100000000000000000000}`, `{"n":1,"x":1e999}`,
	} {
		seen := domain.Document{ID: "a", Body: domain.BodyOf(body)}.ETag()
		put := func(condition domain.ETag) error {
			w := ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{ID: "a"}, IfMatch: condition}
			results, err := s.Collections().Documents.Write(t.Context(), at, []ports.DocumentWrite{w})
			return errors.Join(err, results[0].Err)
		}
		insertRow(t, s, at, "a", body)
		calls := documentCalls(s, at)
		wrong := []string{"get", "list"}
		if !strings.HasPrefix(body, "[") && !strings.HasPrefix(body, `"`) && body != "null" { // which have no field n
			wrong = append(wrong, "filtered list")
		}
		for _, name := range wrong {
			err := calls[name](t.Context())
			if _, named := errors.AsType[*domain.Error](err); err == nil || named || strings.Contains(err.Error(), marker) {
				t.Errorf("%.50q: %s: got %v", body, name, err)
			}
		}
		if n, err := s.Collections().Documents.Count(t.Context(), at); n != 1 || err != nil {
			t.Errorf("%.50q: %d documents, %v", body, n, err)
		}
		if err := put(seen); !errors.Is(err, domain.ErrDocumentChanged) {
			t.Errorf("%.50q: put on a condition: got %v", body, err)
		}
		if err := put(domain.AnyETag); err != nil {
			t.Errorf("%.50q: put: %v", body, err)
		}
		for _, name := range []string{"get", "list", "filtered list", "delete"} {
			if err := calls[name](t.Context()); err != nil {
				t.Errorf("%.50q: %s afterwards: %v", body, name, err)
			}
		}
		insertRow(t, s, at, "a", body)
		if err := calls["delete"](t.Context()); err != nil {
			t.Errorf("%.50q: delete: %v", body, err)
		}
	}
}

// With an error that ends a call, nothing of it is done.
func TestWriteOfDocumentsIsOne(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newPlace(t, s, "acme", "org_acme")
	damage(t, s.data, "CREATE UNIQUE INDEX one_n ON "+quote(at.Identity)+" (body ->> 'n')")
	one := domain.Document{ID: "1", Body: domain.BodyOf(`{"n":"marker"}`)}
	two := domain.Document{ID: "2", Body: one.Body}
	for name, second := range map[string]ports.DocumentWrite{
		"an index of the application's":  {Action: ports.DocumentPut, Document: two},
		"another index, and not the IDs": {Action: ports.DocumentCreate, Document: two},
		"no action":                      {Document: domain.Document{ID: "2"}},
	} {
		writes := []ports.DocumentWrite{{Action: ports.DocumentPut, Document: one}, second}
		results, err := s.Collections().Documents.Write(t.Context(), at, writes)
		if _, named := errors.AsType[*domain.Error](err); err == nil || named || results != nil || strings.Contains(err.Error(), "marker") {
			t.Errorf("%s: got %v, %v", name, results, err)
		}
		if n, err := s.Collections().Documents.Count(t.Context(), at); n != 0 || err != nil {
			t.Errorf("%s: %d documents, %v", name, n, err)
		}
	}
}

// Documents are read beside each other, and beside a write that lasts: they are those of
// before it.
func TestDocumentsAreReadBesideAWriter(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir()})
	at := newPlace(t, s, "acme", "org_acme")
	document := domain.Document{ID: "a", Body: domain.BodyOf(`{"n":1}`)}
	putDocuments(t, s, at, document)
	err := transact(t.Context(), s.data.writer, nil, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+quote(at.Identity)); err != nil {
			return err
		}
		return s.data.read(ctx, "a list that lasts", func(ctx context.Context, _ *sql.Tx) error {
			got, err := s.Collections().Documents.Get(ctx, at, "a")
			if err == nil && got != document {
				err = fmt.Errorf("got %v", got)
			}
			n, countErr := s.Collections().Documents.Count(ctx, at)
			if n != 1 {
				t.Errorf("%d documents", n)
			}
			return errors.Join(err, countErr)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Collections().Documents.Get(t.Context(), at, "a"); !errors.Is(err, domain.ErrDocumentNotFound) {
		t.Errorf("after the write: got %v", err)
	}
}
