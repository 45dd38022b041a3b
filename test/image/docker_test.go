package image

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

const (
	root    = "../.." // of the repository, from this folder
	version = "v0.0.0-image-test"
)

// docker runs a docker command and returns what it prints on standard output; a failure ends the test.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tryDocker(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryDocker(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("docker %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), err
}

// cleanUp runs a docker command when t has ended, whatever it says.
func cleanUp(t *testing.T, args ...string) {
	t.Helper()
	t.Cleanup(func() { _, _ = tryDocker(context.Background(), args...) })
}

func needDocker(t *testing.T) {
	t.Helper()
	const remedy = "start a Docker engine and put its docker command on PATH"
	if _, err := exec.LookPath("docker"); err != nil {
		notrun.Skip(t, "image", remedy)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := exec.CommandContext(ctx, "docker", "version").Run(); err != nil {
		notrun.Skip(t, "image", remedy)
	}
}

// buildImage builds the image from a binary that it compiles on this machine, and returns its name.
func buildImage(t *testing.T) string {
	t.Helper()
	buildContext := t.TempDir()
	rootfs := filepath.Join(buildContext, "rootfs")
	for _, folder := range []string{"root/etc/ssl/certs", "user/data"} {
		if err := os.MkdirAll(filepath.Join(rootfs, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	certificates := filepath.Join(rootfs, "root", "etc", "ssl", "certs", "ca-certificates.crt")
	if err := os.WriteFile(certificates, []byte("# stands for the certificates of the build image\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	compile := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-X main.version="+version, "-o", filepath.Join(rootfs, "root", "orgkeeper"), "./cmd/orgkeeper")
	compile.Dir = root
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("compile: %v\n%s", err, out)
	}
	name := fmt.Sprintf("orgkeeper-test-%d", os.Getpid())
	docker(t, "build", "--quiet", "--tag", name, "--target", "given", "--build-arg", "ROOTFS=rootfs",
		"--file", filepath.Join(root, "Dockerfile"), buildContext)
	cleanUp(t, "image", "rm", "--force", name)
	return name
}
