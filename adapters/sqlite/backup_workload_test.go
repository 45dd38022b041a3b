package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
)

const (
	workers  = 3
	backups  = 30
	password = "correct horse"
)

// A backup of a store at work is a state that the store had: when the operations
// that ran are finished, every organization is whole and nothing is left over.
func TestBackupOfAStoreAtWork(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, Options{Dir: dir})
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	for n := range workers {
		working.Go(func() { work(ctx, t, newService(t, s), n) })
	}
	live, pending := 0, 0
	for n := range backups {
		archive, restored := filepath.Join(t.TempDir(), "backup"), t.TempDir()
		if _, err := Backup(t.Context(), BackupOptions{Dir: dir, File: archive}); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), RestoreOptions{File: archive, Dir: restored}); err != nil {
			t.Fatal(err)
		}
		l, p := checkRestored(t, restored)
		live, pending = live+l, pending+p
		if t.Failed() {
			t.Fatalf("backup %d", n+1)
		}
	}
	t.Logf("%d backups, in all of them %d live organizations and %d operations at work", backups, live, pending)
	if live == 0 || pending == 0 {
		t.Error("the store was not at work: the test has proved nothing")
	}
}

// work creates, renames and deletes organizations until ctx ends.
func work(ctx context.Context, t *testing.T, s *app.Service, worker int) {
	for n := 0; ctx.Err() == nil; n++ {
		name, email := fmt.Sprintf("Worker %d, %d", worker, n), fmt.Sprintf("w%d-%d@work.example", worker, n)
		if err := live(ctx, s, name, email, n%8 != 0); err != nil && ctx.Err() == nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// live leads an organization through its life.
func live(ctx context.Context, s *app.Service, name, email string, die bool) error {
	secret := domain.NewSecret(password)
	if _, err := s.CreateOrganization(ctx, app.CreateOrganization{Name: name, Email: email, Password: secret}); err != nil {
		return err
	}
	in, err := s.LogIn(ctx, app.LogIn{Email: email, Password: secret})
	if err != nil {
		return err
	}
	who, err := s.Authenticate(ctx, in.Token)
	if err != nil {
		return err
	}
	name, email = "Renamed "+name, "renamed-"+email
	_, err = s.UpdateOrganization(ctx, who, app.UpdateOrganization{Name: name, Email: &email, Password: secret})
	if err != nil || !die {
		return err
	}
	return s.DeleteOrganization(ctx, who, name)
}

// checkRestored finishes what was at work, and returns how many organizations are
// live and how many operations were pending.
func checkRestored(t *testing.T, dir string) (live, pending int) {
	t.Helper()
	s := openTest(t, Options{Dir: dir})
	due, err := s.Organizations().Due(t.Context(), noon.AddDate(1000, 0, 0), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := newService(t, s).Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	physical := map[string]bool{}
	for _, id := range texts(t, s.registry, "SELECT id FROM organizations WHERE status <> 'purged'") {
		o, err := s.Organizations().ByID(t.Context(), domain.OrganizationID(id))
		if err != nil {
			t.Fatal(err)
		}
		live++
		if o.Busy() || o.Status != domain.StatusActive {
			t.Errorf("%s is %s, with a pending %q", o.Name, o.Status, o.Pending.Kind)
		}
		if _, err := s.Accounts().ByID(t.Context(), o.Owner); err != nil {
			t.Errorf("%s has no owner: %v", o.Name, err)
		}
		info, err := s.Collections().Namespaces.Stat(t.Context(), o.Placement)
		if err != nil || !info.Exists {
			t.Errorf("%s has no namespace: %+v, %v", o.Name, info, err)
		}
		physical[info.Identity] = true
	}
	for _, table := range texts(t, s.data, "SELECT physical FROM namespaces") {
		if !physical[table] {
			t.Errorf("%s has no organization", table)
		}
	}
	tables := texts(t, s.data, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'documents%'")
	if accounts := texts(t, s.registry, "SELECT id FROM accounts"); len(tables) != live || len(accounts) != live {
		t.Errorf("%d live organizations, %d tables of documents, %d accounts", live, len(tables), len(accounts))
	}
	return live, len(due)
}

func newService(t *testing.T, s *Store) *app.Service {
	t.Helper()
	service, err := app.New(cleartoken.On(s), app.Options{Database: "data"})
	if err != nil {
		t.Fatal(err)
	}
	return service
}
