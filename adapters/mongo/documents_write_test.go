package mongo_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// wantRefused fails t unless the write was refused for that field, without a word of what
// was sent.
func wantRefused(t *testing.T, what string, result ports.DocumentResult, field string) {
	t.Helper()
	refused, ok := errors.AsType[*domain.Error](result.Err)
	if !ok || refused.Code != domain.CodeInvalidRequest || len(refused.Fields) != 1 || refused.Fields[0].Field != field || result.Created {
		t.Errorf("%s: got %+v, want an invalid %s", what, result, field)
	}
	wantNowhere(t, result.Err, "marker")
}

// TestRulesOfTheCollectionRefuseDocuments has indexes and a validator that an application
// has made. What they refuse keeps nothing else from being written.
func TestRulesOfTheCollectionRefuseDocuments(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		db := s.native.Database()
		unique := options.Index().SetUnique(true).SetPartialFilterExpression(bson.D{{Key: "email", Value: bson.D{{Key: "$exists", Value: true}}}})
		createIndex(t, db, "org_one", bson.D{{Key: "email", Value: 1}}, unique)
		createIndex(t, db, "org_one", bson.D{{Key: "p", Value: 1}, {Key: "q", Value: 1}}, options.Index())
		createIndex(t, db, "org_one", bson.D{{Key: "g", Value: "2dsphere"}}, options.Index())
		createIndex(t, db, "org_one", bson.D{{Key: "h", Value: "hashed"}}, options.Index())
		createIndex(t, db, "org_one", bson.D{{Key: "t", Value: "text"}}, options.Index())
		err := db.RunCommand(t.Context(), bson.D{
			{Key: "collMod", Value: "org_one"},
			{Key: "validator", Value: bson.D{{Key: "bad", Value: bson.D{{Key: "$exists", Value: false}}}}},
		}).Err()
		if err != nil {
			t.Fatal(err)
		}
		old := parsed(t, "old", `{"n":1}`)
		s.write(putting(old, ""), putting(parsed(t, "marker owner", `{"email":"marker"}`), ""))
		for what, text := range map[string]string{
			"a validator": `{"bad":"marker"}`, "parallel arrays": `{"p":["marker"],"q":["marker"]}`, "no geometry": `{"g":"marker"}`,
			"an array in a hashed index": `{"h":["marker"]}`, "a language": `{"t":"marker","language":7}`,
		} {
			results := s.write(creatingText(t, "before", `{}`), puttingText(t, "x", text, ""), creatingText(t, "y", text), puttingText(t, "old", text, old.ETag()),
				puttingText(t, "old", text, domain.AnyETag), puttingText(t, "after", `{}`, ""))
			for _, i := range []int{1, 2, 3, 4} {
				wantRefused(t, fmt.Sprint(what, ", ", i), results[i], "document")
			}
			if results[0] != (ports.DocumentResult{Created: true}) || results[5] != (ports.DocumentResult{Created: true}) {
				t.Errorf("%s: beside it %+v and %+v", what, results[0], results[5])
			}
			s.write(removing("before", ""), removing("after", ""))
		}
		const taken = `{"email":"marker"}`
		for i, result := range s.write(creatingText(t, "x", taken), puttingText(t, "y", taken, ""), puttingText(t, "old", taken, old.ETag()), puttingText(t, "old", taken, domain.AnyETag)) {
			if !errors.Is(result.Err, domain.ErrDocumentExists) || result.Created {
				t.Errorf("a unique index, %d: got %+v", i, result)
			}
			wantNowhere(t, result.Err, "marker")
		}
		// What is deleted by the same call makes room.
		for i, result := range s.write(creatingText(t, "x", taken), removing("marker owner", "")) {
			if result.Err != nil {
				t.Errorf("an index with room, %d: got %+v", i, result)
			}
		}
		if got := s.get("old"); got != old {
			t.Errorf("what was there is now %v", got)
		}
		wantRefused(t, "an ID of no ID's type", s.write(putting(parsed(t, `{"$regularExpression":{"pattern":"a","options":""}}`, `{}`), ""))[0], "id")
		if n, err := s.native.CountDocuments(t.Context(), bson.D{}); err != nil || n != 2 {
			t.Errorf("there are %d documents, %v, want 2", n, err)
		}
	})
}

