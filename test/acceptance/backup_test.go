package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A backup is made by another process while the server serves, and what was
// acknowledged before it began is in it.
func TestBackupWhileServing(t *testing.T) {
	e := onSQLite(t)
	p := e.start(t, "RATE_LIMIT_EXEMPT=127.0.0.0/8")
	for n := range 3 {
		file := filepath.Join(t.TempDir(), "backup.tar")
		name, email := fmt.Sprintf("Acme %d", n), fmt.Sprintf("admin%d@acme.example", n)
		id := p.create(t, name, email).text("organization_id")
		stop := p.keepBusy(t)
		out, err := e.run(t, []string{"backup", file})
		stop()
		if err != nil || !strings.Contains(out, file) {
			t.Fatalf("backup: %v\n%s", err, out)
		}
		restored := onSQLite(t)
		if out, err := restored.run(t, []string{"restore", file}); err != nil {
			t.Fatalf("restore: %v\n%s", err, out)
		}
		q := restored.start(t)
		if got := q.get(t, name); got.text("organization_id") != id {
			t.Errorf("another organization is there: %s", got.body)
		}
		q.logIn(t, email)
		q.kill(t)
	}
}

// keepBusy renames and deletes organizations until stop is called.
func (p *process) keepBusy(t *testing.T) (stop func()) {
	t.Helper()
	quit := make(chan struct{})
	var busy sync.WaitGroup
	for worker := range 2 {
		busy.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-quit:
					return
				default:
				}
				name := fmt.Sprintf("Busy %d %d %d", worker, n, time.Now().UnixNano())
				email := strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@busy.example"
				if !p.live(t, name, email) {
					return
				}
			}
		})
	}
	return func() { close(quit); busy.Wait() }
}

// live leads an organization through its life, and reports whether that went well.
func (p *process) live(t *testing.T, name, email string) bool {
	token := ""
	for _, step := range []func() (answer, error){
		func() (answer, error) {
			return p.try(http.MethodPost, "/org/create", "", object{"organization_name": name, "email": email, "password": password})
		},
		func() (answer, error) {
			a, err := p.try(http.MethodPost, "/admin/login", "", object{"email": email, "password": password})
			token = a.text("access_token")
			return a, err
		},
		func() (answer, error) {
			return p.try(http.MethodPut, "/org/update", token, object{"organization_name": "New " + name, "password": password})
		},
		func() (answer, error) { return p.try(http.MethodDelete, deletePath("New "+name), token, nil) },
	} {
		if a, err := step(); err != nil || a.status >= 300 {
			t.Errorf("%s: %d %s, %v", name, a.status, a.body, err)
			return false
		}
	}
	return true
}

// A backup that is killed (SIGKILL) at any moment leaves no archive and a server
// that goes on; the next one works.
func TestKilledBackup(t *testing.T) {
	e := onSQLite(t)
	p := e.start(t)
	p.create(t, "Acme", "admin@acme.example")
	target := t.TempDir()
	file := filepath.Join(target, "backup.tar")
	kills := 0
	for after := time.Duration(0); after < 60*time.Millisecond; after += 3 * time.Millisecond {
		c := e.command(t, binary)
		c.Args = append(c.Args, "backup", file)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		_ = c.Process.Kill()
		if err := c.Wait(); err != nil {
			kills++
		}
		if _, err := os.Stat(file); err == nil {
			// It was done: it is whole then.
			if out, err := onSQLite(t).run(t, []string{"restore", file}); err != nil {
				t.Fatalf("after %v: %v\n%s", after, err, out)
			}
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		name := fmt.Sprintf("After %v", after)
		p.create(t, name, strings.ReplaceAll(strings.ToLower(name), " ", ".")+"@acme.example")
	}
	if kills == 0 {
		t.Error("every backup was done before it was killed")
	}
	if out, err := e.run(t, []string{"backup", file}); err != nil {
		t.Errorf("after the kills: %v\n%s", err, out)
	}
}

// A restore that is killed leaves no store that a server opens, or a whole one.
func TestKilledRestore(t *testing.T) {
	e := onSQLite(t)
	p := e.start(t)
	p.create(t, "Acme", "admin@acme.example")
	file := filepath.Join(t.TempDir(), "backup.tar")
	if out, err := e.run(t, []string{"backup", file}); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for after := time.Duration(0); after < 60*time.Millisecond; after += 4 * time.Millisecond {
		restored := onSQLite(t)
		c := restored.command(t, binary)
		c.Args = append(c.Args, "restore", file)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		_ = c.Process.Kill()
		_ = c.Wait()
		out, err := restored.run(t, []string{"restore", file})
		if err != nil && !strings.Contains(out, "there is a store") {
			t.Fatalf("again, after %v: %v\n%s", after, err, out)
		}
		q := restored.start(t)
		q.get(t, "Acme")
		q.logIn(t, "admin@acme.example")
		q.kill(t)
	}
}

func TestBackupCommandsRefuse(t *testing.T) {
	e := onSQLite(t)
	e.start(t)
	dir := strings.TrimPrefix(e.environment[1], "DATA_DIR=")
	target := t.TempDir()
	file, taken := filepath.Join(target, "backup.tar"), filepath.Join(target, "taken")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := e.run(t, []string{"backup", file}); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mongo := []string{"STORE=mongo", "MONGO_URI=mongodb://127.0.0.1:1/"}
	for _, c := range []struct {
		arguments, environment []string
		says                   string
	}{
		{[]string{"backup"}, nil, "arg"},
		{[]string{"backup", file}, nil, "the file exists"},
		{[]string{"backup", taken}, nil, "the file exists"},
		{[]string{"backup", "--force", taken}, nil, "only an older backup is replaced"},
		{[]string{"backup", "--force", filepath.Join(dir, "registry.db")}, nil, "belongs to the store"},
		{[]string{"backup", filepath.Join(target, "missing", "backup.tar")}, nil, "no such file"},
		{[]string{"backup", filepath.Join(taken, "backup.tar")}, nil, "not a directory"},
		{[]string{"backup", file + "2"}, []string{"DATA_DIR=" + filepath.Join(target, "nowhere")}, "there is no store"},
		{[]string{"restore", file}, nil, "another instance"},
		{[]string{"restore", taken}, []string{"DATA_DIR=" + filepath.Join(target, "nowhere")}, "no whole backup"},
		{[]string{"backup", file + "2"}, mongo, "mongodump"},
		{[]string{"restore", file}, mongo, "mongorestore"},
	} {
		out, err := e.run(t, c.arguments, c.environment...)
		if err == nil || !strings.Contains(out, c.says) || strings.Contains(out, "panic") {
			t.Errorf("%v %v: %v, should say %q:\n%s", c.arguments, c.environment, err, c.says, out)
		}
	}
	if _, err := os.Stat(filepath.Join(target, "nowhere")); !os.IsNotExist(err) {
		t.Errorf("a refused command made the folder: %v", err)
	}
	for _, command := range []string{"backup", "restore"} {
		if out, err := e.run(t, []string{command, "--help"}); err != nil || !strings.Contains(out, "jwt_secret") {
			t.Errorf("the help of %s doesn't tell of the token key: %v\n%s", command, err, out)
		}
	}
}
