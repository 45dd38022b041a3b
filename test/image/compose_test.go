package image

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// compose runs `config` on compose.yaml with a secret and returns what it prints.
// Neither the environment's own secret nor a .env file plays a part.
func compose(t *testing.T, secret string) (string, error) {
	t.Helper()
	var args []string
	if _, err := exec.LookPath("docker-compose"); err == nil {
		args = []string{"docker-compose"}
	} else if exec.CommandContext(t.Context(), "docker", "compose", "version").Run() == nil {
		args = []string{"docker", "compose"}
	} else {
		notrun.Skip(t, "compose", "install docker-compose, or Docker's compose plugin")
	}
	noEnvironment := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(noEnvironment, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(args, "--env-file", noEnvironment, "--file", filepath.Join(root, "compose.yaml"), "config")
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "JWT_SECRET=") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	if secret != "" {
		cmd.Env = append(cmd.Env, "JWT_SECRET="+secret)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestComposeFileIsAccepted(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	out, err := compose(t, secret)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{secret, "mongodb://mongo:27017/?replicaSet=rs0", "service_healthy", "65536"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in what compose makes of the file:\n%s", want, out)
		}
	}
}

func TestComposeFileWantsASecret(t *testing.T) {
	out, err := compose(t, "")
	if err == nil {
		t.Fatalf("accepted without JWT_SECRET:\n%s", out)
	}
	if !strings.Contains(out, "openssl rand -hex 32") {
		t.Errorf("the message does not name the command that makes a secret:\n%s", out)
	}
}
