package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// fillNamespace makes a namespace with documents of that size.
func fillNamespace(t *testing.T, s *Store, p domain.Placement, first, documents, size int) {
	t.Helper()
	if err := s.Collections().Namespaces.Ensure(t.Context(), domain.OrganizationID(p.Namespace), p); err != nil {
		t.Fatal(err)
	}
	probe := collections(s)
	body := `"` + strings.Repeat("x", size-2) + `"`
	table := probe.table(t, p)
	probe.write(t, p, func(ctx context.Context, tx *sql.Tx) error {
		for i := range documents {
			if _, err := tx.ExecContext(ctx, "INSERT INTO "+table.quoted()+" (id, body) VALUES (?, ?)", first+i, body); err != nil {
				return err
			}
		}
		return nil
	})
}

// Steps that are full, and steps between rows that are gone, count each document.
func TestMeasureInSteps(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	for i, n := range []int{measureStep - 1, measureStep, measureStep + 1, 2 * measureStep} {
		p := newPlacement(fmt.Sprint("org_", i))
		fillNamespace(t, s, p, 0, n, 10)
		damage(t, s.data, "DELETE FROM "+collections(s).table(t, p).quoted()+" WHERE rowid % 3 = 0")
		want := int64(n - n/3)
		got, err := s.Collections().Inventory.Measure(t.Context(), p)
		if got != (domain.Usage{Documents: want, Bytes: 10 * want}) || err != nil {
			t.Errorf("%d: got %+v, %v, want %d", n, got, err, want)
		}
	}
}

// A batch of Merge ends with the document that makes it too large, and one that is
// larger than a batch is copied alone.
func TestMergeBatchesAreBounded(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	for name, c := range map[string]struct {
		documents, size int
		want            []int64 // how many each batch copies
	}{
		"small":  {mergeBatchSize + 1, 10, []int64{mergeBatchSize, 1}},
		"large":  {5, mergeBatchBytes / 2, []int64{2, 2, 1}},
		"larger": {3, mergeBatchBytes + 1, []int64{1, 1, 1}},
	} {
		from, to := newPlacement("org_from_"+name), newPlacement("org_to_"+name)
		fillNamespace(t, s, from, 0, c.documents, c.size)
		fillNamespace(t, s, to, 0, 0, c.size)
		source, target := collections(s).table(t, from), collections(s).table(t, to)
		var batch merged
		for i, want := range append(c.want, 0) {
			last := batch.last
			err := s.data.write(t.Context(), "test", func(ctx context.Context, tx *sql.Tx) (err error) {
				batch, err = mergeBatch(ctx, tx, source, target, last)
				return err
			})
			if batch.copied != want || err != nil {
				t.Errorf("%s: batch %d copied %d, %v, want %d", name, i, batch.copied, err, want)
			}
		}
	}
}

// What is dropped between two batches ends a merge, and counts nothing.
func TestDroppedMeanwhile(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	shelves := newCollections(s.data)
	from, to := newPlacement("org_from"), newPlacement("org_to")
	row := func(p domain.Placement) namespaceRow {
		fillNamespace(t, s, p, 0, 3, 10)
		e, err := shelves.lookUp(t.Context(), shelves.under(p))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	source := row(from)
	if err := s.Collections().Namespaces.Drop(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	target := row(to)
	for _, rows := range [][2]namespaceRow{{source, target}, {target, source}} {
		if _, err := shelves.merge(t.Context(), rows[0], rows[1], nil); !errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("%v: got %v", rows, err)
		}
	}
}

// A namespace in quarantine keeps its table, whose number its name ends with.
func TestQuarantineKeepsTheTable(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	p := newPlacement("org_acme")
	fillNamespace(t, s, p, 0, 3, 10)
	table := collections(s).table(t, p).name
	name, err := s.Collections().Inventory.Quarantine(t.Context(), p)
	if name != "quarantine_org_acme_1" || err != nil {
		t.Fatalf("got %q, %v", name, err)
	}
	p.Namespace = name
	if got := collections(s).table(t, p).name; got != table {
		t.Errorf("the table is %s, was %s", got, table)
	}
}