func creatingText(t *testing.T, id domain.DocumentID, text string) ports.DocumentWrite {
	t.Helper()
	return creating(parsed(t, id, text))
}

func puttingText(t *testing.T, id domain.DocumentID, text string, condition domain.ETag) ports.DocumentWrite {
	t.Helper()
	return putting(parsed(t, id, text), condition)
}

// TestManyBytesGoInSeveralCommands writes more than a command can hold.
func TestManyBytesGoInSeveralCommands(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		const all = 20
		text := `{"text":"` + strings.Repeat("x", domain.DocumentMaxBytes-100) + `"}`
		for _, write := range []func(id domain.DocumentID) ports.DocumentWrite{
			func(id domain.DocumentID) ports.DocumentWrite { return creatingText(t, id, text) },
			func(id domain.DocumentID) ports.DocumentWrite { return puttingText(t, id, text, "") },
		} {
			var writes []ports.DocumentWrite
			for i := range all {
				writes = append(writes, write(domain.DocumentID(fmt.Sprint("document ", i))))
			}
			for i, result := range s.write(writes...) {
				if result.Err != nil || result.Created != (writes[i].Action == ports.DocumentCreate) {
					t.Errorf("%s %d: got %+v", writes[i].Action, i, result)
				}
			}
		}
		commands := 0
		for _, command := range s.sent.take() {
			if command.name == "find" {
				continue
			}
			if commands++; len(command.body) > mongo.CommandBytes+16<<10 {
				t.Errorf("%s has %d bytes", command.name, len(command.body))
			}
		}
		if commands != 6 {
			t.Errorf("%d commands were sent", commands)
		}
		page, err := s.documents.List(t.Context(), s.at, ports.DocumentQuery{Limit: 1000})
		if err != nil || len(page.Documents) != all {
			t.Errorf("List: got %d, %v", len(page.Documents), err)
		}
	})
}

// TestDocumentsThatAreTooLarge has documents beside which an application has stored some
// as large as there can be.
func TestDocumentsThatAreTooLarge(t *testing.T) {
	server := mongotest.For(t, mongotest.Standalone)
	s := newShelf(t, server)
	s.insert(bson.D{{Key: "_id", Value: "large"}, {Key: "text", Value: strings.Repeat("x", 16<<20-100)}})
	large := s.get("large")
	tooLarge := domain.Document{ID: "x", Body: domain.BodyOf(`{"text":"` + strings.Repeat("x", 16<<20) + `"}`)}
	results := s.write(putting(tooLarge, ""), creating(tooLarge), puttingText(t, "y", `{}`, ""), puttingText(t, "large", `{"a":1}`, "other"))
	wantRefused(t, "put", results[0], "document")
	wantRefused(t, "create", results[1], "document")
	if !results[2].Created || !errors.Is(results[3].Err, domain.ErrDocumentChanged) {
		t.Errorf("beside it %+v", results[2:])
	}
	half := domain.Document{ID: "large", Body: domain.BodyOf(`{"text":"` + strings.Repeat("x", 1<<20) + `"}`)}
	wantRefused(t, "in the place of a large one", s.write(putting(half, large.ETag()))[0], "document")
	if err := s.writeOne(removing("large", large.ETag())); err != nil {
		t.Errorf("delete by a condition: %v", err)
	}
}

