package image

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// wait bounds every wait for a container.
const wait = 30 * time.Second

// The steps follow each other in the life of one container, which runs with the restrictions that
// compose.yaml sets, on SQLite in a named volume.
func TestImage(t *testing.T) {
	needDocker(t)
	image := buildImage(t)

	if got := docker(t, "run", "--rm", image, "version"); !strings.Contains(got, version) {
		t.Errorf("the version is %q, want %s in it", got, version)
	}
	if got := docker(t, "inspect", "--format", "{{.Config.User}}", image); got != "65532:65532" {
		t.Errorf("runs as %q", got)
	}

	container := image // the same name will do
	docker(t, "run", "--detach", "--name", container, "--volume", container+":/data",
		"--publish", "127.0.0.1::8000", "--read-only", "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges", "--health-interval", "1s", image)
	cleanUp(t, "volume", "rm", "--force", container)
	cleanUp(t, "rm", "--force", container) // runs before the line above
	t.Cleanup(func() {
		if t.Failed() {
			logs, _ := tryDocker(context.Background(), "logs", container)
			t.Logf("the container's log:\n%s", logs)
		}
	})

	server := ready(t, container)
	docker(t, "exec", container, "/orgkeeper", "healthcheck")
	eventually(t, "the health check is content", func() error {
		if got := docker(t, "inspect", "--format", "{{.State.Health.Status}}", container); got != "healthy" {
			return fmt.Errorf("it is %s", got)
		}
		return nil
	})

	id := create(t, server, "Acme Corp")
	docker(t, "restart", "-t", "20", container)
	server = ready(t, container)
	if got := organizationID(t, server, "Acme Corp"); got != id {
		t.Errorf("after a restart Acme Corp is %q, and was %q", got, id)
	}

	docker(t, "stop", "-t", "20", container)
	if got := docker(t, "inspect", "--format", "{{.State.ExitCode}}", container); got != "0" {
		t.Errorf("SIGTERM ended it with status %s", got)
	}
}

// ready waits until the container's server is ready and returns its base URL.
// The published port is another one after each start.
func ready(t *testing.T, container string) string {
	t.Helper()
	var server string
	eventually(t, "the server is ready", func() error {
		address, err := tryDocker(t.Context(), "port", container, "8000/tcp")
		if err != nil {
			return err
		}
		address, _, _ = strings.Cut(address, "\n")
		server = "http://" + address
		return get(t, server+"/readyz", nil)
	})
	return server
}

func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	deadline := time.Now().Add(wait)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s: %v", wait, what, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// organization is what POST /org/create and GET /org/get answer, as far as it matters here.
type organization struct {
	ID string `json:"organization_id"`
}

func create(t *testing.T, server, name string) string {
	t.Helper()
	body := fmt.Sprintf(`{"organization_name": %q, "email": "admin@example.com", "password": "correct horse"}`, name)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+"/org/create", bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	var created organization
	if err := send(request, http.StatusCreated, &created); err != nil {
		t.Fatal(err)
	}
	return created.ID
}

func organizationID(t *testing.T, server, name string) string {
	t.Helper()
	var found organization
	if err := get(t, server+"/org/get?organization_name="+strings.ReplaceAll(name, " ", "+"), &found); err != nil {
		t.Fatal(err)
	}
	return found.ID
}

func get(t *testing.T, url string, into any) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	return send(request, http.StatusOK, into)
}

// send sends a request, wants a status and decodes the answer, unless into is nil.
func send(request *http.Request, status int, into any) error {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != status {
		return fmt.Errorf("%s %s: %s", request.Method, request.URL.Path, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}
