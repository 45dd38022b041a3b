package acceptance

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// run runs a command of the program to its end.
func (e engine) run(t *testing.T, arguments []string, environment ...string) (string, error) {
	t.Helper()
	command := e.command(t, binary, environment...)
	command.Args = append(command.Args, arguments...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err
}

func TestSecondInstanceIsRefused(t *testing.T) {
	e := onSQLite(t)
	e.start(t)
	out, err := e.run(t, nil)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(out, "another instance") {
		t.Errorf("error %v, output:\n%s", err, out)
	}
}

func TestDrain(t *testing.T) {
	p := onSQLite(t).start(t, "ARGON2_MEMORY_KIB=262144", "ARGON2_ITERATIONS=8")
	p.do(t, http.StatusOK, http.MethodGet, "/healthz", "", nil) // The document is read with it.
	done := make(chan answer, 1)
	go func() {
		a, err := p.try(http.MethodPost, "/org/create", "",
			object{"organization_name": "Acme", "email": "admin@acme.example", "password": password})
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	time.Sleep(200 * time.Millisecond) // The hash of the request takes longer.
	if err := p.terminate(t); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	if a := <-done; a.status != http.StatusCreated {
		t.Errorf("the request that was running got %d %s", a.status, a.body)
	}
	if _, err := p.try(http.MethodGet, "/readyz", "", nil); err == nil {
		t.Error("a stopped program answers")
	}
}

func TestMadeSecretIsKept(t *testing.T) {
	e := onSQLite(t)
	p := e.start(t, "JWT_SECRET=")
	p.create(t, "Acme", "admin@acme.example")
	token := p.logIn(t, "admin@acme.example")
	if err := p.terminate(t); err != nil {
		t.Fatal(err)
	}
	p = e.start(t, "JWT_SECRET=")
	p.do(t, http.StatusOK, http.MethodDelete, deletePath("Acme"), token, nil)
}

func TestMistakesAreReportedAtOnce(t *testing.T) {
	out, err := engine{name: "none"}.run(t, nil,
		"STORE=mongo", "JWT_SECRET=hunter2", "JWT_ALGORITHM=none", "DELETE_RETENTION=never", "HTTP_ADDR=nowhere")
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{"MONGO_URI", "JWT_SECRET", "JWT_ALGORITHM", "DELETE_RETENTION", "HTTP_ADDR", "openssl rand -hex 32"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not mentioned in\n%s", want, out)
		}
	}
	if strings.Contains(out, "hunter2") {
		t.Error("the secret is repeated")
	}
}

func TestCommands(t *testing.T) {
	e := onSQLite(t)
	if out, err := e.run(t, []string{"version"}); err != nil || !strings.HasPrefix(out, "orgkeeper ") {
		t.Errorf("version: %v\n%s", err, out)
	}
	out, err := e.run(t, []string{"config"}, "MONGO_URI=mongodb://me:hunter2@127.0.0.1:1/")
	if err != nil || strings.Contains(out, "hunter2") || strings.Contains(out, tokenKey) {
		t.Errorf("config: %v\n%s", err, out)
	}
	for _, want := range []string{"OPERATION_LEASE", "10s", "default", "environment"} {
		if !strings.Contains(out, want) {
			t.Errorf("config doesn't print %s:\n%s", want, out)
		}
	}
	if out, err := e.run(t, []string{"sing"}); err == nil {
		t.Errorf("an unknown command is no error:\n%s", out)
	}
}

func TestHealthcheck(t *testing.T) {
	e := onSQLite(t)
	p := e.start(t)
	address := "HTTP_ADDR=" + strings.TrimPrefix(p.url, "http://")
	if out, err := e.run(t, []string{"healthcheck"}, address); err != nil {
		t.Errorf("of a ready server: %v\n%s", err, out)
	}
	p.kill(t)
	if out, err := e.run(t, []string{"healthcheck"}, address); err == nil {
		t.Errorf("of a dead server: no error\n%s", out)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	e := onSQLite(t)
	dir := strings.TrimPrefix(e.environment[1], "DATA_DIR=")
	if err := os.WriteFile(filepath.Join(dir, "registry.db"), []byte("this is not a database, but long enough to be seen as none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := e.run(t, nil); err == nil || strings.Contains(out, "panic") {
		t.Errorf("it started on a damaged file: %v\n%s", err, out)
	}
}
