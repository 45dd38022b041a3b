package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// newMove returns a move of what is at the place, to a namespace of the strategy.
func newMove(at ports.Place, to domain.Strategy) domain.Move {
	target := newPlacement(at.Placement.Namespace + "_moved")
	target.Strategy, target.Generation = to, 2
	return domain.Move{Operation: "op", Organization: at.Organization, From: at.Placement, Source: at.Identity, To: target}
}

// openMove opens the move, or ends the test.
func openMove(t *testing.T, s *Store, m *domain.Move) ports.Moving {
	t.Helper()
	opened, err := s.Mover().Open(t.Context(), *m)
	if err != nil {
		t.Fatalf("open a move: %v", err)
	}
	m.Target = opened.Target()
	return opened
}

// wantMoved does all that is left of a move, and fails t unless the target has so many
// documents then.
func wantMoved(t *testing.T, s *Store, m domain.Move, documents int64) {
	t.Helper()
	opened := openMove(t, s, &m)
	for part := (ports.MovedPart{}); !part.Done; {
		var err error
		if part, err = opened.Check(t.Context(), part.Position, 10); err != nil {
			t.Fatalf("check: %v", err)
		}
	}
	if err := opened.Freeze(t.Context()); err != nil {
		t.Fatalf("freeze: %v", err)
	}
	for n := 1; n != 0; {
		var err error
		if n, err = opened.CatchUp(t.Context()); err != nil {
			t.Fatalf("catch up: %v", err)
		}
	}
	if sums, err := opened.Sums(t.Context()); err != nil || !sums.Equal() || sums.ToCount != documents {
		t.Errorf("sums: %+v, %v, want %d documents", sums, err, documents)
	}
}

// changesAt returns the IDs that are recorded of a place.
func changesAt(t *testing.T, s *Store, at ports.Place) string {
	t.Helper()
	p := probe{s, at.Placement.Strategy}
	number, err := strconv.ParseInt(at.Identity[strings.LastIndex(at.Identity, "_")+1:], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	log := changesInFile()
	if p.strategy != domain.StrategyDatabase {
		log = changesOf(map[domain.Strategy]string{domain.StrategyCollection: "namespaces", domain.StrategyShared: "shares"}[p.strategy], number)
	}
	return strings.Join(texts(t, p.database(t, at.Placement), "SELECT id FROM "+log.quoted()+log.where()+" ORDER BY seq", log.args()...), " ")
}

// onEach runs a test for a place of each strategy, with three documents, and one of another
// strategy that it is moved to.
func onEach(t *testing.T, run func(t *testing.T, s *Store, at ports.Place, m domain.Move)) {
	t.Helper()
	for from, to := range map[domain.Strategy]domain.Strategy{
		domain.StrategyCollection: domain.StrategyShared,
		domain.StrategyDatabase:   domain.StrategyCollection,
		domain.StrategyShared:     domain.StrategyDatabase,
	} {
		t.Run(string(from), func(t *testing.T) {
			s := openTest(t, Options{Dir: t.TempDir()})
			at := newPlaceIn(t, s, from, "acme", "org_acme")
			fillPlace(t, s, at, 3)
			run(t, s, at, newMove(at, to))
		})
	}
}

// A change comes into the log with the write, once for each ID, and is nowhere when the
// write has not happened.
func TestChangesComeWithTheWrite(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		openMove(t, s, &m)
		putDocuments(t, s, at, domain.Document{ID: "b", Body: domain.BodyOf(`{}`)}, domain.Document{ID: "a", Body: domain.BodyOf(`{}`)})
		putDocuments(t, s, at, domain.Document{ID: "b", Body: domain.BodyOf(`{"n":2}`)})
		documents := s.Storage()[at.Placement.Strategy].Documents
		_, err := documents.Write(t.Context(), at, []ports.DocumentWrite{
			{Action: ports.DocumentDelete, Document: domain.Document{ID: "000001"}}, {Action: "no action", Document: domain.Document{ID: "z"}},
		})
		if err == nil {
			t.Error("a write of no action was done")
		}
		if got := changesAt(t, s, at); got != "a b" {
			t.Errorf("recorded: %q", got)
		}
		if _, err := documents.Get(t.Context(), at, "000001"); err != nil {
			t.Errorf("get: %v", err)
		}
		wantMoved(t, s, m, 5)
		if got := changesAt(t, s, at); got != "" {
			t.Errorf("still recorded: %q", got)
		}
	})
}

