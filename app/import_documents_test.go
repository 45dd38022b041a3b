package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// odd is documents whose writes a test does, by their number.
type odd struct {
	ports.Documents
	n     int
	write func(n int, writes []ports.DocumentWrite, do func() ([]ports.DocumentResult, error)) ([]ports.DocumentResult, error)
}

func (d *odd) Write(ctx context.Context, at ports.Place, writes []ports.DocumentWrite) ([]ports.DocumentResult, error) {
	do := func() ([]ports.DocumentResult, error) { return d.Documents.Write(ctx, at, writes) }
	if d.write == nil {
		return do()
	}
	d.n++
	return d.write(d.n, writes, do)
}

func newOddRig(t *testing.T) (*documentsRig, *odd) {
	t.Helper()
	d := &odd{}
	r := newDocumentsRig(t, func(dependencies *app.Dependencies, _ *app.Options) {
		storage := dependencies.Storage[domain.StrategyCollection]
		d.Documents, storage.Documents = storage.Documents, d
		dependencies.Storage[domain.StrategyCollection] = storage
	})
	return r, d
}

// exported returns an export of so many documents, without its end.
func exported(first, n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "{\"_id\":\"%05d\",\"n\":1}\n", first+i)
	}
	return all.String()
}

// TestImportReadsAhead reads a batch while the one before is written, and no more.
func TestImportReadsAhead(t *testing.T) {
	r, d := newOddRig(t)
	ahead := make(chan struct{})
	d.write = func(n int, _ []ports.DocumentWrite, do func() ([]ports.DocumentResult, error)) ([]ports.DocumentResult, error) {
		if n == 1 {
			<-ahead
		}
		return do()
	}
	reader := io.MultiReader(strings.NewReader(exported(0, 1500)), readerFunc(func([]byte) (int, error) {
		close(ahead)
		return 0, io.EOF
	}), strings.NewReader(exported(1500, 500)))
	done, err := r.ImportDocuments(t.Context(), r.organization.ID, reader, 0)
	if err == nil || done != (app.Import{Offset: 2000, Created: 2000}) {
		t.Errorf("%+v, %v, want 2000 of an export that was cut", done, err)
	}
}

type readerFunc func(b []byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// TestImportEndsWithABatchThatFails while the next one is read, whatever that holds.
func TestImportEndsWithABatchThatFails(t *testing.T) {
	errReader := errors.New("reader")
	for name, next := range map[string]struct {
		text string
		err  error
	}{
		"more":      {exported(2000, 1500), io.EOF},
		"little":    {exported(2000, 5), io.EOF},
		"a bad one": {"[]\n", io.EOF},
		"no more":   {"", io.EOF},
		"an error":  {exported(2000, 1), errReader},
	} {
		for _, refused := range []bool{false, true} {
			r, d := newOddRig(t)
			d.write = func(n int, _ []ports.DocumentWrite, do func() ([]ports.DocumentResult, error)) ([]ports.DocumentResult, error) {
				if n == 2 && !refused {
					return nil, domain.ErrStoreUnavailable
				}
				results, err := do()
				if n == 2 {
					results[3] = ports.DocumentResult{Err: domain.Invalid("document", "is refused")}
				}
				return results, err
			}
			reader := io.MultiReader(strings.NewReader(exported(0, 2000)+next.text), iotest.ErrReader(next.err))
			done, err := r.ImportDocuments(t.Context(), r.organization.ID, reader, 0)
			want := app.Import{Offset: 1000, Created: 1000}
			e, _ := errors.AsType[*domain.Error](err)
			if refused {
				want = app.Import{Offset: 1003, Created: 1003}
				if e == nil || len(e.Fields) != 1 || !strings.Contains(e.Fields[0].Message, "document 1004") {
					t.Errorf("%s: %v", name, err)
				}
			} else {
				wantError(t, err, domain.ErrStoreUnavailable)
			}
			if done != want || d.n != 2 {
				t.Errorf("%s, refused %v: %+v after %d writes, want %+v after 2", name, refused, done, d.n, want)
			}
		}
	}
}

// TestImportSaysWhatIsNew: the first batch, and those behind one that was mostly new.
func TestImportSaysWhatIsNew(t *testing.T) {
	r, d := newOddRig(t)
	var said []bool
	d.write = func(_ int, writes []ports.DocumentWrite, do func() ([]ports.DocumentResult, error)) ([]ports.DocumentResult, error) {
		for _, w := range writes {
			if w.New != writes[0].New {
				t.Error("one batch says both")
			}
		}
		said = append(said, writes[0].New)
		return do()
	}
	for _, n := range []int{2500, 4000} {
		if done, err := r.ImportDocuments(t.Context(), r.organization.ID, strings.NewReader(exported(0, n)), 0); done.Offset != int64(n) {
			t.Errorf("%+v, %v", done, err)
		}
	}
	// Of the second import 2,000 are there, 500 of the third thousand, and none behind.
	if got, want := fmt.Sprint(said), "[true true true true false false true]"; got != want {
		t.Errorf("new: %s, want %s", got, want)
	}
}

// TestPanicsOfAnImport come to the caller, and leave nothing running.
func TestPanicsOfAnImport(t *testing.T) {
	r, d := newOddRig(t)
	panics := func(what string, reader io.Reader) {
		t.Helper()
		defer func() {
			if got := recover(); got != what {
				t.Errorf("got %v, want a panic of the %s", got, what)
			}
		}()
		_, _ = r.ImportDocuments(t.Context(), r.organization.ID, reader, 0)
	}
	written := false
	d.write = func(_ int, _ []ports.DocumentWrite, do func() ([]ports.DocumentResult, error)) ([]ports.DocumentResult, error) {
		defer func() { written = true }()
		return do()
	}
	panics("reader", io.MultiReader(strings.NewReader(exported(0, 1001)), readerFunc(func([]byte) (int, error) { panic("reader") })))
	if !written {
		t.Error("it came back before the batch was written")
	}
	d.write = func(int, []ports.DocumentWrite, func() ([]ports.DocumentResult, error)) ([]ports.DocumentResult, error) {
		panic("store")
	}
	panics("store", strings.NewReader(exported(0, 5)))
}
