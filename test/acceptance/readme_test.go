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
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeSession runs the README's curl session as it can be pasted.
func TestReadmeSession(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the session needs %s: %v", tool, err)
		}
	}
	_, session, ok := strings.Cut(readme(t), "```sh\nbase=http://127.0.0.1:8000\n")
	if !ok {
		t.Fatal("the README has no session")
	}
	session, _, _ = strings.Cut(session, "```")
	p := onSQLite(t).start(t)
	command := exec.Command("sh", "-eu", "-c", "base="+p.url+"\n"+strings.ReplaceAll(session, "curl -sS", "curl -sS --fail-with-body"))
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := regexp.MustCompile(`"Organization created\.".*"org_acme_corp".*"new_name":"Globex".*"Organization deleted\."`)
	if !want.MatchString(strings.ReplaceAll(string(out), "\n", "")) {
		t.Errorf("the session printed\n%s", out)
	}
	if n := strings.Count(session, "curl "); n != 5 {
		t.Errorf("the session makes %d requests, there are 5 routes", n)
	}
}

// TestReadmeConfiguration holds the README's table against the struct.
func TestReadmeConfiguration(t *testing.T) {
	if !strings.Contains(readme(t), config.Table()) {
		t.Errorf("the README's table is not the one of the struct. It should be:\n%s", config.Table())
	}
}
