package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// richDocuments have values of all types.
var richDocuments = []string{
	`{"_id":"a","int":5,"long":9007199254740993,"double":1.0,"small":5e-324,"text":"\u0000\u2028é","list":[null,true,{"a.b":{"__proto__":[]}}]}`,
	`{"_id":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"},"date":{"$date":"2026-11-22T10:00:00.120Z"},"old":{"$date":{"$numberLong":"-1"}}}`,
	`{"_id":{"$numberInt":"5"},"decimal":{"$numberDecimal":"1.10"},"binary":{"$binary":{"base64":"AQI=","subType":"00"}},"nan":{"$numberDouble":"NaN"}}`,
	`{"_id":"b/c","pattern":{"$regularExpression":{"pattern":"^a","options":"i"}},"time":{"$timestamp":{"t":1,"i":2}},"least":{"$minKey":1},"most":{"$maxKey":1}}`,
}

// TestAnExportOfOneEngineIsImportedIntoEach goes by files and by pipes.
func TestAnExportOfOneEngineIsImportedIntoEach(t *testing.T) {
	var exported string
	t.Run("from sqlite", func(t *testing.T) {
		w := onSQLite(t)
		id := w.create("Acme")[0]
		w.with(func(_ *store, service *app.Service) {
			documents, err := service.Documents(t.Context(), id)
			w.must(err)
			for _, text := range richDocuments {
				d, err := domain.ParseDocument([]byte(text), domain.ExtendedJSON)
				w.must(err)
				_, err = documents.Put(t.Context(), d, "")
				w.must(err)
			}
		})
		exported = w.done("organizations", "export", "--name", "acme", "-")
		if !strings.Contains(exported, `"documents":4,`) || !strings.Contains(exported, `"consistent":true`) {
			t.Fatal(exported)
		}
	})
	into := func(w world) {
		ids := w.create("Globex", "Initech")
		r := w.runOn(strings.NewReader(exported), "organizations", "import", string(ids[0]), "-")
		if r.code != 0 || !strings.Contains(r.err, "imported 4 documents, of which 4 were not there") {
			w.Fatalf("exit code %d\n%s", r.code, r.err)
		}
		file := filepath.Join(w.TempDir(), "export.ndjson")
		w.done("organizations", "export", string(ids[0]), file)
		again, err := os.ReadFile(file)
		w.must(err)
		if digestOf(string(again)) != digestOf(exported) {
			w.Errorf("%s\nshould have the digest of\n%s", again, exported)
		}
		if parts, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.part")); parts != nil {
			w.Errorf("left behind: %v", parts)
		}
		w.done("organizations", "import", "--name", "Initech", file)
		w.done("organizations", "import", string(ids[1]), file, "--offset", "2")

		cut := filepath.Join(w.TempDir(), "cut")
		w.must(os.WriteFile(cut, again[:len(again)/2], 0o600))
		w.fails(2, "line 3", "organizations", "import", string(ids[1]), cut)
		w.fails(2, "--offset", "organizations", "import", string(ids[1]), file, "--offset", "-1")
		w.fails(3, "No organization", "organizations", "import", "nobody", file)
		w.fails(3, "No organization", "organizations", "export", "nobody", file)
		w.fails(1, "no such file", "organizations", "import", string(ids[1]), file+".none")
		w.fails(1, "no such file", "organizations", "export", string(ids[1]), filepath.Join(file+".none", "x"))
		w.fails(2, "", "organizations", "export", string(ids[1]))
	}
	t.Run("into sqlite", func(t *testing.T) { into(onSQLite(t)) })
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) { into(onMongo(t, server)) })
}

// digestOf returns what the last line of an export says about its documents.
func digestOf(export string) string {
	_, end, _ := strings.Cut(export, `{"$end":`)
	sum, _, _ := strings.Cut(end, `,"consistent"`)
	return sum
}

// TestTransfersBesideAServer exports from a store that a server owns, and is refused to
// import into it.
func TestTransfersBesideAServer(t *testing.T) {
	w := onSQLite(t)
	id := string(w.create("Acme")[0])
	w.with(func(*store, *app.Service) {
		text := w.done("organizations", "export", id, "-")
		r := w.runOn(strings.NewReader(text), "organizations", "import", id, "-")
		if r.code != 7 || !strings.Contains(r.err, "/v1/organizations/{id}/import") {
			t.Errorf("exit code %d: %s", r.code, r.err)
		}
	})
}
