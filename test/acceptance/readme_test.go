package acceptance

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/config"
)

func readme(t *testing.T) string {
	t.Helper()
	return page(t, "README.md")
}

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeSession runs the README's curl session as it can be pasted.
func TestReadmeSession(t *testing.T) {
	session := sessionOf(t, "README.md")
	out := onSQLite(t).start(t).paste(t, session)
	want := regexp.MustCompile(`"Organization created\.".*"org_acme_corp".*"new_name":"Globex".*"Organization deleted\."`)
	if !want.MatchString(strings.ReplaceAll(out, "\n", "")) {
		t.Errorf("the session printed\n%s", out)
	}
	if n := strings.Count(session, "curl "); n != 5 {
		t.Errorf("the session makes %d requests, there are 5 routes", n)
	}
}

// TestDocumentSession runs the curl session on documents as it can be pasted.
func TestDocumentSession(t *testing.T) {
	p := onSQLite(t).start(t)
	out := p.paste(t, sessionOf(t, "docs/http.md"), "token="+p.tenant(t, "Acme").token)
	want := regexp.MustCompile(`"_id":"invoice-17"}{"_id":"invoice-17","total":119.5,"paid":false}{"documents":\[{.*}\]}{"results":\[.*"created".*"replaced".*"deleted".*\]}`)
	if !want.MatchString(strings.ReplaceAll(out, "\n", "")) {
		t.Errorf("the session printed\n%s", out)
	}
}

const sessionBase = "base=http://127.0.0.1:8000\n"

// sessionOf returns the page's curl session after the line that says where the program
// listens.
func sessionOf(t *testing.T, name string) string {
	t.Helper()
	_, session, ok := strings.Cut(page(t, name), "```sh\n"+sessionBase)
	if !ok {
		t.Fatalf("%s has no session", name)
	}
	session, _, _ = strings.Cut(session, "```")
	return session
}

// paste runs a curl session against the program and returns what it prints.
func (p *process) paste(t *testing.T, session string, environment ...string) string {
	t.Helper()
	for _, tool := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the session needs %s: %v", tool, err)
		}
	}
	command := exec.Command("sh", "-eu", "-c", "base="+p.url+"\n"+strings.ReplaceAll(session, "curl -sS", "curl -sS --fail-with-body"))
	command.Env = append(os.Environ(), environment...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// TestReadmeConfiguration holds the README's table against the struct.
func TestReadmeConfiguration(t *testing.T) {
	if !strings.Contains(readme(t), config.Table()) {
		t.Errorf("the README's table is not the one of the struct. It should be:\n%s", config.Table())
	}
}
