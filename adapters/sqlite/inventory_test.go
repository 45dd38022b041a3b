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
	probe := probe{s}
	body := `"` + strings.Repeat("x", size-2) + `"`
	table := probe.table(t, p)
	probe.write(t, func(ctx context.Context, tx *sql.Tx) error {
		for i := range documents {
			if _, err := tx.ExecContext(ctx, "INSERT INTO "+table+" (id, body) VALUES (?, ?)", first+i, body); err != nil {
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
		damage(t, s.data, "DELETE FROM "+probe{s}.table(t, p)+" WHERE rowid % 3 = 0")
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
		source, target := probe{s}.table(t, from), probe{s}.table(t, to)
		source, target = strings.Trim(source, `"`), strings.Trim(target, `"`)
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
	from, to := newPlacement("org_from"), newPlacement("org_to")
	fillNamespace(t, s, from, 0, 3, 10)
	source := strings.Trim(probe{s}.table(t, from), `"`)
	if err := s.Collections().Namespaces.Drop(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	fillNamespace(t, s, to, 0, 0, 10)
	target := strings.Trim(probe{s}.table(t, to), `"`)
	for _, tables := range [][2]string{{source, target}, {target, source}} {
		err := s.data.write(t.Context(), "test", func(ctx context.Context, tx *sql.Tx) error {
			_, err := mergeBatch(ctx, tx, tables[0], tables[1], 0)
			return err
		})
		if !errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("%v: got %v", tables, err)
		}
	}
}

// A namespace in quarantine keeps its table, whose number its name ends with.
func TestQuarantineKeepsTheTable(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	p := newPlacement("org_acme")
	fillNamespace(t, s, p, 0, 3, 10)
	table := probe{s}.table(t, p)
	name, err := s.Collections().Inventory.Quarantine(t.Context(), p)
	if name != "quarantine_org_acme_1" || err != nil {
		t.Fatalf("got %q, %v", name, err)
	}
	p.Namespace = name
	if got := (probe{s}.table(t, p)); got != table {
		t.Errorf("the table is %s, was %s", got, table)
	}
}
