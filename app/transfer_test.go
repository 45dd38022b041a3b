package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// fill puts documents of all types, more of them than go into one batch.
func fill(t *testing.T, documents *app.Documents) {
	t.Helper()
	rich := []string{
		`{"_id":"kept","int":9007199254740993,"double":1.0,"decimal":{"$numberDecimal":"1.10"},"date":{"$date":"1969-01-01T00:00:00Z"}}`,
		`{"_id":{"$oid":"5f43aaa1b2c3d4e5f6a7b8c9"},"binary":{"$binary":{"base64":"AQI=","subType":"00"}},"":null}`,
		`{"_id":{"$numberInt":"5"},"nested":{"a.b":[{"__proto__":"\u2028"},{"$minKey":1}]}}`,
	}
	for _, text := range rich {
		d, err := domain.ParseDocument([]byte(text), domain.ExtendedJSON)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := documents.Put(t.Context(), d, ""); err != nil {
			t.Fatal(err)
		}
	}
	for batch := range 3 {
		var writes []ports.DocumentWrite
		for i := range 500 {
			d := domain.Document{ID: domain.DocumentID(fmt.Sprintf("document %d-%d", batch, i)), Body: domain.BodyOf(`{"n":1}`)}
			writes = append(writes, ports.DocumentWrite{Action: ports.DocumentPut, Document: d})
		}
		if _, err := documents.Batch(t.Context(), writes); err != nil {
			t.Fatal(err)
		}
	}
}

func export(t *testing.T, r *rig, id domain.OrganizationID) (string, app.Export) {
	t.Helper()
	var out bytes.Buffer
	done, err := r.ExportDocuments(t.Context(), id, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), done
}