// What was recorded goes with the end of the move, and with the namespace.
func TestChangesGo(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		openMove(t, s, &m)
		fillPlace(t, s, at, dropBatchSize+1)
		if err := s.Mover().Forget(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		fillPlace(t, s, at, 2)
		if got := texts(t, s.data, "SELECT count(*) FROM changes"); got[0] != "0" {
			t.Errorf("%s changes after the end", got[0])
		}
		openMove(t, s, &m)
		if got := changesAt(t, s, at); got != "" {
			t.Errorf("recorded at the beginning: %q", got)
		}
		fillPlace(t, s, at, 2*dropBatchSize+1)
		if err := s.Storage()[at.Placement.Strategy].Namespaces.Drop(t.Context(), at.Placement); err != nil {
			t.Fatal(err)
		}
		if got := texts(t, s.data, "SELECT count(*) FROM changes"); got[0] != "0" {
			t.Errorf("%s changes of nothing", got[0])
		}
	})
}

// A merge into a namespace that is moved is recorded, and one into a frozen one refused.
func TestMergeWhileMoved(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		other := newPlaceIn(t, s, at.Placement.Strategy, "acme", "org_other")
		fillPlace(t, s, other, 8)
		openMove(t, s, &m)
		storage := s.Storage()[at.Placement.Strategy]
		if n, err := storage.Inventory.Merge(t.Context(), other.Placement, at.Placement); n != 5 || err != nil {
			t.Errorf("merged %d, %v", n, err)
		}
		if got := changesAt(t, s, at); !strings.Contains(got, "000003 000004 000005 000006 000007") {
			t.Errorf("recorded: %q", got)
		}
		wantMoved(t, s, m, 8)
		putDocuments(t, s, other, domain.Document{ID: "late", Body: domain.BodyOf(`{}`)})
		if n, err := storage.Inventory.Merge(t.Context(), other.Placement, at.Placement); n != 0 || !errors.Is(err, domain.ErrNamespaceMissing) {
			t.Errorf("merged %d into a frozen namespace, %v", n, err)
		}
		if n, err := storage.Documents.Count(t.Context(), at); n != 8 || err != nil {
			t.Errorf("%d documents, %v", n, err)
		}
	})
}

// What an application has made with the documents is not moved, so that the move is
// refused and nothing is made or recorded.
func TestMoveOfAnIndexIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		p := probe{s, at.Placement.Strategy}
		p.AddIndex(t, at.Placement)
		_, err := s.Mover().Open(t.Context(), m)
		if p.strategy == domain.StrategyShared { // It stays with the table for all.
			if err != nil {
				t.Errorf("open a move: %v", err)
			}
			return
		}
		if !errors.Is(err, domain.ErrMoveRefused) || !strings.Contains(fmt.Sprint(errors.Unwrap(err)), "index by_group") {
			t.Errorf("got %v, %v", err, errors.Unwrap(err))
		}
		info, err := s.Storage()[m.To.Strategy].Namespaces.Stat(t.Context(), m.To)
		if err != nil || info.Exists {
			t.Errorf("target: %+v, %v", info, err)
		}
		damage(t, p.database(t, at.Placement), "DROP INDEX by_group")
		wantMoved(t, s, m, 3)
	})
}

// So is a move during which an application makes an index, as long as there is a way back.
func TestMoveOfALateIndexIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		p := probe{s, at.Placement.Strategy}
		opened := openMove(t, s, &m)
		if part, err := opened.Check(t.Context(), "", 10); err != nil || !part.Done {
			t.Fatalf("check: %+v, %v", part, err)
		}
		p.AddIndex(t, at.Placement)
		var want error
		if p.strategy != domain.StrategyShared {
			want = domain.ErrMoveRefused
		}
		if _, err := opened.CatchUp(t.Context()); !errors.Is(err, want) {
			t.Errorf("catch up: %v, want %v", err, want)
		}
		if err := opened.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := opened.CatchUp(t.Context()); err != nil {
			t.Errorf("catch up once there is no way back: %v", err)
		}
	})
}

// An empty namespace isn't moved to where it is.
func TestMoveToItself(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newPlace(t, s, "acme", "org_acme")
	m := newMove(at, domain.StrategyCollection)
	m.To = m.From
	if _, err := s.Mover().Open(t.Context(), m); !errors.Is(err, domain.ErrNamespaceOccupied) {
		t.Errorf("got %v, want ErrNamespaceOccupied", err)
	}
	fillPlace(t, s, at, 1)
}

