package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// oneConnection returns a database in memory with tables a and b of numbers, and its
// connection.
func oneConnection(t *testing.T) (*sql.DB, *connection) {
	t.Helper()
	d := openMemory(&gate{}, DefaultTimeout)
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	damage(t, d, "CREATE TABLE a (n INTEGER) STRICT", "CREATE TABLE b (n INTEGER) STRICT", "INSERT INTO a VALUES (1), (2)")
	return d.writer, connectionOf(t, d.writer)
}

// connectionOf returns the connection of a pool that has one.
func connectionOf(t *testing.T, db *sql.DB) *connection {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var own *connection
	err = conn.Raw(func(from any) error {
		var ok bool
		if own, ok = from.(*connection); !ok {
			return fmt.Errorf("it is a %T", from)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return own
}

func (c *connection) texts() (texts []string) {
	for _, s := range c.kept {
		texts = append(texts, s.text)
	}
	return texts
}

const countA = "SELECT count(*) FROM a"

func count(t *testing.T, db queryer, query string, args ...any) (n int, err error) {
	t.Helper()
	err = db.QueryRowContext(t.Context(), query, args...).Scan(&n)
	return n, err
}

// What reads and writes rows is kept, by its text, also what has found nothing; what does
// something else isn't.
func TestStatementsAreKept(t *testing.T) {
	db, conn := oneConnection(t)
	want := []string{"INSERT INTO a VALUES (1), (2)"}
	for range 2 {
		for _, query := range []string{"SELECT n FROM a WHERE n > ?", "REPLACE INTO b VALUES (?)", "UPDATE a SET n = n WHERE n = ?", "DELETE FROM b WHERE n = ?"} {
			if _, err := db.ExecContext(t.Context(), query, 9); err != nil {
				t.Fatal(err)
			}
			want = append(want, query)
		}
	}
	damage(t, &database{writer: db}, "PRAGMA optimize", "CREATE TABLE c (n INTEGER)", "DROP TABLE c")
	if got := conn.texts(); !slices.Equal(got, want[:5]) {
		t.Errorf("kept %q", got)
	}
}

// A connection keeps no more than it may. The one that was used longest ago goes.
func TestKeptStatementsAreBounded(t *testing.T) {
	db, conn := oneConnection(t)
	countAnd := func(i int) string { return fmt.Sprintf("SELECT count(*) + %d FROM a", i) }
	for i := range 3 * keptStatements {
		for _, query := range []string{countA, countAnd(i)} {
			if _, err := count(t, db, query); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := conn.texts(); len(got) != keptStatements || !slices.Contains(got, countA) ||
		!slices.Contains(got, countAnd(3*keptStatements-1)) {
		t.Errorf("kept %d: %q", len(got), got)
	}
}

// A query begins while one with the same text is read.
func TestStatementWithinItself(t *testing.T) {
	db, conn := oneConnection(t)
	const query = "SELECT n FROM a ORDER BY n"
	number := func(from row) (n int, err error) {
		err = from.Scan(&n)
		return n, err
	}
	twice := func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		var found []int
		for rows.Next() {
			n, err := number(rows)
			if err != nil {
				return err
			}
			within, err := queryAll(ctx, tx, number, query)
			if err != nil {
				return err
			}
			found = append(append(found, n), within...)
		}
		if !slices.Equal(found, []int{1, 1, 2, 2, 1, 2}) {
			t.Errorf("found %v", found)
		}
		return rows.Err()
	}
	for range 2 {
		if err := transact(t.Context(), db, nil, twice); err != nil {
			t.Fatal(err)
		}
	}
	if got := conn.texts(); len(got) != 3 {
		t.Errorf("kept %q", got)
	}
}

// A kept statement keeps no table from being dropped. It tells that there is none, and
// reads the one that is made anew, whatever that has.
func TestKeptStatementOfATableThatComesAndGoes(t *testing.T) {
	db, _ := oneConnection(t)
	const query = "SELECT * FROM a"
	for range 2 {
		if n, err := count(t, db, query); n != 1 || err != nil {
			t.Fatalf("got %d, %v", n, err)
		}
		damage(t, &database{writer: db}, "DROP TABLE a")
		if _, err := count(t, db, query); resultCode(err) != sqlite3.SQLITE_ERROR {
			t.Fatalf("without the table: got %v", err)
		}
		damage(t, &database{writer: db}, "CREATE TABLE a (text TEXT, n INTEGER)", "INSERT INTO a VALUES ('x', 3)")
		var text string
		var n int
		if err := db.QueryRowContext(t.Context(), query).Scan(&text, &n); text != "x" || n != 3 || err != nil {
			t.Fatalf("got %q, %d, %v", text, n, err)
		}
		damage(t, &database{writer: db}, "DROP TABLE a", "CREATE TABLE a (n INTEGER)", "INSERT INTO a VALUES (1)")
	}
}

// A kept statement has nothing of its last use: neither its arguments nor its error.
func TestKeptStatementBeginsAnew(t *testing.T) {
	db, _ := oneConnection(t)
	damage(t, &database{writer: db}, "CREATE UNIQUE INDEX one ON a (n)")
	const insert = "INSERT INTO a VALUES (?)"
	for _, n := range []any{3, nil, nil} {
		if _, err := db.ExecContext(t.Context(), insert, n); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := db.ExecContext(t.Context(), insert, 1); !duplicate(err) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := db.ExecContext(t.Context(), insert); err == nil {
		t.Error("it took an argument of before")
	}
	if n, err := count(t, db, countA); n != 5 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

// The end of a context ends a kept statement that runs, and the next one isn't touched.
func TestKeptStatementIsInterrupted(t *testing.T) {
	db, _ := oneConnection(t)
	const query = "SELECT count(*) FROM (WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ?) SELECT n FROM up)"
	for range 2 {
		if n, err := count(t, db, query, 10); n != 10 || err != nil {
			t.Fatalf("got %d, %v", n, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		var n int
		err := db.QueryRowContext(ctx, query, int64(1)<<60).Scan(&n)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
	}
}

// A statement that has failed isn't kept, whether at once or in the midst of its rows.
func TestFailedStatementsAreNotKept(t *testing.T) {
	db, conn := oneConnection(t)
	damage(t, &database{writer: db}, "CREATE UNIQUE INDEX one ON b (n)", "DELETE FROM b")
	before := conn.texts()
	for range 2 {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO b VALUES (1), (1)"); !duplicate(err) {
			t.Errorf("insert: got %v", err)
		}
		for _, first := range []string{"1", "-9223372036854775808"} {
			query := "SELECT abs(n) FROM (SELECT " + first + " AS n UNION ALL SELECT -9223372036854775808)"
			_, err := queryAll(t.Context(), db, scanText, query)
			if resultCode(err) != sqlite3.SQLITE_ERROR {
				t.Errorf("after %s: got %v", first, err)
			}
		}
	}
	if got := conn.texts(); !slices.Equal(got, before) {
		t.Errorf("kept %q, want %q", got, before)
	}
}