func TestExportAndImport(t *testing.T) {
	r := newDocumentsRig(t)
	fill(t, r.documents)
	text, done := export(t, r.rig, r.organization.ID)
	lines := strings.SplitAfter(text, "\n")
	end := fmt.Sprintf("{\"$end\":{\"documents\":1503,\"digest\":%q,\"consistent\":false}}\n", done.Digest)
	if done.Documents != 1503 || len(lines) != 1505 || lines[1503] != end {
		t.Fatalf("%+v, %d lines, the last %s", done, len(lines), lines[len(lines)-2])
	}

	other := r.mustCreate(t, "Globex", "admin@globex.example")
	imported, err := r.ImportDocuments(t.Context(), other.ID, strings.NewReader(text), 0)
	if want := (app.Import{Offset: 1503, Created: 1503}); err != nil || imported != want {
		t.Fatalf("%+v, %v, want %+v", imported, err, want)
	}
	again, sum := export(t, r.rig, other.ID)
	if again != text || sum != done {
		t.Errorf("exported again: %+v, want %+v", sum, done)
	}
	// Once more, from some line on: nothing is made anew, what is more stays.
	handle, err := r.Documents(t.Context(), other.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := handle.Create(t.Context(), domain.Document{ID: "own"}); err != nil {
		t.Fatal(err)
	}
	if err := handle.Delete(t.Context(), "document 2-7", ""); err != nil {
		t.Fatal(err)
	}
	imported, err = r.ImportDocuments(t.Context(), other.ID, strings.NewReader(text), 100)
	if want := (app.Import{Offset: 1503, Created: 1}); err != nil || imported != want {
		t.Errorf("%+v, %v, want %+v", imported, err, want)
	}
	if n, err := handle.Count(t.Context()); n != 1504 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

func TestImportsThatFail(t *testing.T) {
	r := newDocumentsRig(t)
	fill(t, r.documents)
	text, _ := export(t, r.rig, r.organization.ID)
	lines := strings.SplitAfter(text, "\n")
	half := strings.Join(lines[:700], "")
	errReader := errors.New("reader")
	for name, c := range map[string]struct {
		input  io.Reader
		offset int64
		says   string
		other  error
	}{
		"nothing":             {strings.NewReader(""), 0, "it was cut", nil},
		"cut":                 {strings.NewReader(half), 700, "it was cut", nil},
		"cut in a line":       {strings.NewReader(half + lines[700][:10]), 700, "line 701", nil},
		"no document":         {strings.NewReader(half + "[]\n" + lines[700]), 700, "line 701", nil},
		"no ID":               {strings.NewReader(half + "{\"a\":1}\n"), 700, "line 701", nil},
		"one is missing":      {strings.NewReader(half + lines[len(lines)-2]), 700, "what its last line says", nil},
		"one is another":      {strings.NewReader(strings.Replace(text, `"n":1}`, `"n":2}`, 1)), 1503, "what its last line says", nil},
		"something comes":     {strings.NewReader(text + "{\"_id\":\"late\"}\n"), 1503, "behind the line", nil},
		"the reader fails":    {io.MultiReader(strings.NewReader(half), iotest.ErrReader(errReader)), 0, "", errReader},
		"a line is very long": {io.MultiReader(strings.NewReader(half+`{"_id":"`), strings.NewReader(strings.Repeat("x", 33<<20))), 700, "32 MiB", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newDocumentsRig(t)
			done, err := r.ImportDocuments(t.Context(), r.organization.ID, c.input, 0)
			e := (*domain.Error)(nil)
			switch {
			case c.other != nil:
				if !errors.Is(err, c.other) {
					t.Errorf("%v", err)
				}
				return
			case !errors.As(err, &e) || len(e.Fields) != 1 || !strings.Contains(e.Fields[0].Message, c.says):
				t.Errorf("%v", err)
			}
			if done.Offset != c.offset {
				t.Errorf("offset %d, want %d", done.Offset, c.offset)
			}
		})
	}
}

func TestExportsInALife(t *testing.T) {
	r := newDocumentsRig(t, func(_ *app.Dependencies, o *app.Options) { o.DeleteRetention = time.Hour })
	want, _ := export(t, r.rig, r.organization.ID)
	r.renameTo(t, "Globex")
	if got, _ := export(t, r.rig, r.organization.ID); got != want {
		t.Errorf("renamed: %s", got)
	}
	if _, err := r.SuspendOrganization(t.Context(), r.command()); err != nil {
		t.Fatal(err)
	}
	if got, _ := export(t, r.rig, r.organization.ID); got != want {
		t.Errorf("suspended: %s", got)
	}
	_, err := r.ImportDocuments(t.Context(), r.organization.ID, strings.NewReader(want), 0)
	wantError(t, err, domain.ErrSuspended)
	if _, err := r.DeleteByOperator(t.Context(), r.command()); err != nil {
		t.Fatal(err)
	}
	if got, _ := export(t, r.rig, r.organization.ID); got != want {
		t.Errorf("deleted: %s", got)
	}
	if _, err := r.PurgeOrganization(t.Context(), r.command()); err != nil {
		t.Fatal(err)
	}
	_, err = r.ExportDocuments(t.Context(), r.organization.ID, io.Discard)
	wantError(t, err, domain.ErrOrganizationNotFound)
	_, err = r.ImportDocuments(t.Context(), r.organization.ID, strings.NewReader(want), 0)
	wantError(t, err, domain.ErrOrganizationNotFound)
	_, err = r.ExportDocuments(t.Context(), "nobody", io.Discard)
	wantError(t, err, domain.ErrOrganizationNotFound)
}

// TestExportGoesOnAfterARename renames the organization when a part is written.
func TestExportGoesOnAfterARename(t *testing.T) {
	r := newDocumentsRig(t)
	fill(t, r.documents)
	want, _ := export(t, r.rig, r.organization.ID)
	var out bytes.Buffer
	renamed := false
	w := writerFunc(func(b []byte) (int, error) {
		if !renamed {
			renamed = true
			r.renameTo(t, "Globex")
		}
		return out.Write(b)
	})
	done, err := r.ExportDocuments(t.Context(), r.organization.ID, w)
	if err != nil || out.String() != want || done.Consistent || !renamed {
		t.Errorf("%+v, %v, %d bytes of %d", done, err, out.Len(), len(want))
	}
	errWriter := errors.New("writer")
	_, err = r.ExportDocuments(t.Context(), r.organization.ID, writerFunc(func([]byte) (int, error) { return 0, errWriter }))
	wantError(t, err, errWriter)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestImportOfWhatApplicationsStored has IDs and values that no client could send.
func TestImportOfWhatApplicationsStored(t *testing.T) {
	r := newDocumentsRig(t)
	var out bytes.Buffer
	var sum domain.Digest
	for _, line := range []string{
		`{"_id":"a\tb","v":{"$ref":"x"}}`, `{"_id":".."}`, `{"_id":{"$bson":"Cg=="}}`, `{"_id":"{abc","$set":1}`, `{"_id":"plain"}`,
	} {
		sum.Add([]byte(line))
		out.WriteString(line + "\n")
	}
	fmt.Fprintf(&out, "{\"$end\":{\"documents\":5,\"digest\":%q}}\n", sum.String())
	text := out.String()
	done, err := r.ImportDocuments(t.Context(), r.organization.ID, strings.NewReader(text), 0)
	if want := (app.Import{Offset: 5, Created: 5}); err != nil || done != want {
		t.Fatalf("%+v, %v", done, err)
	}
	again, _ := export(t, r.rig, r.organization.ID)
	documents, _, _ := strings.Cut(text, `{"$end"`)
	for line := range strings.Lines(documents) {
		if !strings.Contains(again, line) {
			t.Errorf("missing: %s", line)
		}
	}
	if _, err := r.ImportDocuments(t.Context(), r.organization.ID, strings.NewReader(text), 6); err == nil {
		t.Error("an offset beyond the end")
	}
}