// A document that an application's index at the target lets nobody keep ends the step.
func TestMoveRefusedByTheTarget(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	damage(t, s.data, "CREATE UNIQUE INDEX one_of_a_body ON tenants (body)")
	at := newPlace(t, s, "acme", "org_acme")
	fillPlace(t, s, at, 2)
	m := newMove(at, domain.StrategyShared)
	opened := openMove(t, s, &m)
	if _, err := opened.Copy(t.Context(), "", 10); !errors.Is(err, domain.ErrMoveRefused) {
		t.Errorf("got %v", err)
	}
}

// Of two that run one move the later goes on, and nothing that the earlier does late is
// done.
func TestOvertakenSession(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		early := openMove(t, s, &m)
		if _, err := early.Copy(t.Context(), "", 2); err != nil {
			t.Fatal(err)
		}
		putDocuments(t, s, at, domain.Document{ID: "a", Body: domain.BodyOf(`{}`)})
		openMove(t, s, &m)
		wantLost(t, early)
		if got := changesAt(t, s, at); got != "a" {
			t.Errorf("recorded: %q", got)
		}
		late := openMove(t, s, &m)
		if err := s.Mover().Forget(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		wantLost(t, late)
		wantMoved(t, s, m, 4)
	})
}

// A session waits for the calls that are under way in a file, which have seen the row
// before.
func TestSessionsWaitForCallsInFiles(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir()})
	at := newOwn(t, s, "acme", "org_acme")
	m := newMove(at, domain.StrategyShared)
	opened := openMove(t, s, &m)
	for name, step := range map[string]func(context.Context) error{
		"open":   func(ctx context.Context) error { _, err := s.Mover().Open(ctx, m); return err },
		"freeze": opened.Freeze,
		"forget": func(ctx context.Context) error { return s.Mover().Forget(ctx, m) },
	} {
		began, release, ended := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			d := s.databases()
			ended <- d.write(t.Context(), "test", d.at(at), func(context.Context, *sql.Tx, documentTable) error {
				close(began)
				<-release
				return nil
			})
		}()
		<-began
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := step(ctx); !errors.Is(err, domain.ErrStoreUnavailable) {
			t.Errorf("%s beside a write: got %v, want one that waits", name, err)
		}
		cancel()
		close(release)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// The end of a move takes nothing from a session that has frozen the source.
func TestForgetLeavesWhatIsFrozen(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		opened := openMove(t, s, &m)
		putDocuments(t, s, at, domain.Document{ID: "a", Body: domain.BodyOf(`{}`)})
		if err := opened.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Mover().Forget(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if n, err := opened.CatchUp(t.Context()); n != 1 || err != nil {
			t.Errorf("%d changes, %v", n, err)
		}
		wantMoved(t, s, m, 4)
	})
}

// wantLost fails t unless every step finds that the session is over.
func wantLost(t *testing.T, opened ports.Moving) {
	t.Helper()
	for name, step := range map[string]func() error{
		"copy":     func() error { _, err := opened.Copy(t.Context(), "", 10); return err },
		"check":    func() error { _, err := opened.Check(t.Context(), "", 10); return err },
		"catch up": func() error { _, err := opened.CatchUp(t.Context()); return err },
		"freeze":   func() error { return opened.Freeze(t.Context()) },
		"sums":     func() error { _, err := opened.Sums(t.Context()); return err },
	} {
		if err := step(); !errors.Is(err, ports.ErrChangesLost) {
			t.Errorf("%s: got %v, want ErrChangesLost", name, err)
		}
	}
}