// TestConditionsOnWhatApplicationsStore compares documents with values that no client
// could have sent.
func TestConditionsOnWhatApplicationsStore(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		odd := bson.D{
			{Key: "_id", Value: "odd"},
			{Key: "nan", Value: math.NaN()},
			{Key: "undefined", Value: bson.Undefined{}},
			{Key: "zero", Value: bson.Timestamp{}},
			{Key: "numbers", Value: bson.A{int32(1), 1.0, int64(1), bson.Decimal128{}, math.Copysign(0, -1)}},
			{Key: "operators", Value: bson.D{{Key: "$set", Value: bson.D{{Key: "a.b", Value: "$x"}}}, {Key: "$$ROOT", Value: "$$ROOT"}}},
			{Key: "symbol", Value: bson.Symbol("s")},
			{Key: "pointer", Value: bson.DBPointer{DB: `a"`, Pointer: bson.ObjectID{1}}},
			{Key: "code", Value: bson.JavaScript("c")},
			{Key: "scope", Value: bson.CodeWithScope{Code: "c", Scope: bson.D{{Key: "$a", Value: 1}}}},
			{Key: "old", Value: bson.Binary{Subtype: 2}},
			{Key: "regex", Value: bson.Regex{Pattern: "a", Options: "i"}},
			{Key: "max", Value: bson.MaxKey{}},
			{Key: "twice", Value: 1},
			{Key: "twice", Value: 2},
			{Key: "text", Value: "\xff\x00"},
			{Key: "organization_id", Value: 7},
			{Key: "", Value: nil},
			{Key: "$dollar", Value: 1},
			{Key: "a.b", Value: 1},
		}
		s.insert(odd)
		seen := s.get("odd")
		for range 2 {
			if result := s.write(puttingText(t, "odd", `{"n":1}`, seen.ETag()))[0]; result != (ports.DocumentResult{}) {
				t.Errorf("put: got %+v", result)
			}
			if err := s.writeOne(puttingText(t, "odd", `{"n":2}`, seen.ETag())); !errors.Is(err, domain.ErrDocumentChanged) {
				t.Errorf("put again: %v", err)
			}
			if err := s.writeOne(removing("odd", seen.ETag())); !errors.Is(err, domain.ErrDocumentChanged) {
				t.Errorf("delete: %v", err)
			}
			if _, err := s.native.ReplaceOne(t.Context(), bson.D{{Key: "_id", Value: "odd"}}, odd[1:18]); err != nil {
				t.Fatal(err)
			}
			seen = s.get("odd")
		}
		if err := s.writeOne(removing("odd", seen.ETag())); err != nil {
			t.Errorf("delete: %v", err)
		}
		if err := s.writeOne(removing("odd", domain.AnyETag)); !errors.Is(err, domain.ErrDocumentChanged) {
			t.Errorf("delete again: %v", err)
		}
	})
}

// TestFieldsNamedAsOperators puts documents that an application has stored once, and that
// come back by an import: their fields are kept, and nothing is done that they say.
func TestFieldsNamedAsOperators(t *testing.T) {
	onShelves(t, func(t *testing.T, s shelf) {
		for i, text := range []string{`{"$set":{"a":1}}`, `{"$unset":"a","b":1}`, `{"b":1,"$rename":{"b":"c"}}`, `{"$dollar":1}`} {
			body, err := domain.StoredBody([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			odd := func(id string) domain.Document { return domain.Document{ID: domain.DocumentID(id), Body: body} }
			for _, w := range []ports.DocumentWrite{
				creating(odd("created")), puttingNew(odd("new")), puttingNew(odd("new")), putting(odd("put"), ""), putting(odd("put"), ""), putting(odd("put"), odd("put").ETag()),
			} {
				if err := s.writeOne(w); err != nil {
					t.Errorf("%s: %s: %v", text, w.Document.ID, err)
				}
				if got := s.get(w.Document.ID); got.Body.String() != body.String() {
					t.Errorf("%s: %s is %s", text, w.Document.ID, got.Body)
				}
			}
			for _, id := range []string{"created", "new", "put"} {
				if err := s.writeOne(removing(domain.DocumentID(id), "")); err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
		}
	})
}

// TestFiltersOnWhatApplicationsStore has equal numbers of all types, and fields with
// names of operators and paths.
func TestFiltersOnWhatApplicationsStore(t *testing.T) {
	onShelves(t, func(t *testing.T, s shelf) {
		one, _ := bson.ParseDecimal128("1.00")
		for id, v := range map[string]any{
			"1 int": int32(1), "1 long": int64(1), "1 double": 1.0, "1 decimal": one,
			"bool": true, "text": "1", "array": bson.A{1}, "object": bson.D{{Key: "v", Value: 1}}, "nan": math.NaN(),
			"null": nil, "undefined": bson.Undefined{}, "2^53+1": int64(1<<53 + 1), "2^53": float64(1 << 53), "path": "$v",
		} {
			s.insert(bson.D{{Key: "_id", Value: id}, {Key: "v", Value: v}})
		}
		s.insert(
			bson.D{{Key: "_id", Value: "absent"}, {Key: "a", Value: bson.D{{Key: "b", Value: 5}}}},
			bson.D{{Key: "_id", Value: "dots"}, {Key: "a.b", Value: 5}, {Key: "$v", Value: 6}, {Key: "", Value: 7}},
		)
		for _, c := range []struct {
			field string
			value any
			want  string
		}{
			{"v", int64(1), "1 double 1 int 1 long"},
			{"v", 1.0, "1 double 1 int 1 long"},
			{"v", true, "bool"},
			{"v", false, ""},
			{"v", nil, "null"},
			{"v", "1", "text"},
			{"v", "$v", "path"},
			{"v", int64(1<<53 + 1), "2^53+1"},
			{"v", float64(1 << 53), "2^53"},
			{"a.b", int64(5), "dots"},
			{"$v", int64(6), "dots"},
			{"", int64(7), "dots"},
			{"$$ROOT", nil, ""},
			{"a\x00b", nil, ""},
		} {
			found, err := s.documents.List(t.Context(), s.at, ports.DocumentQuery{Filter: []domain.Equal{{Field: c.field, Value: c.value}}, Limit: 100, Scan: 100})
			var got []string
			for _, d := range found.Documents {
				got = append(got, string(d.ID))
			}
			if strings.Join(got, " ") != c.want || err != nil {
				t.Errorf("%q is %v: got %q, %v, want %q", c.field, c.value, got, err, c.want)
			}
		}
	})
}

// TestDocumentsAreFoundByTheIndexOnID explains the commands that were sent.
func TestDocumentsAreFoundByTheIndexOnID(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		const all = 200
		var documents []any
		for i := range all {
			documents = append(documents,
				bson.D{{Key: "_id", Value: i}, {Key: "even", Value: i%2 == 0}},
				bson.D{{Key: "_id", Value: fmt.Sprintf("text %03d", i)}, {Key: "even", Value: i%2 == 0}},
				bson.D{{Key: "_id", Value: bson.ObjectID{byte(i)}}, {Key: "even", Value: i%2 == 0}})
		}
		s.insert(documents...)
		filter := []domain.Equal{{Field: "even", Value: true}}
		for _, id := range []domain.DocumentID{"", "text 050", `{"$numberInt":"50"}`, `{"$oid":"050000000000000000000000"}`, `{"$bson":"Cg=="}`} {
			for _, q := range []ports.DocumentQuery{{Limit: 5}, {Limit: 5, Scan: 20, Filter: filter}, {Limit: 15, Scan: 20, Filter: filter}} {
				s.sent.take()
				q.After = id
				if page, err := s.documents.List(t.Context(), s.at, q); q.Limit == 5 && (err != nil || len(page.Documents) != 5) || q.Limit == 15 && !errors.Is(err, domain.ErrFilterTooBroad) {
					t.Fatalf("List(%+v): got %d, %v", q, len(page.Documents), err)
				}
				for _, command := range s.sent.take() {
					if kind, _ := command.body.Lookup("collectionUUID").Binary(); kind == 4 && command.body.Lookup("sort").Value == nil && command.name == "find" {
						continue // what proves the fence
					}
					wantIDScan(t, s.native.Database(), command, 21)
				}
			}
			if id == "" {
				continue
			}
			_, _ = s.documents.Get(t.Context(), s.at, id)
			for _, command := range s.sent.take() {
				wantIDScan(t, s.native.Database(), command, 1)
			}
		}
		if n, err := s.documents.Count(t.Context(), s.at); err != nil || n != 3*all {
			t.Fatalf("Count: got %d, %v", n, err)
		}
		for _, command := range s.sent.take() {
			wantIDScan(t, s.native.Database(), command, 3*all+1)
		}
	})
}

// wantIDScan fails t unless the command that was sent scans the index on _id alone, and no
// more than n of its entries.
func wantIDScan(t *testing.T, db *driver.Database, s sent, n int64) {
	t.Helper()
	p := planOf(t, db, s)
	for _, stage := range p.stages {
		switch stage {
		case "IXSCAN", "IDHACK", "COUNT_SCAN", "FETCH", "LIMIT", "SKIP", "PROJECTION_COVERED", "PROJECTION_SIMPLE", "EXPRESS_IXSCAN":
		default:
			t.Errorf("%s: the plan has a stage %s: %v", s.name, stage, s.body)
		}
	}
	if p.keys > n || p.documents > n || p.keys == 0 {
		t.Errorf("%s: examined %d keys and %d documents, want %d at most: %v", s.name, p.keys, p.documents, n, s.body)
	}
}

// planOf has the server run the command that was sent, or the first of its writes, and tell
// how it does it.
func planOf(t *testing.T, db *driver.Database, s sent) plan {
	t.Helper()
	command := bson.D{}
	elements, err := s.body.Elements()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range elements {
		switch e.Key() {
		case "lsid", "$db", "$clusterTime", "maxTimeMS", "readConcern", "writeConcern", "$readPreference", "txnNumber", "ordered", "collectionUUID":
		case "updates", "deletes":
			first, _ := e.Value().Array().Values() // one can be explained
			command = append(command, bson.E{Key: e.Key(), Value: bson.A{first[0]}})
		default:
			command = append(command, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	var reply bson.Raw
	if err := db.RunCommand(t.Context(), bson.D{{Key: "explain", Value: command}, {Key: "verbosity", Value: "executionStats"}}).Decode(&reply); err != nil {
		t.Fatalf("explain %s: %v", s.name, err)
	}
	p := plan{}
	p.readAll(reply)
	return p
}

// readAll reads a whole explanation, wherever the plans are in it.
func (p *plan) readAll(raw bson.Raw) {
	elements, _ := raw.Elements()
	for _, e := range elements {
		inner, ok := e.Value().DocumentOK()
		if !ok {
			if values, isArray := e.Value().ArrayOK(); isArray {
				inner, ok = bson.Raw(values), true
			}
		}
		switch {
		case !ok:
		case e.Key() == "winningPlan":
			p.read(inner)
		case e.Key() == "executionStats":
			keys, _ := inner.Lookup("totalKeysExamined").AsInt64OK()
			documents, _ := inner.Lookup("totalDocsExamined").AsInt64OK()
			p.keys, p.documents = max(p.keys, keys), max(p.documents, documents)
		default:
			p.readAll(inner)
		}
	}
}

// TestABodyThatIsNone stands among others, as it may in an export of another engine.
func TestABodyThatIsNone(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		none := domain.Document{ID: "none", Body: domain.BodyOf(`{"marker":{"$oid":"marker"}}`)}
		results := s.write(putting(domain.Document{ID: "a"}, ""), putting(none, ""), creating(none), creating(domain.Document{ID: "b"}))
		for i, invalid := range []bool{false, true, true, false} {
			e := (*domain.Error)(nil)
			if is := errors.As(results[i].Err, &e) && e.Code == domain.CodeInvalidRequest; is != invalid {
				t.Errorf("write %d: %v", i, results[i].Err)
			}
			if invalid {
				wantNowhere(t, results[i].Err, "marker")
			}
		}
		if n, err := s.documents.Count(t.Context(), s.at); n != 2 || err != nil {
			t.Errorf("%d documents, %v", n, err)
		}
	})
}

// TestAnIDThatIsTooDeep is forged, by a cursor: no server keeps one.
func TestAnIDThatIsTooDeep(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		s := newShelf(t, server)
		raw := bson.Raw{5, 0, 0, 0, 0}
		for range 250 {
			var err error
			if raw, err = bson.Marshal(bson.D{{Key: "a", Value: raw}}); err != nil {
				t.Fatal(err)
			}
		}
		id := domain.DocumentID(`{"$bson":"` + base64.StdEncoding.EncodeToString(append([]byte{byte(bson.TypeEmbeddedDocument)}, raw...)) + `"}`)
		if _, err := s.documents.List(t.Context(), s.at, ports.DocumentQuery{After: id, Limit: 10}); err != nil {
			t.Errorf("List: %v", err)
		}
		if _, err := s.documents.Get(t.Context(), s.at, id); !errors.Is(err, domain.ErrDocumentNotFound) {
			t.Errorf("Get: %v", err)
		}
	})
}