// Sums are those of one whole check: one goes on where it was, or from the beginning.
func TestCheckGoesOnWhereItWas(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newPlace(t, s, "acme", "org_acme")
	fillPlace(t, s, at, 5)
	m := newMove(at, domain.StrategyShared)
	opened := openMove(t, s, &m)
	wantLost := func(position string) {
		t.Helper()
		if _, err := opened.Check(t.Context(), position, 2); !errors.Is(err, ports.ErrChangesLost) {
			t.Errorf("check from %q: got %v, want ErrChangesLost", position, err)
		}
	}
	wantLost(">000001")
	part, err := opened.Check(t.Context(), "", 2)
	if err != nil {
		t.Fatal(err)
	}
	wantLost(">000000")
	if _, err := opened.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLost(part.Position)
	for part = (ports.MovedPart{}); !part.Done; {
		if part, err = opened.Check(t.Context(), part.Position, 2); err != nil {
			t.Fatal(err)
		}
	}
	wantLost(part.Position + ">")
	if _, err := opened.Copy(t.Context(), "", 2); err != nil {
		t.Fatal(err)
	}
	if sums, err := opened.Sums(t.Context()); err != nil || sums.Equal() {
		t.Errorf("sums of no check: %+v, %v", sums, err)
	}
}

// A store that was backed up while documents were moved is used at once, and the move goes
// on: also when it has ended before its file was copied.
func TestBackupOfAMove(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store, at ports.Place, m domain.Move) {
		opened := openMove(t, s, &m)
		if _, err := opened.Copy(t.Context(), "", 2); err != nil {
			t.Fatal(err)
		}
		if at.Placement.Strategy == domain.StrategyDatabase {
			damage(t, probe{s, at.Placement.Strategy}.database(t, at.Placement), dropChanges)
		}
		file, dir := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "restored")
		if _, err := Backup(t.Context(), BackupOptions{Dir: s.dir, File: file}); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), RestoreOptions{Dir: dir, File: file}); err != nil {
			t.Fatal(err)
		}
		restored := openTest(t, Options{Dir: dir})
		if faults, err := restored.Structure().Faults(t.Context()); len(faults) != 0 || err != nil {
			t.Errorf("faults: %q, %v", faults, err)
		}
		putDocuments(t, restored, at, domain.Document{ID: "a", Body: domain.BodyOf(`{}`)})
		if got := changesAt(t, restored, at); got != "a" {
			t.Errorf("recorded: %q", got)
		}
		wantMoved(t, restored, m, 4)
		reader := openTest(t, Options{Dir: dir, ReadOnly: true})
		if n, err := reader.Storage()[at.Placement.Strategy].Documents.Count(t.Context(), at); n != 4 || err != nil {
			t.Errorf("%d documents, %v", n, err)
		}
		if _, err := reader.Mover().Open(t.Context(), m); !errors.Is(err, ErrReadOnly) {
			t.Errorf("open a move: got %v, want ErrReadOnly", err)
		}
	})
}

// Each change is found by an index, and none is sorted, however many there are of others.
func TestPlansOfChanges(t *testing.T) {
	s := openTest(t, Options{Dir: t.TempDir()})
	at := newOwn(t, s, "acme", "org_acme")
	m := newMove(at, domain.StrategyShared)
	openMove(t, s, &m)
	own := probe{s, domain.StrategyDatabase}.database(t, at.Placement)
	for name, l := range map[string]struct {
		db          *database
		log         *changeLog
		next, other string
	}{
		"data.db": {s.data, changesOf("shares", 1), "SEARCH changes USING INDEX changes_by_source (source=? AND number=?)", "SEARCH changes USING "},
		// All of them are the namespace's.
		"file": {own, changesInFile(), "SCAN changes", "SEARCH changes USING INTEGER PRIMARY KEY (rowid"},
	} {
		if plan := explain(t, l.db.writer, l.log.selectChanges(), l.log.args(10)...); plan != l.next {
			t.Errorf("%s: the next changes:\n%s", name, plan)
		}
		plan := explain(t, l.db.writer, l.log.deleteChanges(), l.log.args(10)...)
		if !strings.HasPrefix(plan, l.other) || strings.Contains(plan, "SCAN") {
			t.Errorf("%s: forget:\n%s", name, plan)
		}
	}
	log := changesOf("shares", 1)
	plan := explain(t, s.data.writer, log.deleteSomeChanges(), log.args(log.args(10)...)...)
	if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("remove:\n%s", plan)
	}
}

// Nothing of a move is in the way of a transaction that writes a namespace at rest.
func TestNothingIsRecordedAtRest(t *testing.T) {
	s := openTest(t, Options{Memory: true})
	at := newPlace(t, s, "acme", "org_acme")
	err := newCollections(s.data).write(t.Context(), "test", newCollections(s.data).at(at), func(_ context.Context, _ *sql.Tx, table documentTable) error {
		if table.changes != nil {
			t.Error("a write at rest is recorded")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
